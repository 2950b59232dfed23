#include "reference/reference.h"

#include <string.h>

static int8_t *fill(int8_t *out, int8_t value, size_t count)
{
    memset(out, value, count);
    return out + count;
}

/* Dimension d and those behind it: `value` in front, the input, `value` behind;
 * sizes[d]: bytes of one step along dimension d of the output. */
static int8_t *pad_from(const struct nn_pad *pad, int d, const size_t sizes[4], const int8_t **in,
                        int8_t *out)
{
    out = fill(out, pad->value, (size_t)pad->before[d] * sizes[d]);
    if (d == 3) {
        memcpy(out, *in, (size_t)pad->dims[3]);
        *in += pad->dims[3];
        out += pad->dims[3];
    } else {
        for (int32_t i = 0; i < pad->dims[d]; i++) {
            out = pad_from(pad, d + 1, sizes, in, out);
        }
    }
    return fill(out, pad->value, (size_t)pad->after[d] * sizes[d]);
}

void nn_reference_pad(const struct nn_op *op, const void *const *in, void *out)
{
    const struct nn_pad *pad = &op->p.pad;
    size_t sizes[4] = { 0, 0, 0, 1 };
    for (int d = 2; d >= 0; d--) {
        int32_t next = pad->before[d + 1] + pad->dims[d + 1] + pad->after[d + 1];
        sizes[d] = sizes[d + 1] * (size_t)next;
    }
    const int8_t *from = in[0];
    pad_from(pad, 0, sizes, &from, out);
}
