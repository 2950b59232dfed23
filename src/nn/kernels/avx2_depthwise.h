/* DEPTHWISE_CONV_2D in 256 bits, of AVX2 and AVX-VNNI. Along a row the weights of
 * eight outputs come back with a period, so up to four such places are computed
 * together, of two rows of outputs where there are two, with each weight read
 * once. The dot product is theirs. */
#ifndef NN_KERNELS_AVX2_DEPTHWISE_H
#define NN_KERNELS_AVX2_DEPTHWISE_H

#include "kernels/avx2_common.h"
#include "kernels/depthwise.h"

#define BLOCK256 32
#define UNIT256 8

static inline void gather256(int8_t *out, const int8_t *in, size_t count, size_t bytes, size_t step)
{
    size_t i = 0;
    /* Whole vectors as long as what is read beyond the bytes belongs to the next pixels. */
    for (; bytes <= 16 && (count - i) * step >= 16 + step; i++, in += step, out += bytes) {
        memcpy(out, in, 16);
    }
    for (; i < count; i++, in += step, out += bytes) {
        size_t k = 0;
        for (; k + 16 <= bytes; k += 16) {
            memcpy(out + k, in + k, 16);
        }
        for (; k < bytes; k++) {
            out[k] = in[k];
        }
    }
}

/* What the outputs of one pattern share. */
struct pattern256 {
    const struct nn_depthwise_dots *d;
    const unsigned char *weights, *below_weights;
    __m256i bias;
    __m256 scales;
    struct range256 range;
};

/* Where the groups of the outputs at i are, in bytes. */
static ALWAYS_INLINE size_t groups256_at(const struct nn_depthwise_dots *d, size_t i)
{
    return 4 * (d->jumps ? d->jumps[i / UNIT256] - d->first_jump : i);
}

static ALWAYS_INLINE void store256_outputs(int8_t *out, size_t left, __m128i q)
{
    if (left >= UNIT256) {
        _mm_storel_epi64((__m128i *)(void *)out, q);
    } else {
        int8_t all[16];
        _mm_storeu_si128((__m128i *)(void *)all, q);
        memcpy(out, all, left);
    }
}

/* The sums of up to four places from output i on, `step` apart; only the last one may reach
 * beyond the end. */
static ALWAYS_INLINE void finish256(const struct pattern256 *p, int8_t *out, size_t i, size_t step,
                                    const int places, __m256i a, __m256i b, __m256i c, __m256i e)
{
    const __m256 s = p->scales;
    const size_t last = p->d->count - i - (size_t)(places - 1) * step;
    __m128i ab, ce;
    pairs256(scaled256(a, s), scaled256(b, s), scaled256(c, s), scaled256(e, s), &p->range, &ab,
             &ce);
    store256_outputs(out + i, places > 1 ? UNIT256 : last, ab);
    if (places > 1) {
        ab = _mm_unpackhi_epi64(ab, ab);
        store256_outputs(out + i + step, places > 2 ? UNIT256 : last, ab);
    }
    if (places > 2) {
        store256_outputs(out + i + 2 * step, places > 3 ? UNIT256 : last, ce);
    }
    if (places > 3) {
        store256_outputs(out + i + 3 * step, last, _mm_unpackhi_epi64(ce, ce));
    }
}

/* Without this gcc adds up the products of all taps first, and runs out of registers. */
#define IN_REGISTER(sums) __asm__("" : "+x"(sums))

#define PLACE256(n, i)                                                                             \
    if (places > n) {                                                                              \
        const __m256i x = load256(p->d->taps[t] + i);                                              \
        a##n = dot(a##n, x, w);                                                                    \
        IN_REGISTER(a##n);                                                                         \
        if (two) {                                                                                 \
            b##n = dot(b##n, x, v);                                                                \
            IN_REGISTER(b##n);                                                                     \
        }                                                                                          \
    }

static ALWAYS_INLINE void places256(const struct pattern256 *p, size_t i, size_t step,
                                    const int places, const size_t taps, const bool two,
                                    const dot256_fn dot)
{
    const struct nn_depthwise_dots *d = p->d;
    const size_t i0 = groups256_at(d, i), i1 = places > 1 ? groups256_at(d, i + step) : 0;
    const size_t i2 = places > 2 ? groups256_at(d, i + 2 * step) : 0;
    const size_t i3 = places > 3 ? groups256_at(d, i + 3 * step) : 0;
    __m256i a0 = p->bias, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
#pragma GCC unroll 6
    for (size_t t = 0; t < taps; t++) {
        const __m256i w = load256(p->weights + 32 * t);
        const __m256i v = two ? load256(p->below_weights + 32 * t) : w;
        PLACE256(0, i0)
        PLACE256(1, i1)
        PLACE256(2, i2)
        PLACE256(3, i3)
    }
    finish256(p, d->out, i, step, places, a0, a1, a2, a3);
    if (two) {
        finish256(p, d->below, i, step, places, b0, b1, b2, b3);
    }
}

static ALWAYS_INLINE void pattern256(const struct pattern256 *p, size_t i, const size_t taps,
                                     const bool two, const dot256_fn dot)
{
    const size_t step = p->d->patterns * UNIT256, count = p->d->count;
    for (; i + 3 * step < count; i += 4 * step) {
        places256(p, i, step, 4, taps, two, dot);
    }
    if (i + 2 * step < count) {
        places256(p, i, step, 3, taps, two, dot);
    } else if (i + step < count) {
        places256(p, i, step, 2, taps, two, dot);
    } else if (i < count) {
        places256(p, i, step, 1, taps, two, dot);
    }
}

/* taps: d->tap_count. Where it is known when this is compiled, the loop over them is none. */
static ALWAYS_INLINE void dots256_taps(const struct nn_depthwise_dots *d, const size_t taps,
                                       const dot256_fn dot)
{
    for (size_t k = 0; k < d->patterns && k * UNIT256 < d->count; k++) {
        const size_t pattern = (d->pattern + k) % d->patterns;
        const size_t weights = pattern * taps * UNIT256 * 4;
        const struct pattern256 p = {
            .d = d,
            .weights = d->weights + weights,
            .below_weights = d->below ? d->below_weights + weights : NULL,
            .bias = load256(d->bias + pattern * UNIT256),
            .scales = _mm256_loadu_ps(d->scales + pattern * UNIT256),
            .range = range256(d->range),
        };
        if (d->below) {
            pattern256(&p, k * UNIT256, taps, true, dot);
        } else {
            pattern256(&p, k * UNIT256, taps, false, dot);
        }
    }
}

/* `three_by_three`: the taps of that kernel. */
static ALWAYS_INLINE void dots256(const struct nn_depthwise_dots *d, const size_t three_by_three,
                                  const dot256_fn dot)
{
    if (d->tap_count == three_by_three) {
        dots256_taps(d, three_by_three, dot);
    } else {
        dots256_taps(d, d->tap_count, dot);
    }
}

#endif
