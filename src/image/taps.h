/* The weights of a resampling filter on one axis. Private to image. */
#ifndef IMAGE_TAPS_H
#define IMAGE_TAPS_H

#include <stdbool.h>

#include "base/error.h"
#include "image/scale.h"

/* For output position i: inputs first[i] to first[i] + count[i] - 1 and their weights. */
struct taps {
    int *first;
    int *count;
    float *weights; /* of input k: [output * most + k]; each output's sum is 1 */
    int most;       /* weights allocated per output; at least the largest count */
};

/* From `in` pixels to `out`. */
bool taps_init(struct taps *taps, enum image_filter which, int in, int out, struct error *err);

/* Also allowed after taps_init() failed. */
void taps_release(struct taps *taps);

#endif
