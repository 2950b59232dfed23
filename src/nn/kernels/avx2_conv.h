/* Tiles of CONV_2D and FULLY_CONNECTED in 256 bits, of AVX2 and AVX-VNNI: a group
 * broadcast to all lanes with 8 channels' weights. The dot product is theirs. */
#ifndef NN_KERNELS_AVX2_CONV_H
#define NN_KERNELS_AVX2_CONV_H

#include "kernels/avx2_common.h"
#include "kernels/conv.h"

static inline int channel256(int panels, int panel, int lane)
{
    (void)panels;
    return panel * 8 + lane;
}

static ALWAYS_INLINE __m256i group256(const unsigned char *x)
{
    int32_t pair;
    memcpy(&pair, x, sizeof(pair));
    return _mm256_set1_epi32(pair);
}

static ALWAYS_INLINE void store256_pixel(const struct nn_tile *t, int8_t *out, __m128i q)
{
    if (t->channels == 16) {
        _mm_storeu_si128((__m128i *)(void *)out, q);
    } else if (t->channels == 8) {
        _mm_storel_epi64((__m128i *)(void *)out, q);
    } else {
        int left = t->channels;
        if (left > 8) {
            _mm_storel_epi64((__m128i *)(void *)out, q);
            q = _mm_unpackhi_epi64(q, q);
            out += 8;
            left -= 8;
        }
        uint64_t bytes = (uint64_t)_mm_cvtsi128_si64(q);
        for (int i = 0; i < left; i++, bytes >>= 8) {
            out[i] = (int8_t)bytes;
        }
    }
}

/* Pixels p to p + 3, 8 channels each. */
static ALWAYS_INLINE void store256_1(const struct nn_tile *t, int p, int count,
                                     const struct range256 *range, __m256i a, __m256i b, __m256i c,
                                     __m256i d)
{
    const __m256 s = _mm256_loadu_ps(t->scales);
    __m128i ab, cd;
    pairs256(scaled256(a, s), scaled256(b, s), scaled256(c, s), scaled256(d, s), range, &ab, &cd);
    int8_t *out = t->out + p * t->out_step;
    store256_pixel(t, out, ab);
    if (count > 1) {
        store256_pixel(t, out + t->out_step, _mm_unpackhi_epi64(ab, ab));
    }
    if (count > 2) {
        store256_pixel(t, out + 2 * t->out_step, cd);
    }
    if (count > 3) {
        store256_pixel(t, out + 3 * t->out_step, _mm_unpackhi_epi64(cd, cd));
    }
}

/* Pixels p and p + 1, 16 channels each. */
static ALWAYS_INLINE void store256_2(const struct nn_tile *t, int p, int count,
                                     const struct range256 *range, __m256i a0, __m256i a1,
                                     __m256i b0, __m256i b1)
{
    const __m256 s0 = _mm256_loadu_ps(t->scales), s1 = _mm256_loadu_ps(t->scales + 8);
    __m128i a, b;
    pairs256(scaled256(a0, s0), scaled256(a1, s1), scaled256(b0, s0), scaled256(b1, s1), range, &a,
             &b);
    int8_t *out = t->out + p * t->out_step;
    store256_pixel(t, out, a);
    if (count > 1) {
        store256_pixel(t, out + t->out_step, b);
    }
}

/* As in avx512vnni_conv.c: named sums, PIXELS and DOT known when this is compiled. */
#define STEP_1(p, x)                                                                               \
    if (pixels > p) {                                                                              \
        a##p = dot(a##p, group256(x), w0);                                                         \
    }
#define STORE_1(p, q, r, u)                                                                        \
    if (pixels > p) {                                                                              \
        store256_1(t, p, pixels - p, &range, a##p, a##q, a##r, a##u);                              \
    }

static ALWAYS_INLINE void tile256_1(const struct nn_tile *t, const int pixels, const dot256_fn dot)
{
    const __m256i bias = load256(t->bias);
    __m256i a0 = bias, a1 = bias, a2 = bias, a3 = bias, a4 = bias, a5 = bias, a6 = bias, a7 = bias;
    __m256i a8 = bias, a9 = bias, a10 = bias, a11 = bias;
    const ptrdiff_t s = t->pixel;
    const char *w = t->weights;
    for (size_t i = 0; i < t->step_count; i++, w += 32) {
        const unsigned char *x0 = t->steps[i] + t->offset, *x3 = x0 + 3 * s, *x6 = x3 + 3 * s;
        const unsigned char *x9 = x6 + 3 * s;
        const __m256i w0 = load256(w);
        STEP_1(0, x0);
        STEP_1(1, x0 + s);
        STEP_1(2, x0 + 2 * s);
        STEP_1(3, x3);
        STEP_1(4, x3 + s);
        STEP_1(5, x3 + 2 * s);
        STEP_1(6, x6);
        STEP_1(7, x6 + s);
        STEP_1(8, x6 + 2 * s);
        STEP_1(9, x9);
        STEP_1(10, x9 + s);
        STEP_1(11, x9 + 2 * s);
    }
    const struct range256 range = range256(t->range);
    STORE_1(0, 1, 2, 3);
    STORE_1(4, 5, 6, 7);
    STORE_1(8, 9, 10, 11);
}

#define STEP_2(p, x)                                                                               \
    if (pixels > p) {                                                                              \
        const __m256i g = group256(x);                                                             \
        a##p = dot(a##p, g, w0);                                                                   \
        b##p = dot(b##p, g, w1);                                                                   \
    }
#define STORE_2(p, q)                                                                              \
    if (pixels > p) {                                                                              \
        store256_2(t, p, pixels - p, &range, a##p, b##p, a##q, b##q);                              \
    }

static ALWAYS_INLINE void tile256_2(const struct nn_tile *t, const int pixels, const dot256_fn dot)
{
    const __m256i i0 = load256(t->bias), i1 = load256(t->bias + 8);
    __m256i a0 = i0, a1 = i0, a2 = i0, a3 = i0, a4 = i0, a5 = i0;
    __m256i b0 = i1, b1 = i1, b2 = i1, b3 = i1, b4 = i1, b5 = i1;
    const ptrdiff_t s = t->pixel;
    const char *w = t->weights;
    for (size_t i = 0; i < t->step_count; i++, w += 64) {
        const unsigned char *x0 = t->steps[i] + t->offset, *x3 = x0 + 3 * s;
        const __m256i w0 = load256(w), w1 = load256(w + 32);
        STEP_2(0, x0)
        STEP_2(1, x0 + s)
        STEP_2(2, x0 + 2 * s)
        STEP_2(3, x3)
        STEP_2(4, x3 + s)
        STEP_2(5, x3 + 2 * s)
    }
    const struct range256 range = range256(t->range);
    STORE_2(0, 1);
    STORE_2(2, 3);
    STORE_2(4, 5);
}

#endif
