#include "base/proportion.h"

#include <math.h>
#include <stdio.h>

#define Z 1.959963984540054 /* 97.5 % quantile of the standard normal distribution */

struct interval proportion_interval(size_t hits, size_t count)
{
    if (!count) {
        return (struct interval){ 0.0, 1.0 };
    }
    double n = (double)count;
    double share = (double)hits / n;
    double centre = share + Z * Z / (2.0 * n);
    double spread = Z * sqrt(share * (1.0 - share) / n + Z * Z / (4.0 * n * n));
    double scale = 1.0 + Z * Z / n;
    return (struct interval){ fmax((centre - spread) / scale, 0.0),
                              fmin((centre + spread) / scale, 1.0) };
}

void proportion_text(size_t hits, size_t count, char out[PROPORTION_TEXT])
{
    struct interval i = proportion_interval(hits, count);
    double share = count ? (double)hits / (double)count : 0.0;
    snprintf(out, PROPORTION_TEXT, "%.0f %% (%.0f to %.0f %%)", 100.0 * share, 100.0 * i.low,
             100.0 * i.high);
}
