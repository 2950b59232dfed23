#include "kernels/avx2.h"

#include "kernels/x86_transpose.h"

bool nn_avx2_transpose(struct nn_model *model, struct nn_op *op, struct error *err)
{
    (void)model;
    (void)err;
    op->fast = x86_transposes(op) ? x86_transpose : NULL;
    return true;
}
