/* Turns scores into the probabilities of yes or no: logistic regression on one value, with
 * priors on slope and offset, for few examples. */
#ifndef LEARN_LOGISTIC_H
#define LEARN_LOGISTIC_H

#include <stddef.h>
#include <stdint.h>

struct logistic_data {
    size_t count;
    const float *scores;  /* made without the example that they are for */
    const uint8_t *truth; /* 0 or 1 */
    const float *prior;   /* logit where the score is 0 */
    /* Normal priors: of the slope's logarithm, and of what is added to `prior` (about 0). */
    double slope_mean, slope_sigma, offset_sigma;
};

struct logistic {
    double slope, offset; /* probability: 1 / (1 + exp(-(slope score + prior + offset))) */
    double loss;          /* negative log of likelihood times priors */
};

/* Not the likeliest slope but half a standard deviation of its logarithm less, as in
 * calibration.h. */
struct logistic logistic_fit(const struct logistic_data *data);

/* The loss of the prior logits alone, whatever the scores. */
double logistic_loss_without(const struct logistic_data *data);

float logistic_of(double logit);

#endif
