#include "reference/reference.h"

#include "requantize.h"

/* Each product is rounded to single precision, then their sum: no fused
 * multiply-add (the build says -ffp-contract=off). */
void nn_reference_add(const struct nn_op *op, const void *const *in, void *out)
{
    const struct nn_add *add = &op->p.add;
    const int8_t *a = in[0], *b = in[1];
    int8_t *to = out;
    for (size_t i = 0; i < add->elements; i++) {
        float x = (float)(a[i] - add->zero_points[0]) * add->scales[0];
        float y = (float)(b[i] - add->zero_points[1]) * add->scales[1];
        to[i] = (int8_t)nn_round_clamped(x + y, add->range);
    }
}
