/* The inference graph of a trained network: batch norms are folded into filters and biases,
 * operators are in the order in which they run. The quantiser reads it, and a model file is
 * turned back into it to be trained further.
 *
 * Activations are H x W x C. Tensor 0 is the picture, as
 * (pixel - FLAT_INPUT_ZERO) * FLAT_INPUT_SCALE: the model file's input is then
 * pixel - 128 with scale 1 and zero point 0 (nn/preprocess.h's "centred"), its
 * first filter is multiplied by FLAT_INPUT_SCALE, and the zeros of SAME padding mean the
 * same in training and in the file. The last operator's output is the logits. */
#ifndef TRAIN_FLAT_H
#define TRAIN_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "nn/model.h"

#define FLAT_INPUT_ZERO 128
#define FLAT_INPUT_SCALE (1 / 64.0f)

enum flat_kind { FLAT_CONV, FLAT_DEPTHWISE, FLAT_ADD, FLAT_MEAN, FLAT_DENSE };

struct flat_tensor {
    int height, width, channels;
    bool vector; /* what MEAN and DENSE write: 1 x C in the file rather than 1 x H x W x C */
};

struct flat_op {
    enum flat_kind kind;
    size_t in[2]; /* ADD: two; else the first one */
    size_t out;
    int kernel, stride; /* CONV, DEPTHWISE: square, 1 to 7; 1 or 2; padded as TensorFlow's SAME */
    bool relu;          /* on the output; not MEAN */
    float *filter;      /* CONV: out x kernel x kernel x in, DEPTHWISE: kernel x kernel x channels,
                           DENSE: out x in (all elements of the input); else NULL */
    float *bias;        /* CONV, DEPTHWISE, DENSE: a value an output channel; else NULL */
};

struct flat_net {
    struct flat_tensor *tensors;
    size_t tensor_count, tensor_capacity;
    struct flat_op *ops;
    size_t op_count, op_capacity;
};

/* Starts a net with tensor 0 and no operator. flat_net_release() is fine after a failure. */
bool flat_net_init(struct flat_net *net, int height, int width, int channels, struct error *err);
void flat_net_release(struct flat_net *net);

/* Appends an operator, of which kind, in, kernel, stride and relu are read, and
 * its output tensor; channels: of the output, for CONV and DENSE. Filter and
 * bias are allocated, all zeros, for the caller to fill. The result is valid until the next
 * call. ERROR_UNSUPPORTED for an operator that the kinds above cannot express. */
struct flat_op *flat_net_add(struct flat_net *net, const struct flat_op *like, int channels,
                             struct error *err);

size_t flat_elements(const struct flat_tensor *tensor);
size_t flat_filter_count(const struct flat_net *net, const struct flat_op *op); /* 0 without */

/* Builds the dequantised net of `model`, without its SOFTMAX. ERROR_UNSUPPORTED, naming the
 * operator, for a model that a flat net cannot express; those of tflite_write_net() always
 * can. */
bool flat_from_model(struct flat_net *net, const struct nn_model *model, struct error *err);

/* Runs the net in float on the calling thread; the net must not change meanwhile. */
struct flat_runner;

struct flat_runner *flat_runner_new(const struct flat_net *net, size_t batch, struct error *err);
void flat_runner_free(struct flat_runner *runner);

/* Returns the logits, count x classes, of pixels: count x H x W x C of 0..255, count <=
 * batch. */
const float *flat_run(struct flat_runner *runner, const uint8_t *pixels, size_t count);

/* Values of a tensor in the last run: count times its elements. */
const float *flat_values(const struct flat_runner *runner, size_t tensor);

/* Runs one operator alone, for one picture, with `in` as its first input, and returns its
 * output. *op may have another filter than the net's. */
const float *flat_run_op(struct flat_runner *runner, const struct flat_op *op, const float *in);

#endif
