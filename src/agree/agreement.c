#include "agree/agreement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bootstrap.h"

/* How many of an item's annotations have a value, or a class. */
struct tally {
    uint32_t what, count;
};

/* A pattern with at least two votes, as the sums need it. */
struct kind {
    const struct vote *votes;
    const uint32_t *same; /* for each vote: other votes for the same value */
    size_t vote_count;
    size_t values, value_end;  /* in sums.tallies */
    size_t classes, class_end; /* likewise */
    double pairs;              /* ordered pairs of votes that agree */
};

/* Sums over the items of a sample. */
struct sums {
    const struct ratings *ratings;
    struct kind *kinds;
    uint64_t *counts; /* items of each kind */
    size_t kind_count;
    struct tally *tallies;
    size_t tally_count, tally_cap;
    uint32_t *same;
    double *value_sums;        /* [values]: votes */
    double *value_shares;      /* [values]: the sum of the items' shares of votes */
    double *class_sums;        /* [classes]: votes with the class */
    double *class_pairs;       /* [classes]: of them, the part that another vote agrees with */
    double *agreed, *compared; /* [annotators]: other votes on the same items */
};

/* The statistics of bootstrap_run(), in this order; then of each class SAME and ALPHA; then
 * of each annotator. */
enum { RAW, FLEISS, ALPHA, FIXED };

static double ratio(double part, double whole)
{
    return whole > 0.0 ? part / whole : (double)NAN;
}

/* (observed - expected) / (1 - expected); with an agreement that is certain, undefined. */
static double beyond_chance(double observed, double expected)
{
    return 1.0 - expected > 1e-12 ? (observed - expected) / (1.0 - expected) : (double)NAN;
}

static bool count_one(struct sums *s, size_t from, uint32_t what)
{
    for (size_t i = from; i < s->tally_count; i++) {
        if (s->tallies[i].what == what) {
            s->tallies[i].count++;
            return true;
        }
    }
    if (!mem_reserve(&s->tallies, &s->tally_cap, s->tally_count + 1, sizeof *s->tallies)) {
        return false;
    }
    s->tallies[s->tally_count++] = (struct tally){ what, 1 };
    return true;
}

static bool tally_kind(struct sums *s, struct kind *k)
{
    const struct ratings *r = s->ratings;
    k->values = s->tally_count;
    for (size_t i = 0; i < k->vote_count; i++) {
        if (!count_one(s, k->values, k->votes[i].value)) {
            return false;
        }
    }
    k->value_end = k->classes = s->tally_count;
    for (size_t i = 0; i < k->vote_count; i++) {
        uint32_t value = k->votes[i].value;
        for (size_t c = r->class_first[value]; c < r->class_first[value + 1]; c++) {
            if (!count_one(s, k->classes, r->class_list[c])) {
                return false;
            }
        }
    }
    k->class_end = s->tally_count;
    for (size_t i = k->values; i < k->value_end; i++) {
        k->pairs += (double)s->tallies[i].count * (s->tallies[i].count - 1);
    }
    return true;
}

static void note_same(const struct sums *s, const struct kind *k, uint32_t *same)
{
    for (size_t i = 0; i < k->vote_count; i++) {
        size_t t = k->values;
        while (s->tallies[t].what != k->votes[i].value) {
            t++;
        }
        same[i] = s->tallies[t].count - 1;
    }
}

static bool sums_alloc(struct sums *s, const struct ratings *r)
{
    size_t votes = 0;
    for (size_t p = 0; p < r->pattern_count; p++) {
        votes += r->patterns[p].count;
    }
    s->ratings = r;
    s->kinds = mem_array(r->pattern_count, sizeof *s->kinds);
    s->counts = mem_array(r->pattern_count, sizeof *s->counts);
    s->same = mem_array(votes, sizeof *s->same);
    s->value_sums = mem_array(r->values, sizeof(double));
    s->value_shares = mem_array(r->values, sizeof(double));
    s->class_sums = mem_array(r->classes, sizeof(double));
    s->class_pairs = mem_array(r->classes, sizeof(double));
    s->agreed = mem_array(r->annotators, sizeof(double));
    s->compared = mem_array(r->annotators, sizeof(double));
    return s->kinds && s->counts && s->same && s->value_sums && s->value_shares && s->class_sums &&
           s->class_pairs && s->agreed && s->compared;
}

static bool sums_init(struct sums *s, const struct ratings *r)
{
    if (!sums_alloc(s, r)) {
        return false;
    }
    uint32_t *same = s->same;
    for (size_t p = 0; p < r->pattern_count; p++) {
        if (r->patterns[p].count < 2) {
            continue;
        }
        struct kind *k = &s->kinds[s->kind_count];
        *k = (struct kind){ .votes = r->votes + r->patterns[p].first,
                            .same = same,
                            .vote_count = r->patterns[p].count };
        if (!tally_kind(s, k)) {
            return false;
        }
        note_same(s, k, same);
        same += k->vote_count;
        s->counts[s->kind_count++] = r->patterns[p].items;
    }
    return true;
}

static void sums_release(struct sums *s)
{
    free(s->kinds);
    free(s->counts);
    free(s->tallies);
    free(s->same);
    free(s->value_sums);
    free(s->value_shares);
    free(s->class_sums);
    free(s->class_pairs);
    free(s->agreed);
    free(s->compared);
}

static void add_kind(struct sums *s, const struct kind *k, double weight)
{
    double votes = (double)k->vote_count;
    for (size_t t = k->values; t < k->value_end; t++) {
        double count = weight * s->tallies[t].count;
        s->value_sums[s->tallies[t].what] += count;
        s->value_shares[s->tallies[t].what] += count / votes;
    }
    for (size_t t = k->classes; t < k->class_end; t++) {
        double count = s->tallies[t].count;
        s->class_sums[s->tallies[t].what] += weight * count;
        s->class_pairs[s->tallies[t].what] += weight * count * (count - 1.0) / (votes - 1.0);
    }
    for (size_t v = 0; v < k->vote_count; v++) {
        s->agreed[k->votes[v].annotator] += weight * k->same[v];
        s->compared[k->votes[v].annotator] += weight * (votes - 1.0);
    }
}

static void clear(double *values, size_t count)
{
    memset(values, 0, count * sizeof *values);
}

static void sums_clear(struct sums *s)
{
    clear(s->value_sums, s->ratings->values);
    clear(s->value_shares, s->ratings->values);
    clear(s->class_sums, s->ratings->classes);
    clear(s->class_pairs, s->ratings->classes);
    clear(s->agreed, s->ratings->annotators);
    clear(s->compared, s->ratings->annotators);
}

static double sum_of_squares(const double *values, size_t count, double scale)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i] / scale * (values[i] / scale);
    }
    return sum;
}

/* Krippendorff's alpha from n values that can be paired: matched, the part of them that is
 * paired with an equal one; squares, the sum of the squares of the values' frequencies. */
static double alpha_of(double n, double matched, double squares)
{
    double expected = n * n - squares;
    return expected > 1e-9 * n * n ? 1.0 - (n - 1.0) * (n - matched) / expected : (double)NAN;
}

static void class_statistics(const struct sums *s, size_t c, double n, double *same, double *alpha)
{
    double uses = s->class_sums[c];
    double others = n - uses;
    double apart = uses - s->class_pairs[c]; /* paired with a vote without the class */
    *same = ratio(s->class_pairs[c], uses);
    *alpha = alpha_of(n, n - 2.0 * apart, uses * uses + others * others);
}

static void statistics(void *context, const double *weights, double *out)
{
    struct sums *s = context;
    const struct ratings *r = s->ratings;
    double items = 0.0, n = 0.0, shares = 0.0, matched = 0.0;
    sums_clear(s);
    for (size_t i = 0; i < s->kind_count; i++) {
        const struct kind *k = &s->kinds[i];
        double votes = (double)k->vote_count;
        if (weights[i] > 0.0) {
            items += weights[i];
            n += weights[i] * votes;
            shares += weights[i] * k->pairs / (votes * (votes - 1.0));
            matched += weights[i] * k->pairs / (votes - 1.0);
            add_kind(s, k, weights[i]);
        }
    }
    out[RAW] = ratio(shares, items);
    out[FLEISS] = items > 0.0
                      ? beyond_chance(out[RAW], sum_of_squares(s->value_shares, r->values, items))
                      : (double)NAN;
    out[ALPHA] = alpha_of(n, matched, sum_of_squares(s->value_sums, r->values, 1.0));
    out += FIXED;
    for (size_t c = 0; c < r->classes; c++) {
        class_statistics(s, c, n, &out[2 * c], &out[2 * c + 1]);
    }
    out += 2 * r->classes;
    for (size_t a = 0; a < r->annotators; a++) {
        out[a] = ratio(s->agreed[a], s->compared[a]);
    }
}

static void count_items(struct agreement *a, const struct ratings *r, const struct sums *s)
{
    for (size_t p = 0; p < r->pattern_count; p++) {
        const struct pattern *pattern = &r->patterns[p];
        a->items += pattern->items;
        a->shared += pattern->count > 1 ? pattern->items : 0;
        for (size_t v = 0; v < pattern->count; v++) {
            struct annotator_agreement *by = &a->annotators[r->votes[pattern->first + v].annotator];
            by->items += pattern->items;
            by->shared += pattern->count > 1 ? pattern->items : 0;
        }
    }
    for (size_t k = 0; k < s->kind_count; k++) {
        const struct kind *kind = &s->kinds[k];
        a->unanimous += kind->value_end - kind->values == 1 ? s->counts[k] : 0;
        for (size_t t = kind->classes; t < kind->class_end; t++) {
            a->classes[s->tallies[t].what].uses += s->tallies[t].count * s->counts[k];
        }
    }
}

static void take_estimates(struct agreement *a, const struct ratings *r,
                           const struct estimate *estimates)
{
    a->raw = estimates[RAW];
    a->fleiss = estimates[FLEISS];
    a->alpha = estimates[ALPHA];
    estimates += FIXED;
    for (size_t c = 0; c < r->classes; c++) {
        a->classes[c].same = estimates[2 * c];
        a->classes[c].alpha = estimates[2 * c + 1];
    }
    estimates += 2 * r->classes;
    for (size_t i = 0; i < r->annotators; i++) {
        a->annotators[i].same = estimates[i];
    }
}

bool agreement_measure(struct agreement *a, const struct ratings *r, struct error *err)
{
    struct sums sums = { .ratings = r };
    size_t count = FIXED + 2 * r->classes + r->annotators;
    *a = (struct agreement){ .classes = mem_array(r->classes, sizeof *a->classes),
                             .annotators = mem_array(r->annotators, sizeof *a->annotators) };
    struct estimate *estimates = mem_array(count, sizeof *estimates);
    bool ok = (a->classes && a->annotators && estimates && sums_init(&sums, r)) ||
              error_nomem(err, count * sizeof *estimates, "the agreement");
    struct bootstrap b = { sums.counts, sums.kind_count, count, statistics, &sums };
    ok = ok && bootstrap_run(&b, estimates, &a->draws, err);
    if (ok) {
        count_items(a, r, &sums);
        take_estimates(a, r, estimates);
    }
    sums_release(&sums);
    free(estimates);
    return ok;
}

void agreement_release(struct agreement *a)
{
    free(a->classes);
    free(a->annotators);
    *a = (struct agreement){ .classes = NULL };
}
