#include "learn/order.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "basis.h"
#include "matrix.h"

#define RANDOM_EVERY 5
#define ANSWERS_TO_DOUBT 10 /* answers before the model's doubt is used */

struct order {
    const struct order_task *task;
    float *unit;    /* rows of length 1: the open pictures, then those taken */
    float *similar; /* open x open */
    float *covered; /* of each open one: c above */
    float *weight;  /* w above */
    bool *gone;     /* chosen */
    size_t drawn;   /* of the task's draw */
};

static bool order_init(struct order *o, const struct order_task *t, struct error *err)
{
    size_t n = t->open_count;
    size_t rows = n + t->taken_count;
    *o = (struct order){ .task = t,
                         .unit = mem_array(rows, t->dims * sizeof(float)),
                         .similar = mem_array(n, n * sizeof(float)),
                         .covered = mem_array(n, sizeof(float)),
                         .weight = mem_array(n, sizeof(float)),
                         .gone = mem_array(n, sizeof(bool)) };
    return (o->unit && o->similar && o->covered && o->weight && o->gone) ||
           error_nomem(err, (rows * t->dims + n * n) * sizeof(float), "an order of pictures");
}

static void order_release(struct order *o)
{
    free(o->unit);
    free(o->similar);
    free(o->covered);
    free(o->weight);
    free(o->gone);
}

/* Signed square roots minus their mean, at unit length. */
static bool make_units(struct order *o, struct error *err)
{
    const struct order_task *t = o->task;
    size_t rows = t->open_count + t->taken_count;
    float *mean = mem_array(t->dims, sizeof *mean);
    if (!mean) {
        return error_nomem(err, t->dims * sizeof *mean, "an order of pictures");
    }
    basis_root(t->open, t->open_count * t->dims, o->unit);
    basis_root(t->taken, t->taken_count * t->dims, o->unit + t->open_count * t->dims);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < t->dims; j++) {
            mean[j] += o->unit[i * t->dims + j] / (float)rows;
        }
    }
    for (size_t i = 0; i < rows; i++) {
        float *row = o->unit + i * t->dims;
        float square = 0.0f;
        for (size_t j = 0; j < t->dims; j++) {
            row[j] -= mean[j];
            square += row[j] * row[j];
        }
        float scale = square > 0.0f ? 1.0f / sqrtf(square) : 0.0f;
        for (size_t j = 0; j < t->dims; j++) {
            row[j] *= scale;
        }
    }
    free(mean);
    return true;
}

static float similarity(float cosine)
{
    return cosine > 0.0f ? cosine * cosine * cosine : 0.0f;
}

/* Fills in how similar the open pictures are to each other, and to the nearest one taken. */
static bool compare(struct order *o, struct error *err)
{
    const struct order_task *t = o->task;
    size_t n = t->open_count;
    float *products = mem_array(n, t->taken_count * sizeof *products);
    if (!products) {
        return error_nomem(err, n * t->taken_count * sizeof *products, "an order of pictures");
    }
    matrix_times_transposed(n, n, t->dims, o->unit, t->dims, o->unit, o->similar, n);
    for (size_t i = 0; i < n * n; i++) {
        o->similar[i] = similarity(o->similar[i]);
    }
    if (t->taken_count) {
        matrix_times_transposed(n, t->taken_count, t->dims, o->unit, t->dims, o->unit + n * t->dims,
                                products, t->taken_count);
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < t->taken_count; j++) {
            o->covered[i] = fmaxf(o->covered[i], similarity(products[i * t->taken_count + j]));
        }
    }
    free(products);
    return true;
}

static float doubt(const float *shares, size_t classes)
{
    float first = 0.0f;
    float second = 0.0f;
    for (size_t c = 0; c < classes; c++) {
        second = fmaxf(second, fminf(first, shares[c]));
        first = fmaxf(first, shares[c]);
    }
    return 1.0f - (first - second);
}

static bool weigh(struct order *o, struct error *err)
{
    const struct order_task *t = o->task;
    for (size_t i = 0; i < t->open_count; i++) {
        o->weight[i] = 1.0f;
    }
    if (!t->model || head_model_quality(t->model)->answers < ANSWERS_TO_DOUBT) {
        return true;
    }
    size_t classes = head_model_classes(t->model);
    float *shares = mem_array(t->open_count, classes * sizeof *shares);
    if (!shares) {
        return error_nomem(err, t->open_count * classes * sizeof *shares, "guesses");
    }
    bool ok = head_model_guess(t->model, t->open, t->open_count, shares, err);
    for (size_t i = 0; ok && i < t->open_count; i++) {
        const float *row = shares + i * classes;
        o->weight[i] = head_model_is_multi(t->model) ? 1.0f - head_model_certainty(row, classes)
                                                     : doubt(row, classes);
    }
    free(shares);
    return ok;
}

static float gain(const struct order *o, size_t x)
{
    const float *row = o->similar + x * o->task->open_count;
    float sum = 0.0f;
    for (size_t i = 0; i < o->task->open_count; i++) {
        float more = row[i] - o->covered[i];
        sum += more > 0.0f ? o->weight[i] * more : 0.0f;
    }
    return sum;
}

static size_t best(const struct order *o)
{
    size_t at = SIZE_MAX;
    float most = 0.0f;
    for (size_t x = 0; x < o->task->open_count; x++) {
        if (o->gone[x]) {
            continue;
        }
        float g = gain(o, x);
        if (at == SIZE_MAX || g > most) {
            most = g;
            at = x;
        }
    }
    return at;
}

/* left: number of pictures that are not chosen yet, at least one. */
static size_t any(const struct order *o, struct random *random, size_t left)
{
    size_t skip = random_below(random, left);
    size_t x = 0;
    while (o->gone[x] || skip--) {
        x++;
    }
    return x;
}

static void choose(struct order *o, size_t x)
{
    const float *row = o->similar + x * o->task->open_count;
    o->gone[x] = true;
    for (size_t i = 0; i < o->task->open_count; i++) {
        o->covered[i] = fmaxf(o->covered[i], row[i]);
    }
}

/* The next picture of the random draw that is not chosen yet; false: none is left. */
static bool draw_next(struct order *o, size_t *x)
{
    const struct order_task *t = o->task;
    while (o->drawn < t->drawn) {
        size_t i = o->drawn++;
        *x = t->draw[i] == ORDER_UNSEEN ? t->open_count + i : t->draw[i];
        if (*x >= t->open_count || !o->gone[*x]) {
            return true;
        }
    }
    return false;
}

/* left: number of open pictures that are not chosen yet. False: nothing to choose. */
static bool choose_one(struct order *o, struct random *random, bool at_random, size_t left,
                       size_t *x)
{
    if (at_random && o->task->draw && draw_next(o, x)) {
        return true;
    }
    if (left) {
        *x = at_random && !o->task->draw ? any(o, random, left) : best(o);
    }
    return left > 0;
}

bool order_choose(const struct order_task *task, struct random *random, size_t most, size_t *chosen,
                  size_t *count, struct error *err)
{
    struct order o;
    bool ok =
        order_init(&o, task, err) && make_units(&o, err) && compare(&o, err) && weigh(&o, err);
    size_t left = task->open_count;
    *count = 0;
    while (ok && *count < most) {
        bool at_random = (task->before + *count) % RANDOM_EVERY == RANDOM_EVERY - 1;
        size_t x;
        if (!choose_one(&o, random, at_random, left, &x)) {
            break;
        }
        if (x < task->open_count) {
            choose(&o, x);
            left--;
        }
        chosen[(*count)++] = x;
    }
    order_release(&o);
    return ok;
}
