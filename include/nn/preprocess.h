/* From an RGB picture of the model's height and width to its input tensor.
 *
 * A channel value v of 0..255 becomes the real value x = (v / 255 - mean) / std
 * and then, for int8 and uint8 inputs, q = clamp(rint(x / scale) + zero_point)
 * with the input's own scale and zero point; a float32 input takes x. Grey
 * models get the luma (77 R + 150 G + 29 B + 128) >> 8 as v, with mean[0] and
 * std[0]. */
#ifndef NN_PREPROCESS_H
#define NN_PREPROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "nn/model.h"

struct nn_input_spec {
    float mean[3]; /* R, G, B; 1 is white */
    float std[3];  /* > 0 */
};

/* Guesses how a model was fed in training from what its input can hold, which
 * is low = (qmin - zero_point) * scale to high = (qmax - zero_point) * scale. The
 * nearest of these wins, by the larger of the two ends' distances relative to
 * the row's own width:
 *
 *     raw          0 .. 255             mean 0        std 1/255
 *     centred   -128 .. 127             mean 128/255  std 1/255
 *     unit         0 .. 1               mean 0        std 1
 *     signed      -1 .. 1               mean 0.5      std 0.5
 *     ImageNet  -2.118 .. 2.640         mean 0.485 0.456 0.406
 *                                       std  0.229 0.224 0.225
 *
 * A float32 input that a QUANTIZE reads is judged by what that makes of it,
 * any other float32 input counts as unit. Converters calibrate on pictures, so
 * the ends fit to a few percent only; callers that know the right values pass a spec. */
void nn_input_spec_default(const struct nn_model *model, struct nn_input_spec *spec);

/* rgb: height rows of width * 3 bytes, `stride` bytes apart. spec: NULL for the
 * default. out: nn_model_input()->bytes bytes, aligned for its type. Fails when
 * the model's input is not a picture, or on a spec with a value that is not
 * finite or a std <= 0. */
bool nn_input_from_rgb(const struct nn_model *model, const struct nn_input_spec *spec,
                       const uint8_t *rgb, size_t stride, void *out, struct error *err);

#endif
