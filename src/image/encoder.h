/* The interface between the encoders and encode.c. Private to image. */
#ifndef IMAGE_ENCODER_H
#define IMAGE_ENCODER_H

#include "image/encode.h"

/* Rows in PNG's layout: 24-bit pixels or, with a palette, indices of 1, 2, 4 or 8 bits,
 * packed from the most significant bit. */
struct png_rows {
    int width, height;
    int depth;                   /* bits per sample */
    const uint8_t *bytes;        /* `stride` per row */
    size_t stride;               /* bytes; only the last byte of a row is padded */
    const uint8_t (*palette)[3]; /* NULL: 24 bits */
    int colors;                  /* of the palette */
};

/* png, jpeg: NULL if the library does not write that format. On failure encode.c
 * truncates *out to its previous length. */
struct encoder {
    const char *name; /* of the library */
    bool (*png)(const struct png_rows *rows, struct buf *out, struct error *err);
    bool (*jpeg)(const struct image *picture, int quality, struct buf *out, struct error *err);
};

#define ENCODER_WHOLE_CHROMA 90 /* lowest quality without chroma subsampling */

extern const struct encoder encoder_png;        /* HAVE_LIBPNG */
extern const struct encoder encoder_jpeg_turbo; /* HAVE_LIBJPEG */
extern const struct encoder encoder_stb;        /* in a build without one of them */

#endif
