/* Pictures to PNG and JPEG in memory, for terminals that take such files.
 *
 * Written by libpng and libjpeg-turbo, or by stb_image_write in a build without them.
 * Bytes are appended to *out, which is unchanged on failure. All functions may be called from
 * several threads at once. */
#ifndef IMAGE_ENCODE_H
#define IMAGE_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "image/image.h"

/* 24-bit PNG; the picture must have 3 channels. */
bool image_encode_png(const struct image *picture, struct buf *out, struct error *err);

/* PNG with a palette: width * height indices, row by row, each below `colors`
 * (1 to 256); 1, 2 or 4 bits per pixel if that is enough for `colors`. */
bool image_encode_png_indexed(const uint8_t *indices, int width, int height,
                              const uint8_t (*palette)[3], int colors, struct buf *out,
                              struct error *err);

/* Baseline JPEG; the picture must have 3 channels. quality: 1 to 100; below 90 the
 * chroma is subsampled 2x2. */
bool image_encode_jpeg(const struct image *picture, int quality, struct buf *out,
                       struct error *err);

#endif
