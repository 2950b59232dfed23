/* Which labels are likely wrong: each is judged by a head fitted without it, leave-one-out in
 * closed form (src/learn/discriminant.h), so that it has no say in its own case.
 *
 * Order and number are those of confident learning (C. Northcutt, L. Jiang, I. Chuang, Confident
 * Learning: Estimating Uncertainty in Dataset Labels, JAIR 70, 2021), which takes such
 * out-of-sample probabilities p of any classifier:
 *
 *     order    by self-confidence, the probability p[y] of the label y, lowest first
 *     number   of the labels off the diagonal of the confident joint: another class k is likelier
 *              than y, and p[k] is at least the mean of p[k] over the pictures labelled k. Only the
 *              likeliest other class is taken for k.
 *
 * So many of the first labels are doubted, as far as another class is likelier than theirs.
 * (tests/bench/bench_suspects.c has the figures: with 5 % errors planted in photographs, the first
 * tenth had nine of ten errors; by the margin to the best other class, fewer.) */
#ifndef LEARN_SUSPECTS_H
#define LEARN_SUSPECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "learn/head.h"

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
