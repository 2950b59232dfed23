#include "observer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define DROPPED_BITS (32 - OBSERVER_BITS)
#define SIGN_BIN (OBSERVER_BINS / 2)               /* bins from here on are negative */
#define INFINITE_BIN (0x7F800000u >> DROPPED_BITS) /* later bins are NaNs */

/* Clipping limits are tried from the outermost value down to an eighth of it. */
#define END_STEPS 64
#define END_LAST (END_STEPS / 8)

bool observer_init(struct observer *o, size_t elements)
{
    *o = (struct observer){ .counts = mem_array(OBSERVER_BINS, sizeof *o->counts),
                            .sums = mem_array(elements, sizeof *o->sums),
                            .elements = elements };
    return o->counts && o->sums;
}

void observer_release(struct observer *o)
{
    free(o->counts);
    free(o->sums);
    *o = (struct observer){ .counts = NULL };
}

static size_t bin_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> DROPPED_BITS;
}

/* The middle of a bin of positive values. */
static double bin_value(size_t bin)
{
    uint32_t bits = (uint32_t)bin << DROPPED_BITS | 1u << (DROPPED_BITS - 1);
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

void observer_add(struct observer *o, const float *values, size_t pictures)
{
    for (size_t n = 0; n < pictures; n++, values += o->elements) {
        for (size_t i = 0; i < o->elements; i++) {
            float v = values[i];
            o->counts[bin_of(v)]++;
            o->sums[i] += (double)v;
            o->low = v < o->low ? v : o->low;
            o->high = v > o->high ? v : o->high;
        }
    }
    o->pictures += pictures;
}

bool observer_finite(const struct observer *o)
{
    for (size_t bin = INFINITE_BIN; bin < SIGN_BIN; bin++) {
        if (o->counts[bin] || o->counts[SIGN_BIN + bin]) {
            return false;
        }
    }
    return true;
}

void observer_mean(const struct observer *o, float *mean)
{
    for (size_t i = 0; i < o->elements; i++) {
        mean[i] = (float)(o->sums[i] / (double)(o->pictures ? o->pictures : 1));
    }
}

struct range observer_extremes(const struct observer *o)
{
    return (struct range){ o->low, o->high };
}

/* The cost of clipping the values of one sign at a limit. */
struct cut {
    double limit;
    double error; /* squared error, summed over the values beyond */
    double beyond;
};

/* counts: of one sign; cuts: END_STEPS, of which the first clips nothing. */
static void find_cuts(const uint64_t *counts, double outermost, struct cut *cuts)
{
    for (int i = 0; i < END_STEPS; i++) {
        struct cut cut = { .limit = outermost * (END_STEPS - i) / END_STEPS };
        for (size_t bin = 0; i > 0 && bin < INFINITE_BIN; bin++) {
            double over = bin_value(bin) - cut.limit;
            if (counts[bin] && over > 0) {
                cut.error += (double)counts[bin] * over * over;
                cut.beyond += (double)counts[bin];
            }
        }
        cuts[i] = cut;
    }
}

struct range observer_best_range(const struct observer *o)
{
    struct cut highs[END_STEPS], lows[END_STEPS];
    double values =
        (double)o->pictures * (double)o->elements - (double)(o->counts[0] + o->counts[SIGN_BIN]);
    double least = HUGE_VAL;
    struct range best = { 0, 0 };
    find_cuts(o->counts, (double)o->high, highs);
    find_cuts(o->counts + SIGN_BIN, -(double)o->low, lows);
    for (int i = 0; i < END_STEPS - END_LAST; i++) {
        for (int j = 0; j < END_STEPS - END_LAST; j++) {
            double step = (highs[i].limit + lows[j].limit) / 255;
            double rounded = values - highs[i].beyond - lows[j].beyond;
            double error = rounded * step * step / 12 + highs[i].error + lows[j].error;
            if (error < least) {
                least = error;
                best = (struct range){ (float)-lows[j].limit, (float)highs[i].limit };
            }
        }
    }
    return best;
}
