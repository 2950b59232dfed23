/* How far each annotator is to be trusted, learned from how they agree, and the value that
 * each item then most probably has: the EM algorithm of A. P. Dawid and A. M. Skene (Maximum
 * likelihood estimation of observer error-rates using the EM algorithm, Applied Statistics 28,
 * 1979), which starts from the shares of the votes. */
#ifndef AGREE_TRUST_H
#define AGREE_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agree/agreement.h"
#include "base/error.h"

#define TRUST_BYTES_MAX ((size_t)512 << 20) /* of the error rates of all annotators */

struct trust {
    size_t annotators, values;
    double *shares; /* [values]: of all items, those that truly have the value */
    double *rates;  /* [annotators][true value][value given]; a row of values that never
                       truly occur where the annotator answered is all zero */
    double *log_shares, *log_rates; /* the latter: [annotators][value given][true value] */
    double log_likelihood;
    unsigned rounds; /* of EM */
    bool settled;    /* false: it was still changing after TRUST_ROUNDS_MAX rounds */
};
#define TRUST_ROUNDS_MAX 1000

/* ERROR_UNSUPPORTED if the error rates would need more than TRUST_BYTES_MAX. Release in any
 * case. */
bool trust_learn(struct trust *t, const struct ratings *r, struct error *err);
void trust_release(struct trust *t);

/* The probability of each value for the items of a pattern, into out[values]. */
void trust_of_pattern(const struct trust *t, const struct ratings *r, size_t pattern, double *out);

/* The share of all items for which the annotator gives the true value. */
double trust_accuracy(const struct trust *t, uint32_t annotator);

#endif
