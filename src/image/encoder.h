/* What the encoders share with encode.c. Private to image. */
#ifndef IMAGE_ENCODER_H
#define IMAGE_ENCODER_H

#include "image/encode.h"

/* Rows as PNG has them: 24-bit pixels or, with a palette, indices of 1, 2, 4 or
 * 8 bits, packed from the high bits on. */
struct png_rows {
    int width, height;
    int depth;                   /* bits a sample */
    const uint8_t *bytes;        /* `stride` a row */
    size_t stride;               /* no padding but that of the last byte */
    const uint8_t (*palette)[3]; /* NULL: 24 bits */
    int colors;                  /* of the palette */
};

/* An encoder lacks the function of a format that it does not write. What a
 * function appended before it failed is taken off by encode.c. */
struct encoder {
    const char *name; /* of the library */
    bool (*png)(const struct png_rows *rows, struct buf *out, struct error *err);
    bool (*jpeg)(const struct image *picture, int quality, struct buf *out, struct error *err);
};

#define ENCODER_WHOLE_CHROMA 90 /* least quality at which chroma is not halved */

extern const struct encoder encoder_png;        /* HAVE_LIBPNG */
extern const struct encoder encoder_jpeg_turbo; /* HAVE_LIBJPEG */
extern const struct encoder encoder_stb;        /* where one of them is absent */

#endif
