/* Checks of the operators that only move values. */
#include "prepare.h"

#include <string.h>

#define RANK 4

/* Checks that the input is int8 with at most four dimensions and the output quantised
 * like it. dims: the input's, filled up to four with 1 in front. Returns how many were
 * added, or -1. */
static int four_dims(const struct nn_prepare *p, int32_t dims[RANK])
{
    const struct nn_tensor_info *in = &p->op->in[0]->info;
    if (!nn_need_int8(p) || !nn_need_same_quantisation(p)) {
        return -1;
    }
    if (in->rank < 1 || in->rank > RANK) {
        nn_refuse(p, ERROR_UNSUPPORTED, "the input has %d dimensions; 1 to %d are supported",
                  in->rank, RANK);
        return -1;
    }
    int front = RANK - in->rank;
    for (int d = 0; d < RANK; d++) {
        dims[d] = d < front ? 1 : in->dims[d - front];
    }
    return front;
}

bool nn_prepare_pad(struct nn_prepare *p)
{
    struct nn_pad *pad = &p->op->p.pad;
    const struct nn_tensor_info *in = &p->op->in[0]->info;
    int32_t amounts[2 * RANK], dims[RANK];
    int front = four_dims(p, pad->dims);
    if (front < 0 || !nn_read_constant(p, 1, 2 * (size_t)in->rank, amounts)) {
        return false;
    }
    for (int d = 0; d < in->rank; d++) {
        int32_t before = amounts[2 * d], after = amounts[2 * d + 1];
        int64_t size = (int64_t)in->dims[d] + before + after;
        if (before < 0 || after < 0 || size > INT32_MAX) {
            return nn_refuse(p, ERROR_DATA, "dimension %d is padded by %d and %d", d, (int)before,
                             (int)after);
        }
        pad->before[front + d] = before;
        pad->after[front + d] = after;
        dims[d] = (int32_t)size;
    }
    pad->value = (int8_t)p->op->out->info.zero_point;
    return nn_need_output_dims(p, in->rank, dims);
}

bool nn_prepare_transpose(struct nn_prepare *p)
{
    struct nn_transpose *transpose = &p->op->p.transpose;
    const struct nn_tensor_info *in = &p->op->in[0]->info;
    int32_t order[RANK], in_dims[RANK], dims[RANK];
    int front = four_dims(p, in_dims);
    if (front < 0 || !nn_read_constant(p, 1, (size_t)in->rank, order)) {
        return false;
    }
    size_t strides[RANK], stride = 1;
    for (int d = RANK - 1; d >= 0; d--) {
        strides[d] = stride;
        stride *= (size_t)in_dims[d];
        transpose->dims[d] = 1;
        transpose->strides[d] = 0;
    }
    unsigned seen = 0;
    for (int d = 0; d < in->rank; d++) {
        int32_t from = order[d] < 0 ? order[d] + in->rank : order[d];
        if (from < 0 || from >= in->rank || seen & 1u << from) {
            return nn_refuse(p, ERROR_DATA, "dimension %d comes from dimension %d", d,
                             (int)order[d]);
        }
        seen |= 1u << from;
        dims[d] = in->dims[from];
        transpose->dims[front + d] = in->dims[from];
        transpose->strides[front + d] = strides[front + from];
    }
    return nn_need_output_dims(p, in->rank, dims);
}

/* The declared output shape counts; a shape operand must agree with it, with -1 for the
 * remaining elements. */
bool nn_prepare_reshape(struct nn_prepare *p)
{
    const struct nn_tensor_info *in = &p->op->in[0]->info, *out = &p->op->out->info;
    if (!nn_need_int8(p) || !nn_need_same_quantisation(p)) {
        return false;
    }
    if (in->elements != out->elements) {
        return nn_refuse(p, ERROR_DATA, "the input has %zu elements, but the output has %zu",
                         in->elements, out->elements);
    }
    if (p->op->operand_count < 2 || !p->op->in[1]) {
        return true;
    }
    int32_t shape[NN_MAX_RANK];
    if (!nn_read_constant(p, 1, (size_t)out->rank, shape)) {
        return false;
    }
    for (int d = 0; d < out->rank; d++) {
        if (shape[d] != -1 && shape[d] != out->dims[d]) {
            return nn_refuse(p, ERROR_DATA, "dimension %d should be %d, but the output has %d", d,
                             (int)shape[d], (int)out->dims[d]);
        }
    }
    return true;
}
