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

#define EXACT_VARIANCE 400.0
#define EXACT_MAX 512 /* numbers of events told apart */

/* The k at which the cumulative distribution reaches `share`. */
static double quantile(const double *mass, size_t count, double share)
{
    double sum = 0.0;
    size_t k = 0;
    for (; k + 1 < count && (sum += mass[k]) < share; k++) {
    }
    return (double)k;
}

struct interval proportion_sum_interval(const float *probabilities, size_t count)
{
    double mass[EXACT_MAX] = { 1.0 }; /* of 0, 1, ... events; the last one: or more */
    double mean = 0.0, variance = 0.0;
    size_t last = 0;
    for (size_t i = 0; i < count; i++) {
        double p = fmin(fmax((double)probabilities[i], 0.0), 1.0);
        mean += p;
        variance += p * (1.0 - p);
    }
    double spread = sqrt(variance);
    if (variance > EXACT_VARIANCE || mean + 10.0 * spread > EXACT_MAX - 2) {
        return (struct interval){ fmax(round(mean - Z * spread), 0.0),
                                  fmin(round(mean + Z * spread), (double)count) };
    }
    for (size_t i = 0; i < count; i++) {
        double p = fmin(fmax((double)probabilities[i], 0.0), 1.0);
        last += last + 1 < EXACT_MAX;
        for (size_t k = last; k > 0; k--) {
            mass[k] = mass[k] * (1.0 - p) + mass[k - 1] * p;
        }
        mass[0] *= 1.0 - p;
    }
    return (struct interval){ quantile(mass, last + 1, 0.025), quantile(mass, last + 1, 0.975) };
}

void proportion_text(size_t hits, size_t count, char out[PROPORTION_TEXT])
{
    struct interval i = proportion_interval(hits, count);
    double share = count ? (double)hits / (double)count : 0.0;
    snprintf(out, PROPORTION_TEXT, "%.0f %% (%.0f to %.0f %%)", 100.0 * share, 100.0 * i.low,
             100.0 * i.high);
}
