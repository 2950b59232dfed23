#include "learn/multi_head.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "calibration.h"
#include "head_model.h"
#include "head_private.h"
#include "logistic.h"
#include "matrix.h"

#define JUDGED_MAX 512 /* answers held out in a refresh */

/* The ridge is a power of 2, with a log-normal prior of its own. */
#define EXPONENT_MIN (-4)
#define EXPONENT_MAX 5
#define RIDGE_SIGMA 2.0
#define LOG_2 0.693147180559945

#define SLOPE_SIGMA 1.5       /* of the logarithm of the slope that suits all classes */
#define CLASS_SLOPE_SIGMA 0.4 /* of one class's about that */
#define CLASS_OFFSET_SIGMA 0.4
#define FEW 2.0        /* answers of a kind from which its mean is half believed */
#define LEAST_GAIN 1.0 /* in the loss, for predictions to be worth showing */

#define BIN_PAIRS 80 /* pairs of answer and class in a bin of the calibration error, at least */

struct set {
    uint16_t *classes;
    size_t count;
};

struct multi_head {
    /* Keeps the answers' projections, and sums over them: all are of its only class. */
    struct head *features;
    size_t classes;
    struct set *sets; /* of the answers, by id */
    size_t sets_count, sets_cap;
    int exponent;   /* the best ridge at the last refresh */
    int direction;  /* of the next probe: -1 or 1 */
    size_t answers; /* at the last refresh */
};

struct multi_head *multi_head_new(const struct head_parts *parts, size_t classes, struct error *err)
{
    struct multi_head *h = calloc(1, sizeof *h);
    if (!h) {
        error_nomem(err, sizeof *h, "the head");
        return NULL;
    }
    h->classes = classes;
    h->direction = 1;
    h->features = head_new(parts, err);
    if (!h->features || !head_resize_classes(h->features, 1, err)) {
        multi_head_free(h);
        return NULL;
    }
    return h;
}

void multi_head_free(struct multi_head *h)
{
    if (h) {
        for (size_t i = 0; i < h->sets_count; i++) {
            free(h->sets[i].classes);
        }
        free(h->sets);
        head_free(h->features);
        free(h);
    }
}

bool multi_head_resize_classes(struct multi_head *h, size_t classes)
{
    if (classes > HEAD_CLASSES_MAX) {
        return false;
    }
    h->classes = classes > h->classes ? classes : h->classes;
    return true;
}

bool multi_head_background(struct multi_head *h, const float *embedding, struct error *err)
{
    return head_background(h->features, embedding, err);
}

static bool keep_set(struct multi_head *h, uint32_t id, const uint16_t *classes, size_t count,
                     struct error *err)
{
    uint16_t *copy = mem_array(count + 1, sizeof *copy);
    if (!copy || !mem_reserve(&h->sets, &h->sets_cap, (size_t)id + 1, sizeof *h->sets)) {
        free(copy);
        return error_nomem(err, count * sizeof *copy, "an answer");
    }
    while (h->sets_count <= id) {
        h->sets[h->sets_count++] = (struct set){ NULL, 0 };
    }
    for (size_t i = 0; i < count; i++) {
        copy[i] = classes[i];
    }
    free(h->sets[id].classes);
    h->sets[id] = (struct set){ copy, count };
    return true;
}

bool multi_head_set(struct multi_head *h, uint32_t id, const float *embedding,
                    const uint16_t *classes, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (classes[i] >= h->classes) {
            return error_set(err, ERROR_USAGE, "class %u of %zu", classes[i], h->classes);
        }
    }
    return keep_set(h, id, classes, count, err) && head_set(h->features, id, embedding, 0, err);
}

void multi_head_remove(struct multi_head *h, uint32_t id)
{
    head_remove(h->features, id);
}

/* ----------------------------------------------------------------- refresh */

/* The state of one refresh. All embeddings are projected, and less the mean of the answers. */
struct refresh {
    size_t rank, classes, rows; /* rows: of answers held out */
    uint32_t *counts;           /* answers that have the class */
    float *mean;                /* rank */
    float *sums;                /* classes x rank: of the answers that have the class */
    float *held, *work;         /* rows x rank: held out; a copy to overwrite */
    uint32_t *ids;              /* of these */
    uint8_t *truth;             /* rows x classes, and class by class */
    float *prior;               /* the same: the logit of the class's frequency */
};

/* The regression with one ridge, and its quality. */
struct candidate {
    int exponent;
    float *weights; /* classes x rank */
    float *middle;  /* of each class: the value between those with it and those without */
    float *scores;  /* classes x rows: leave-one-out, from the middle, by the class's variance */
    struct logistic all;
};

static void refresh_release(struct refresh *r)
{
    free(r->counts);
    free(r->mean);
    free(r->sums);
    free(r->held);
    free(r->work);
    free(r->ids);
    free(r->truth);
    free(r->prior);
}

static void candidate_release(struct candidate *c)
{
    free(c->weights);
    free(c->middle);
    free(c->scores);
}

static const struct set *set_of(const struct multi_head *h, size_t slot)
{
    return &h->sets[h->features->answers[slot].id];
}

static float frequency(const struct multi_head *h, uint32_t count)
{
    return ((float)count + 0.5f) / ((float)h->features->count + 1.0f);
}

static float variance(const struct multi_head *h, uint32_t count)
{
    float f = frequency(h, count);
    return f * (1.0f - f);
}

static float prior_logit(const struct multi_head *h, uint32_t count)
{
    float f = frequency(h, count);
    return logf(f / (1.0f - f));
}

static bool allocate(const struct multi_head *h, struct refresh *r, struct error *err)
{
    const struct head *f = h->features;
    r->rank = basis_rank(f->basis);
    r->classes = h->classes;
    r->rows = f->count < JUDGED_MAX ? f->count : JUDGED_MAX;
    r->counts = mem_array(r->classes, sizeof *r->counts);
    r->mean = mem_array(r->rank, sizeof *r->mean);
    r->sums = mem_array(r->classes, r->rank * sizeof *r->sums);
    r->held = mem_array(r->rows, r->rank * sizeof *r->held);
    r->work = mem_array(r->rows, r->rank * sizeof *r->work);
    r->ids = mem_array(r->rows, sizeof *r->ids);
    r->truth = mem_array(r->rows, r->classes * sizeof *r->truth);
    r->prior = mem_array(r->rows, r->classes * sizeof *r->prior);
    return (r->counts && r->mean && r->sums && r->held && r->work && r->ids && r->truth &&
            r->prior) ||
           error_nomem(err, (r->classes + 2 * r->rows) * r->rank * sizeof(float), "the head");
}

/* Sums over all answers. */
static void sum_up(const struct multi_head *h, struct refresh *r)
{
    const struct head *f = h->features;
    for (size_t j = 0; j < r->rank; j++) {
        r->mean[j] = f->sums[j] / (float)f->count;
    }
    for (size_t slot = 0; slot < f->count; slot++) {
        const float *x = f->projected + slot * f->stride;
        const struct set *set = set_of(h, slot);
        for (size_t i = 0; i < set->count; i++) {
            float *sum = r->sums + set->classes[i] * r->rank;
            r->counts[set->classes[i]]++;
            for (size_t j = 0; j < r->rank; j++) {
                sum[j] += x[j] - r->mean[j];
            }
        }
    }
}

/* Picks up to JUDGED_MAX answers, evenly spread over all. */
static void hold_out(const struct multi_head *h, struct refresh *r)
{
    const struct head *f = h->features;
    for (size_t i = 0; i < r->rows; i++) {
        size_t slot = i * f->count / r->rows;
        const struct set *set = set_of(h, slot);
        r->ids[i] = f->answers[slot].id;
        for (size_t j = 0; j < r->rank; j++) {
            r->held[i * r->rank + j] = f->projected[slot * f->stride + j] - r->mean[j];
        }
        for (size_t k = 0; k < set->count; k++) {
            r->truth[set->classes[k] * r->rows + i] = 1;
        }
    }
    for (size_t c = 0; c < r->classes; c++) {
        for (size_t i = 0; i < r->rows; i++) {
            r->prior[c * r->rows + i] = prior_logit(h, r->counts[c]);
        }
    }
}

/* The Cholesky factor of the answers' scatter about their mean, plus the ridge. */
static float *make_factor(const struct multi_head *h, const struct refresh *r, float ridge,
                          struct error *err)
{
    const struct head *f = h->features;
    float *factor = mem_array(r->rank, r->rank * sizeof *factor);
    if (!factor) {
        error_nomem(err, r->rank * r->rank * sizeof *factor, "the head");
        return NULL;
    }
    for (size_t i = 0; i < r->rank; i++) {
        memcpy(factor + i * r->rank, f->scatter + i * f->stride, (i + 1) * sizeof *factor);
        for (size_t j = 0; j <= i; j++) {
            factor[i * r->rank + j] -= (float)f->count * r->mean[i] * r->mean[j];
        }
        factor[i * r->rank + i] += ridge;
    }
    if (!matrix_cholesky(r->rank, factor)) {
        free(factor);
        error_set(err, ERROR_DATA, "embeddings: not finite, or too large");
        return NULL;
    }
    return factor;
}

/* Turns the regression's values for the held-out answers, classes x rows, into what it would
 * say without them: y - (y - f) / (1 - h), where h is the answer's leverage. */
static void leave_out(const struct multi_head *h, struct refresh *r, const float *factor,
                      float *scores)
{
    memcpy(r->work, r->held, r->rows * r->rank * sizeof *r->work);
    matrix_solve_rows_lower(r->rows, r->rank, factor, r->work);
    for (size_t i = 0; i < r->rows; i++) {
        float leverage = 1.0f / (float)h->features->count;
        for (size_t j = 0; j < r->rank; j++) {
            leverage += r->work[i * r->rank + j] * r->work[i * r->rank + j];
        }
        float rest = fmaxf(1.0f - leverage, 1e-3f);
        for (size_t c = 0; c < r->classes; c++) {
            float *score = &scores[c * r->rows + i];
            float share = (float)r->counts[c] / (float)h->features->count;
            float y = (float)r->truth[c * r->rows + i] - share;
            *score = y - (y - *score) / rest;
        }
    }
}

/* Where the probability is the class's frequency, were both kinds of answers normal with one
 * variance: half-way between their means, which lie at -share and 1 - share times their
 * distance. With few answers of a kind the distance is hardly known, and taken as less. */
static float find_middle(const struct multi_head *h, const struct refresh *r, size_t c,
                         const float *scores)
{
    double sums[2] = { 0.0, 0.0 };
    size_t n[2] = { 0, 0 };
    for (size_t i = 0; i < r->rows; i++) {
        bool has = r->truth[c * r->rows + i];
        sums[has] += (double)scores[i];
        n[has]++;
    }
    if (!n[0] || !n[1]) {
        return 0.0f;
    }
    double fewer = (double)(n[0] < n[1] ? n[0] : n[1]);
    double distance = sums[1] / (double)n[1] - sums[0] / (double)n[0];
    distance *= fewer / (fewer + FEW);
    return (0.5f - frequency(h, r->counts[c])) * (float)fmax(0.0, fmin(1.0, distance));
}

static void centre(const struct multi_head *h, const struct refresh *r, struct candidate *best)
{
    for (size_t c = 0; c < r->classes; c++) {
        float *scores = best->scores + c * r->rows;
        best->middle[c] = find_middle(h, r, c, scores);
        for (size_t i = 0; i < r->rows; i++) {
            scores[i] = (scores[i] - best->middle[c]) / variance(h, r->counts[c]);
        }
    }
}

/* All classes together have one slope. */
static struct logistic fit_all(const struct refresh *r, const float *scores)
{
    struct logistic_data data = { .count = r->rows * r->classes,
                                  .scores = scores,
                                  .truth = r->truth,
                                  .prior = r->prior,
                                  .slope_sigma = SLOPE_SIGMA,
                                  .offset_sigma = 1e-3 };
    return logistic_fit(&data);
}

static bool try_ridge(const struct multi_head *h, struct refresh *r, int exponent,
                      struct candidate *c, struct error *err)
{
    double log_ridge = exponent * LOG_2;
    *c = (struct candidate){ .exponent = exponent,
                             .middle = mem_array(r->classes, sizeof(float)),
                             .weights = mem_array(r->classes, r->rank * sizeof(float)),
                             .scores = mem_array(r->classes, r->rows * sizeof(float)) };
    if (!c->weights || !c->middle || !c->scores) {
        return error_nomem(err, r->classes * (r->rank + r->rows) * sizeof(float), "the head");
    }
    float *factor = make_factor(h, r, (float)exp(log_ridge), err);
    if (!factor) {
        return false;
    }
    memcpy(c->weights, r->sums, r->classes * r->rank * sizeof *c->weights);
    matrix_solve_rows(r->classes, r->rank, factor, c->weights);
    matrix_times_transposed(r->classes, r->rows, r->rank, c->weights, r->rank, r->held, c->scores,
                            r->rows);
    leave_out(h, r, factor, c->scores);
    free(factor);
    centre(h, r, c);
    c->all = fit_all(r, c->scores);
    double unlikely = log_ridge / RIDGE_SIGMA;
    c->all.loss += 0.5 * unlikely * unlikely;
    return true;
}

/* Tries the next ridge in a direction and keeps the better of the two. *better: whether that
 * is the new one. */
static bool probe(const struct multi_head *h, struct refresh *r, int direction,
                  struct candidate *best, bool *better, struct error *err)
{
    struct candidate next;
    int exponent = best->exponent + direction;
    *better = false;
    if (exponent < EXPONENT_MIN || exponent > EXPONENT_MAX) {
        return true;
    }
    bool ok = try_ridge(h, r, exponent, &next, err);
    *better = ok && next.all.loss < best->all.loss;
    candidate_release(*better ? best : &next);
    *best = *better ? next : *best;
    return ok;
}

/* Searches all the way, up or else down, after many answers at once; otherwise one step per
 * refresh. */
static bool search(struct multi_head *h, struct refresh *r, struct candidate *best,
                   struct error *err)
{
    bool better = false;
    bool ok = try_ridge(h, r, h->exponent, best, err);
    if (ok && 2 * h->features->count > 3 * h->answers) {
        for (int direction = 1; ok && direction >= -1 && !better; direction -= 2) {
            for (bool on = true; ok && on; better = better || on) {
                ok = probe(h, r, direction, best, &on, err);
            }
        }
    } else if (ok) {
        ok = probe(h, r, h->direction, best, &better, err);
        h->direction = better ? h->direction : -h->direction;
    }
    h->answers = h->features->count;
    h->exponent = best->exponent;
    return ok;
}

/* ----------------------------------------------------------------- quality */

static int compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Counts the different sets, and how often the most frequent one occurs. */
static bool count_sets(const struct multi_head *h, const struct refresh *r, struct head_quality *q,
                       struct error *err)
{
    uint64_t *hashes = mem_array(r->rows, sizeof *hashes);
    if (!hashes) {
        return error_nomem(err, r->rows * sizeof *hashes, "the head's quality");
    }
    for (size_t i = 0; i < r->rows; i++) {
        const struct set *set = &h->sets[r->ids[i]];
        hashes[i] = hash64(set->classes, set->count * sizeof *set->classes, 1);
    }
    qsort(hashes, r->rows, sizeof *hashes, compare_hashes);
    size_t most = 0;
    size_t run = 0;
    for (size_t i = 0; i < r->rows; i++) {
        bool same = i > 0 && hashes[i] == hashes[i - 1];
        run = same ? run + 1 : 1;
        q->classes += !same;
        most = run > most ? run : most;
    }
    q->majority = (float)most / (float)r->rows;
    free(hashes);
    return true;
}

static bool judge(const struct multi_head *h, const struct refresh *r, const struct candidate *best,
                  const struct logistic *each, struct head_quality *q, struct error *err)
{
    size_t count = r->rows * r->classes;
    struct judged *pairs = mem_array(count, sizeof *pairs);
    if (!pairs || !count_sets(h, r, q, err)) {
        free(pairs);
        return pairs ? false : error_nomem(err, count * sizeof *pairs, "the head's quality");
    }
    size_t right = 0;
    for (size_t i = 0; i < r->rows; i++) {
        bool all = true;
        for (size_t c = 0; c < r->classes; c++) {
            size_t at = c * r->rows + i;
            double logit =
                each[c].slope * (double)best->scores[at] + (double)r->prior[at] + each[c].offset;
            pairs[at] = (struct judged){ logistic_of(logit), r->truth[at] };
            all = all && (logit > 0.0) == pairs[at].right;
        }
        right += all;
    }
    struct logistic_data data = { .count = count, .truth = r->truth, .prior = r->prior };
    q->answers = h->features->count;
    q->judged = r->rows;
    q->accuracy = (float)right / (float)r->rows;
    q->calibration_error = calibration_error(pairs, count, BIN_PAIRS);
    q->trusted = best->all.loss + LEAST_GAIN < logistic_loss_without(&data);
    free(pairs);
    return true;
}

/* ------------------------------------------------------------------ the model */

/* A class of few answers has about the slope of all. */
static void fit_each(const struct refresh *r, const struct candidate *best, struct logistic *each)
{
    for (size_t c = 0; c < r->classes; c++) {
        struct logistic_data data = { .count = r->rows,
                                      .scores = best->scores + c * r->rows,
                                      .truth = r->truth + c * r->rows,
                                      .prior = r->prior + c * r->rows,
                                      .slope_mean = log(best->all.slope),
                                      .slope_sigma = CLASS_SLOPE_SIGMA,
                                      .offset_sigma = CLASS_OFFSET_SIGMA };
        each[c] = logistic_fit(&data);
    }
}

static struct head_model *make_model(const struct multi_head *h, const struct refresh *r,
                                     const struct candidate *best, const struct logistic *each,
                                     const struct head_quality *q, struct error *err)
{
    struct head_model *m =
        head_model_new(h->features->basis, h->features->fitted, r->classes, r->classes, err);
    for (size_t c = 0; m && c < r->classes; c++) {
        float *weights = best->weights + c * r->rank;
        float scale = (float)each[c].slope / variance(h, r->counts[c]);
        double bias = (double)prior_logit(h, r->counts[c]) + each[c].offset -
                      (double)(scale * best->middle[c]);
        for (size_t j = 0; j < r->rank; j++) {
            weights[j] *= scale;
            bias -= (double)weights[j] * (double)r->mean[j];
        }
        head_model_set_logistic(m, c, weights, (float)bias);
    }
    if (m) {
        head_model_finish(m, 1.0f, q);
    }
    return m;
}

struct head_model *multi_head_refresh(struct multi_head *h, struct error *err)
{
    if (!head_refit(h->features, err)) {
        return NULL;
    }
    if (!h->features->count) {
        return head_model_empty(h->features->basis, h->features->fitted, h->classes, err);
    }
    struct refresh r = { .rank = 0 };
    struct candidate best = { .exponent = 0 };
    struct head_quality quality = { .answers = 0 };
    struct head_model *m = NULL;
    struct logistic *each = mem_array(h->classes, sizeof *each);
    bool ok = each || error_nomem(err, h->classes * sizeof *each, "the head");
    if (ok && allocate(h, &r, err)) {
        sum_up(h, &r);
        hold_out(h, &r);
        ok = search(h, &r, &best, err);
        if (ok) {
            fit_each(&r, &best, each);
            ok = judge(h, &r, &best, each, &quality, err);
        }
        m = ok ? make_model(h, &r, &best, each, &quality, err) : NULL;
    }
    candidate_release(&best);
    refresh_release(&r);
    free(each);
    return m;
}
