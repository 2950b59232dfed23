/* DEPTHWISE_CONV_2D: four kernel rows in a vpdpbusd. */
#include "kernels/avx512vnni.h"

#include <string.h>

#include "kernels/avx512.h"
#include "kernels/depthwise.h"

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
    char *to = out;
    for (size_t i = 0; i < s->total; i += BLOCK) {
        ptrdiff_t from = (ptrdiff_t)s->before - (ptrdiff_t)i;
        __mmask64 inside = between(from, from + (ptrdiff_t)s->count);
        __m512i x = border;
        if (inside == ~(__mmask64)0) {
            x = _mm512_loadu_si512(s->in - from);
        } else if (inside) {
            x = _mm512_mask_loadu_epi8(border, inside, s->in - from);
        }
        _mm512_storeu_si512(to + i, transpose512(_mm512_xor_si512(x, raise)));
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

static inline __attribute__((always_inline)) __m512i
block_of(const struct nn_depthwise_dots *d, size_t i, size_t pattern, size_t taps,
         const struct range512 *range)
{
    const int32_t *bias = d->bias + pattern * BLOCK;
    const float *s = d->scales + pattern * BLOCK;
    const unsigned char *w = d->weights + pattern * taps * BLOCK * 4;
    __m512i a0 = _mm512_loadu_si512(bias), a1 = _mm512_loadu_si512(bias + 16);
    __m512i a2 = _mm512_loadu_si512(bias + 32), a3 = _mm512_loadu_si512(bias + 48);
    for (size_t t = 0; t < taps; t++, w += 256) {
        const unsigned char *x = d->taps[t] + 4 * i;
        a0 = dot512(a0, _mm512_loadu_si512(x), _mm512_loadu_si512(w));
        a1 = dot512(a1, _mm512_loadu_si512(x + 64), _mm512_loadu_si512(w + 64));
        a2 = dot512(a2, _mm512_loadu_si512(x + 128), _mm512_loadu_si512(w + 128));
        a3 = dot512(a3, _mm512_loadu_si512(x + 192), _mm512_loadu_si512(w + 192));
    }
    __m512i b0 = words512(scaled512(a0, _mm512_loadu_ps(s)),
                          scaled512(a1, _mm512_loadu_ps(s + 16)), range);
    __m512i b1 = words512(scaled512(a2, _mm512_loadu_ps(s + 32)),
                          scaled512(a3, _mm512_loadu_ps(s + 48)), range);
    return transpose512(bytes512(b0, b1, range));
}

static inline __attribute__((always_inline)) void
dots_of(const struct nn_depthwise_dots *d, const size_t taps)
{
    const struct range512 range = range512(d->range);
    size_t pattern = d->pattern;
    for (size_t i = 0; i < d->count; i += BLOCK) {
        __m512i q = block_of(d, i, pattern, taps, &range);
        if (d->count - i >= BLOCK) {
            _mm512_storeu_si512(d->out + i, q);
        } else {
            _mm512_mask_storeu_epi8(d->out + i, first512(d->count - i), q);
        }
        pattern = pattern + 1 == d->patterns ? 0 : pattern + 1;
    }
}

static void dots(const struct nn_depthwise_dots *d)
{
    if (d->tap_count == 3) {
        dots_of(d, 3);
    } else {
        dots_of(d, d->tap_count);
    }
}

static const struct nn_depthwise_isa isa = {
    .block = BLOCK,
    .group = 4,
    .offset = 128,
    .row = row,
    .interleave = interleave,
    .dots = dots,
};

bool nn_avx512vnni_depthwise(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_depthwise_pack(model, op, &isa, err);
}
