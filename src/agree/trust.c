#include "agree/trust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CHANGE_LEAST 1e-8 /* of the log-likelihood per item, in a round */

static double *rate_row(const struct trust *t, uint32_t annotator, size_t truth)
{
    return t->rates + (annotator * t->values + truth) * t->values;
}

/* The shares of the votes, with which EM starts. */
static void shares_of_votes(const struct ratings *r, size_t pattern, double *out)
{
    const struct pattern *p = &r->patterns[pattern];
    memset(out, 0, r->values * sizeof *out);
    for (size_t i = 0; i < p->count; i++) {
        out[r->votes[p->first + i].value] += 1.0 / (double)p->count;
    }
}

/* Turns the logarithms of joint probabilities into shares of their sum, and returns its
 * logarithm. The largest one is divided out first, so that many votes do not underflow. */
static double shares_of_logs(double *values, size_t count)
{
    double most = -(double)INFINITY;
    double sum = 0.0;
    for (size_t j = 0; j < count; j++) {
        most = values[j] > most ? values[j] : most;
    }
    for (size_t j = 0; j < count; j++) {
        values[j] = values[j] > most - 700.0 ? exp(values[j] - most) : 0.0;
        sum += values[j];
    }
    for (size_t j = 0; j < count; j++) {
        values[j] /= sum;
    }
    return most + log(sum);
}

static double posterior(const struct trust *t, const struct ratings *r, size_t pattern, double *out)
{
    const struct pattern *p = &r->patterns[pattern];
    memcpy(out, t->log_shares, t->values * sizeof *out);
    for (size_t i = 0; i < p->count; i++) {
        struct vote v = r->votes[p->first + i];
        const double *logs = t->log_rates + (v.annotator * t->values + v.value) * t->values;
        for (size_t j = 0; j < t->values; j++) {
            out[j] += logs[j];
        }
    }
    return shares_of_logs(out, t->values);
}

static void add_pattern(struct trust *t, const struct ratings *r, size_t pattern,
                        const double *truth)
{
    const struct pattern *p = &r->patterns[pattern];
    double items = (double)p->items;
    for (size_t j = 0; j < t->values; j++) {
        if (truth[j] <= 0.0) {
            continue;
        }
        t->shares[j] += truth[j] * items;
        for (size_t i = 0; i < p->count; i++) {
            struct vote v = r->votes[p->first + i];
            rate_row(t, v.annotator, j)[v.value] += truth[j] * items;
        }
    }
}

static void normalize(double *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
    }
    for (size_t i = 0; sum > 0.0 && i < count; i++) {
        values[i] /= sum;
    }
}

static void take_logs(struct trust *t)
{
    normalize(t->shares, t->values);
    for (size_t j = 0; j < t->values; j++) {
        t->log_shares[j] = log(t->shares[j]);
    }
    for (size_t a = 0; a < t->annotators; a++) {
        for (size_t j = 0; j < t->values; j++) {
            double *row = rate_row(t, (uint32_t)a, j);
            normalize(row, t->values);
            for (size_t v = 0; v < t->values; v++) {
                t->log_rates[(a * t->values + v) * t->values + j] = log(row[v]);
            }
        }
    }
}

/* One round: the truth of each pattern by the present rates (at first: by its votes), and
 * from it the next rates. Returns the log-likelihood of the present ones. */
static double round_of_em(struct trust *t, const struct ratings *r, bool first, double *truth)
{
    double likelihood = 0.0;
    memset(t->shares, 0, t->values * sizeof *t->shares);
    memset(t->rates, 0, t->annotators * t->values * t->values * sizeof *t->rates);
    for (size_t p = 0; p < r->pattern_count; p++) {
        if (first) {
            shares_of_votes(r, p, truth);
        } else {
            likelihood += (double)r->patterns[p].items * posterior(t, r, p, truth);
        }
        add_pattern(t, r, p, truth);
    }
    take_logs(t);
    return likelihood;
}

static void learn(struct trust *t, const struct ratings *r, double *truth)
{
    double items = 0.0;
    double before = -(double)INFINITY;
    for (size_t p = 0; p < r->pattern_count; p++) {
        items += (double)r->patterns[p].items;
    }
    round_of_em(t, r, true, truth);
    while (!t->settled && t->rounds < TRUST_ROUNDS_MAX) {
        t->log_likelihood = round_of_em(t, r, false, truth);
        t->settled = t->log_likelihood - before <= CHANGE_LEAST * items;
        before = t->log_likelihood;
        t->rounds++;
    }
}

bool trust_learn(struct trust *t, const struct ratings *r, struct error *err)
{
    size_t cells;
    *t = (struct trust){ .annotators = r->annotators, .values = r->values };
    if (!mem_mul(r->values, r->values, &cells) || !mem_mul(cells, r->annotators, &cells) ||
        cells > TRUST_BYTES_MAX / sizeof(double)) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "the error rates of %zu annotators for %zu classes need more than "
                         "%zu MiB: merge by majority instead",
                         r->annotators, r->values, TRUST_BYTES_MAX >> 20);
    }
    double *truth = mem_array(r->values, sizeof *truth);
    t->shares = mem_array(r->values, sizeof *t->shares);
    t->rates = mem_array(cells, sizeof *t->rates);
    t->log_shares = mem_array(r->values, sizeof *t->log_shares);
    t->log_rates = mem_array(cells, sizeof *t->log_rates);
    bool ok = truth && t->shares && t->rates && t->log_shares && t->log_rates;
    if (ok) {
        learn(t, r, truth);
    } else {
        error_nomem(err, 2 * cells * sizeof *t->rates, "the annotators' error rates");
    }
    free(truth);
    return ok;
}

void trust_release(struct trust *t)
{
    free(t->shares);
    free(t->rates);
    free(t->log_shares);
    free(t->log_rates);
    *t = (struct trust){ .shares = NULL };
}

void trust_of_pattern(const struct trust *t, const struct ratings *r, size_t pattern, double *out)
{
    posterior(t, r, pattern, out);
}

double trust_accuracy(const struct trust *t, uint32_t annotator)
{
    double sum = 0.0;
    for (size_t j = 0; j < t->values; j++) {
        sum += t->shares[j] * rate_row(t, annotator, j)[j];
    }
    return sum;
}
