/* Decodes picture files, also malicious ones, to upright pixels at about the wanted size.
 *
 * The format is recognised by content, never by name; image/format.h has the list, and by
 * what each is decoded. A build without libjpeg-turbo or libpng decodes theirs by stb_image.
 * Of an animation the first frame is decoded. The orientation in EXIF or XMP data is applied.
 * Colour profiles and gamma are ignored: samples are taken as sRGB.
 * 16-bit samples (PNM, PAM, PNG unless interlaced) keep their upper 8 bits, except in
 * pictures too dark or too flat to see: if no sample exceeds an eighth of the full
 * scale, all are multiplied by a power of two; if the samples span 16 to 1023 levels,
 * these are stretched to the whole range. struct image_info reports it.
 *
 * All functions may be called from several threads at once. */
#ifndef IMAGE_DECODE_H
#define IMAGE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/budget.h"
#include "base/buf.h"
#include "base/error.h"
#include "image/image.h"

/* How sample values are mapped to the 8-bit result. */
enum image_levels {
    IMAGE_LEVELS_AUTO,  /* unchanged, but dark or flat 16-bit pictures are stretched: see
                           the top of this file */
    IMAGE_LEVELS_FULL,  /* stretched: the darkest sample to black, the brightest to white */
    IMAGE_LEVELS_PLAIN, /* unchanged */
    IMAGE_LEVELS_COUNT,
};

/* Enforced whatever a file's header claims; a picture beyond a limit is refused with
 * its size and the limit in the message. */
struct image_limits {
    size_t file_bytes; /* size of the file */
    uint64_t pixels;   /* width * height as stored in the file */
    size_t memory;     /* bytes allocated at any one time by a decode, including the
                          result but not the file's own bytes */
    unsigned rank;     /* priority when waiting for the memory budget: lower goes first */
    /* The caller's reservation for this picture: the decode adds what it needs, the
     * caller gives it back. NULL: the decode reserves and gives back by itself. */
    struct budget_lease *lease;
    enum image_levels levels;
    int part_width, part_height; /* the size hint is for a part of that size, in upright pixels
                                    of the whole picture; 0: for all of it */
};

/* 768 MiB, 10^9 pixels (about ten seconds of work), 512 MiB, the lowest priority.
 * Larger pictures fit into the memory limit if the size hint lets them be scaled down
 * row by row while decoding: JPEG unless progressive, PNG unless interlaced, BMP, PNM
 * and lossy WebP. */
extern const struct image_limits image_limits_default;

struct image_info {
    int width, height;  /* of the whole picture, upright, before any scaling */
    const char *format; /* "JPEG", "PNG", ...; static, never NULL on success */
    int orientation;    /* EXIF, 1 to 8; 1 if the file gives none */
    char damage[96];    /* "" or why parts may be missing, e.g. "the file ends early" */
    char levels[32];    /* "" or how samples were stretched, e.g. "levels ×16" */
};

/* All decodes of the process share one memory budget: each reserves what it needs,
 * including the file's bytes, and waits until that is free, so that many pictures,
 * each within its limits, cannot exhaust the memory together. Results no longer count
 * once they are returned. Initially IMAGE_BUDGET_DEFAULT bytes. */
#define IMAGE_BUDGET_DEFAULT ((uint64_t)1 << 30)
void image_budget_set(uint64_t bytes);
uint64_t image_budget(void);

/* Reserve memory of the same budget for work on a decoded picture: rendering it for a
 * large window takes as much again. Like budget_take() and budget_give(). */
void image_budget_take(struct budget_lease *lease, uint64_t bytes, unsigned rank);
void image_budget_give(struct budget_lease *lease);

/* The peak reservation, in bytes, since the budget was set. */
uint64_t image_budget_peak(void);

/* Reads and decodes a picture file.
 *
 * want_width and want_height are a hint, in upright pixels: the result may be scaled
 * down, but each side stays at least as large as the hint, or as the picture if that is
 * smaller. 0 sets no minimum for that axis; 0 on both asks for full size. A decoder's own
 * scaling favours speed over quality: if image_scale() follows, asking for 1.5 times the
 * final size brings a JPEG or WebP about 3 dB closer to ideal scaling; PNG and PNM are
 * left at twice the hint where the memory limit allows it. Results have 4 channels only
 * if at least one pixel is not opaque.
 *
 * A damaged file that can be shown in part is a success with info->damage set: a person
 * can still label it, and training can leave it out. This covers JPEG, PNG and PNM files
 * that end early or are corrupt from some row on; missing parts are grey, or coarse if
 * the file is progressive or interlaced. A WebP that ends early is an error.
 *
 * limits NULL: the defaults. info may be NULL. Error messages begin with the path. On
 * failure *out is empty. */
bool image_decode_file(const char *path, const struct image_limits *limits, int want_width,
                       int want_height, struct image *out, struct image_info *info,
                       struct error *err);

/* Reads a file for image_decode_bytes() and reserves its memory in the lease, which the
 * caller gives back. Of limits only file_bytes and rank count; NULL: the defaults. */
bool image_read_file(const char *path, const struct image_limits *limits,
                     struct budget_lease *lease, struct buf *out, struct error *err);

/* Like image_decode_file(), from memory; messages begin with the format. */
bool image_decode_bytes(const void *bytes, size_t len, const struct image_limits *limits,
                        int want_width, int want_height, struct image *out, struct image_info *info,
                        struct error *err);

/* A decoder, as listed by `thumbtag doctor`. */
struct image_decoder_info {
    const char *name; /* of the library */
    bool present;     /* false: not in this build */
    char formats[96]; /* that it decodes in this build, or would if present: "GIF, BMP, ..." */
    char version[32]; /* "" if not present */
};

/* The decoder of that index; false past the last one. */
bool image_decoder(size_t index, struct image_decoder_info *out);

#endif
