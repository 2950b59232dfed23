/* The learning curve: the accuracy of the classifier head against the number of
 * labels. */
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
    struct curve_set pool;   /* to label from; its embeddings are also the head's background */
    struct curve_set test;
    const size_t *steps; /* numbers of labels, each larger than the one before */
    size_t step_count;   /* the last one is at most pool.count */
    uint64_t seed;       /* of the draw */
    bool active;         /* in the order of learn/order.h; else in a random one */
};

struct curve_point {
    float accuracy;           /* share of the test set whose most likely class is right */
    float calibration_error;  /* expected, over 10 bins of the confidence of equal width (Naeini,
                                 Cooper, Hauskrecht 2015) */
    float calibration_chance; /* the calibration error that a perfectly calibrated head would
                                 show by chance on a test set of this size */
};

/* One draw: labels the pool in that order and measures at each step.
 * points: step_count of them. */
bool curve_draw(const struct curve_task *task, struct curve_point *points, struct error *err);

#endif
