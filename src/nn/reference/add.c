#include "reference/reference.h"

#include "requantize.h"

void nn_reference_add(const struct nn_op *op, const void *const *in, void *out)
{
    const struct nn_add *add = &op->p.add;
    const int8_t *a = in[0], *b = in[1];
    int8_t *to = out;
    for (size_t i = 0; i < add->elements; i++) {
        int32_t acc = a[i] * add->multipliers[0] + b[i] * add->multipliers[1] + add->bias;
        to[i] = nn_add_requantize(acc, add->shift, add->range);
    }
}
