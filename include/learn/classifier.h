/* A model and how pictures are made into its input: file in, probabilities
 * out. A classifier is shared by threads; each has a runner of its own. */
#ifndef SESSION_CLASSIFIER_H
#define SESSION_CLASSIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "image/reshape.h"
#include "nn/labels.h"
#include "nn/model.h"
#include "nn/preprocess.h"

/* A picture comes into the input by image_reshape(); its channel values then
 * become the input by nn_input_from_rgb(). */
struct classifier_options {
    enum image_reshape fit;
    const struct nn_isa *isa;   /* NULL: the best */
    bool input_given;           /* else by nn_input_spec_default() */
    struct nn_input_spec input; /* mean and std, as shares of 255 */
};

struct classifier;

/* options may be NULL for the defaults. ERROR_UNSUPPORTED when the input is
 * not one picture. */
struct classifier *classifier_load(const char *path, const struct classifier_options *options,
                                   struct error *err);

/* The same from memory, which stays the caller's and must live as long as the
 * classifier. `name` stands in messages. */
struct classifier *classifier_parse(const void *bytes, size_t len, const char *name,
                                    const struct classifier_options *options, struct error *err);
void classifier_free(struct classifier *c);

size_t classifier_outputs(const struct classifier *c);

/* Class names of a model: the file given, or those within the model, or
 * labels.txt beside it. To be given to nn_labels_release(). */
bool classifier_names(const char *model_path, const char *labels_path, struct nn_labels *names,
                      struct error *err);

/* What one thread needs for an inference; goes before its classifier. */
struct runner;

struct runner *runner_new(const struct classifier *c, struct error *err);
void runner_free(struct runner *r);

/* Decodes the file and runs the model. probabilities: classifier_outputs()
 * values that sum to 1. False when the picture cannot be read. */
bool runner_run(struct runner *r, const char *path, float *probabilities, struct error *err);

/* Nanoseconds that the runner has spent so far on each stage. */
struct runner_times {
    int64_t decode, fit, infer;
};
struct runner_times runner_times(const struct runner *r);

#endif
