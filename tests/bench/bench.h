/* What the bench programs share: a clock, quantiles, rows of one shape, and the
 * photographs to work on. */
#ifndef BENCH_H
#define BENCH_H

#include <glob.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline double bench_seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline double bench_now(void)
{
    return bench_seconds(CLOCK_MONOTONIC);
}

static inline int bench_compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Sorts; the value that the share (0 to 1) of the others does not pass. */
static inline double bench_quantile(double *values, size_t count, double share)
{
    if (!count) {
        return 0.0;
    }
    qsort(values, count, sizeof *values, bench_compare);
    size_t at = (size_t)(share * (double)count);
    return values[at < count ? at : count - 1];
}

static inline double bench_mean(const double *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
    }
    return count ? sum / (double)count : 0.0;
}

__attribute__((format(printf, 2, 3))) static inline void bench_row(const char *what,
                                                                   const char *format, ...)
{
    va_list args;
    printf("  %-46s ", what);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

/* "target <= 50 us: met", or missed and by what. */
static inline void bench_target(double value, double target, const char *unit)
{
    printf("  %-46s target <= %g %s: ", "", target, unit);
    if (value <= target) {
        printf("met\n");
    } else {
        printf("missed, %.4g\n", value);
    }
    fflush(stdout);
}

/* The same for what should be no less: "target >= 42.1 dB PSNR: met". */
static inline void bench_target_least(double value, double target, const char *unit)
{
    printf("  %-46s target >= %.4g %s: ", "", target, unit);
    if (value >= target) {
        printf("met\n");
    } else {
        printf("missed, %.4g\n", value);
    }
    fflush(stdout);
}

/* Third-party data, which a clone does not have. */
static inline const char *bench_shared(void)
{
    const char *shared = getenv("THUMBTAG_SHARED");
    return shared && shared[0] ? shared : "../shared";
}

/* Paths of photographs, or of our samples where there are none; the caller's
 * globfree(). */
static inline bool bench_photos(glob_t *found)
{
    char pattern[4096];
    snprintf(pattern, sizeof pattern, "%s/data/clothing/*/*/*.jpg", bench_shared());
    return glob(pattern, 0, NULL, found) == 0 || glob("samples/photos/*", 0, NULL, found) == 0 ||
           glob("samples/photos/*/*", 0, NULL, found) == 0;
}

#endif
