/* Data augmentation: how pictures are varied in training. */
#ifndef TRAIN_AUGMENT_H
#define TRAIN_AUGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"

/* The network gets a channel value v of 0..255 as (v - AUGMENT_MID) / AUGMENT_SPREAD, so
 * the zeros that pad a picture are mid-grey. */
#define AUGMENT_MID 128
#define AUGMENT_SPREAD 64

struct augment {
    float crop_min; /* smallest share of the area that a random crop keeps; 1: no crops */
    bool flip;      /* mirror left and right with probability 1/2 */
    float color;    /* brightness, contrast and saturation vary by up to this share; now and
                       then all colour goes; 0: none */
    float coarse;   /* probability of losing detail, as enlarged pictures have, 0 to 1 */
    float erase;    /* probability of erasing a rectangle, 0 to 1 */
};

#define AUGMENT_SIDE_MAX 512

/* Sides are at most AUGMENT_SIDE_MAX. in: side x side RGB. out: out_side x out_side x 3 floats.
 * A NULL augment, or NULL random, gives the whole picture unvaried. */
void augment_picture(const uint8_t *in, int side, const struct augment *augment,
                     struct random *random, float *out, int out_side);

/* The same view, if `random` starts the same, at another size, for another network:
 * height x width x 3 values of 0 to 255. */
void augment_view(const uint8_t *in, int side, const struct augment *augment, struct random *random,
                  float *out, int width, int height);

#endif
