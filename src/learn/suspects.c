#include "learn/suspects.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "calibration.h"
#include "head_private.h"

#define AT_ONCE 512 /* answers judged together */

/* Buffers for `rows` answers. */
struct bench {
    float *x;      /* rows x rank */
    float *scores; /* rows x classes of the discriminant */
    uint32_t *labels;
};

static bool bench_init(struct bench *b, const struct head_fit *f, size_t rows, struct error *err)
{
    size_t rank = f->discriminant.dims, classes = f->discriminant.classes;
    b->x = mem_array(rows, rank * sizeof *b->x);
    b->scores = mem_array(rows, classes * sizeof *b->scores);
    b->labels = mem_array(rows, sizeof *b->labels);
    return (b->x && b->scores && b->labels) ||
           error_nomem(err, rows * (rank + classes) * sizeof *b->x, "the suspects");
}

static void bench_release(struct bench *b)
{
    free(b->x);
    free(b->scores);
    free(b->labels);
}

static bool is_fitted(const struct head *h, struct error *err)
{
    return h->fit.fresh ||
           error_set(err, ERROR_USAGE, "the head is not fitted to the answers that are judged");
}

/* Fills b->scores, each row with the probabilities over the classes with answers. */
static bool judge_rows(const struct head *h, size_t first, size_t rows, struct bench *b,
                       struct error *err)
{
    const struct head_fit *f = &h->fit;
    const struct discriminant *d = &f->discriminant;
    for (size_t i = 0; i < rows; i++) {
        memcpy(b->x + i * d->dims, h->projected + (first + i) * h->stride, d->dims * sizeof *b->x);
        b->labels[i] = f->index[h->answers[first + i].class_index];
    }
    if (!discriminant_without(d, b->x, b->labels, rows, b->scores, err)) {
        return false;
    }
    for (size_t i = 0; i < rows; i++) {
        float *p = b->scores + i * d->classes;
        for (size_t c = 0; c < d->classes; c++) {
            uint32_t others = d->counts[c] - (c == b->labels[i]);
            p[c] = f->temperature * p[c] + calibration_prior(others, f->concentration);
        }
        calibration_softmax(p, d->classes, f->seen_share);
    }
    return true;
}

bool suspects_judge(const struct head *h, uint32_t id, float *probabilities, struct error *err)
{
    const struct head_fit *f = &h->fit;
    const struct discriminant *d = &f->discriminant;
    struct bench b = { .scores = NULL };
    if (!is_fitted(h, err)) {
        return false;
    }
    if (id >= h->slots_count || h->slots[id] >= h->count) {
        return error_set(err, ERROR_USAGE, "picture %u has no answer to judge", (unsigned)id);
    }
    bool ok = bench_init(&b, f, 1, err) && judge_rows(h, h->slots[id], 1, &b, err);
    size_t unseen = h->classes - d->classes;
    for (size_t c = 0; ok && c < h->classes; c++) {
        probabilities[c] =
            h->counts[c] ? b.scores[f->index[c]] : (1.0f - f->seen_share) / (float)unseen;
    }
    bench_release(&b);
    return ok;
}

/* classes: the head's class of each of the discriminant's. */
static struct suspect suspect_of(const struct head *h, size_t slot, const float *p,
                                 const uint32_t *classes)
{
    const struct answer *a = &h->answers[slot];
    uint32_t own = h->fit.index[a->class_index];
    struct suspect s = { a->id, a->class_index, a->class_index, p[own], 0.0f, false };
    for (size_t c = 0; c < h->fit.discriminant.classes; c++) {
        if (c != own && (s.other == s.class_index || p[c] > s.best_other)) {
            s.other = classes[c];
            s.best_other = p[c];
        }
    }
    s.doubted = s.own < SUSPECT_BELOW && s.best_other > s.own;
    return s;
}

static int compare(const void *a, const void *b)
{
    const struct suspect *x = a, *y = b;
    return x->own != y->own ? (x->own > y->own ? 1 : -1) : (x->id > y->id) - (x->id < y->id);
}

static size_t judge_all(const struct head *h, struct bench *b, const uint32_t *classes,
                        struct suspect *list, bool *ok, struct error *err)
{
    const struct discriminant *d = &h->fit.discriminant;
    size_t count = 0;
    for (size_t first = 0; *ok && first < h->count; first += AT_ONCE) {
        size_t rows = h->count - first < AT_ONCE ? h->count - first : AT_ONCE;
        *ok = judge_rows(h, first, rows, b, err);
        for (size_t i = 0; *ok && i < rows; i++) {
            if (h->counts[h->answers[first + i].class_index] > 1) {
                list[count++] = suspect_of(h, first + i, b->scores + i * d->classes, classes);
            }
        }
    }
    return count;
}

bool suspects_find(const struct head *h, struct suspect **list, size_t *count, struct error *err)
{
    const struct head_fit *f = &h->fit;
    struct bench b = { .scores = NULL };
    *list = NULL;
    *count = 0;
    if (!h->count) {
        return true;
    }
    if (!is_fitted(h, err)) {
        return false;
    }
    struct suspect *all = mem_array(h->count, sizeof *all);
    uint32_t *classes = mem_array(h->classes, sizeof *classes);
    bool ok = (all && classes) || error_nomem(err, h->count * sizeof *all, "the suspects");
    ok = ok && bench_init(&b, f, AT_ONCE, err);
    for (size_t c = 0; ok && c < h->classes; c++) {
        if (h->counts[c]) {
            classes[f->index[c]] = (uint32_t)c;
        }
    }
    *count = ok ? judge_all(h, &b, classes, all, &ok, err) : 0;
    bench_release(&b);
    free(classes);
    if (!ok || !*count) {
        free(all);
        *count = 0;
        return ok;
    }
    qsort(all, *count, sizeof *all, compare);
    *list = all;
    return true;
}
