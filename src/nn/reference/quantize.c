#include "reference/reference.h"

#include "requantize.h"

/* The value at i as (q - zero point), or the float itself. */
static float load(const struct nn_rescale *r, const void *in, size_t i)
{
    switch (r->from) {
    case NN_FLOAT32:
        return ((const float *)in)[i];
    case NN_UINT8:
        return (float)(((const uint8_t *)in)[i] - r->from_zero_point);
    default:
        return (float)(((const int8_t *)in)[i] - r->from_zero_point);
    }
}

void nn_reference_rescale(const struct nn_rescale *r, const void *in, void *out)
{
    bool is_unsigned = r->to == NN_UINT8;
    struct nn_output_range range = { r->to_zero_point, is_unsigned ? 0 : -128,
                                     is_unsigned ? 255 : 127 };
    for (size_t i = 0; i < r->elements; i++) {
        float value = load(r, in, i) * r->scale;
        /* A float input may hold NaNs, which count as 0. */
        int32_t q = nn_round_clamped(value == value ? value : 0.0f, range);
        if (is_unsigned) {
            ((uint8_t *)out)[i] = (uint8_t)q;
        } else {
            ((int8_t *)out)[i] = (int8_t)q;
        }
    }
}

void nn_reference_quantize(const struct nn_op *op, const void *const *in, void *out)
{
    nn_reference_rescale(&op->p.rescale, in[0], out);
}

void nn_reference_dequantize(const struct nn_op *op, const void *const *in, void *out)
{
    const struct nn_rescale *r = &op->p.rescale;
    for (size_t i = 0; i < r->elements; i++) {
        ((float *)out)[i] = load(r, in[0], i) * r->scale;
    }
}
