/* Reduces a picture to a palette of at most 256 colours.
 *
 * Colours: Wu's quantiser (X. Wu, "Efficient Statistical Computations for Optimal Color
 * Quantization", Graphics Gems II, 1991) over a 32x32x32 histogram; each cut is the one
 * that reduces the squared error most. Pixels: Floyd-Steinberg error diffusion, except that
 * a pixel takes a neighbour's colour if the added error is less than the price of the bytes
 * saved. */
#ifndef TERM_SIXEL_QUANTIZE_H
#define TERM_SIXEL_QUANTIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "image/image.h"

struct palette {
    uint8_t rgb[256][3];
    int count; /* 1 to 256 */
};

struct quantize_options {
    int colors;    /* most colours, 2 to 256 */
    int diffusion; /* share of an error that is diffused, in 256ths, 0 to 256 */
    int byte;      /* price of a byte of sixel, as a squared distance of colours, 0 to 1000, for
                      usual detail: rows with more detail have a higher price, others a lower */
    int share;     /* added to the price, in percent of the mean squared error that the palette
                      leaves, as a large error may grow a little; 0 to 100 */
    bool percent;  /* only colours that sixel can express: channels rint(255 p / 100), p 0 to 100 */
};

/* picture: 3 channels. indices: width * height, the caller's memory; each will be below
 * palette->count. Fails only without memory. */
bool quantize_picture(const struct image *picture, const struct quantize_options *options,
                      uint8_t *indices, struct palette *palette, struct error *err);

#endif
