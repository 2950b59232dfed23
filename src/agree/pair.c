/* Two annotators: their confusion and Cohen's kappa. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agree/agreement.h"
#include "base/mem.h"
#include "bootstrap.h"

enum { RAW, KAPPA, STATISTICS };

struct table {
    const struct confusion_cell *cells;
    size_t count, values;
    double *first, *second; /* [values]: totals of either annotator */
};

static void statistics(void *context, const double *weights, double *out)
{
    struct table *t = context;
    double total = 0.0, same = 0.0, expected = 0.0;
    memset(t->first, 0, t->values * sizeof *t->first);
    memset(t->second, 0, t->values * sizeof *t->second);
    for (size_t i = 0; i < t->count; i++) {
        const struct confusion_cell *cell = &t->cells[i];
        total += weights[i];
        same += cell->first == cell->second ? weights[i] : 0.0;
        t->first[cell->first] += weights[i];
        t->second[cell->second] += weights[i];
    }
    for (size_t v = 0; v < t->values; v++) {
        expected += t->first[v] / total * (t->second[v] / total);
    }
    out[RAW] = total > 0.0 ? same / total : (double)NAN;
    out[KAPPA] = total > 0.0 && 1.0 - expected > 1e-12 ? (out[RAW] - expected) / (1.0 - expected)
                                                       : (double)NAN;
}

static int compare(const void *a, const void *b)
{
    const struct confusion_cell *x = a;
    const struct confusion_cell *y = b;
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
                                : (x->second > y->second) - (x->second < y->second);
}

static void merge_cells(struct pair_agreement *p)
{
    size_t kept = 0;
    if (p->cell_count) {
        qsort(p->cells, p->cell_count, sizeof *p->cells, compare);
    }
    for (size_t i = 0; i < p->cell_count; i++) {
        if (kept && compare(&p->cells[kept - 1], &p->cells[i]) == 0) {
            p->cells[kept - 1].items += p->cells[i].items;
        } else {
            p->cells[kept++] = p->cells[i];
        }
    }
    p->cell_count = kept;
}

static const struct vote *vote_of(const struct ratings *r, const struct pattern *p,
                                  uint32_t annotator)
{
    for (size_t i = 0; i < p->count; i++) {
        if (r->votes[p->first + i].annotator == annotator) {
            return &r->votes[p->first + i];
        }
    }
    return NULL;
}

static bool collect(struct pair_agreement *p, const struct ratings *r, uint32_t first,
                    uint32_t second)
{
    size_t cap = 0;
    for (size_t i = 0; i < r->pattern_count; i++) {
        const struct vote *a = vote_of(r, &r->patterns[i], first);
        const struct vote *b = vote_of(r, &r->patterns[i], second);
        if (!a || !b) {
            continue;
        }
        if (!mem_reserve(&p->cells, &cap, p->cell_count + 1, sizeof *p->cells)) {
            return false;
        }
        p->items += r->patterns[i].items;
        p->same += a->value == b->value ? r->patterns[i].items : 0;
        p->cells[p->cell_count++] =
            (struct confusion_cell){ a->value, b->value, r->patterns[i].items };
    }
    merge_cells(p);
    return true;
}

bool agreement_of_pair(struct pair_agreement *p, const struct ratings *r, uint32_t first,
                       uint32_t second, struct error *err)
{
    *p = (struct pair_agreement){ .cells = NULL };
    struct table table = { .values = r->values,
                           .first = mem_array(r->values, sizeof(double)),
                           .second = mem_array(r->values, sizeof(double)) };
    struct estimate estimates[STATISTICS];
    bool ok = table.first && table.second && collect(p, r, first, second);
    uint64_t *counts = ok ? mem_array(p->cell_count, sizeof *counts) : NULL;
    if (!counts) {
        ok = error_nomem(err, r->values * sizeof(double), "the confusion of two annotators");
    }
    for (size_t i = 0; ok && i < p->cell_count; i++) {
        counts[i] = p->cells[i].items;
    }
    table.cells = p->cells;
    table.count = p->cell_count;
    struct bootstrap b = { counts, p->cell_count, STATISTICS, statistics, &table };
    ok = ok && bootstrap_run(&b, estimates, &p->draws, err);
    if (ok) {
        p->raw = estimates[RAW];
        p->kappa = estimates[KAPPA];
    }
    free(counts);
    free(table.first);
    free(table.second);
    return ok;
}

void pair_agreement_release(struct pair_agreement *p)
{
    free(p->cells);
    *p = (struct pair_agreement){ .cells = NULL };
}
