/* DEPTHWISE_CONV_2D: four kernel rows in an SDOT. */
#include "kernels/neondot.h"

#include <string.h>

#include "kernels/depthwise.h"
#include "kernels/neon.h"

#define BLOCK NEON_BYTES
#define GROUP_BYTES 4

static void row(void *out, const struct nn_stretch *s)
{
    const size_t inside = s->before + s->count, end = (s->total + BLOCK - 1) / BLOCK * BLOCK;
    int8_t *to = out;
    memset(to, s->zero_point, s->before);
    if (s->count > 0) {
        memcpy(to + s->before, s->in, s->count);
    }
    memset(to + inside, s->zero_point, end - inside);
}

static void gather(int8_t *out, const int8_t *in, size_t count, size_t bytes, size_t step)
{
    for (size_t i = 0; i < count; i++) {
        memcpy(out + i * bytes, in + i * step, bytes);
    }
}

static void repeat(int8_t *out, const int8_t *in, size_t count, size_t times)
{
    size_t i = 0;
    if (times <= 8) {
        const size_t values = NEON_BYTES / times;
        uint8_t order[NEON_BYTES];
        for (size_t k = 0; k < NEON_BYTES; k++) {
            order[k] = (uint8_t)(k / times);
        }
        const uint8x16_t by = vld1q_u8(order);
        for (; i + NEON_BYTES <= count; i += values, out += values * times) {
            vst1q_s8(out, vqtbl1q_s8(vld1q_s8(in + i), by));
        }
    }
    for (; i < count; i++, out += times) {
        memset(out, in[i], times);
    }
}

static void interleave(void *out, const unsigned char *const *rows, size_t blocks)
{
    uint8_t *to = out;
    for (size_t i = 0; i < blocks * BLOCK; i += BLOCK) {
        const uint8x16x4_t four = { { vld1q_u8(rows[0] + i), vld1q_u8(rows[1] + i),
                                      vld1q_u8(rows[2] + i), vld1q_u8(rows[3] + i) } };
        vst4q_u8(to + GROUP_BYTES * i, four);
    }
}

/* Where the groups of the block at output i are, in bytes. */
static inline size_t groups_at(const struct nn_depthwise_dots *d, size_t i)
{
    return GROUP_BYTES * (d->jumps ? d->jumps[i / BLOCK] - d->first_jump : i);
}

static inline int8x16_t load(const unsigned char *from, size_t vector)
{
    return vreinterpretq_s8_u8(vld1q_u8(from + NEON_BYTES * vector));
}

/* The sums of the block at i as the outputs that they become. */
static inline void finish(const struct nn_depthwise_dots *d, size_t i, const float *scales,
                          const struct neon_range *range, int32x4_t a, int32x4_t b, int32x4_t c,
                          int32x4_t e)
{
    int16x8_t ab =
        neon_words(neon_scaled(a, vld1q_f32(scales)), neon_scaled(b, vld1q_f32(scales + 4)), range);
    int16x8_t ce = neon_words(neon_scaled(c, vld1q_f32(scales + 8)),
                              neon_scaled(e, vld1q_f32(scales + 12)), range);
    neon_store_first(d->out + i, d->count - i, neon_bytes(ab, ce, range));
}

/* Three taps: a pattern's weights stay in registers. */
static void dots_3(const struct nn_depthwise_dots *d)
{
    const struct neon_range range = neon_range(d->range);
    for (size_t p = 0; p < d->patterns && p * BLOCK < d->count; p++) {
        const size_t pattern = (d->pattern + p) % d->patterns;
        const int32_t *bias = d->bias + pattern * BLOCK;
        const float *scales = d->scales + pattern * BLOCK;
        const unsigned char *w = d->weights + pattern * 3 * BLOCK * GROUP_BYTES;
        const int8x16_t u0 = load(w, 0), u1 = load(w, 1), u2 = load(w, 2), u3 = load(w, 3);
        const int8x16_t v0 = load(w, 4), v1 = load(w, 5), v2 = load(w, 6), v3 = load(w, 7);
        const int8x16_t w0 = load(w, 8), w1 = load(w, 9), w2 = load(w, 10), w3 = load(w, 11);
        for (size_t i = p * BLOCK; i < d->count; i += d->patterns * BLOCK) {
            const size_t at = groups_at(d, i);
            const unsigned char *x = d->taps[0] + at, *y = d->taps[1] + at, *z = d->taps[2] + at;
            int32x4_t a = vdotq_s32(vld1q_s32(bias), load(x, 0), u0);
            int32x4_t b = vdotq_s32(vld1q_s32(bias + 4), load(x, 1), u1);
            int32x4_t c = vdotq_s32(vld1q_s32(bias + 8), load(x, 2), u2);
            int32x4_t e = vdotq_s32(vld1q_s32(bias + 12), load(x, 3), u3);
            a = vdotq_s32(vdotq_s32(a, load(y, 0), v0), load(z, 0), w0);
            b = vdotq_s32(vdotq_s32(b, load(y, 1), v1), load(z, 1), w1);
            c = vdotq_s32(vdotq_s32(c, load(y, 2), v2), load(z, 2), w2);
            e = vdotq_s32(vdotq_s32(e, load(y, 3), v3), load(z, 3), w3);
            finish(d, i, scales, &range, a, b, c, e);
        }
    }
}

static void dots_any(const struct nn_depthwise_dots *d)
{
    const struct neon_range range = neon_range(d->range);
    size_t pattern = d->pattern;
    for (size_t i = 0; i < d->count; i += BLOCK) {
        const int32_t *bias = d->bias + pattern * BLOCK;
        const unsigned char *w = d->weights + pattern * d->tap_count * BLOCK * GROUP_BYTES;
        int32x4_t a = vld1q_s32(bias), b = vld1q_s32(bias + 4);
        int32x4_t c = vld1q_s32(bias + 8), e = vld1q_s32(bias + 12);
        const size_t at = groups_at(d, i);
        for (size_t t = 0; t < d->tap_count; t++, w += GROUP_BYTES * BLOCK) {
            const unsigned char *x = d->taps[t] + at;
            a = vdotq_s32(a, load(x, 0), load(w, 0));
            b = vdotq_s32(b, load(x, 1), load(w, 1));
            c = vdotq_s32(c, load(x, 2), load(w, 2));
            e = vdotq_s32(e, load(x, 3), load(w, 3));
        }
        finish(d, i, d->scales + pattern * BLOCK, &range, a, b, c, e);
        pattern = pattern + 1 == d->patterns ? 0 : pattern + 1;
    }
}

static void dots(const struct nn_depthwise_dots *d)
{
    nn_depthwise_each_row(d, d->tap_count == 3 ? dots_3 : dots_any);
}

static const struct nn_depthwise_isa isa = {
    .vector = BLOCK, /* four of sums, always together */
    .unit = BLOCK,
    .block = BLOCK,
    .group = 4,
    .offset = 0,
    .gather = gather,
    .repeat = repeat,
    .row = row,
    .interleave = interleave,
    .dots = dots,
};

bool nn_neondot_depthwise(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_depthwise_pack(model, op, &isa, err);
}
