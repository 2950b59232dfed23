/* Samples of 16 bits to 8. Plainly they keep their upper 8 bits, and what uses few of
 * the 65536 levels, as 12-bit cameras in 16-bit files do, is black or one grey. Such a
 * picture is decoded once more, with the levels that it uses spread over all.
 * Private to image. */
#ifndef IMAGE_LEVELS_H
#define IMAGE_LEVELS_H

#include <stdint.h>

#include "codec.h"

struct levels {
    bool stretched;
    uint32_t low, high; /* become 0 and 255, when stretched */
    uint32_t min, max;  /* seen among the samples */
};

#define LEVELS_INIT                                                                                \
    {                                                                                              \
        false, 0, 65535, 65535, 0                                                                  \
    }

/* sample: 0 to 65535; plain: what it is when nothing is stretched. */
static inline uint8_t levels_sample(struct levels *l, uint32_t sample, uint8_t plain)
{
    l->min = sample < l->min ? sample : l->min;
    l->max = sample > l->max ? sample : l->max;
    if (!l->stretched) {
        return plain;
    }
    uint32_t level = sample < l->low ? l->low : sample > l->high ? l->high : sample;
    return (uint8_t)(((level - l->low) * 255 + (l->high - l->low) / 2) / (l->high - l->low));
}

/* After all samples of a picture: true when it is to be decoded once more, with *l as
 * it is now. `text` then says what is done, "levels x16" or "levels 300 to 900".
 *
 * IMAGE_LEVELS_AUTO: nothing above an eighth of the full scale, which is multiplied by
 * the power of two that comes nearest to it from below (the same for most pictures of
 * one camera); or less than 1024 levels in all, and no fewer than 16, which are taken
 * apart. IMAGE_LEVELS_FULL: whatever is not the whole range. */
bool levels_again(struct levels *l, enum image_levels mode, char *text, size_t size);

/* The same for a picture of 8 bits, in place; IMAGE_LEVELS_FULL alone does anything. */
void levels_of_image(struct image *image, enum image_levels mode, char *text, size_t size);

#endif
