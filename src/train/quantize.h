/* From a float network to 8 bits, as TensorFlow Lite quantises: activations
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
    int8_t *filter; /* laid out as flat_op's; NULL without */
    float *scales;  /* of the filter */
    size_t scale_count;
    int32_t *bias;
};

struct quantized_net {
    const struct flat_net *net;       /* the caller's, must live as long */
    struct quantized_tensor *tensors; /* as the net's; 0: FLAT_INPUT_SCALE and 0 */
    struct quantized_op *ops;
};

/* Runs the net over the pictures (count x H x W x C of 0..255, some hundred
 * are plenty), covers of each tensor's values what 8 bits show best, and
 * corrects the biases by the mean error that rounding the filters makes.
 * ERROR_DATA when the net gives values that are not finite. */
bool quantize_net(struct quantized_net *q, const struct flat_net *net, const uint8_t *pixels,
                  size_t count, struct error *err);

void quantized_net_release(struct quantized_net *q); /* fine after a failed quantize_net() */

#endif
