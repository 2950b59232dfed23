/* The state of a head: answers and sums over them (head.c), to which head_refresh() fits a
 * model (head_refresh.c). */
#ifndef LEARN_HEAD_PRIVATE_H
#define LEARN_HEAD_PRIVATE_H

#include "basis.h"
#include "discriminant.h"
#include "learn/head.h"

struct answer {
    uint32_t id;
    uint32_t class_index;
};

/* What the last refresh has fitted, to judge the answers by (suspects.c). */
struct head_fit {
    bool fresh; /* the answers are those that it was fitted to */
    struct discriminant discriminant;
    uint32_t *index; /* of each class of the head: its number in the discriminant */
    float temperature, concentration, seen_share;
};

/* Pictures are sampled until HEAD_SETTLED have been seen. Until then the answers'
 * embeddings are kept whole, as the basis is refitted now and then; afterwards only their
 * projections are kept, and sums over these. */
struct head {
    struct head_parts parts;
    size_t dims, classes;
    size_t seen;     /* pictures shown for the basis so far */
    size_t fitted;   /* number of pictures seen at the last fit of the basis */
    size_t next_fit; /* number of pictures seen at which the basis is refitted */
    uint64_t random;
    float *sample; /* basis_root() of up to HEAD_RANK pictures; NULL once settled */
    size_t sampled;

    struct basis *basis; /* NULL at first */
    size_t stride;       /* values from one projected answer to the next: the largest rank */

    struct answer *answers;
    float *projected; /* count x stride; zeros after the rank */
    float *whole;     /* basis_root(), count x dims; NULL once settled */
    size_t count, answers_cap, projected_cap, whole_cap;
    uint32_t *slots; /* of each id below slots_count; NO_SLOT: no answer */
    size_t slots_count, slots_cap;

    float *scatter; /* sum of x x^T over the answers, stride x stride, lower triangle */
    float *sums;    /* of each class, classes x stride */
    uint32_t *counts;
    size_t sums_cap, counts_cap;

    struct search {
        int exponent;   /* the prior of the covariance is 2^exponent */
        int direction;  /* of the next probe: -1 or 1 */
        size_t answers; /* at the last refresh */
    } search;
    struct head_fit fit;
};

void head_fit_release(struct head_fit *f);

/* Refits the basis when half as many pictures again have been seen. */
bool head_refit(struct head *h, struct error *err);

#endif
