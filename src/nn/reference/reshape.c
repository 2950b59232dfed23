#include "reference/reference.h"

#include <string.h>

void nn_reference_reshape(const struct nn_op *op, const void *const *in, void *out)
{
    memcpy(out, in[0], op->out->info.bytes);
}
