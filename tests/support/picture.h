/* Picture files made by hand, byte by byte, for tests: valid ones, and ones
 * that no encoder would write. All append to `out`. */
#ifndef SUPPORT_PICTURE_H
#define SUPPORT_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct png_chunk {
    const char *type;
    const void *data;
    size_t len;
};

enum { PNG_GREY = 0, PNG_RGB = 2, PNG_PALETTE = 3, PNG_GREY_ALPHA = 4, PNG_RGBA = 6 };

struct png_spec {
    uint32_t width, height; /* as claimed in the header */
    int depth;              /* bits a sample */
    int colour;             /* PNG_* */
    const uint8_t *samples; /* packed rows, as in the file but for the filter byte */
    uint32_t rows;          /* rows that are there */
    size_t row_bytes;
    const struct png_chunk *extra; /* chunks between header and data */
    size_t extra_count;
};

void picture_png_signature(struct buf *out);
void picture_png_chunk(struct buf *out, const char *type, const void *data, size_t len);
void picture_png(struct buf *out, const struct png_spec *spec);

/* 8-bit grey, claimed as width x height, whose data inflate to `bytes` zeros
 * from about a 158th of that. */
void picture_png_bomb(struct buf *out, uint32_t width, uint32_t height, size_t bytes);

/* rgb: packed 8-bit rows. */
void picture_ppm(struct buf *out, int width, int height, const uint8_t *rgb);
void picture_bmp(struct buf *out, int width, int height, const uint8_t *rgb);
void picture_tga(struct buf *out, int width, int height, const uint8_t *rgb);

/* One frame of indices below 128 into a palette of 128 RGB entries. */
void picture_gif(struct buf *out, int width, int height, const uint8_t *indices,
                 const uint8_t palette[128 * 3]);

/* A TIFF structure with the one tag, as EXIF has it. */
#define PICTURE_EXIF_SIZE 26
void picture_exif(uint8_t out[PICTURE_EXIF_SIZE], int orientation);

#endif
