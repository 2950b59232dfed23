/* Which pictures to label next, so that few labels teach much.
 *
 * Each picture of a sample speaks for what it resembles: the similarity s of two
 * is the cube of the cosine between their embeddings (signed square roots, less
 * the sample's mean), 0 where that is negative. What is chosen is, one after the
 * other, the picture x with the largest
 *
 *     sum over the sample's pictures i of  w(i) * max(0, s(i, x) - c(i))
 *
 * where c(i) is how similar i already is to one that was labelled or chosen (the
 * greedy solution of facility location: Nemhauser, Wolsey, Fisher, 1978; on
 * active learning: Wei, Iyer, Bilmes, 2015). At first all w(i) are 1: that
 * gives varied and typical pictures. Once there are some answers, w(i) is 1 less
 * the margin between the two likeliest classes of i: what is doubtful counts,
 * and most where much resembles it. Every fifth choice is random, so that nothing is
 * overlooked for good and what is learned is checked against. */
#ifndef LEARN_ORDER_H
#define LEARN_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/random.h"
#include "learn/head.h"

/* Samples that do: more take longer and choose hardly better. */
#define ORDER_OPEN 512
#define ORDER_TAKEN 512

struct order_task {
    size_t dims;
    const float *open; /* open_count x dims: to choose from, a random sample of all */
    size_t open_count;
    const float *taken; /* taken_count x dims: labelled or chosen before, or a sample of these */
    size_t taken_count;
    const struct head_model *model; /* NULL: nothing is learned yet */
    size_t before;                  /* choices made before these, for every fifth to be random */
    /* What is chosen at random, in this order: numbers in `open`, or ORDER_UNSEEN for
     * a picture that is not among these. NULL: any of the open ones. */
    const size_t *draw;
    size_t drawn;
};

#define ORDER_UNSEEN SIZE_MAX

/* Chooses up to `most` of the open pictures, the best first; chosen: their
 * numbers in `open`, *count of them: fewer than `most` only when there are not
 * more. open_count + i stands for draw[i] where that is ORDER_UNSEEN. Time: about that of one
 * product of open_count x dims and dims x (open_count + taken_count). */
bool order_choose(const struct order_task *task, struct random *random, size_t most, size_t *chosen,
                  size_t *count, struct error *err);

#endif
