/* Picture files to upright pixels at about the wanted size, safely.
 *
 * What a file is follows from its content, never from its name; image/format.h
 * tells the formats. JPEG through libjpeg-turbo, PNG through libpng, both else
 * through stb_image, which reads TGA; WebP through libwebp; GIF, BMP, PNM (P1 to
 * P6) and PAM by code of our own. Of what moves, the first frame is shown. The
 * orientation in EXIF or XMP of JPEG, PNG and WebP is applied. Colour profiles
 * and gamma are ignored: samples are taken as sRGB.
 * 16-bit samples (PNG that is not interlaced, PNM, PAM) keep their upper 8 bits, unless
 * nothing would be seen: where none is above an eighth of the full scale, all are
 * multiplied by a power of two; where they are 16 to 1023 levels in all, these are
 * spread over the whole range. image_info says so.
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

/* How many levels of a picture are shown. */
enum image_levels {
    IMAGE_LEVELS_AUTO,  /* all as they are; of 16 bits a sample, stretched where nothing
                           would be seen: see below */
    IMAGE_LEVELS_FULL,  /* the darkest to black, the brightest to white */
    IMAGE_LEVELS_PLAIN, /* as they are */
    IMAGE_LEVELS_COUNT,
};

/* Enforced whatever a file's header claims; what goes beyond is refused with
 * its size and the limit in the message. */
struct image_limits {
    size_t file_bytes; /* of the file */
    uint64_t pixels;   /* width * height as stored in the file */
    size_t memory;     /* bytes that one decode may hold at a time, the result
                          included, the file's own bytes not */
    unsigned rank;     /* of those who wait for memory (below), lower ones go first */
    /* What the caller has reserved for this picture, which grows by what the decode
     * takes and is the caller's to give back. NULL: the decode has one of its own. */
    struct budget_lease *lease;
    enum image_levels levels;
};

/* 768 MiB, a thousand million pixels (some ten seconds of work), 512 MiB, the last
 * rank. Pictures of many pixels fit into the memory with a hint that lets them be
 * scaled down while they are decoded, by rows: a JPEG that is not progressive, a PNG
 * that is not interlaced, BMP, PNM and lossy WebP. */
extern const struct image_limits image_limits_default;

struct image_info {
    int width, height;  /* of the whole picture, upright, before any scaling */
    const char *format; /* "JPEG", "PNG", ...; a constant, never NULL on success */
    int orientation;    /* EXIF, 1 to 8; 1 when there is none */
    char damage[96];    /* "" or why parts may be missing, e.g. "file ends early" */
    char levels[32];    /* "" or how they were stretched, e.g. "levels ×16" */
};

/* All decodes of the process share one budget of memory: each says what it will
 * need, its file included, and waits until there is room beside the others. So
 * many pictures that are each within their limits do not add up. A result that is
 * handed over counts no more. At first IMAGE_BUDGET_DEFAULT bytes. */
#define IMAGE_BUDGET_DEFAULT ((uint64_t)1 << 30)
void image_budget_set(uint64_t bytes);
uint64_t image_budget(void);

/* Memory for what is done with a picture afterwards, out of the same budget: drawing it
 * in a large window takes as much again. As budget_take() and budget_give(). */
void image_budget_take(struct budget_lease *lease, uint64_t bytes, unsigned rank);
void image_budget_give(struct budget_lease *lease);

/* The most that was reserved at a time since the budget was set. */
uint64_t image_budget_peak(void);

/* Reads and decodes a picture file.
 *
 * want_width and want_height are a hint, in upright pixels: the result may be
 * scaled down, but on both axes never below the hint nor, where the picture is
 * smaller than that, below the picture. 0 on an axis makes no demand on it; 0
 * on both asks for full size. A decoder's own scaling is fast, not fine: who
 * goes on to image_scale() gets about 3 dB nearer to the ideal, of a JPEG or
 * WebP, by asking for 1.5 times the final size; PNG and PNM are left twice as
 * large as the hint where the memory allows it. Results have 4 channels only when at least
 * one pixel is not opaque.
 *
 * A damaged file of which something can be shown is a success with
 * info->damage set: a person can still say what is on it, and whoever trains
 * on the pictures can leave it out. That holds for a JPEG, PNG or PNM that ends
 * early or is corrupt from some row on (what is missing is grey, or coarse in a
 * progressive or interlaced one); of a WebP that ends early nothing can be had.
 *
 * limits may be NULL for the defaults, info NULL when not wanted. The path is
 * in each error message. On failure *out is empty. */
bool image_decode_file(const char *path, const struct image_limits *limits, int want_width,
                       int want_height, struct image *out, struct image_info *info,
                       struct error *err);

/* Reads a file for image_decode_bytes(), and reserves the memory for it in the lease,
 * which the caller gives back. limits: its size and rank; NULL: the defaults. */
bool image_read_file(const char *path, const struct image_limits *limits,
                     struct budget_lease *lease, struct buf *out, struct error *err);

/* The same from memory; messages begin with the format. */
bool image_decode_bytes(const void *bytes, size_t len, const struct image_limits *limits,
                        int want_width, int want_height, struct image *out, struct image_info *info,
                        struct error *err);

/* A decoder, for `doctor`. */
struct image_decoder_info {
    const char *name; /* of the library */
    bool present;     /* false: left out of this build */
    char formats[96]; /* what it decodes here, "GIF, BMP, ..." */
    char version[32]; /* "" when not present */
};

/* Row number `index` of the decoders; false behind the last one. */
bool image_decoder(size_t index, struct image_decoder_info *out);

#endif
