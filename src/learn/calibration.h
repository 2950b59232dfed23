/* Turns scores into calibrated probabilities.
 *
 * The probability of class c is proportional to exp(t score_c) (n_c + 1), where n_c + 1
 * is its smoothed frequency among the answers. t, the inverse temperature, is the most
 * likely one given the leave-one-out scores of the answers, under a log-normal prior,
 * which dominates while there are few. */
#ifndef LEARN_CALIBRATION_H
#define LEARN_CALIBRATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "learn/head.h"

/* Answers that are held out, each scored by a head fitted without it. */
struct calibration_data {
    size_t rows, classes;
    const float *scores;    /* rows x classes; -INFINITY for a class with no other picture */
    const uint32_t *labels; /* the rows' true classes */
    const uint32_t *counts; /* answers of each class, >= 1 */
    float seen_share;       /* chance that a picture is of one of these classes; 0 to 1 */
    float expected;         /* mean of the prior of log t */
};

/* The part of the logits that does not depend on the picture: log(count + 1). */
float calibration_prior(uint32_t count);

/* The factor t on the scores. loss: the negative log of likelihood times prior. */
float calibration_fit(const struct calibration_data *data, float *loss);

/* Fills judged, accuracy and calibration_error; false when memory is out. */
bool calibration_judge(const struct calibration_data *data, float t, struct head_quality *quality,
                       struct error *err);

/* Turns logits[0..count) into probabilities that sum to `share`. */
void calibration_softmax(float *logits, size_t count, float share);

#endif
