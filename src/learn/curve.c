#include "learn/curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/random.h"
#include "learn/head.h"
#include "learn/order.h"

#define BINS 10
#define TWO_OVER_PI 0.63661977236758

/* Pictures for the head's basis, as many as it has room for. As few of them as possible
 * should be labelled later: pictures of the basis lose nothing when projected, and those of
 * the test set, which are not in it, would be less alike than the head was led to believe. */
#define BACKGROUND HEAD_RANK

/* Pictures fixed ahead, as many as a session prepares: what is learned meanwhile does not
 * change them. A session chooses each as soon as there is room for it; here half of them at
 * once, which takes less time. */
#define AHEAD 8
#define CHOSEN_AT_ONCE (AHEAD / 2)

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
    double chance = 0;
    size_t count = 0;
    for (int i = 0; i < BINS; i++) {
        right += b->right[i];
        apart += fabs(b->right[i] - b->confidence[i]);
        count += b->count[i];
        if (b->count[i]) {
            /* The mean absolute deviation of a normal variable with that variance. */
            double share = b->confidence[i] / (double)b->count[i];
            chance += sqrt(TWO_OVER_PI * share * (1 - share) * (double)b->count[i]);
        }
    }
    double all = count ? (double)count : 1;
    return (struct curve_point){ (float)(right / all), (float)(apart / all),
                                 (float)(chance / all) };
}

static bool measure_model(const struct curve_task *t, const struct head_model *model,
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

/* A draw in progress: order[0..labelled) is labelled, order[labelled..planned) is fixed to be
 * labelled next, order[planned..count) is open, in random order. */
struct draw {
    const struct curve_task *task;
    size_t *order;
    size_t labelled, planned;
    struct head *head;
    struct random random;
    float *open, *taken; /* samples for order_choose() */
};

/* Copies the embeddings of up to `most` of the pictures order[from..to), taken at
 * random, into `out`; their places change for that. */
static size_t sample(struct draw *d, size_t from, size_t to, size_t most, float *out)
{
    size_t dims = d->task->dims;
    size_t n = to - from < most ? to - from : most;
    for (size_t i = 0; i < n; i++) {
        size_t other = from + i + random_below(&d->random, to - from - i);
        size_t picture = d->order[other];
        d->order[other] = d->order[from + i];
        d->order[from + i] = picture;
        memcpy(out + i * dims, d->task->pool.embeddings + picture * dims, dims * sizeof *out);
    }
    return n;
}

/* Copies the embeddings of what is fixed, and of labelled pictures as far as there is room. */
static size_t sample_taken(struct draw *d, float *out)
{
    size_t dims = d->task->dims;
    size_t fixed = d->planned - d->labelled;
    for (size_t i = 0; i < fixed; i++) {
        memcpy(out + i * dims, d->task->pool.embeddings + d->order[d->labelled + i] * dims,
               dims * sizeof *out);
    }
    return fixed + sample(d, 0, d->labelled, ORDER_TAKEN - fixed, out + fixed * dims);
}

/* Moves the pictures to label next to the front of the open ones, and fixes them. */
static bool plan(struct draw *d, size_t most, struct error *err)
{
    size_t chosen[AHEAD];
    size_t pictures[AHEAD];
    size_t count = 0;
    struct order_task task = {
        .dims = d->task->dims, .open = d->open, .taken = d->taken, .before = d->planned
    };
    struct head_model *model = head_refresh(d->head, err);
    task.model = model;
    task.open_count = sample(d, d->planned, d->task->pool.count, ORDER_OPEN, d->open);
    task.taken_count = sample_taken(d, d->taken);
    bool ok = model && order_choose(&task, &d->random, most, chosen, &count, err);
    head_model_free(model);
    for (size_t i = 0; ok && i < count; i++) {
        pictures[i] = d->order[d->planned + chosen[i]];
    }
    for (size_t i = 0; ok && i < count; i++) {
        size_t at = d->planned;
        while (d->order[at] != pictures[i]) {
            at++;
        }
        d->order[at] = d->order[d->planned];
        d->order[d->planned++] = pictures[i];
    }
    return ok;
}

/* Labels pictures until `until` of them are labelled. What is planned does not depend on
 * where the curve is measured. */
static bool label_until(struct draw *d, size_t until, struct error *err)
{
    const struct curve_set *pool = &d->task->pool;
    bool ok = true;
    while (ok && d->labelled < until) {
        size_t room = AHEAD - (d->planned - d->labelled);
        if (d->task->active && room >= CHOSEN_AT_ONCE && d->planned < pool->count) {
            ok = plan(d, room, err);
        } else if (!d->task->active) {
            d->planned++;
        }
        if (ok) {
            size_t at = d->order[d->labelled++];
            ok = head_set(d->head, (uint32_t)at, pool->embeddings + at * d->task->dims,
                          pool->classes[at], err);
        }
    }
    return ok;
}

static bool learn_and_measure(struct draw *d, struct curve_point *points, struct error *err)
{
    const struct curve_task *t = d->task;
    bool ok = head_resize_classes(d->head, t->classes, err);
    for (size_t i = 0; ok && i < t->pool.count && i < BACKGROUND; i++) {
        /* Taken from the far end, so that the basis does not depend on what is labelled. */
        size_t at = d->order[t->pool.count - 1 - i];
        ok = head_background(d->head, t->pool.embeddings + at * t->dims, err);
    }
    for (size_t s = 0; ok && s < t->step_count; s++) {
        ok = label_until(d, t->steps[s], err);
        struct head_model *model = ok ? head_refresh(d->head, err) : NULL;
        ok = model && measure_model(t, model, &points[s], err);
        head_model_free(model);
    }
    return ok;
}

bool curve_draw(const struct curve_task *task, struct curve_point *points, struct error *err)
{
    struct draw d = { .task = task,
                      .order = random_order(task->pool.count, task->seed, err),
                      .random = random_start(task->seed, 1) };
    bool ok = d.order && (d.head = head_new(&task->parts, err));
    if (ok && task->active) {
        d.open = mem_array(ORDER_OPEN, task->dims * sizeof *d.open);
        d.taken = mem_array(ORDER_TAKEN, task->dims * sizeof *d.taken);
        ok = (d.open && d.taken) ||
             error_nomem(err, ORDER_OPEN * task->dims * sizeof *d.open, "an order of pictures");
    }
    ok = ok && learn_and_measure(&d, points, err);
    free(d.open);
    free(d.taken);
    head_free(d.head);
    free(d.order);
    return ok;
}
