/* The layers that are not convolutions, forward and backward; see net.h for
 * their parameters. Gradients of parameters are accumulated (+=). */
#ifndef TRAIN_LAYERS_H
#define TRAIN_LAYERS_H

#include <stdbool.h>
#include <stddef.h>

#include "conv.h"

/* Batch norm over rows x channels (Ioffe, Szegedy 2015), with a residual and a relu:
 * out = gamma * (in - mean) / sqrt(variance + epsilon) + beta, + residual,
 * then relu. moments: means, then variances. */
struct norm_shape {
    size_t rows, channels;
    bool relu;
    bool frozen; /* the moments are constants in the backward pass */
};

/* Floats of scratch that the norm functions need, 8-byte aligned. */
size_t norm_scratch_floats(size_t channels);

void norm_moments(const struct norm_shape *s, const float *in, float *moments, float *scratch);

/* residual may be NULL. parameters: gammas, then betas. */
void norm_forward(const struct norm_shape *s, const float *in, const float *residual,
                  const float *parameters, const float *moments, float *out, float *scratch);

struct norm_backward {
    float *in;        /* the input; overwritten with its gradient */
    const float *out; /* output of the forward pass; NULL: there was no residual */
    float *out_grad;  /* with `out`, overwritten with the gradient behind the relu */
    const float *parameters;
    const float *moments;
};
void norm_backward(const struct norm_shape *s, const struct norm_backward *b, float *parameter_grad,
                   float *scratch);

/* grad += more */
void grad_add(size_t count, const float *more, float *grad);

/* One filter a channel. filter: kernel x kernel x channels. in_grad may be NULL. */
void depthwise_forward(const struct conv_shape *s, const float *in, const float *filter,
                       float *out);
void depthwise_backward(const struct conv_shape *s, const float *in, const float *out_grad,
                        const float *filter, float *filter_grad, float *in_grad, bool add);

/* batch x positions x channels <-> batch x channels. */
void mean_forward(size_t batch, size_t positions, size_t channels, const float *in, float *out);
void mean_backward(size_t batch, size_t positions, size_t channels, const float *out_grad,
                   float *in_grad, bool add);

/* batch x side x side x channels <-> batch x NET_PARTS x channels: see net.h. */
void parts_forward(size_t batch, size_t side, size_t channels, const float *in, float *out);
void parts_backward(size_t batch, size_t side, size_t channels, const float *out_grad,
                    float *in_grad, bool add);

/* batch x in <-> batch x out. parameters: out x in weights, then the bias. */
void dense_forward(size_t batch, size_t in_count, size_t out_count, const float *in,
                   const float *parameters, float *out);

struct dense_backward {
    const float *in;
    const float *parameters;
    const float *out_grad;
    float *parameter_grad;
    float *in_grad;
    bool add; /* in_grad += instead of = */
};
void dense_backward(size_t batch, size_t in_count, size_t out_count,
                    const struct dense_backward *b);

#endif
