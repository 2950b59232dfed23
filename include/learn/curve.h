/* The learning curve: how right the head is after so many labels. */
#ifndef LEARN_CURVE_H
#define LEARN_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "learn/head.h"

/* Pictures whose classes are known. */
struct curve_set {
    size_t count;
    const float *embeddings; /* count x dims */
    const uint32_t *classes; /* of each */
};

struct curve_task {
    size_t dims, classes;
    struct head_parts parts; /* of the embeddings, together dims */
    struct curve_set pool;   /* to label; without its labels it is the folder that the head sees */
    struct curve_set test;
    const size_t *steps; /* numbers of labels, each larger than the one before */
    size_t step_count;   /* the last one is at most pool.count */
    uint64_t seed;       /* of the draw */
    bool active;         /* in the order of learn/order.h; else in a random one */
};

struct curve_point {
    float accuracy;           /* share of the test set that the best guess is right for */
    float calibration_error;  /* expected, over 10 bins of the confidence of equal width (Naeini,
                                 Cooper, Hauskrecht 2015) */
    float calibration_chance; /* what of it chance alone gives, with so many test pictures, to
                                 confidence that is right */
};

/* One draw: labels the pool in the order, and measures at each step.
 * points: step_count of them. */
bool curve_draw(const struct curve_task *task, struct curve_point *points, struct error *err);

#endif
