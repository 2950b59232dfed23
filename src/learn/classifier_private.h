/* The inside of a classifier, for code that reads more from its model than
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
    struct image fitted; /* the picture behind the input: RGB, of the input's size */
    struct runner_times times;
};

/* Converts the picture, which it overwrites, to r->fitted and r->input. */
bool runner_fill(struct runner *r, struct image *picture, struct error *err);

#endif
