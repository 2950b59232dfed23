#include "bootstrap.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define SEED 1960
#define DRAWS_MOST 1000
#define DRAWS_LEAST 100
#define WORK_MOST 20000000 /* kinds or statistics times draws */
#define DIRECT_MOST 50.0   /* expected successes up to which a binomial is drawn exactly */
#define TAIL 0.025

static double unit(struct random *r)
{
    return (double)(random_bits(r) >> 11) * 0x1p-53;
}

/* Successes of n trials by inversion, in about n * p steps; p is at most 0.5. */
static double count_up(struct random *r, double n, double p)
{
    double odds = p / (1.0 - p);
    double step = (n + 1.0) * odds;
    double chance = exp(n * log1p(-p));
    double left = unit(r);
    double x = 0.0;
    while (left > chance && x < n) {
        left -= chance;
        x += 1.0;
        chance *= step / x - odds;
    }
    return x;
}

/* Beyond DIRECT_MOST expected successes the normal approximation is closer than the
 * bootstrap itself is. */
static double binomial(struct random *r, double n, double p)
{
    if (p >= 1.0 || n <= 0.0) {
        return n;
    }
    if (p > 0.5) {
        return n - binomial(r, n, 1.0 - p);
    }
    if (n * p <= DIRECT_MOST) {
        return count_up(r, n, p);
    }
    double x = floor(n * p + sqrt(n * p * (1.0 - p)) * (double)random_normal(r) + 0.5);
    return x < 0.0 ? 0.0 : x > n ? n : x;
}

static void draw_weights(const struct bootstrap *b, double total, struct random *random,
                         double *weights)
{
    double left = total;
    double items_left = total;
    for (size_t i = 0; i < b->kinds; i++) {
        double count = (double)b->counts[i];
        weights[i] = items_left > 0.0 ? binomial(random, left, count / items_left) : 0.0;
        left -= weights[i];
        items_left -= count;
    }
}

static size_t choose_draws(const struct bootstrap *b)
{
    size_t work = b->kinds > b->statistics ? b->kinds : b->statistics;
    size_t draws = work ? WORK_MOST / work : DRAWS_MOST;
    return draws > DRAWS_MOST ? DRAWS_MOST : draws < DRAWS_LEAST ? DRAWS_LEAST : draws;
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Limits of the middle 95 %. drawn: one statistic of each sample; those that are undefined
 * are left out, and if these are half of them or more, so are the limits. */
static void find_limits(float *drawn, size_t draws, struct estimate *e)
{
    size_t count = 0;
    for (size_t i = 0; i < draws; i++) {
        if (!isnan(drawn[i])) {
            drawn[count++] = drawn[i];
        }
    }
    e->low = e->high = (double)NAN;
    if (isnan(e->value) || 2 * count <= draws) {
        return;
    }
    qsort(drawn, count, sizeof *drawn, compare);
    size_t cut = (size_t)(TAIL * (double)count);
    e->low = (double)drawn[cut];
    e->high = (double)drawn[count - 1 - cut];
}

static void run(const struct bootstrap *b, struct estimate *estimates, size_t draws,
                double *weights, double *values, float *drawn)
{
    double total = 0.0;
    for (size_t i = 0; i < b->kinds; i++) {
        weights[i] = (double)b->counts[i];
        total += weights[i];
    }
    b->fn(b->context, weights, values);
    for (size_t s = 0; s < b->statistics; s++) {
        estimates[s].value = values[s];
    }
    for (size_t d = 0; d < draws; d++) {
        struct random random = random_start(SEED, d);
        draw_weights(b, total, &random, weights);
        b->fn(b->context, weights, values);
        for (size_t s = 0; s < b->statistics; s++) {
            drawn[s * draws + d] = (float)values[s];
        }
    }
    for (size_t s = 0; s < b->statistics; s++) {
        find_limits(drawn + s * draws, draws, &estimates[s]);
    }
}

bool bootstrap_run(const struct bootstrap *b, struct estimate *estimates, size_t *draws,
                   struct error *err)
{
    *draws = choose_draws(b);
    double *weights = mem_array(b->kinds, sizeof *weights);
    double *values = mem_array(b->statistics, sizeof *values);
    float *drawn = mem_array(b->statistics, *draws * sizeof *drawn);
    bool ok = weights && values && drawn;
    if (ok) {
        run(b, estimates, *draws, weights, values, drawn);
    } else {
        error_nomem(err, (unsigned long long)b->statistics * *draws * sizeof *drawn,
                    "the intervals");
    }
    free(weights);
    free(values);
    free(drawn);
    return ok;
}
