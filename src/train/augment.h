/* Pictures as a network is trained on them. */
#ifndef TRAIN_AUGMENT_H
#define TRAIN_AUGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"

/* A channel value v of 0..255 is (v - AUGMENT_MID) / AUGMENT_SPREAD to the
 * network, so that the zeros around a picture are mid-grey. */
#define AUGMENT_MID 128
#define AUGMENT_SPREAD 64

struct augment {
    float crop_min; /* smallest share of the area that a random crop keeps; 1: no crops */
    bool flip;      /* left and right, every other one */
    float color;    /* brightness, contrast and saturation vary by up to this share; now and
                       then all colour goes; 0: none */
    float coarse;   /* how often detail is lost, as in enlarged pictures, 0 to 1 */
    float erase;    /* how often a rectangle is wiped out, 0 to 1 */
};

/* Sides are at most 512. in: side x side RGB. out: out_side x out_side x 3 floats. A NULL augment,
 * or NULL random, gives the whole picture as it is. */
void augment_picture(const uint8_t *in, int side, const struct augment *augment,
                     struct random *random, float *out, int out_side);

#endif
