/* What a user's own model thinks of pictures, where its classes are classes of
 * the session: before there are answers, and for as long as it is right more
 * often than what was learned from them. */
#ifndef SESSION_PRIOR_H
#define SESSION_PRIOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/classes.h"
#include "nn/labels.h"

struct prior {
    size_t outputs, class_count;
    size_t known;     /* outputs that are a class of the session */
    size_t *class_of; /* of each output; class_count: none */
    float *share;     /* scratch, of the outputs */
};

/* names: of the outputs; NULL or empty for no opinion on anything. A number of
 * names other than `outputs` is ERROR_DATA; model_path stands in the message. */
bool prior_init(struct prior *p, const char *model_path, size_t outputs,
                const struct nn_labels *names, const struct classes *classes, struct error *err);
void prior_release(struct prior *p);

/* logits: of the outputs. probabilities: a value for each class of the session;
 * what classes of nobody's get is not shared out among the others. */
void prior_guess(struct prior *p, const float *logits, float *probabilities);

#endif
