/* Pictures to PNG and JPEG in memory, for terminals that take such files.
 *
 * Through libpng and libjpeg-turbo where they are there, else through
 * stb_image_write. Bytes are appended to *out; on failure what was appended is
 * taken off again. All functions may be called from several threads at once. */
#ifndef IMAGE_ENCODE_H
#define IMAGE_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "image/image.h"

/* 24-bit PNG of a picture of 3 channels. */
bool image_encode_png(const struct image *picture, struct buf *out, struct error *err);

/* PNG with a palette: width * height indices, row by row, each below `colors`
 * (1 to 256); 1, 2 or 4 bits a pixel where so few colours do. */
bool image_encode_png_indexed(const uint8_t *indices, int width, int height,
                              const uint8_t (*palette)[3], int colors, struct buf *out,
                              struct error *err);

/* Baseline JPEG of a picture of 3 channels, chroma halved on both axes below
 * quality 90. quality: 1 to 100. */
bool image_encode_jpeg(const struct image *picture, int quality, struct buf *out,
                       struct error *err);

#endif
