#include "calibration.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define PRIOR_SIGMA 0.5f /* of log t */
#define STEPS 8
#define CAUTION 0.5 /* standard deviations of log t below its most likely value */

#define CONCENTRATION_SIGMA 1.0 /* of the logarithm */
#define CONCENTRATION_MAX 32.0
#define HALF_LOG_2_PI 0.91893853320467

#define BIN_ROWS 40 /* answers in a bin of the calibration error, at least */
#define BINS_MAX 10

/* Stirling's series, for x >= 1. lgamma() writes a global variable. */
static double log_gamma(double x)
{
    double product = 1.0;
    for (; x < 8.0; x += 1.0) {
        product *= x;
    }
    return (x - 0.5) * log(x) - x + HALF_LOG_2_PI + 1.0 / (12.0 * x) - 1.0 / (360.0 * x * x * x) -
           log(product);
}

float calibration_concentration(const uint32_t *counts, size_t classes)
{
    double k = (double)classes;
    double n = 0.0;
    double best = 1.0;
    double most = -HUGE_VAL;
    for (size_t c = 0; c < classes; c++) {
        n += (double)counts[c];
    }
    for (double a = 1.0; a <= CONCENTRATION_MAX; a *= 2.0) {
        double off = log(a) / CONCENTRATION_SIGMA;
        double likely =
            log_gamma(k * a) - log_gamma(k * a + n) - k * log_gamma(a) - 0.5 * off * off;
        for (size_t c = 0; c < classes; c++) {
            likely += log_gamma(a + (double)counts[c]);
        }
        best = likely > most ? a : best;
        most = fmax(most, likely);
    }
    return (float)best;
}

float calibration_prior(uint32_t count, float concentration)
{
    return logf((float)count + concentration);
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

/* The probabilities of a row over the classes with answers. */
static void row_probabilities(const struct calibration_data *d, size_t row, float t, float *p)
{
    const float *scores = d->scores + row * d->classes;
    for (size_t c = 0; c < d->classes; c++) {
        uint32_t others = d->counts[c] - (c == d->labels[row]);
        p[c] = t * scores[c] + calibration_prior(others, d->concentration);
    }
    calibration_softmax(p, d->classes, 1.0f);
}

/* The loss and its derivatives with respect to t. */
struct loss {
    double value, first, second;
};

static void add_loss(const struct calibration_data *d, size_t row, const float *p,
                     struct loss *loss)
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
    loss->value -= log(fmax((double)p[d->labels[row]], 1e-9));
    loss->first += mean - (double)scores[d->labels[row]];
    loss->second += square - mean * mean;
}

static struct loss loss_at(const struct calibration_data *d, double t)
{
    float p[HEAD_CLASSES_MAX];
    struct loss loss = { 0.0, 0.0, 0.0 };
    for (size_t i = 0; i < d->rows; i++) {
        if (isfinite(d->scores[i * d->classes + d->labels[i]])) {
            row_probabilities(d, i, (float)t, p);
            add_loss(d, i, p, &loss);
        }
    }
    return loss;
}

float calibration_fit(const struct calibration_data *d, float *loss)
{
    double precision = 1.0 / (double)(PRIOR_SIGMA * PRIOR_SIGMA);
    double off = 0.0; /* distance of log t from the mean of its prior */
    for (int step = 0;; step++) {
        double t = exp((double)d->expected + off);
        struct loss l = loss_at(d, t);
        *loss = (float)(l.value + 0.5 * precision * off * off);
        double gradient = t * l.first + precision * off;
        double curvature = fmax(0.0, t * t * l.second) + precision;
        double change = fmax(-1.0, fmin(1.0, -gradient / curvature));
        if (fabs(change) < 0.02 || step == STEPS) {
            return (float)(t * exp(-CAUTION / sqrt(curvature)));
        }
        off += change;
    }
}

static int compare(const void *a, const void *b)
{
    const struct judged *x = a;
    const struct judged *y = b;
    return (x->probability > y->probability) - (x->probability < y->probability);
}

float calibration_error(struct judged *judged, size_t count, size_t least)
{
    size_t bins = count / least;
    bins = bins < 1 ? 1 : bins > BINS_MAX ? BINS_MAX : bins;
    float error = 0.0f;
    if (!count) {
        return 0.0f;
    }
    qsort(judged, count, sizeof *judged, compare);
    for (size_t b = 0; b < bins; b++) {
        float sum = 0.0f;
        for (size_t i = count * b / bins; i < count * (b + 1) / bins; i++) {
            sum += judged[i].probability - (float)judged[i].right;
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
        judged[i].probability = p[best] * d->seen_share;
        judged[i].right = best == d->labels[i];
        right += judged[i].right;
    }
    quality->judged = d->rows;
    quality->accuracy = d->rows ? (float)right / (float)d->rows : 0.0f;
    quality->calibration_error = calibration_error(judged, d->rows, BIN_ROWS);
    free(judged);
    return true;
}
