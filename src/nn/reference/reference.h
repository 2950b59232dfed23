/* The reference kernels: plain loops that define what each operator computes.
 * Kernels for an instruction set give the same bits. Parameters are those in
 * graph.h, checked at load; nothing here can fail.
 *
 * Sums of products with a bias wrap around at 32 bits, as those of TensorFlow
 * Lite and XNNPACK do: converters clip a bias that is too large to +-2^31, and the sum
 * then overflows. They are unsigned here, as signed overflow is undefined in C. */
#ifndef NN_REFERENCE_REFERENCE_H
#define NN_REFERENCE_REFERENCE_H

#include "graph.h"

void nn_reference_conv(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_depthwise(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_fully_connected(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_average_pool(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_max_pool(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_mean(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_add(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_pad(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_transpose(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_reshape(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_softmax(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_concat(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_quantize(const struct nn_op *op, const void *const *in, void *out);
void nn_reference_dequantize(const struct nn_op *op, const void *const *in, void *out);

/* The taps [first, end) of a window axis that fall inside of the picture, when
 * tap 0 is at `origin` (which may be negative). */
struct nn_taps {
    int first;
    int end;
};

static inline struct nn_taps nn_taps(int origin, int dilation, int kernel, int size)
{
    struct nn_taps taps = { 0, kernel };
    if (origin < 0) {
        taps.first = (-origin + dilation - 1) / dilation;
    }
    if (size <= origin) {
        taps.end = 0;
    } else if ((size - origin - 1) / dilation + 1 < kernel) {
        taps.end = (size - origin - 1) / dilation + 1;
    }
    return taps;
}

/* One 8-bit value from one quantisation to another: exact float steps
 * (q - from_zero_point) * scale, rounded and clamped as in requantize.h. */
void nn_reference_rescale(const struct nn_rescale *r, const void *in, void *out);

#endif
