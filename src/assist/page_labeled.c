/* Answered items of one class, those that fit it least first: judged by the mean of the class's
 * other items, so that no item speaks for itself. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "page_task.h"

/* An answered item. */
struct labeled {
    struct candidate candidate; /* best: its label; second: what it looks like otherwise */
    float fit;                  /* how much more it looks like its label than like that */
};

struct groups {
    float *sums; /* of the rows of each class: count x rank */
    float *counts;
    size_t count;
    struct labeled *items;
    size_t item_count;
};

static void groups_release(struct groups *c)
{
    free(c->sums);
    free(c->counts);
    free(c->items);
}

static bool is_class(size_t answer, size_t count)
{
    return answer < count; /* not ASSIST_OPEN, not ASSIST_NO_CLASS */
}

static bool sum_up(const struct page_task *t, struct groups *c)
{
    size_t rank = t->rows->rank;
    *c = (struct groups){ .count = head_model_classes(learner_model(t->learner)) };
    c->sums = mem_array(c->count, rank * sizeof *c->sums);
    c->counts = mem_array(c->count, sizeof *c->counts);
    c->items = mem_array(t->rows->count, sizeof *c->items);
    if (!c->sums || !c->counts || !c->items) {
        return false;
    }
    for (size_t i = 0; i < t->rows->count; i++) {
        size_t answer = learner_answered(t->learner, t->rows->ids[i]);
        if (is_class(answer, c->count)) {
            const float *row = page_row(t, i);
            for (size_t j = 0; j < rank; j++) {
                c->sums[answer * rank + j] += row[j];
            }
            c->counts[answer] += 1.0f;
        }
    }
    return true;
}

/* The cosine between the row and the mean of the class, without the row if it is one of it. */
static float likeness(const struct page_task *t, const struct groups *c, size_t class_index,
                      size_t row, bool own)
{
    const float *sum = c->sums + class_index * t->rows->rank;
    const float *x = page_row(t, row);
    float product = 0.0f, square = 0.0f;
    for (size_t j = 0; j < t->rows->rank; j++) {
        float mean = sum[j] - (own ? x[j] : 0.0f);
        product += mean * x[j];
        square += mean * mean;
    }
    return square > 0.0f ? product / sqrtf(square) : 0.0f;
}

static void judge(const struct page_task *t, const struct groups *c, size_t row, size_t answer,
                  struct labeled *item)
{
    float other = -INFINITY;
    *item = (struct labeled){
        .candidate = { .row = (uint32_t)row, .best = (uint32_t)answer, .second = NO_CLASS }
    };
    for (size_t k = 0; k < c->count; k++) {
        if (k != answer && c->counts[k] > 0.0f) {
            float like = likeness(t, c, k, row, false);
            if (like > other) {
                other = like;
                item->candidate.second = (uint32_t)k;
            }
        }
    }
    item->fit = likeness(t, c, answer, row, true) - (isfinite(other) ? other : 0.0f);
}

static int compare(const void *a, const void *b)
{
    const struct labeled *x = a;
    const struct labeled *y = b;
    if (x->candidate.best != y->candidate.best) {
        return x->candidate.best < y->candidate.best ? -1 : 1;
    }
    return x->fit != y->fit
               ? (x->fit < y->fit ? -1 : 1)
               : (x->candidate.row > y->candidate.row) - (x->candidate.row < y->candidate.row);
}

/* Judges the answered items that are not taken; by class, the worst first. */
static bool judge_all(const struct page_task *t, struct groups *c)
{
    if (!sum_up(t, c)) {
        return false;
    }
    for (size_t i = 0; i < t->rows->count; i++) {
        size_t answer = learner_answered(t->learner, t->rows->ids[i]);
        if (is_class(answer, c->count) && !page_is_taken(t, t->rows->ids[i])) {
            judge(t, c, i, answer, &c->items[c->item_count++]);
        }
    }
    qsort(c->items, c->item_count, sizeof *c->items, compare);
    return true;
}

/* One key for all that are right; none is saved, as all have answers. */
static float cost(const struct page_offer *offer)
{
    return offer->count ? (float)PAGE_KEYS_ACCEPT / (float)offer->count : PAGE_KEYS_SINGLE;
}

/* The class whose worst items fit it least. */
float page_labeled(struct page_task *t, struct page_offer *offer)
{
    struct groups c;
    float worst = INFINITY;
    size_t from = 0, count = 0;
    bool ok = judge_all(t, &c);
    for (size_t i = 0; ok && i < c.item_count; i++) {
        bool first = i == 0 || c.items[i - 1].candidate.best != c.items[i].candidate.best;
        if (first && c.items[i].fit < worst) {
            worst = c.items[i].fit;
            from = i;
        }
    }
    while (ok && from + count < c.item_count &&
           c.items[from + count].candidate.best == c.items[from].candidate.best) {
        count++;
    }
    offer->of = count;
    for (size_t i = 0; i < count && i < t->wish->size; i++) {
        offer->class_index = c.items[from].candidate.best;
        page_add(t, &c.items[from + i].candidate, offer);
    }
    groups_release(&c);
    return cost(offer);
}

/* The pair of classes with the most items that look more like the other one. */
float page_confused(struct page_task *t, struct page_offer *offer)
{
    struct groups c;
    size_t *pairs = NULL;
    size_t best = 0;
    bool ok = judge_all(t, &c) && (pairs = mem_array(c.count, c.count * sizeof *pairs));
    for (size_t i = 0; ok && i < c.item_count; i++) {
        const struct candidate *x = &c.items[i].candidate;
        if (c.items[i].fit < 0.0f && x->second != NO_CLASS) {
            size_t pair = x->best * c.count + x->second;
            pairs[pair]++;
            best = pairs[pair] > pairs[best] ? pair : best;
        }
    }
    for (size_t i = 0; ok && i < c.item_count && offer->count < t->wish->size; i++) {
        const struct candidate *x = &c.items[i].candidate;
        if (c.items[i].fit < 0.0f && x->second != NO_CLASS &&
            x->best * c.count + x->second == best) {
            offer->class_index = x->best;
            offer->other_class = x->second;
            offer->of = pairs[best];
            page_add(t, x, offer);
        }
    }
    free(pairs);
    groups_release(&c);
    return cost(offer);
}
