/* Quantises a float network to 8 bits in the way of TensorFlow Lite: activations
 * int8 with one scale and zero point a tensor, filters int8 without zero point
 * (a scale an output channel, one for all of a DENSE), biases int32 with the
 * scale of the input times that of the filter. A real value is
 * (q - zero_point) * scale. */
#ifndef TRAIN_QUANTIZE_H
#define TRAIN_QUANTIZE_H

#include "flat.h"

struct quantized_tensor {
    float scale;
    int32_t zero_point;
};

struct quantized_op {
    int8_t *filter; /* same layout as flat_op's; NULL: none */
    float *scales;  /* of the filter */
    size_t scale_count;
    int32_t *bias;
};

struct quantized_net {
    const struct flat_net *net; /* borrowed; must outlive this */
    struct quantized_tensor
        *tensors; /* one per tensor of the net; tensor 0 has FLAT_INPUT_SCALE and zero point 0 */
    struct quantized_op *ops;
};

/* Runs the net over the pictures (count x H x W x C of 0..255; a few hundred are enough),
 * chooses the range of each tensor that 8 bits represent best, and corrects the biases by
 * the mean error of rounding the filters. ERROR_DATA when the net computes values that are
 * not finite. */
bool quantize_net(struct quantized_net *q, const struct flat_net *net, const uint8_t *pixels,
                  size_t count, struct error *err);

void quantized_net_release(struct quantized_net *q); /* fine after a failed quantize_net() */

#endif
