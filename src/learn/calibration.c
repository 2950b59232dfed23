#include "calibration.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* The prior of log t: about where data sets of all kinds and sizes have it. */
#define PRIOR_MEAN (-0.7f)
#define PRIOR_SIGMA 0.5f
#define STEPS 8

#define BIN_ROWS 40 /* of the calibration error, at least */
#define BINS_MAX 10

float calibration_prior(uint32_t count)
{
    return logf((float)count + 1.0f);
}

void calibration_softmax(float *logits, size_t count, float share)
{
    float top = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        top = fmaxf(top, logits[i]);
    }
    float sum = 0.0f;
    for (size_t i = 0; i < count; i++) {
        logits[i] = expf(logits[i] - top);
        sum += logits[i];
    }
    for (size_t i = 0; i < count; i++) {
        logits[i] *= share / sum;
    }
}

/* The probabilities of a row, among the classes seen. */
static void row_probabilities(const struct calibration_data *d, size_t row, float t, float *p)
{
    const float *scores = d->scores + row * d->classes;
    for (size_t c = 0; c < d->classes; c++) {
        p[c] = t * scores[c] + calibration_prior(d->counts[c] - (c == d->labels[row]));
    }
    calibration_softmax(p, d->classes, 1.0f);
}

/* Adds a row's part of the derivatives of the negative log-likelihood by t. */
static void add_derivatives(const struct calibration_data *d, size_t row, const float *p,
                            double *first, double *second)
{
    const float *scores = d->scores + row * d->classes;
    double mean = 0.0;
    double square = 0.0;
    for (size_t c = 0; c < d->classes; c++) {
        if (p[c] > 0.0f) {
            mean += (double)p[c] * (double)scores[c];
            square += (double)p[c] * (double)scores[c] * (double)scores[c];
        }
    }
    *first += mean - (double)scores[d->labels[row]];
    *second += square - mean * mean;
}

float calibration_fit(const struct calibration_data *d)
{
    float p[HEAD_CLASSES_MAX];
    double log_t = (double)PRIOR_MEAN;
    double precision = 1.0 / (double)(PRIOR_SIGMA * PRIOR_SIGMA);
    for (int step = 0; step < STEPS; step++) {
        double t = exp(log_t);
        double first = 0.0;
        double second = 0.0;
        for (size_t i = 0; i < d->rows; i++) {
            if (isfinite(d->scores[i * d->classes + d->labels[i]])) {
                row_probabilities(d, i, (float)t, p);
                add_derivatives(d, i, p, &first, &second);
            }
        }
        double gradient = t * first + precision * (log_t - (double)PRIOR_MEAN);
        double change = -gradient / (t * t * second + precision);
        log_t += fmax(-1.0, fmin(1.0, change));
        if (fabs(change) < 1e-3) {
            break;
        }
    }
    return (float)exp(log_t);
}

struct judged {
    float confidence;
    bool right;
};

static int compare(const void *a, const void *b)
{
    const struct judged *x = a;
    const struct judged *y = b;
    return (x->confidence > y->confidence) - (x->confidence < y->confidence);
}

/* Over bins of equal numbers: the mean distance of confidence and accuracy. */
static float expected_error(struct judged *judged, size_t count)
{
    size_t bins = count / BIN_ROWS;
    bins = bins < 1 ? 1 : bins > BINS_MAX ? BINS_MAX : bins;
    qsort(judged, count, sizeof *judged, compare);
    float error = 0.0f;
    for (size_t b = 0; b < bins; b++) {
        float sum = 0.0f;
        for (size_t i = count * b / bins; i < count * (b + 1) / bins; i++) {
            sum += judged[i].confidence - (float)judged[i].right;
        }
        error += fabsf(sum);
    }
    return error / (float)count;
}

bool calibration_judge(const struct calibration_data *d, float t, struct head_quality *quality,
                       struct error *err)
{
    float p[HEAD_CLASSES_MAX];
    struct judged *judged = mem_array(d->rows, sizeof *judged);
    if (!judged) {
        return error_nomem(err, d->rows * sizeof *judged, "the head's quality");
    }
    size_t right = 0;
    for (size_t i = 0; i < d->rows; i++) {
        size_t best = 0;
        row_probabilities(d, i, t, p);
        for (size_t c = 1; c < d->classes; c++) {
            best = p[c] > p[best] ? c : best;
        }
        judged[i].confidence = p[best] * d->seen_share;
        judged[i].right = best == d->labels[i];
        right += judged[i].right;
    }
    quality->judged = d->rows;
    quality->accuracy = d->rows ? (float)right / (float)d->rows : 0.0f;
    quality->calibration_error = d->rows ? expected_error(judged, d->rows) : 0.0f;
    free(judged);
    return true;
}
