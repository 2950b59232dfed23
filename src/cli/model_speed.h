/* The second half of `thumbtag model`: how long each operator takes, and which stay below a
 * quarter of what the processor can do. */
#ifndef CLI_MODEL_SPEED_H
#define CLI_MODEL_SPEED_H

#include <stdbool.h>

#include "base/error.h"
#include "nn/model.h"

struct model_speed {
    double *ns;     /* of each operator, then of all: medians; 0: not run */
    double *moving; /* of copying as many bytes as each operator reads and writes */
    double peak;    /* products a nanosecond in registers, as the median; 0: unknown */
};

/* Runs the model on zeros for about half a second. */
bool model_speed_measure(struct model_speed *speed, const struct nn_model *model,
                         struct error *err);
void model_speed_release(struct model_speed *speed);

/* The table of operators, and the sentences below it; at most 80 columns wide. */
void model_speed_print(const struct model_speed *speed, const struct nn_model *model);

/* "1x32x32x3" */
void model_shape_text(const struct nn_tensor_info *t, char *out, size_t size);

#endif
