/* One step of gradient descent. */
#ifndef TRAIN_OPTIMIZER_H
#define TRAIN_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "train/train.h"

/* Number of values that an optimizer keeps for each parameter. */
size_t optimizer_state_values(enum train_optimizer kind);

struct optimizer_step {
    enum train_optimizer kind;
    float rate;
    float decay;   /* weight decay */
    uint64_t step; /* from 1 */
};

/* Updates parameters[0..count) by their gradients.
 * SGD: Nesterov momentum 0.9, v = 0.9 v + g, p -= rate (g + 0.9 v), the decay
 * part of g. Adam (Kingma, Ba 2015; decay as in AdamW, Loshchilov, Hutter
 * 2019): beta 0.9 and 0.999, epsilon 1e-8. state: that of the same parameters,
 * values 0 for all, then values 1. */
void optimizer_update(const struct optimizer_step *step, size_t count, const float *grad,
                      float *parameters, float *state0, float *state1);

/* The learning rate at a step: linear warm-up, then half a cosine down to 0. */
float schedule_rate(float peak, uint64_t step, uint64_t steps, uint64_t warm_up);

#endif
