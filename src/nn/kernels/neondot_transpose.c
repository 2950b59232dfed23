/* TRANSPOSE of three planes (channels first) to pixels of three channels. */
#include "kernels/neondot.h"

#include "kernels/neon.h"

static void interleave_row(int8_t *to, const int8_t *a, size_t plane, size_t count)
{
    const int8_t *b = a + plane, *c = b + plane;
    size_t i = 0;
    for (; i + NEON_BYTES <= count; i += NEON_BYTES) {
        const int8x16x3_t three = { { vld1q_s8(a + i), vld1q_s8(b + i), vld1q_s8(c + i) } };
        vst3q_s8(to + 3 * i, three);
    }
    for (; i < count; i++) {
        to[3 * i] = a[i];
        to[3 * i + 1] = b[i];
        to[3 * i + 2] = c[i];
    }
}

static void run_transpose(const struct nn_op *op, const void *const *in, void *out, void *scratch)
{
    const struct nn_transpose *t = &op->p.transpose;
    const size_t width = (size_t)t->dims[2];
    (void)scratch;
    for (size_t y = 0; y < (size_t)t->dims[1]; y++) {
        interleave_row((int8_t *)out + y * width * 3, (const int8_t *)in[0] + y * t->strides[1],
                       t->strides[3], width);
    }
}

bool nn_neondot_transpose(struct nn_model *model, struct nn_op *op, struct error *err)
{
    const struct nn_transpose *t = &op->p.transpose;
    (void)model;
    (void)err;
    if (t->dims[0] == 1 && t->dims[3] == 3 && t->strides[2] == 1) {
        op->fast = run_transpose;
    }
    return true;
}
