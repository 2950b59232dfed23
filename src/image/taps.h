/* The weights of a filter on one axis. Private to image. */
#ifndef IMAGE_TAPS_H
#define IMAGE_TAPS_H

#include <stdbool.h>

#include "base/error.h"
#include "image/scale.h"

/* For each output position on one axis: which inputs count, and how much. */
struct taps {
    int *first;
    int *count;
    float *weights; /* output * most + k; they add up to 1 */
    int most;       /* the largest count, or more */
};

/* From `in` pixels to `out`. */
bool taps_init(struct taps *taps, enum image_filter which, int in, int out, struct error *err);

/* Also after taps_init() failed. */
void taps_release(struct taps *taps);

#endif
