#include "reference/reference.h"

void nn_reference_transpose(const struct nn_op *op, const void *const *in, void *out)
{
    const struct nn_transpose *t = &op->p.transpose;
    const int8_t *from = in[0];
    int8_t *to = out;
    for (int32_t a = 0; a < t->dims[0]; a++) {
        for (int32_t b = 0; b < t->dims[1]; b++) {
            for (int32_t c = 0; c < t->dims[2]; c++) {
                size_t start = (size_t)a * t->strides[0] + (size_t)b * t->strides[1] +
                               (size_t)c * t->strides[2];
                for (int32_t d = 0; d < t->dims[3]; d++) {
                    *to++ = from[start + (size_t)d * t->strides[3]];
                }
            }
        }
    }
}
