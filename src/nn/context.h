/* A context from inside: for those that stop between operators. */
#ifndef NN_CONTEXT_H
#define NN_CONTEXT_H

#include "nn/run.h"

#include "graph.h"

struct nn_context {
    const struct nn_model *model;
    unsigned char *arena;
    const void **operands; /* of all operators, one after another */
    nn_watch_fn watch;
    void *user;
};

/* Puts the input in its place. */
void nn_context_load(struct nn_context *context, const void *input);

/* Runs the operators from..to-1, which come next. */
void nn_context_run(struct nn_context *context, size_t from, size_t to);

/* Takes the output, unless it is NULL. */
void nn_context_take(const struct nn_context *context, void *output);

/* Where an activation lies. */
void *nn_context_activation(const struct nn_context *context, const struct nn_tensor *tensor);

#endif
