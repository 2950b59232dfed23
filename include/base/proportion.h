/* Confidence intervals for a proportion measured on a random sample. */
#ifndef BASE_PROPORTION_H
#define BASE_PROPORTION_H

#include <stddef.h>

/* The 95 % confidence interval of hits/count, within 0 to 1: the Wilson score interval
 * (1927), which is valid for small counts and extreme shares too. For count 0: 0 to 1. */
struct interval {
    double low, high;
};
struct interval proportion_interval(size_t hits, size_t count);

/* The central 95 % interval of how many of `count` independent events happen, each with a
 * probability of its own: of the Poisson binomial distribution, exactly (by adding one event after
 * the other), or by the normal one where its variance is over 400. */
struct interval proportion_sum_interval(const float *probabilities, size_t count);

/* "88 % (81 to 93 %)": the proportion and its interval, in whole per cent. */
#define PROPORTION_TEXT 40
void proportion_text(size_t hits, size_t count, char out[PROPORTION_TEXT]);

#endif
