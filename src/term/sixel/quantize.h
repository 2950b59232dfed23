/* A picture in at most 256 colours of its own.
 *
 * Colours: Wu's quantiser (X. Wu, "Efficient Statistical Computations for
 * Optimal Color Quantization", Graphics Gems II, 1991) over a 32x32x32 histogram,
 * cutting where that takes most off the error. Pixels: errors are diffused as
 * by Floyd and Steinberg, but a pixel takes the colour of a neighbour where what
 * is lost by that is less than what the bytes saved are worth. */
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
    int colors;    /* at most, 2 to 256 */
    int diffusion; /* how much of an error goes on to the neighbours, 0 to 256: none to all */
    int byte;      /* what a byte of sixel is worth, as a squared distance of colours, where detail
                      is as usual: more in rows that are full of it, less in empty ones. 0 to 1000 */
    int share;     /* and more, in hundredths of the squared error that so few colours leave: what
                      is far off in any case may be so a little more; 0 to 100 */
    bool percent;  /* colours that sixel can name: channels are rint(255 p / 100), p 0 to 100 */
};

/* indices: width * height, the caller's memory; each is below palette->count. The
 * picture (3 channels) is left alone. Fails only for want of memory. */
bool quantize_picture(const struct image *picture, const struct quantize_options *options,
              uint8_t *indices, struct palette *palette, struct error *err);

#endif
