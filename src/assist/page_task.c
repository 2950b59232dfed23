#include "page_task.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "learn/head.h"

#define ROWS_MAX 32768 /* pictures that pages are made of: 48 MiB */
#define BATCH 256

bool page_rows_init(struct page_rows *r, const struct embedder *e)
{
    *r = (struct page_rows){ .embedder = e };
    r->whole = mem_array(BATCH, embedder_dims(e) * sizeof *r->whole);
    return r->whole != NULL;
}

void page_rows_release(struct page_rows *r)
{
    free(r->whole);
    free(r->rows);
    free(r->ids);
}

/* Reduces the next pictures, up to BATCH of them. */
static bool add_rows(struct page_rows *r, const struct learner *l, size_t count)
{
    size_t dims = embedder_dims(r->embedder);
    if (!mem_reserve(&r->rows, &r->rows_cap, (r->count + count) * r->rank, sizeof *r->rows) ||
        !mem_reserve(&r->ids, &r->ids_cap, r->count + count, sizeof *r->ids)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const void *packed;
        r->ids[r->count + i] = learner_picture(l, r->count + i, &packed);
        embedder_unpack(r->embedder, packed, r->whole + i * dims, NULL);
    }
    if (!head_model_reduce(learner_model(l), r->whole, count, r->rows + r->count * r->rank, NULL)) {
        return false;
    }
    r->count += count;
    return true;
}

/* Takes over new pictures; all of them if the model has another basis. */
static bool update_rows(struct page_rows *r, const struct learner *l)
{
    const struct head_model *m = learner_model(l);
    size_t all = learner_pictures(l) < ROWS_MAX ? learner_pictures(l) : ROWS_MAX;
    if (!m || !head_model_rank(m)) {
        return false;
    }
    if (r->basis != head_model_basis(m) || r->rank != head_model_rank(m)) {
        r->basis = head_model_basis(m);
        r->rank = head_model_rank(m);
        r->count = 0;
    }
    while (r->count < all) {
        size_t left = all - r->count;
        if (!add_rows(r, l, left < BATCH ? left : BATCH)) {
            return false;
        }
    }
    return true;
}

/* ----------------------------------------------------------- the candidates */

static int compare_ids(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

bool page_is_taken(const struct page_task *t, uint32_t id)
{
    return bsearch(&id, t->taken, t->wish->taken_count, sizeof *t->taken, compare_ids) != NULL;
}

static void find_open(struct page_task *t)
{
    for (size_t i = 0; i < t->rows->count; i++) {
        uint32_t id = t->rows->ids[i];
        if (learner_answered(t->learner, id) == ASSIST_OPEN && !page_is_taken(t, id)) {
            t->open[t->count++] =
                (struct candidate){ .row = (uint32_t)i, .best = NO_CLASS, .second = NO_CLASS };
        }
    }
}

static void take_best(struct candidate *c, const float *shares, size_t classes)
{
    c->best = 0;
    c->second = NO_CLASS;
    for (uint32_t i = 1; i < classes; i++) {
        if (shares[i] > shares[c->best]) {
            c->second = c->best;
            c->best = i;
        } else if (c->second == NO_CLASS || shares[i] > shares[c->second]) {
            c->second = i;
        }
    }
    c->confidence = shares[c->best];
    c->other = c->second == NO_CLASS ? 0.0f : shares[c->second];
}

static bool predict(struct page_task *t)
{
    const struct head_model *m = learner_model(t->learner);
    size_t rank = t->rows->rank;
    size_t classes = head_model_classes(m);
    float *rows = mem_array(BATCH, (rank + classes) * sizeof *rows);
    float *shares = rows ? rows + BATCH * rank : NULL;
    bool ok = rows != NULL;
    for (size_t from = 0; ok && from < t->count; from += BATCH) {
        size_t n = t->count - from < BATCH ? t->count - from : BATCH;
        for (size_t i = 0; i < n; i++) {
            memcpy(rows + i * rank, page_row(t, t->open[from + i].row), rank * sizeof *rows);
        }
        ok = head_model_guess_reduced(m, rows, n, shares, NULL);
        for (size_t i = 0; ok && i < n; i++) {
            take_best(&t->open[from + i], shares + i * classes, classes);
        }
    }
    free(rows);
    return ok;
}

bool page_task_init(struct page_task *t, struct page_rows *rows, const struct learner *l,
                    const struct page_wish *wish)
{
    *t = (struct page_task){ .rows = rows, .learner = l, .wish = wish };
    if (!update_rows(rows, l)) {
        return false;
    }
    t->taken = mem_array(wish->taken_count, sizeof *t->taken);
    t->open = mem_array(rows->count, sizeof *t->open);
    if (!t->taken || !t->open) {
        return false;
    }
    if (wish->taken_count) {
        memcpy(t->taken, wish->taken, wish->taken_count * sizeof *t->taken);
        qsort(t->taken, wish->taken_count, sizeof *t->taken, compare_ids);
    }
    find_open(t);
    t->predicted = learner_predicts(l) && predict(t);
    return true;
}

void page_task_release(struct page_task *t)
{
    free(t->taken);
    free(t->open);
    free(t->around.rows);
    free(t->around.near);
}

/* ---------------------------------------------------------- for all the kinds */

const float *page_row(const struct page_task *t, size_t row)
{
    return t->rows->rows + row * t->rows->rank;
}

float page_cosine(const struct page_task *t, size_t row, size_t other)
{
    const float *a = page_row(t, row);
    const float *b = page_row(t, other);
    float sums[8] = { 0 }; /* so that the compiler can use vectors */
    size_t i = 0;
    for (; i + 8 <= t->rows->rank; i += 8) {
        for (size_t j = 0; j < 8; j++) {
            sums[j] += a[i + j] * b[i + j];
        }
    }
    for (; i < t->rows->rank; i++) {
        sums[0] += a[i] * b[i];
    }
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) +
           ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

static size_t class_or_none(uint32_t class_index)
{
    return class_index == NO_CLASS ? SIZE_MAX : class_index;
}

void page_add(const struct page_task *t, const struct candidate *c, struct page_offer *offer)
{
    bool proposed = c->best == offer->class_index;
    uint32_t second = proposed || offer->class_index == SIZE_MAX ? c->second : c->best;
    offer->items[offer->count++] = (struct page_item){ .id = t->rows->ids[c->row],
                                                       .best = class_or_none(c->best),
                                                       .confidence = c->confidence,
                                                       .second = class_or_none(second) };
}

float page_exception_keys(const struct page_task *t, const struct candidate *c)
{
    float wrong = 1.0f - c->confidence;
    float hit = t->wish->second && wrong > 0.0f ? c->other / wrong : 0.0f;
    return PAGE_KEYS_LETTER + PAGE_KEYS_CLASS * (1.0f - fminf(1.0f, hit));
}

float page_chance(const struct page_task *t, const struct candidate *c)
{
    return fminf(1.0f, (1.0f - c->confidence) * t->wish->surprise);
}
