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

/* The label of a picture that has no class. */
#define LOSS_NO_LABEL ((size_t)-1)

struct loss {
    double sum;    /* of the weighted losses */
    size_t right;  /* pictures whose class has the highest logit, */
    size_t judged; /* of so many that have a class */
};

/* labels: batch classes; pictures with LOSS_NO_LABEL add nothing. grad: batch x classes, or
 * NULL. */
struct loss loss_softmax(const struct loss_shape *shape, const float *logits, const size_t *labels,
                         float *grad);

/* Cross-entropy with a teacher's classes in place of labels, both softened by a temperature
 * (Hinton, Vinyals, Dean 2015), times its square: the Kullback-Leibler divergence from the
 * teacher. Right is the class that the teacher finds likeliest. Smoothing and class weights
 * do not apply. teacher: batch x classes logits. */
struct loss loss_soft(const struct loss_shape *shape, const float *logits, const float *teacher,
                      float *grad);

/* Mean squared error to `targets`, both batch x count values; returns its sum over the
 * pictures. grad may be NULL. */
double loss_squares(size_t batch, size_t count, float scale, const float *values,
                    const float *targets, float *grad);

/* The same where each picture has `parts` rows of `count` values, and a row's error counts
 * weights[its part] times. */
struct loss_parts {
    size_t batch, parts, count;
    float scale;
    const float *weights;
};
double loss_parts(const struct loss_parts *shape, const float *values, const float *targets,
                  float *grad);

#endif
