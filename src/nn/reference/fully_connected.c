#include "reference/reference.h"

#include "requantize.h"

void nn_reference_fully_connected(const struct nn_op *op, const void *const *in, void *out)
{
    const struct nn_conv *conv = &op->p.conv;
    size_t inputs = (size_t)conv->window.in_c, outputs = (size_t)conv->window.out_c;
    const int8_t *x = in[0];
    int8_t *to = out;
    for (size_t row = 0; row < conv->rows; row++) {
        const int8_t *w = conv->weights;
        for (size_t o = 0; o < outputs; o++) {
            uint32_t acc = (uint32_t)conv->bias[o];
            for (size_t i = 0; i < inputs; i++) {
                acc += (uint32_t)((x[i] - conv->input_zero_point) * w[i]);
            }
            to[o] = nn_requantize((int32_t)acc, conv->scales[o], conv->range);
            w += inputs;
        }
        x += inputs;
        to += outputs;
    }
}
