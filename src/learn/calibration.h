/* Turns scores into calibrated probabilities.
 *
 * The probability of class c is proportional to exp(t score_c) (n_c + a), where n_c + a
 * is its smoothed frequency among the answers. a is the concentration of a symmetric
 * Dirichlet distribution, the most likely one given the counts under a log-normal prior
 * about 1: where classes are equally frequent, chance differences of a few answers count
 * for little.
 *
 * t, the inverse temperature, comes from the leave-one-out scores of the answers, under a
 * log-normal prior, which dominates while there are few. Not the most likely t is taken
 * but half a standard deviation of log t less, as predictions averaged over all likely t
 * are less certain than those by the most likely one. */
#ifndef LEARN_CALIBRATION_H
#define LEARN_CALIBRATION_H

#include <stdbool.h>
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
    float concentration;    /* a above, > 0 */
    float seen_share;       /* chance that a picture is of one of these classes; 0 to 1 */
    float expected;         /* mean of the prior of log t */
};

/* The concentration of these counts, each >= 1; 1 to 32. */
float calibration_concentration(const uint32_t *counts, size_t classes);

/* The part of the logits that does not depend on the picture: log(count + concentration). */
float calibration_prior(uint32_t count, float concentration);

/* The factor t on the scores. loss: the negative log of likelihood times prior. */
float calibration_fit(const struct calibration_data *data, float *loss);

/* Fills judged, accuracy and calibration_error; false when memory is out. */
bool calibration_judge(const struct calibration_data *data, float t, struct head_quality *quality,
                       struct error *err);

/* A prediction whose truth is known. */
struct judged {
    float probability;
    bool right;
};

/* Mean distance between probability and share of right ones, over up to ten bins of equally
 * many predictions, of at least `least` each; sorts them. 0 for none. */
float calibration_error(struct judged *judged, size_t count, size_t least);

/* Turns logits[0..count) into probabilities that sum to `share`. */
void calibration_softmax(float *logits, size_t count, float share);

#endif
