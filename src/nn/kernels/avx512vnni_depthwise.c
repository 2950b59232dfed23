/* DEPTHWISE_CONV_2D: four kernel rows in a vpdpbusd. */
#include "kernels/avx512vnni.h"

#include "kernels/avx512.h"
#include "kernels/depthwise.h"
#include "kernels/x86_repeat.h"

#define BLOCK 64

/* Bytes [from, end) of a vector, where these may lie outside of 0..64. */
static inline __mmask64 between(ptrdiff_t from, ptrdiff_t end)
{
    __mmask64 below_end = end <= 0 ? 0 : first512((size_t)end);
    return from <= 0 ? below_end : below_end & ~first512((size_t)from);
}

/* Raised by 128, and each block's 4×4 dwords transposed, so that interleaving
 * leaves groups in the order of the outputs. */
static void row(void *out, const struct nn_stretch *s)
{
    const __m512i raise = _mm512_set1_epi8((char)0x80);
    const __m512i border = _mm512_set1_epi8((char)s->zero_point);
    const ptrdiff_t before = (ptrdiff_t)s->before, end = before + (ptrdiff_t)s->count;
    char *to = out;
    for (ptrdiff_t i = 0; i < (ptrdiff_t)s->total; i += BLOCK) {
        __m512i x = border;
        if (before <= i && i + BLOCK <= end) {
            x = _mm512_loadu_si512(s->in + (i - before));
        } else if (i + BLOCK > before && i < end) {
            x = _mm512_mask_loadu_epi8(border, between(before - i, end - i), s->in + (i - before));
        }
        _mm512_storeu_si512(to + i, transpose512(_mm512_xor_si512(x, raise)));
    }
}

static void gather(int8_t *out, const int8_t *in, size_t count, size_t bytes, size_t step)
{
    const __mmask64 rest = first512(bytes % BLOCK ? bytes % BLOCK : BLOCK);
    const size_t whole = (bytes - 1) / BLOCK * BLOCK;
    for (size_t i = 0; i < count; i++, in += step, out += bytes) {
        for (size_t k = 0; k < whole; k += BLOCK) {
            _mm512_storeu_si512(out + k, _mm512_loadu_si512(in + k));
        }
        _mm512_storeu_si512(out + whole, _mm512_maskz_loadu_epi8(rest, in + whole));
    }
}

static void interleave(void *out, const unsigned char *const *rows, size_t blocks)
{
    char *to = out;
    for (size_t i = 0; i < blocks * BLOCK; i += BLOCK, to += 4 * BLOCK) {
        __m512i a = _mm512_loadu_si512(rows[0] + i), b = _mm512_loadu_si512(rows[1] + i);
        __m512i c = _mm512_loadu_si512(rows[2] + i), d = _mm512_loadu_si512(rows[3] + i);
        __m512i ab = _mm512_unpacklo_epi8(a, b), cd = _mm512_unpacklo_epi8(c, d);
        __m512i ab_high = _mm512_unpackhi_epi8(a, b), cd_high = _mm512_unpackhi_epi8(c, d);
        _mm512_storeu_si512(to, _mm512_unpacklo_epi16(ab, cd));
        _mm512_storeu_si512(to + 64, _mm512_unpackhi_epi16(ab, cd));
        _mm512_storeu_si512(to + 128, _mm512_unpacklo_epi16(ab_high, cd_high));
        _mm512_storeu_si512(to + 192, _mm512_unpackhi_epi16(ab_high, cd_high));
    }
}

/* The sums of a block as the outputs that they become. */
static inline __m512i finish(__m512i a, __m512i b, __m512i c, __m512i d, const float *s,
                             const struct range512 *range)
{
    a = scaled512(a, _mm512_loadu_ps(s));
    b = scaled512(b, _mm512_loadu_ps(s + 16));
    c = scaled512(c, _mm512_loadu_ps(s + 32));
    d = scaled512(d, _mm512_loadu_ps(s + 48));
    return transpose512(bytes512(a, b, c, d, range));
}

static inline void store(const struct nn_depthwise_dots *d, size_t i, __m512i q)
{
    if (d->count - i >= BLOCK) {
        _mm512_storeu_si512(d->out + i, q);
    } else {
        _mm512_mask_storeu_epi8(d->out + i, first512(d->count - i), q);
    }
}

/* Where the groups of vector `vector` of the block at output i are. */
static inline size_t groups_at(const struct nn_depthwise_dots *d, size_t i, size_t vector,
                               const bool jumps)
{
    return 4 * (jumps ? d->jumps[i / 16 + vector] - d->first_jump : i + 16 * vector);
}

static inline __m512i load(const void *from, size_t vector)
{
    return _mm512_loadu_si512((const char *)from + 64 * vector);
}

/* Three taps: a pattern's weights stay in registers. */
static inline __attribute__((always_inline)) void dots_3(const struct nn_depthwise_dots *d,
                                                         const bool jumps)
{
    const struct range512 range = range512(d->range);
    const unsigned char *const x = d->taps[0], *const y = d->taps[1], *const z = d->taps[2];
    for (size_t p = 0; p < d->patterns && p * BLOCK < d->count; p++) {
        const size_t pattern = (d->pattern + p) % d->patterns;
        const int32_t *bias = d->bias + pattern * BLOCK;
        const float *scales = d->scales + pattern * BLOCK;
        const unsigned char *w = d->weights + pattern * 3 * BLOCK * 4;
        const __m512i u0 = load(w, 0), u1 = load(w, 1), u2 = load(w, 2), u3 = load(w, 3);
        const __m512i v0 = load(w, 4), v1 = load(w, 5), v2 = load(w, 6), v3 = load(w, 7);
        const __m512i w0 = load(w, 8), w1 = load(w, 9), w2 = load(w, 10), w3 = load(w, 11);
        for (size_t i = p * BLOCK; i < d->count; i += d->patterns * BLOCK) {
            const size_t i0 = groups_at(d, i, 0, jumps), i1 = groups_at(d, i, 1, jumps);
            const size_t i2 = groups_at(d, i, 2, jumps), i3 = groups_at(d, i, 3, jumps);
            __m512i a = dot512(load(bias, 0), load(x + i0, 0), u0);
            __m512i b = dot512(load(bias, 1), load(x + i1, 0), u1);
            __m512i c = dot512(load(bias, 2), load(x + i2, 0), u2);
            __m512i e = dot512(load(bias, 3), load(x + i3, 0), u3);
            a = dot512(dot512(a, load(y + i0, 0), v0), load(z + i0, 0), w0);
            b = dot512(dot512(b, load(y + i1, 0), v1), load(z + i1, 0), w1);
            c = dot512(dot512(c, load(y + i2, 0), v2), load(z + i2, 0), w2);
            e = dot512(dot512(e, load(y + i3, 0), v3), load(z + i3, 0), w3);
            store(d, i, finish(a, b, c, e, scales, &range));
        }
    }
}

static inline __attribute__((always_inline)) void dots_any(const struct nn_depthwise_dots *d,
                                                           const bool jumps)
{
    const struct range512 range = range512(d->range);
    size_t pattern = d->pattern;
    for (size_t i = 0; i < d->count; i += BLOCK) {
        const int32_t *bias = d->bias + pattern * BLOCK;
        const unsigned char *w = d->weights + pattern * d->tap_count * BLOCK * 4;
        __m512i a = load(bias, 0), b = load(bias, 1), c = load(bias, 2), e = load(bias, 3);
        for (size_t t = 0; t < d->tap_count; t++, w += 256) {
            const unsigned char *x = d->taps[t];
            a = dot512(a, load(x + groups_at(d, i, 0, jumps), 0), load(w, 0));
            b = dot512(b, load(x + groups_at(d, i, 1, jumps), 0), load(w, 1));
            c = dot512(c, load(x + groups_at(d, i, 2, jumps), 0), load(w, 2));
            e = dot512(e, load(x + groups_at(d, i, 3, jumps), 0), load(w, 3));
        }
        store(d, i, finish(a, b, c, e, d->scales + pattern * BLOCK, &range));
        pattern = pattern + 1 == d->patterns ? 0 : pattern + 1;
    }
}

static void dots_row(const struct nn_depthwise_dots *d)
{
    if (d->tap_count == 3 && d->jumps) {
        dots_3(d, true);
    } else if (d->tap_count == 3) {
        dots_3(d, false);
    } else if (d->jumps) {
        dots_any(d, true);
    } else {
        dots_any(d, false);
    }
}

static void dots(const struct nn_depthwise_dots *d)
{
    nn_depthwise_each_row(d, dots_row);
}

static const struct nn_depthwise_isa isa = {
    .vector = 16,
    .unit = BLOCK,
    .block = BLOCK,
    .group = 4,
    .offset = 128,
    .gather = gather,
    .repeat = x86_repeat,
    .row = row,
    .interleave = interleave,
    .dots = dots,
};

bool nn_avx512vnni_depthwise(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_depthwise_pack(model, op, &isa, err);
}
