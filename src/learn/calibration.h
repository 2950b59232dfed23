/* From scores to probabilities that can be believed.
 *
 * The probability of class c is proportional to exp(t score_c) (n_c + 1): its
 * frequency among the answers, smoothed. The temperature's inverse t is the one
 * most likely given what each answer's scores are without it, under a log-normal
 * prior, which decides while there are few. */
#ifndef LEARN_CALIBRATION_H
#define LEARN_CALIBRATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "learn/head.h"

/* Answers held back, each judged by a head made without it. */
struct calibration_data {
    size_t rows, classes;
    const float *scores;    /* rows x classes; -INFINITY for a class of that picture only */
    const uint32_t *labels; /* the rows' true classes */
    const uint32_t *counts; /* answers of each class, >= 1 */
    float seen_share;       /* chance that a picture is of one of these classes; 0 to 1 */
    float expected;         /* log t before anything is known: the mean of its prior */
};

/* The logits' part that does not depend on the picture: log(count + 1). */
float calibration_prior(uint32_t count);

/* The factor t on the scores. loss: the negative log of its likelihood and
 * prior. */
float calibration_fit(const struct calibration_data *data, float *loss);

/* Fills judged, accuracy and calibration_error; false when memory is out. */
bool calibration_judge(const struct calibration_data *data, float t, struct head_quality *quality,
                       struct error *err);

/* logits[0..count) become probabilities that sum to `share`. */
void calibration_softmax(float *logits, size_t count, float share);

#endif
