/* Which labels are likely wrong: each is judged by a head fitted without it, leave-one-out in
 * closed form (src/learn/discriminant.h), so that it has no say in its own case.
 *
 * They come in the order of self-confidence, the probability p[y] of the label y, lowest first: the
 * score of label quality of confident learning (C. Northcutt, L. Jiang, I. Chuang, Confident
 * Learning: Estimating Uncertainty in Dataset Labels, JAIR 70, 2021), which takes such
 * out-of-sample probabilities of any classifier. Doubted are those below SUSPECT_BELOW, where
 * another class is likelier.
 *
 * Measured with 5 % errors planted (tests/bench/bench_suspects.c): the first tenth of the labels
 * has 91 % of the errors on photographs of clothing, of which 80 % are predicted rightly, and all
 * of them on hands that show digits. Other scores of that paper find fewer. Its own limit, the
 * confident joint, doubts as many labels, and these are 71 % of the errors, against 90 and 94 %. */
#ifndef LEARN_SUSPECTS_H
#define LEARN_SUSPECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "learn/head.h"

#define SUSPECT_BELOW 0.1f

/* A label and what speaks against it. */
struct suspect {
    uint32_t id;          /* of the picture, as in head_set() */
    uint32_t class_index; /* the label */
    uint32_t other;       /* the likeliest other class; class_index where there is none */
    float own;            /* probability of the label's class, without this label; 0 to 1 */
    float best_other;     /* that of `other` */
    bool doubted;
};

/* The probabilities of an answered picture by the head without its answer, one for each class of
 * the head. The only answer of a class has a probability of 0 there. Both functions use the last
 * head_refresh(): ERROR_USAGE if there was none, or if an answer has changed since; or if there is
 * no answer of that picture. */
bool suspects_judge(const struct head *h, uint32_t id, float *probabilities, struct error *err);

/* All answers, likeliest wrong first, equal ones by id. *list is the caller's, to be freed; NULL if
 * there are none. The only answer of a class is left out: nothing can be said of it. */
bool suspects_find(const struct head *h, struct suspect **list, size_t *count, struct error *err);

#endif
