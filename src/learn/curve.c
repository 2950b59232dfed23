#include "learn/curve.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"
#include "learn/head.h"

#define BINS 15

/* Pictures that the head is shown to begin with; more change nothing. */
#define BACKGROUND HEAD_SETTLED

static size_t *random_order(size_t count, uint64_t seed, struct error *err)
{
    size_t *order = mem_array(count, sizeof *order);
    if (!order) {
        error_nomem(err, count * sizeof *order, "an order of pictures");
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        order[i] = i;
    }
    random_shuffle(order, count, seed, 0);
    return order;
}

struct bins {
    double confidence[BINS], right[BINS];
    size_t count[BINS];
};

static void bins_add(struct bins *b, float confidence, bool right)
{
    int i = (int)ceilf(confidence * BINS) - 1;
    i = i < 0 ? 0 : i >= BINS ? BINS - 1 : i;
    b->confidence[i] += (double)confidence;
    b->right[i] += right;
    b->count[i]++;
}

static struct curve_point bins_point(const struct bins *b)
{
    double right = 0;
    double apart = 0;
    size_t count = 0;
    for (int i = 0; i < BINS; i++) {
        right += b->right[i];
        apart += fabs(b->right[i] - b->confidence[i]);
        count += b->count[i];
    }
    double all = count ? (double)count : 1;
    return (struct curve_point){ (float)(right / all), (float)(apart / all) };
}

static bool measure(const struct curve_task *t, const struct head_model *model,
                    struct curve_point *point, struct error *err)
{
    const struct curve_set *s = &t->test;
    struct bins bins = { 0 };
    float *p = mem_array(s->count, t->classes * sizeof *p);
    if (!p) {
        return error_nomem(err, s->count * t->classes * sizeof *p, "probabilities");
    }
    bool ok = head_model_guess(model, s->embeddings, s->count, p, err);
    for (size_t i = 0; ok && i < s->count; i++) {
        const float *row = p + i * t->classes;
        size_t best = 0;
        for (size_t c = 1; c < t->classes; c++) {
            best = row[c] > row[best] ? c : best;
        }
        bins_add(&bins, row[best], best == s->classes[i]);
    }
    *point = bins_point(&bins);
    free(p);
    return ok;
}

static bool learn_and_measure(struct head *head, const struct curve_task *t, const size_t *order,
                              struct curve_point *points, struct error *err)
{
    const struct curve_set *pool = &t->pool;
    bool ok = head_resize_classes(head, t->classes, err);
    for (size_t i = 0; ok && i < pool->count && i < BACKGROUND; i++) {
        /* From the far end: what the folder looks like does not hang on what is labelled. */
        size_t at = order[pool->count - 1 - i];
        ok = head_background(head, pool->embeddings + at * t->dims, err);
    }
    size_t labelled = 0;
    for (size_t s = 0; ok && s < t->step_count; s++) {
        for (; ok && labelled < t->steps[s]; labelled++) {
            size_t at = order[labelled];
            ok = head_set(head, (uint32_t)at, pool->embeddings + at * t->dims, pool->classes[at],
                          err);
        }
        struct head_model *model = ok ? head_refresh(head, err) : NULL;
        ok = model && measure(t, model, &points[s], err);
        head_model_free(model);
    }
    return ok;
}

bool curve_draw(const struct curve_task *task, struct curve_point *points, struct error *err)
{
    size_t *order = random_order(task->pool.count, task->seed, err);
    struct head *head = order ? head_new(task->dims, err) : NULL;
    bool ok = head && learn_and_measure(head, task, order, points, err);
    head_free(head);
    free(order);
    return ok;
}
