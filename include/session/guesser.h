/* The model's guesses for the pictures to come, made on a thread of its own.
 *
 * One thread calls these functions; the worker is inside. */
#ifndef SESSION_GUESSER_H
#define SESSION_GUESSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "config/classes.h"
#include "learn/classifier.h"

struct guesser;

/* Called on the worker thread when a guess has been made. */
typedef void guesser_wake_fn(void *context);

struct guess {
    bool failed;         /* the picture could not be read */
    size_t best;         /* class of the highest confidence; class_count: none */
    float confidence;    /* of that class, 0 to 1 */
    const float *classes; /* a confidence for each class; 0 for those the model lacks */
};

/* Loads the model and starts the thread. `names` are the model's classes in
 * the order of its outputs; those whose name is a class of the session speak
 * for it. A model with another number of outputs, that takes no picture, or
 * that knows none of the classes is an error. */
struct guesser_options {
    const char *model_path;
    const struct classifier_options *classifier; /* NULL: the defaults */
    const struct nn_labels *names;
    const struct classes *classes;
};

struct guesser *guesser_new(const struct guesser_options *options, guesser_wake_fn *wake,
                            void *context, struct error *err);

void guesser_free(struct guesser *g);

struct guess_request {
    uint32_t id;
    const char *path; /* copied */
};

/* What is wanted, most urgent first, in place of what was wanted before. */
bool guesser_want(struct guesser *g, const struct guess_request *requests, size_t count);

/* The guess for a picture; false while there is none. guess->classes is valid
 * until the next guesser_want(). */
bool guesser_get(struct guesser *g, uint32_t id, struct guess *guess);

/* How many of the session's classes the model knows. */
size_t guesser_known(const struct guesser *g);

#endif
