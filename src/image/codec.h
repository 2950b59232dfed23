/* The interface between the decoders, decode.c and the table of formats. Private to
 * image. */
#ifndef IMAGE_CODEC_H
#define IMAGE_CODEC_H

#include "base/budget.h"
#include "image/decode.h"

/* A request to decode. Sizes are as stored, before the orientation is applied. */
struct codec_request {
    const uint8_t *bytes;
    size_t len;
    const char *format; /* its name, for messages */
    const struct image_limits *limits;
    int want_width, want_height; /* >= 0, both 0: full size */
    int part_width, part_height; /* for a part of that size; 0: for the whole picture */
    bool turned;                 /* the result will be transposed, which needs a copy */
    struct budget_lease *lease;  /* codec_memory() adds to it */
    bool again;                  /* second pass: the memory is already reserved */
};

struct codec_result {
    struct image image;
    int width, height; /* of the whole picture as stored */
    char damage[sizeof(((struct image_info *)0)->damage)];
    char levels[sizeof(((struct image_info *)0)->levels)];
};

struct codec {
    const char *name; /* of the library */
    void (*version)(char *out, size_t size);
    /* On failure `out` may hold pixels; the caller releases them. */
    bool (*decode)(const struct codec_request *request, struct codec_result *out,
                   struct error *err);
};

extern const struct codec codec_jpeg_turbo; /* HAVE_LIBJPEG */
extern const struct codec codec_png;        /* HAVE_LIBPNG */
extern const struct codec codec_webp;       /* HAVE_LIBWEBP */
extern const struct codec codec_gif;
extern const struct codec codec_bmp;
extern const struct codec codec_pnm;
extern const struct codec codec_stb;

/* Stores width and height in `out`; refuses zero and sizes over the limit. */
bool codec_size(const struct codec_request *request, unsigned long width, unsigned long height,
                struct codec_result *out, struct error *err);

/* True if a result of width x height x channels, its transposed copy if one is needed,
 * and `extra` bytes of work memory are within the memory limit. */
bool codec_fits(const struct codec_request *request, int width, int height, int channels,
                uint64_t extra);

/* Fails if codec_fits() does; else reserves the memory, waiting for other decodes if need
 * be. Call it once, before allocating anything of that size. */
bool codec_memory(const struct codec_request *request, int width, int height, int channels,
                  uint64_t extra, struct error *err);

/* True if width x height satisfies the size hint for a picture of that full size. */
bool codec_enough(const struct codec_request *request, int full_width, int full_height, int width,
                  int height);

/* From 4 channels to 3, in place; alpha is discarded. */
void codec_drop_alpha(struct image *image);

#endif
