/* The embeddings of the learner's pictures are reduced once to what its model learns on and kept,
 * so that a page takes one small product over all open pictures. */
#include "pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "learn/head.h"

#define ROWS_MAX 32768 /* pictures that pages are made of: 48 MiB */
#define BATCH 256

struct pages {
    const struct embedder *embedder;
    float *whole; /* BATCH embeddings */

    float *rows; /* reduced embeddings of the learner's first `count` pictures */
    uint32_t *ids;
    size_t count, rows_cap, ids_cap;
    size_t basis, rank; /* of the model that they were reduced by */
};

struct pages *pages_new(const struct embedder *e)
{
    struct pages *p = calloc(1, sizeof *p);
    if (p) {
        p->embedder = e;
        p->whole = mem_array(BATCH, embedder_dims(e) * sizeof *p->whole);
    }
    if (!p || !p->whole) {
        free(p);
        return NULL;
    }
    return p;
}

void pages_free(struct pages *p)
{
    if (p) {
        free(p->whole);
        free(p->rows);
        free(p->ids);
        free(p);
    }
}

/* ----------------------------------------------------------------- the rows */

/* Reduces the next pictures, up to BATCH of them. */
static bool add_rows(struct pages *p, const struct learner *l, size_t count)
{
    size_t dims = embedder_dims(p->embedder);
    if (!mem_reserve(&p->rows, &p->rows_cap, (p->count + count) * p->rank, sizeof *p->rows) ||
        !mem_reserve(&p->ids, &p->ids_cap, p->count + count, sizeof *p->ids)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const void *packed;
        p->ids[p->count + i] = learner_picture(l, p->count + i, &packed);
        embedder_unpack(p->embedder, packed, p->whole + i * dims, NULL);
    }
    if (!head_model_reduce(learner_model(l), p->whole, count, p->rows + p->count * p->rank, NULL)) {
        return false;
    }
    p->count += count;
    return true;
}

/* Takes over new pictures; all of them if the model has another basis. */
static bool update_rows(struct pages *p, const struct learner *l)
{
    const struct head_model *m = learner_model(l);
    size_t all = learner_pictures(l) < ROWS_MAX ? learner_pictures(l) : ROWS_MAX;
    if (!m || !head_model_rank(m)) {
        return false;
    }
    if (p->basis != head_model_basis(m) || p->rank != head_model_rank(m)) {
        p->basis = head_model_basis(m);
        p->rank = head_model_rank(m);
        p->count = 0;
    }
    while (p->count < all) {
        size_t left = all - p->count;
        if (!add_rows(p, l, left < BATCH ? left : BATCH)) {
            return false;
        }
    }
    return true;
}

/* ----------------------------------------------------------- the candidates */

/* An open picture that may be on a page. */
struct candidate {
    uint32_t row;
    uint32_t best;    /* class; NO_BEST: no prediction */
    float confidence; /* of that class */
};

#define NO_BEST UINT32_MAX

struct task {
    const struct pages *pages;
    const struct learner *learner;
    const struct page_wish *wish;
    struct candidate *open;
    size_t count;
    bool predicted;
};

static int compare_ids(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void find_open(struct task *t, const uint32_t *taken)
{
    const struct pages *p = t->pages;
    for (size_t i = 0; i < p->count; i++) {
        if (learner_answered(t->learner, p->ids[i]) == ASSIST_OPEN &&
            !bsearch(&p->ids[i], taken, t->wish->taken_count, sizeof *taken, compare_ids)) {
            t->open[t->count++] = (struct candidate){ (uint32_t)i, NO_BEST, 0.0f };
        }
    }
}

static void take_best(struct candidate *c, const float *shares, size_t classes)
{
    c->best = 0;
    for (size_t i = 1; i < classes; i++) {
        c->best = shares[i] > shares[c->best] ? (uint32_t)i : c->best;
    }
    c->confidence = shares[c->best];
}

static bool predict(struct task *t)
{
    const struct head_model *m = learner_model(t->learner);
    size_t rank = t->pages->rank;
    size_t classes = head_model_classes(m);
    float *rows = mem_array(BATCH, (rank + classes) * sizeof *rows);
    float *shares = rows ? rows + BATCH * rank : NULL;
    bool ok = rows != NULL;
    for (size_t from = 0; ok && from < t->count; from += BATCH) {
        size_t n = t->count - from < BATCH ? t->count - from : BATCH;
        for (size_t i = 0; i < n; i++) {
            memcpy(rows + i * rank, t->pages->rows + t->open[from + i].row * rank,
                   rank * sizeof *rows);
        }
        ok = head_model_guess_reduced(m, rows, n, shares, NULL);
        for (size_t i = 0; ok && i < n; i++) {
            take_best(&t->open[from + i], shares + i * classes, classes);
        }
    }
    free(rows);
    return ok;
}

static bool prepare(struct task *t)
{
    uint32_t *taken = mem_array(t->wish->taken_count, sizeof *taken);
    t->open = mem_array(t->pages->count, sizeof *t->open);
    if (!taken || !t->open) {
        free(taken);
        return false;
    }
    if (t->wish->taken_count) {
        memcpy(taken, t->wish->taken, t->wish->taken_count * sizeof *taken);
        qsort(taken, t->wish->taken_count, sizeof *taken, compare_ids);
    }
    find_open(t, taken);
    free(taken);
    t->predicted = learner_predicts(t->learner) && predict(t);
    return true;
}

/* ------------------------------------------------------------- the surest */

/* By class, the surest first. */
static int compare_sure(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    if (x->best != y->best) {
        return x->best < y->best ? -1 : 1;
    }
    return x->confidence != y->confidence ? (x->confidence < y->confidence ? 1 : -1)
                                          : (x->row > y->row) - (x->row < y->row);
}

/* The expected number of exceptions, where so many were predicted. */
static float expected(const struct task *t, float wrong, size_t count)
{
    float all = wrong * t->wish->surprise;
    return all < (float)count ? all : (float)count;
}

/* The start of a class's candidates that costs the fewest keys a picture; *keys: how many. */
static size_t cut(const struct task *t, const struct candidate *c, size_t count, float *keys,
                  float *right)
{
    size_t best = 0;
    float wrong = 0.0f;
    *keys = PAGE_KEYS_SINGLE;
    for (size_t i = 0; i < count && i < t->wish->size; i++) {
        wrong += 1.0f - c[i].confidence;
        float n = (float)(i + 1);
        float exceptions = expected(t, wrong, i + 1);
        float now = (PAGE_KEYS_ACCEPT + PAGE_KEYS_EXCEPTION * exceptions) / n;
        if (now < *keys) {
            *keys = now;
            *right = 1.0f - exceptions / n;
            best = i + 1;
        }
    }
    return best;
}

static void fill(const struct task *t, const struct candidate *from, size_t count,
                 struct page_offer *offer)
{
    offer->count = count;
    for (size_t i = 0; i < count; i++) {
        offer->items[i] =
            (struct page_item){ .id = t->pages->ids[from[i].row],
                                .best = from[i].best == NO_BEST ? SIZE_MAX : from[i].best,
                                .confidence = from[i].confidence };
    }
}

/* Of all classes the page that costs the fewest keys a picture. */
static float make_sure(struct task *t, struct page_offer *offer)
{
    float least = PAGE_KEYS_SINGLE;
    if (!t->predicted || !t->count) {
        return least;
    }
    qsort(t->open, t->count, sizeof *t->open, compare_sure);
    for (size_t from = 0, to = 0; from < t->count; from = to) {
        float keys, right = 0.0f;
        while (to < t->count && t->open[to].best == t->open[from].best) {
            to++;
        }
        size_t count = cut(t, t->open + from, to - from, &keys, &right);
        if (count && keys < least) {
            least = keys;
            offer->class_index = t->open[from].best;
            offer->of = to - from;
            offer->right = right;
            fill(t, t->open + from, count, offer);
        }
    }
    return least;
}

/* -------------------------------------------------------------- the kinds */

/* A kind of page. make() fills in the best page of the kind, if there is any, and returns the
 * keys that it is expected to cost for each picture. */
static const struct kind {
    float (*make)(struct task *t, struct page_offer *offer);
} kinds[PAGE_KINDS] = {
    [PAGE_SURE] = { make_sure },
};

static void make_best(struct task *t, struct page_offer *offer)
{
    float least = PAGE_KEYS_SINGLE;
    for (size_t k = 0; k < PAGE_KINDS; k++) {
        if (!kinds[k].make || (t->wish->kind != PAGE_KINDS && t->wish->kind != k)) {
            continue;
        }
        struct page_offer made = { .kind = (enum page_kind)k, .right = -1.0f };
        float keys = kinds[k].make(t, &made);
        if (made.count && (t->wish->kind == k || keys < least)) {
            least = keys;
            *offer = made;
        }
    }
}

void pages_make(struct pages *p, const struct learner *l, const struct page_wish *wish,
                struct page_offer *offer)
{
    struct task t = { .pages = p, .learner = l, .wish = wish };
    *offer = (struct page_offer){ .kind = wish->kind };
    if (update_rows(p, l) && prepare(&t)) {
        make_best(&t, offer);
    }
    free(t.open);
}
