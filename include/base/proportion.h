/* How sure a share is that was counted on a random sample. */
#ifndef BASE_PROPORTION_H
#define BASE_PROPORTION_H

#include <stddef.h>

/* The 95 % confidence interval of the share hits/count, 0 to 1 (Wilson 1927, which
 * holds for few and for extreme shares too). With count 0: from 0 to 1. */
struct interval {
    double low, high;
};
struct interval proportion_interval(size_t hits, size_t count);

/* "88 % (81 to 93 %)": the share and its interval, in whole per cent. */
#define PROPORTION_TEXT 40
void proportion_text(size_t hits, size_t count, char out[PROPORTION_TEXT]);

#endif
