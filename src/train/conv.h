/* Convolutions in float, forward and backward, as matrix products. Pictures are
 * N x H x W x C, filters O x kernel x kernel x I as in TensorFlow Lite. */
#ifndef TRAIN_CONV_H
#define TRAIN_CONV_H

#include <stdbool.h>
#include <stddef.h>

struct conv_shape {
    int batch;
    int in_height, in_width, in_channels;
    int out_height, out_width, out_channels;
    int kernel;            /* square: 1 to 7 */
    int stride;            /* 1 or 2 */
    int pad_top, pad_left; /* zeros above and to the left; the other sides follow */
};

/* Completes a shape with TensorFlow's SAME: output = ceil(input / stride), an
 * odd zero goes to the bottom and right. */
void conv_shape_same(struct conv_shape *s);

/* Multiply-accumulates of the forward pass. */
double conv_macs(const struct conv_shape *s);

/* How this machine computes those that it is fastest at: "amx-bf16" (products rounded to
 * bfloat16, summed in float), "winograd" (3 x 3, stride 1) or "blas", which computes the rest. */
const char *conv_path_name(void);

/* Bytes of scratch that the functions below need, also for fewer or smaller pictures; 64-byte
 * aligned, one for each thread. Nothing in it outlasts a call. */
size_t conv_scratch_bytes(const struct conv_shape *s);

/* out = in * filter. */
void conv_forward(const struct conv_shape *s, const float *in, const float *filter, float *out,
                  void *scratch);

/* filter_grad += in^T * out_grad. */
void conv_backward_filter(const struct conv_shape *s, const float *in, const float *out_grad,
                          float *filter_grad, void *scratch);

/* in_grad = out_grad * filter^T, or += if `add`. */
void conv_backward_input(const struct conv_shape *s, const float *out_grad, const float *filter,
                         float *in_grad, bool add, void *scratch);

#endif
