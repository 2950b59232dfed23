/* The steps of nn_run(), for callers that look at activations between operators. */
#ifndef NN_CONTEXT_H
#define NN_CONTEXT_H

#include "graph.h"
#include "nn/run.h"

struct nn_context {
    const struct nn_model *model;
    unsigned char *arena;
    const void **operands; /* of all operators, one after another */
    nn_watch_fn watch;
    void *user;
};

/* Copies the input into the arena. */
void nn_context_load(struct nn_context *context, const void *input);

/* Runs operators from..to-1; those before `from` must have run. */
void nn_context_run(struct nn_context *context, size_t from, size_t to);

/* Copies the output out, unless `out` is NULL. */
void nn_context_take(const struct nn_context *context, void *output);

/* The bytes of an activation. */
void *nn_context_activation(const struct nn_context *context, const struct nn_tensor *tensor);

#endif
