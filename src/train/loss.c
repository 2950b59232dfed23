#include "loss.h"

#include <math.h>

struct loss loss_softmax(const struct loss_shape *shape, const float *logits, const size_t *labels,
                         float *grad)
{
    struct loss loss = { 0, 0 };
    size_t classes = shape->classes;
    for (size_t n = 0; n < shape->batch; n++, logits += classes) {
        size_t best = 0;
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
        for (size_t c = 0; grad && c < classes; c++) {
            float p = expf(logits[c] - (float)log_sum);
            float t =
                shape->smoothing / (float)classes + (c == labels[n] ? 1 - shape->smoothing : 0);
            grad[n * classes + c] = (p - t) * (float)weight * shape->scale;
        }
    }
    return loss;
}
