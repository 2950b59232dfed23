/* Running a model. A context holds the activations of one inference; it
 * belongs to one thread at a time and must be freed before its model. Once
 * it has been created, nothing is allocated and nothing can fail. */
#ifndef NN_RUN_H
#define NN_RUN_H

#include <stddef.h>

#include "base/error.h"
#include "nn/model.h"

struct nn_context;

struct nn_context *nn_context_new(const struct nn_model *model, struct error *err);
void nn_context_free(struct nn_context *context); /* NULL is fine */

/* Called after each operator that runs on its own (all of them when the model
 * was loaded `unfolded`) with its output, of the shape and type in
 * nn_model_op(model, op)->output. It may change the output: the operators that
 * follow then work on what it left there. NULL removes the watcher. */
typedef void (*nn_watch_fn)(void *user, size_t op, void *output);
void nn_context_watch(struct nn_context *context, nn_watch_fn watch, void *user);

/* One inference. input: nn_model_input()->bytes bytes; output: NULL, or room
 * for nn_model_output()->bytes bytes. Float tensors need float alignment. */
void nn_run(struct nn_context *context, const void *input, void *output);

/* nn_run() that adds the nanoseconds of each operator to ns[0..op_count). */
void nn_run_timed(struct nn_context *context, const void *input, double *ns);

/* Of the last nn_run(); nn_model_classes() values each. The logits are those
 * of nn_model_logits(), dequantised; the probabilities are their softmax in
 * floating point, finer than the model's own 8-bit output. */
const void *nn_raw_logits(const struct nn_context *context);
void nn_logits(const struct nn_context *context, float *logits);
void nn_probabilities(const struct nn_context *context, float *probabilities);

/* data: a tensor of that type (int8, uint8 or float32); out: info->elements. */
void nn_dequantize(const struct nn_tensor_info *info, const void *data, float *out);

#endif
