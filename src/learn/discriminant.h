/* Linear discriminant analysis with priors, so that it works from one picture per class
 * on, and its leave-one-out scores.
 *
 * Given n pictures x (of unit length, about a mean of 0) of k classes, with n_c
 * pictures and mean m_c each:
 *
 *     S   = prior I + sum of (x - m_c)(x - m_c)^T   covariance, n + SPREAD times
 *     m'_c = m_c n_c / (n_c + 2)                    two pictures at 0 beside its own
 *     score_c(x) = (n + SPREAD) (m'_c S^-1 x - m'_c S^-1 m'_c / 2)
 *
 * which are the logits of class c except for its frequency and a temperature. Leaving out
 * picture x of class c changes S by a matrix of rank 1 and m_c by a known vector, so the
 * scores without it follow from x S^-1 x, x S^-1 m_j and m_i S^-1 m_j (Sherman-Morrison). */
#ifndef LEARN_DISCRIMINANT_H
#define LEARN_DISCRIMINANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Only classes with pictures: each count is >= 1. Borrowed. */
struct discriminant_data {
    size_t dims, classes, count; /* count: n */
    float prior;                 /* > 0 */
    size_t stride;               /* from row to row of scatter and sums */
    const float *scatter;        /* sum of x x^T, dims x dims, lower triangle */
    const float *sums;           /* of each class' pictures, classes x dims */
    const uint32_t *counts;      /* pictures of each class */
};

struct discriminant {
    size_t dims, classes, count;
    float *factor;    /* Cholesky factor of S, dims x dims, lower triangle */
    float *means;     /* m_c, classes x dims */
    float *solved;    /* S^-1 m_c, classes x dims */
    float *products;  /* m_i S^-1 m_j, classes x classes */
    uint32_t *counts; /* n_c */
};

bool discriminant_init(struct discriminant *d, const struct discriminant_data *data,
                       struct error *err);
void discriminant_release(struct discriminant *d);

/* The weights and the bias of class c's score: weights . x + bias. */
float discriminant_weights(const struct discriminant *d, size_t c, float *weights);

/* Leave-one-out scores. x: rows x dims, pictures that d was fitted to, overwritten;
 * classes: theirs; scores: rows x d->classes. The only picture of a class scores
 * -INFINITY for that class. */
bool discriminant_without(const struct discriminant *d, float *x, const uint32_t *classes,
                          size_t rows, float *scores, struct error *err);

#endif
