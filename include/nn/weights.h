/* The structure of a loaded model, for training it further: what its operators read and
 * write, and their weights. Everything belongs to the model.
 * Load it `unfolded`: folding moves paddings from one operator to the next. */
#ifndef NN_WEIGHTS_H
#define NN_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/model.h"

/* Numbered as in the file. */
enum nn_activation {
    NN_ACTIVATION_NONE,
    NN_ACTIVATION_RELU,
    NN_ACTIVATION_RELU_N1_TO_1,
    NN_ACTIVATION_RELU6,
};

/* Tensors are numbered from 0 to nn_model_tensor_count() - 1. */
struct nn_links {
    size_t input_count; /* activations that the operator reads; constants do not count */
    size_t inputs[2];   /* the first ones of them */
    size_t output;
    enum nn_activation activation; /* fused into it */
};

size_t nn_model_tensor_count(const struct nn_model *model);
size_t nn_model_input_tensor(const struct nn_model *model);
void nn_model_links(const struct nn_model *model, size_t op, struct nn_links *links);

/* CONV_2D: filter out_channels x kernel_h x kernel_w x (in_channels / groups).
 * DEPTHWISE_CONV_2D: kernel_h x kernel_w x out_channels.
 * FULLY_CONNECTED: out_channels x in_channels; kernel and strides 1.
 *
 * Channel c's weights are filter * factors[c] * so / si and its bias is
 * bias[c] * factors[c] * so, with the scales si of the input and so of the
 * output. */
struct nn_weights {
    int out_channels, in_channels;
    int groups; /* that the channels of a CONV_2D are in, else 1 */
    int kernel_h, kernel_w;
    int stride_h, stride_w;
    int dilation_h, dilation_w;
    int pad_top, pad_left;
    struct nn_tensor_info input;
    const int8_t *filter;
    const int32_t *bias;
    const float *factors;
};

/* False for any other operator. */
bool nn_model_weights(const struct nn_model *model, size_t op, struct nn_weights *weights);

#endif
