#include "head_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "calibration.h"
#include "logistic.h"
#include "matrix.h"

struct head_model {
    struct basis *basis; /* NULL before the first answers */
    size_t dims, rank, classes;
    size_t fitted;    /* pictures that the basis was fitted to */
    size_t seen;      /* classes that have answers */
    uint32_t *which;  /* the class of each of these */
    float *weights;   /* seen x rank; logits are weights . x + bias */
    float *bias;      /* seen */
    bool multi;       /* each class has a probability of its own */
    float seen_share; /* sum of the probabilities of these classes */
    struct head_quality quality;
};

struct head_model *head_model_empty(struct basis *basis, size_t fitted, size_t classes,
                                    struct error *err)
{
    struct head_model *m = calloc(1, sizeof *m);
    if (!m) {
        error_nomem(err, sizeof *m, "a head");
        return NULL;
    }
    m->classes = classes;
    if (basis) {
        m->basis = basis_share(basis);
        m->rank = basis_rank(basis);
        m->dims = basis_dims(basis);
        m->fitted = fitted;
    }
    return m;
}

struct head_model *head_model_new(struct basis *basis, size_t fitted, size_t classes, size_t seen,
                                  struct error *err)
{
    struct head_model *m = head_model_empty(basis, fitted, classes, err);
    if (!m) {
        return NULL;
    }
    m->which = mem_array(seen, sizeof *m->which);
    m->weights = mem_array(seen, m->rank * sizeof *m->weights);
    m->bias = mem_array(seen, sizeof *m->bias);
    if (!m->which || !m->weights || !m->bias) {
        error_nomem(err, seen * m->rank * sizeof *m->weights, "a head");
        head_model_free(m);
        return NULL;
    }
    return m;
}

void head_model_set_class(struct head_model *m, size_t c, const struct discriminant *d,
                          size_t index, float temperature, float prior)
{
    float *weights = m->weights + m->seen * m->rank;
    float bias = discriminant_weights(d, index, weights);
    for (size_t i = 0; i < m->rank; i++) {
        weights[i] *= temperature;
    }
    m->bias[m->seen] = temperature * bias + prior;
    m->which[m->seen++] = (uint32_t)c;
}

void head_model_set_logistic(struct head_model *m, size_t c, const float *weights, float bias)
{
    memcpy(m->weights + m->seen * m->rank, weights, m->rank * sizeof *weights);
    m->bias[m->seen] = bias;
    m->which[m->seen++] = (uint32_t)c;
    m->multi = true;
}

bool head_model_is_multi(const struct head_model *m)
{
    return m->multi;
}

float head_model_certainty(const float *probabilities, size_t classes)
{
    float all = 1.0f;
    for (size_t c = 0; c < classes; c++) {
        all *= fmaxf(probabilities[c], 1.0f - probabilities[c]);
    }
    return all;
}

void head_model_finish(struct head_model *m, float seen_share, const struct head_quality *quality)
{
    m->seen_share = seen_share;
    m->quality = *quality;
}

void head_model_free(struct head_model *m)
{
    if (m) {
        basis_free(m->basis);
        free(m->which);
        free(m->weights);
        free(m->bias);
        free(m);
    }
}

size_t head_model_classes(const struct head_model *m)
{
    return m->classes;
}

const struct head_quality *head_model_quality(const struct head_model *m)
{
    return &m->quality;
}

/* Turns the row's logits into probabilities, each at its class's index. */
static void spread(const struct head_model *m, float *logits, float *out)
{
    size_t unseen = m->classes - m->seen;
    float rest = unseen ? (1.0f - m->seen_share) / (float)unseen : 0.0f;
    for (size_t s = 0; s < m->seen; s++) {
        logits[s] += m->bias[s];
    }
    for (size_t s = 0; m->multi && s < m->seen; s++) {
        out[s] = logistic_of((double)logits[s]);
    }
    if (m->multi) {
        return;
    }
    calibration_softmax(logits, m->seen, m->seen_share);
    for (size_t c = 0; c < m->classes; c++) {
        out[c] = rest;
    }
    for (size_t s = 0; s < m->seen; s++) {
        out[m->which[s]] = logits[s];
    }
}

size_t head_model_rank(const struct head_model *m)
{
    return m->rank;
}

size_t head_model_basis(const struct head_model *m)
{
    return m->fitted;
}

bool head_model_reduce(const struct head_model *m, const float *embeddings, size_t count,
                       float *reduced, struct error *err)
{
    float *rows = mem_array(count, m->dims * sizeof *rows);
    if (!rows) {
        return error_nomem(err, count * m->dims * sizeof *rows, "guesses");
    }
    basis_root(embeddings, count * m->dims, rows);
    basis_project(m->basis, rows, count, reduced, m->rank);
    free(rows);
    return true;
}

bool head_model_guess_reduced(const struct head_model *m, const float *reduced, size_t count,
                              float *probabilities, struct error *err)
{
    for (size_t i = 0; !m->seen && i < count * m->classes; i++) {
        probabilities[i] = 0.0f;
    }
    if (!m->seen) {
        return true;
    }
    float *logits = mem_array(count, m->seen * sizeof *logits);
    if (!logits) {
        return error_nomem(err, count * m->seen * sizeof *logits, "guesses");
    }
    matrix_times_transposed(count, m->seen, m->rank, reduced, m->rank, m->weights, logits, m->seen);
    for (size_t i = 0; i < count; i++) {
        spread(m, logits + i * m->seen, probabilities + i * m->classes);
    }
    free(logits);
    return true;
}

bool head_model_guess(const struct head_model *m, const float *embeddings, size_t count,
                      float *probabilities, struct error *err)
{
    float *reduced = m->seen ? mem_array(count, m->rank * sizeof *reduced) : NULL;
    if (m->seen && !reduced) {
        return error_nomem(err, count * m->rank * sizeof *reduced, "guesses");
    }
    bool ok = (!m->seen || head_model_reduce(m, embeddings, count, reduced, err)) &&
              head_model_guess_reduced(m, reduced, count, probabilities, err);
    free(reduced);
    return ok;
}
