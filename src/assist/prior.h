/* The predictions of a user's own model, for those of its classes that are classes of the
 * session: used before there are answers, and as long as they are more accurate than what
 * was learned from the answers. */
#ifndef ASSIST_PRIOR_H
#define ASSIST_PRIOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "config/classes.h"
#include "nn/labels.h"

#define PRIOR_NO_CLASS SIZE_MAX

struct prior {
    size_t outputs, class_count; /* class_count may grow: the model has none of those */
    size_t known;                /* number of outputs that are a class of the session */
    size_t *class_of;            /* class of each output; PRIOR_NO_CLASS: none */
    float *share;                /* scratch: softmax of the outputs */
};

/* names: class names of the outputs; NULL or empty: no predictions. ERROR_DATA, naming
 * model_path, if their number is not `outputs`. */
bool prior_init(struct prior *p, const char *model_path, size_t outputs,
                const struct nn_labels *names, const struct classes *classes, struct error *err);
void prior_release(struct prior *p);

/* logits: one per output. probabilities: one value per class of the session, the softmax over
 * all outputs. The share of outputs that are no class of the session is dropped, so the
 * sum may be below 1. */
void prior_guess(struct prior *p, const float *logits, float *probabilities);

#endif
