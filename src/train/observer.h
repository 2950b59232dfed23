/* Watches the values of one tensor over the calibration pictures, and says
 * which range of them 8 bits should cover. */
#ifndef TRAIN_OBSERVER_H
#define TRAIN_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counts by sign, exponent and the upper five bits of the mantissa: about 3 %
 * apart wherever they are, so that one pass is enough. */
#define OBSERVER_BITS 14
#define OBSERVER_BINS ((size_t)1 << OBSERVER_BITS)

struct observer {
    uint64_t *counts; /* OBSERVER_BINS, by the value's upper bits */
    double *sums;     /* an element */
    size_t elements;  /* of the tensor */
    uint64_t pictures;
    float low, high;
};

/* False when memory is out; observer_release() is fine then. */
bool observer_init(struct observer *o, size_t elements);
void observer_release(struct observer *o);

/* pictures times `elements` values. */
void observer_add(struct observer *o, const float *values, size_t pictures);

/* False when an infinity or no number at all was among them. */
bool observer_finite(const struct observer *o);

/* The mean picture: `elements` values. */
void observer_mean(const struct observer *o, float *mean);

struct range {
    float low, high; /* low <= 0 <= high */
};

/* All that was seen. */
struct range observer_extremes(const struct observer *o);

/* The part of it that 256 steps show with the least mean squared error: what
 * is cut off, at both ends, against the width of a step. Zero is exact at any
 * width. */
struct range observer_best_range(const struct observer *o);

#endif
