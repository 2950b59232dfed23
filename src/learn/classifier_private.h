/* A classifier from inside: for those that take more out of its model than
 * probabilities. */
#ifndef LEARN_CLASSIFIER_PRIVATE_H
#define LEARN_CLASSIFIER_PRIVATE_H

#include "image/image.h"
#include "learn/classifier.h"
#include "nn/run.h"

struct classifier {
    struct nn_model *model;
    struct nn_image_shape shape;
    struct classifier_options options;
};

struct runner {
    const struct classifier *classifier;
    struct nn_context *context;
    void *input;
    struct image fitted; /* what the input was made of: RGB, of the input's size */
    struct runner_times times;
};

/* Makes the picture, which is changed, into r->fitted and r->input. */
bool runner_fill(struct runner *r, struct image *picture, struct error *err);

#endif
