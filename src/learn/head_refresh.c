#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "calibration.h"
#include "discriminant.h"
#include "head_model.h"
#include "head_private.h"

#define JUDGED_MAX 512 /* answers held back in a refresh */

/* The classes that have answers, numbered without gaps. */
struct compact {
    size_t classes;
    uint32_t *index;  /* of each class of the head */
    uint32_t *counts; /* of each that has answers */
    float *sums;      /* the same, x stride */
};

/* What a refresh works on. */
struct refresh {
    struct compact compact;
    struct discriminant discriminant;
    struct calibration_data held_back;
    float *rows, *scores; /* of the answers held back */
    uint32_t *labels;
    float temperature;
    struct head_quality quality;
};

static void refresh_release(struct refresh *r)
{
    free(r->compact.index);
    free(r->compact.counts);
    free(r->compact.sums);
    discriminant_release(&r->discriminant);
    free(r->rows);
    free(r->scores);
    free(r->labels);
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

/* The chance that a picture is of a class that has an answer, by Good and
 * Turing: classes with one answer are as frequent as those with none were. */
static float seen_share(const struct head *h, const struct compact *c)
{
    size_t once = 0;
    for (size_t i = 0; i < c->classes; i++) {
        once += c->counts[i] == 1;
    }
    return c->classes < h->classes ? 1.0f - (float)once / ((float)h->count + 1.0f) : 1.0f;
}

/* Up to JUDGED_MAX answers, evenly over all, and the scores without each. */
static bool hold_back(const struct head *h, struct refresh *r, struct error *err)
{
    size_t rank = basis_rank(h->basis);
    size_t n = h->count < JUDGED_MAX ? h->count : JUDGED_MAX;
    size_t k = r->compact.classes;
    r->rows = mem_array(n, rank * sizeof *r->rows);
    r->scores = mem_array(n, k * sizeof *r->scores);
    r->labels = mem_array(n, sizeof *r->labels);
    if (!r->rows || !r->scores || !r->labels) {
        return error_nomem(err, n * (rank + k) * sizeof *r->rows, "the head's quality");
    }
    for (size_t i = 0; i < n; i++) {
        size_t slot = i * h->count / n;
        memcpy(r->rows + i * rank, h->projected + slot * h->stride, rank * sizeof *r->rows);
        r->labels[i] = r->compact.index[h->answers[slot].class_index];
    }
    r->held_back = (struct calibration_data){ .rows = n,
                                              .classes = k,
                                              .scores = r->scores,
                                              .labels = r->labels,
                                              .counts = r->compact.counts,
                                              .seen_share = seen_share(h, &r->compact) };
    return discriminant_without(&r->discriminant, r->rows, r->labels, n, r->scores, err);
}

static bool judge(const struct head *h, struct refresh *r, struct error *err)
{
    uint32_t most = 0;
    for (size_t i = 0; i < r->compact.classes; i++) {
        most = r->compact.counts[i] > most ? r->compact.counts[i] : most;
    }
    r->quality.answers = h->count;
    r->quality.classes = r->compact.classes;
    r->quality.majority = (float)most / (float)h->count;
    r->temperature = calibration_fit(&r->held_back);
    if (!calibration_judge(&r->held_back, r->temperature, &r->quality, err)) {
        return false;
    }
    r->quality.trusted = r->quality.accuracy > r->quality.majority;
    return true;
}

static bool learn(const struct head *h, struct refresh *r, struct error *err)
{
    if (!compact_classes(h, &r->compact, err)) {
        return false;
    }
    struct discriminant_data data = { .dims = basis_rank(h->basis),
                                      .classes = r->compact.classes,
                                      .count = h->count,
                                      .stride = h->stride,
                                      .scatter = h->scatter,
                                      .sums = r->compact.sums,
                                      .counts = r->compact.counts };
    return discriminant_init(&r->discriminant, &data, err) && hold_back(h, r, err) &&
           judge(h, r, err);
}

struct head_model *head_refresh(struct head *h, struct error *err)
{
    if (!head_refit(h, err)) {
        return NULL;
    }
    if (!h->count) {
        return head_model_empty(h->classes, err);
    }
    struct refresh r = { .temperature = 1.0f };
    struct head_model *m = NULL;
    if (learn(h, &r, err)) {
        m = head_model_new(h->basis, h->classes, r.compact.classes, err);
    }
    for (size_t i = 0; m && i < h->classes; i++) {
        if (h->counts[i]) {
            head_model_set_class(m, i, &r.discriminant, r.compact.index[i], r.temperature);
        }
    }
    if (m) {
        head_model_finish(m, r.held_back.seen_share, &r.quality);
    }
    refresh_release(&r);
    return m;
}
