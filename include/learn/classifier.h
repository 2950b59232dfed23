/* A model together with the preprocessing of its input: picture file in,
 * probabilities out. A classifier may be shared by threads; each needs a runner of
 * its own. */
#ifndef SESSION_CLASSIFIER_H
#define SESSION_CLASSIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/region.h"
#include "image/reshape.h"
#include "nn/labels.h"
#include "nn/model.h"
#include "nn/preprocess.h"

/* A picture is fitted to the input's size by image_reshape(); nn_input_from_rgb() then
 * normalises and quantises its channels. */
struct classifier_options {
    enum image_reshape fit;
    const struct nn_isa *isa;   /* NULL: the fastest that the processor has */
    bool input_given;           /* else by nn_input_spec_default() */
    struct nn_input_spec input; /* mean and standard deviation; 1 is white */
};

struct classifier;

/* options may be NULL for the defaults. ERROR_UNSUPPORTED when the input is
 * not one picture. */
struct classifier *classifier_load(const char *path, const struct classifier_options *options,
                                   struct error *err);

/* The same from memory, which the caller owns and keeps for as long as the classifier
 * lives. `name` is used in messages. */
struct classifier *classifier_parse(const void *bytes, size_t len, const char *name,
                                    const struct classifier_options *options, struct error *err);
void classifier_free(struct classifier *c);

size_t classifier_outputs(const struct classifier *c);

/* Class names of a model: the file given, or those within the model, or
 * labels.txt beside it. Release them with nn_labels_release(). */
bool classifier_names(const char *model_path, const char *labels_path, struct nn_labels *names,
                      struct error *err);

/* The buffers of one thread for inference; free it before its classifier. */
struct runner;

struct runner *runner_new(const struct classifier *c, struct error *err);
void runner_free(struct runner *r);

/* Decodes a region (NULL: all) of the file and runs the model. probabilities:
 * classifier_outputs() values that sum to 1. False when the picture cannot be read, or the
 * region is outside. */
bool runner_run(struct runner *r, const char *path, const struct region *region,
                float *probabilities, struct error *err);

/* Nanoseconds that the runner has spent in each stage so far. */
struct runner_times {
    int64_t decode, fit, infer;
};
struct runner_times runner_times(const struct runner *r);

#endif
