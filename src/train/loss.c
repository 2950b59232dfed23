#include "loss.h"

#include <math.h>
#include <string.h>

struct loss loss_softmax(const struct loss_shape *shape, const float *logits, const size_t *labels,
                         float *grad)
{
    struct loss loss = { 0, 0, 0 };
    size_t classes = shape->classes;
    for (size_t n = 0; n < shape->batch; n++, logits += classes) {
        size_t best = 0;
        if (labels[n] == LOSS_NO_LABEL) {
            if (grad) {
                memset(grad + n * classes, 0, classes * sizeof *grad);
            }
            continue;
        }
        double mean = 0;
        for (size_t c = 0; c < classes; c++) {
            best = logits[c] > logits[best] ? c : best;
            mean += (double)logits[c] / (double)classes;
        }
        double sum = 0;
        for (size_t c = 0; c < classes; c++) {
            sum += (double)expf(logits[c] - logits[best]);
        }
        double log_sum = log(sum) + (double)logits[best];
        double weight = shape->class_weights ? (double)shape->class_weights[labels[n]] : 1;
        double smoothing = (double)shape->smoothing;
        double target = (1 - smoothing) * (double)logits[labels[n]] + smoothing * mean;
        loss.sum += weight * (log_sum - target);
        loss.right += best == labels[n];
        loss.judged++;
        for (size_t c = 0; grad && c < classes; c++) {
            float p = expf(logits[c] - (float)log_sum);
            float t =
                shape->smoothing / (float)classes + (c == labels[n] ? 1 - shape->smoothing : 0);
            grad[n * classes + c] = (p - t) * (float)weight * shape->scale;
        }
    }
    return loss;
}

#define TEMPERATURE 2.0f

/* The largest of `count` values, and the log of the sum of exp((value - largest) / T). */
static double log_sum(const float *values, size_t count, size_t *best)
{
    *best = 0;
    for (size_t c = 1; c < count; c++) {
        *best = values[c] > values[*best] ? c : *best;
    }
    double sum = 0;
    for (size_t c = 0; c < count; c++) {
        sum += (double)expf((values[c] - values[*best]) / TEMPERATURE);
    }
    return log(sum);
}

struct loss loss_soft(const struct loss_shape *shape, const float *logits, const float *teacher,
                      float *grad)
{
    struct loss loss = { 0, 0, shape->batch };
    size_t classes = shape->classes;
    for (size_t n = 0; n < shape->batch; n++, logits += classes, teacher += classes) {
        size_t best, wanted;
        double ours = log_sum(logits, classes, &best);
        double theirs = log_sum(teacher, classes, &wanted);
        double divergence = 0;
        for (size_t c = 0; c < classes; c++) {
            float log_p = (logits[c] - logits[best]) / TEMPERATURE - (float)ours;
            float log_t = (teacher[c] - teacher[wanted]) / TEMPERATURE - (float)theirs;
            float t = expf(log_t);
            divergence += (double)(t * (log_t - log_p));
            if (grad) {
                grad[n * classes + c] = (expf(log_p) - t) * TEMPERATURE * shape->scale;
            }
        }
        loss.sum += divergence * (double)(TEMPERATURE * TEMPERATURE);
        loss.right += best == wanted;
    }
    return loss;
}

double loss_parts(const struct loss_parts *shape, const float *values, const float *targets,
                  float *grad)
{
    double sum = 0;
    size_t at = 0;
    for (size_t row = 0; row < shape->batch * shape->parts; row++) {
        float weight = shape->weights[row % shape->parts];
        float factor = 2 * shape->scale * weight / (float)shape->count;
        double squares = 0;
        for (size_t end = at + shape->count; at < end; at++) {
            float away = values[at] - targets[at];
            squares += (double)away * (double)away;
            if (grad) {
                grad[at] = factor * away;
            }
        }
        sum += (double)weight * squares;
    }
    return sum / (double)shape->count;
}

double loss_squares(size_t batch, size_t count, float scale, const float *values,
                    const float *targets, float *grad)
{
    struct loss_parts shape = { batch, 1, count, scale, (const float[]){ 1 } };
    return loss_parts(&shape, values, targets, grad);
}
