/* ADD in the fixed point of requantize.h, in 32 bits. */
#include "kernels/neondot.h"

#include "kernels/neon.h"

struct constants {
    int32_t a, b; /* the multipliers */
    int32x4_t bias;
    int32x4_t shift; /* to the left, so negative */
    struct neon_range range;
};

static inline int32x4_t sums(const struct constants *c, int16x4_t a, int16x4_t b)
{
    int32x4_t acc = vmlaq_n_s32(c->bias, vmovl_s16(a), c->a);
    return vshlq_s32(vmlaq_n_s32(acc, vmovl_s16(b), c->b), c->shift);
}

static inline int16x8_t add8(const struct constants *c, int16x8_t a, int16x8_t b)
{
    return neon_words(sums(c, vget_low_s16(a), vget_low_s16(b)),
                      sums(c, vget_high_s16(a), vget_high_s16(b)), &c->range);
}

static inline int8x16_t add16(const struct constants *c, int8x16_t a, int8x16_t b)
{
    return neon_bytes(add8(c, vmovl_s8(vget_low_s8(a)), vmovl_s8(vget_low_s8(b))),
                      add8(c, vmovl_high_s8(a), vmovl_high_s8(b)), &c->range);
}

static void run_add(const struct nn_op *op, const void *const *in, void *out, void *scratch)
{
    const struct nn_add *add = &op->p.add;
    const struct constants c = { add->multipliers[0], add->multipliers[1], vdupq_n_s32(add->bias),
                                 vdupq_n_s32(-add->shift), neon_range(add->range) };
    const int8_t *a = in[0], *b = in[1];
    int8_t *to = out;
    size_t i = 0;
    (void)scratch;
    for (; i + NEON_BYTES <= add->elements; i += NEON_BYTES) {
        vst1q_s8(to + i, add16(&c, vld1q_s8(a + i), vld1q_s8(b + i)));
    }
    const size_t rest = add->elements - i;
    if (rest > 0) {
        int8x16_t q = add16(&c, neon_load_first(a + i, rest), neon_load_first(b + i, rest));
        neon_store_first(to + i, rest, q);
    }
}

bool nn_neondot_add(struct nn_model *model, struct nn_op *op, struct error *err)
{
    (void)model;
    (void)err;
    op->fast = run_add;
    return true;
}
