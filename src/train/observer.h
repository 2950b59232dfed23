/* A calibration histogram: records the values of one tensor over the calibration pictures,
 * and chooses the range that 8 bits should cover. */
#ifndef TRAIN_OBSERVER_H
#define TRAIN_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bins by sign, exponent and the upper five bits of the mantissa: about 3 % wide at any
 * magnitude, so that one pass is enough. */
#define OBSERVER_BITS 14
#define OBSERVER_BINS ((size_t)1 << OBSERVER_BITS)

struct observer {
    uint64_t *counts; /* OBSERVER_BINS counts, by the value's upper bits */
    double *sums;     /* sum of each element */
    size_t elements;  /* of the tensor */
    uint64_t pictures;
    float low, high;
};

/* False when memory is out; observer_release() is still allowed. */
bool observer_init(struct observer *o, size_t elements);
void observer_release(struct observer *o);

/* Records pictures x elements values. */
void observer_add(struct observer *o, const float *values, size_t pictures);

/* False when an infinity or a NaN was recorded. */
bool observer_finite(const struct observer *o);

/* The mean picture: `elements` values. */
void observer_mean(const struct observer *o, float *mean);

struct range {
    float low, high; /* low <= 0 <= high */
};

/* The full range of the recorded values. */
struct range observer_extremes(const struct observer *o);

/* The part of it that 256 steps represent with the least mean squared error: clipping at
 * both ends against the width of a step. Zero is always exact. */
struct range observer_best_range(const struct observer *o);

#endif
