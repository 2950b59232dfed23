#include "reference/reference.h"

#include <string.h>

void nn_reference_concat(const struct nn_op *op, const void *const *in, void *out)
{
    const struct nn_concat *concat = &op->p.concat;
    size_t start = 0;
    for (size_t i = 0; i < op->operand_count; i++) {
        const struct nn_concat_part *part = &concat->parts[i];
        const int8_t *from = in[i];
        int8_t *to = (int8_t *)out + start;
        for (size_t row = 0; row < concat->rows; row++) {
            if (part->same) {
                memcpy(to, from, part->run);
            } else {
                nn_reference_rescale(&part->rescale, from, to);
            }
            from += part->run;
            to += concat->row_bytes;
        }
        start += part->run;
    }
}
