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

/* "88 % (81 to 93 %)": the proportion and its interval, in whole per cent. */
#define PROPORTION_TEXT 40
void proportion_text(size_t hits, size_t count, char out[PROPORTION_TEXT]);

#endif
