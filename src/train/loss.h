/* Softmax cross-entropy with label smoothing (Szegedy et al. 2016): the target
 * is 1 - smoothing + smoothing / classes for the class and smoothing / classes
 * for the others. */
#ifndef TRAIN_LOSS_H
#define TRAIN_LOSS_H

#include <stddef.h>

struct loss_shape {
    size_t batch, classes;
    float smoothing;            /* 0 to 1 */
    const float *class_weights; /* NULL: 1 each */
    float scale;                /* factor on the gradient: 1 / pictures of the step */
};

struct loss {
    double sum;   /* of the weighted losses */
    size_t right; /* pictures whose class has the highest logit */
};

/* labels: batch classes. grad: batch x classes, or NULL. */
struct loss loss_softmax(const struct loss_shape *shape, const float *logits, const size_t *labels,
                         float *grad);

#endif
