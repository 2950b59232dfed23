/* The bootstrap over counted items: instead of drawing N items one by one, the number of
 * times that each kind of item is drawn comes from the multinomial distribution that this
 * amounts to. */
#ifndef AGREE_BOOTSTRAP_H
#define AGREE_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agree/agreement.h"
#include "base/random.h"

/* Computes the statistics of a sample in which kind i has weights[i] items. */
typedef void statistics_fn(void *context, const double *weights, double *statistics);

struct bootstrap {
    const uint64_t *counts; /* items of each kind */
    size_t kinds;
    size_t statistics; /* their number */
    statistics_fn *fn;
    void *context;
};

/* Fills estimates[statistics] from the sample itself and from *draws samples drawn from it:
 * fewer than 1000 where there are very many kinds or statistics. */
bool bootstrap_run(const struct bootstrap *b, struct estimate *estimates, size_t *draws,
                   struct error *err);

#endif
