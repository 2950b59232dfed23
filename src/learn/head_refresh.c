#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "calibration.h"
#include "discriminant.h"
#include "head_model.h"
#include "head_private.h"

#define JUDGED_MAX 512 /* answers held out in a refresh */

/* Predictions of which nothing can be told yet are shown up to so many answers for each class,
 * on average. */
#define FEW 2

/* The covariance's prior is a power of 2, with a log-normal prior of its own; and the
 * expected log t for it. Both were measured on data sets of many kinds. */
#define EXPONENT_MIN (-4)
#define EXPONENT_MAX 3
#define PRIOR_SIGMA 1.5f
#define EXPECTED_AT_1 (-0.5f)
#define EXPECTED_SLOPE 0.7f
#define LOG_2 0.693147181f

/* The classes that have answers, numbered without gaps. */
struct compact {
    size_t classes;
    uint32_t *index;  /* of each class of the head */
    uint32_t *counts; /* of each that has answers */
    float *sums;      /* sums of these classes, each `stride` values */
};

/* The state of one refresh. */
struct refresh {
    struct compact compact;
    struct calibration_data held_back;
    float *rows, *work; /* held-out answers, held_back.rows x rank; a copy to overwrite */
    uint32_t *labels;
};

/* A discriminant with one prior, and its quality. */
struct candidate {
    struct discriminant discriminant;
    float *scores; /* of the held-out answers: rows x classes */
    int exponent;
    float temperature, loss;
};

static void refresh_release(struct refresh *r)
{
    free(r->compact.index);
    free(r->compact.counts);
    free(r->compact.sums);
    free(r->rows);
    free(r->work);
    free(r->labels);
}

static void candidate_release(struct candidate *c)
{
    discriminant_release(&c->discriminant);
    free(c->scores);
}

static bool compact_classes(const struct head *h, struct compact *c, struct error *err)
{
    c->index = mem_array(h->classes, sizeof *c->index);
    c->counts = mem_array(h->classes, sizeof *c->counts);
    c->sums = mem_array(h->classes, h->stride * sizeof *c->sums);
    if (!c->index || !c->counts || !c->sums) {
        return error_nomem(err, h->classes * h->stride * sizeof *c->sums, "the head's classes");
    }
    for (size_t i = 0; i < h->classes; i++) {
        if (h->counts[i]) {
            memcpy(c->sums + c->classes * h->stride, h->sums + i * h->stride,
                   h->stride * sizeof *c->sums);
            c->counts[c->classes] = h->counts[i];
            c->index[i] = (uint32_t)c->classes++;
        }
    }
    return true;
}

/* The probability that a picture is of a class that has an answer: the larger of two
 * estimates. Good-Turing's: classes without answers are together as frequent as those with
 * one. It says next to nothing while most classes have one answer, all the more as the
 * active order looks for those. Then a uniform Dirichlet prior over the class list holds,
 * under which no class without answers is likelier than the likeliest of the others. */
static float seen_share(const struct head *h, const struct compact *c)
{
    float n = (float)h->count;
    size_t once = 0;
    for (size_t i = 0; i < c->classes; i++) {
        once += c->counts[i] == 1;
    }
    return c->classes < h->classes ? fmaxf(1.0f - (float)once / (n + 1.0f),
                                           (n + (float)c->classes) / (n + (float)h->classes))
                                   : 1.0f;
}

/* Picks up to JUDGED_MAX answers, evenly spread over all. */
static bool hold_back(const struct head *h, struct refresh *r, struct error *err)
{
    size_t rank = basis_rank(h->basis);
    size_t n = h->count < JUDGED_MAX ? h->count : JUDGED_MAX;
    r->rows = mem_array(n, rank * sizeof *r->rows);
    r->work = mem_array(n, rank * sizeof *r->work);
    r->labels = mem_array(n, sizeof *r->labels);
    if (!r->rows || !r->work || !r->labels) {
        return error_nomem(err, 2 * n * rank * sizeof *r->rows, "the head's quality");
    }
    for (size_t i = 0; i < n; i++) {
        size_t slot = i * h->count / n;
        memcpy(r->rows + i * rank, h->projected + slot * h->stride, rank * sizeof *r->rows);
        r->labels[i] = r->compact.index[h->answers[slot].class_index];
    }
    r->held_back = (struct calibration_data){ .rows = n,
                                              .classes = r->compact.classes,
                                              .labels = r->labels,
                                              .counts = r->compact.counts,
                                              .concentration = calibration_concentration(
                                                  r->compact.counts, r->compact.classes),
                                              .seen_share = seen_share(h, &r->compact) };
    return true;
}

static bool try_prior(const struct head *h, struct refresh *r, int exponent, struct candidate *c,
                      struct error *err)
{
    float log_prior = (float)exponent * LOG_2;
    struct discriminant_data data = { .dims = basis_rank(h->basis),
                                      .classes = r->compact.classes,
                                      .count = h->count,
                                      .prior = expf(log_prior),
                                      .stride = h->stride,
                                      .scatter = h->scatter,
                                      .sums = r->compact.sums,
                                      .counts = r->compact.counts };
    size_t n = r->held_back.rows;
    c->exponent = exponent;
    c->scores = mem_array(n, data.classes * sizeof *c->scores);
    if (!c->scores) {
        return error_nomem(err, n * data.classes * sizeof *c->scores, "the head's quality");
    }
    memcpy(r->work, r->rows, n * data.dims * sizeof *r->work);
    if (!discriminant_init(&c->discriminant, &data, err) ||
        !discriminant_without(&c->discriminant, r->work, r->labels, n, c->scores, err)) {
        return false;
    }
    r->held_back.scores = c->scores;
    r->held_back.expected = EXPECTED_AT_1 + EXPECTED_SLOPE * log_prior;
    c->temperature = calibration_fit(&r->held_back, &c->loss);
    float unlikely = log_prior / PRIOR_SIGMA;
    c->loss += 0.5f * unlikely * unlikely;
    return true;
}

/* Tries the next prior in a direction and keeps the better of the two. *better: whether
 * that is the new one. */
static bool probe(const struct head *h, struct refresh *r, int direction, struct candidate *best,
                  bool *better, struct error *err)
{
    struct candidate next = { .exponent = best->exponent + direction };
    *better = false;
    if (next.exponent < EXPONENT_MIN || next.exponent > EXPONENT_MAX) {
        return true;
    }
    bool ok = try_prior(h, r, next.exponent, &next, err);
    *better = ok && next.loss < best->loss;
    struct candidate worse = *better ? *best : next;
    *best = *better ? next : *best;
    candidate_release(&worse);
    return ok;
}

/* Searches all the way, down or else up, after many answers at once; otherwise one step
 * per refresh, so that each takes the same time. */
static bool search(struct head *h, struct refresh *r, struct candidate *best, struct error *err)
{
    bool better = false;
    bool ok = try_prior(h, r, h->search.exponent, best, err);
    if (ok && 2 * h->count > 3 * h->search.answers) {
        for (int direction = -1; ok && direction <= 1 && !better; direction += 2) {
            for (bool on = true; ok && on; better = better || on) {
                ok = probe(h, r, direction, best, &on, err);
            }
        }
    } else if (ok) {
        ok = probe(h, r, h->search.direction, best, &better, err);
        h->search.direction = better ? h->search.direction : -h->search.direction;
    }
    h->search.answers = h->count;
    h->search.exponent = best->exponent;
    return ok;
}

/* Whether the predictions are worth showing. The only answer of a class, held out, says nothing:
 * without it there is no such class to predict. So the head must beat the majority class on the
 * answers of the other classes. While fewer than two classes have more than one answer, nothing
 * can be told, and predictions are shown if every class has an answer and there are FEW. */
static bool trust(const struct head *h, const struct refresh *r, const struct head_quality *q)
{
    const struct compact *c = &r->compact;
    uint32_t most = 0, again = 0;
    size_t repeated = 0, judged = 0;
    for (size_t i = 0; i < c->classes; i++) {
        most = c->counts[i] > most ? c->counts[i] : most;
        again += c->counts[i] > 1 ? c->counts[i] : 0;
        repeated += c->counts[i] > 1;
    }
    if (repeated < 2) {
        return c->classes > 1 && c->classes == h->classes && h->count <= FEW * c->classes;
    }
    for (size_t i = 0; i < r->held_back.rows; i++) {
        judged += c->counts[r->labels[i]] > 1;
    }
    float right = q->accuracy * (float)r->held_back.rows;
    return right * (float)again > (float)most * (float)judged;
}

static bool judge(const struct head *h, struct refresh *r, const struct candidate *best,
                  struct head_quality *q, struct error *err)
{
    uint32_t most = 0;
    for (size_t i = 0; i < r->compact.classes; i++) {
        most = r->compact.counts[i] > most ? r->compact.counts[i] : most;
    }
    q->answers = h->count;
    q->classes = r->compact.classes;
    q->majority = (float)most / (float)h->count;
    r->held_back.scores = best->scores;
    if (!calibration_judge(&r->held_back, best->temperature, q, err)) {
        return false;
    }
    q->trusted = trust(h, r, q);
    return true;
}

static struct head_model *make_model(const struct head *h, const struct refresh *r,
                                     const struct candidate *c, const struct head_quality *q,
                                     struct error *err)
{
    struct head_model *m = head_model_new(h->basis, h->fitted, h->classes, r->compact.classes, err);
    for (size_t i = 0; m && i < h->classes; i++) {
        if (h->counts[i]) {
            head_model_set_class(m, i, &c->discriminant, r->compact.index[i], c->temperature,
                                 calibration_prior(h->counts[i], r->held_back.concentration));
        }
    }
    if (m) {
        head_model_finish(m, r->held_back.seen_share, q);
    }
    return m;
}

/* Keeps what was fitted, which the candidate and the refresh lose. */
static void keep_fit(struct head *h, struct refresh *r, struct candidate *best)
{
    head_fit_release(&h->fit);
    h->fit = (struct head_fit){ .fresh = true,
                                .discriminant = best->discriminant,
                                .index = r->compact.index,
                                .temperature = best->temperature,
                                .concentration = r->held_back.concentration,
                                .seen_share = r->held_back.seen_share };
    best->discriminant = (struct discriminant){ 0 };
    r->compact.index = NULL;
}

struct head_model *head_refresh(struct head *h, struct error *err)
{
    if (!head_refit(h, err)) {
        return NULL;
    }
    if (!h->count) {
        return head_model_empty(h->basis, h->fitted, h->classes, err);
    }
    struct refresh r = { .rows = NULL };
    struct candidate best = { .exponent = 0 };
    struct head_quality quality = { .answers = 0 };
    struct head_model *m = NULL;
    if (compact_classes(h, &r.compact, err) && hold_back(h, &r, err) && search(h, &r, &best, err) &&
        judge(h, &r, &best, &quality, err)) {
        m = make_model(h, &r, &best, &quality, err);
    }
    if (m) {
        keep_fit(h, &r, &best);
    }
    candidate_release(&best);
    refresh_release(&r);
    return m;
}
