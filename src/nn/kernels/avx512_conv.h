/* What the tiles of AVX-512 VNNI and AMX share: the form of the activations, the
 * order of the channels, and from sums to stored outputs. */
#ifndef NN_KERNELS_AVX512_CONV_H
#define NN_KERNELS_AVX512_CONV_H

#include "kernels/avx512.h"
#include "kernels/conv.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

static inline void convert512(void *out, const int8_t *in, size_t count)
{
    const __m512i raise = _mm512_set1_epi8((char)0x80);
    char *to = out;
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        _mm512_storeu_si512(to + i, _mm512_xor_si512(_mm512_loadu_si512(in + i), raise));
    }
    if (i < count) {
        const __mmask64 mask = first512(count - i);
        __m512i rest = _mm512_maskz_loadu_epi8(mask, in + i);
        _mm512_mask_storeu_epi8(to + i, mask, _mm512_xor_si512(rest, raise));
    }
}

/* Two panels interleave by fours, so that packing puts them side by side. */
static inline int channel512(int panels, int panel, int lane)
{
    return panels == 1 ? lane : lane / 4 * 8 + panel * 4 + lane % 4;
}

static ALWAYS_INLINE void store512_pixel(const struct nn_tile *t, int8_t *out, __m128i q)
{
    if (t->channels == 16) {
        _mm_storeu_si128((__m128i *)(void *)out, q);
    } else {
        _mm_mask_storeu_epi8(out, (__mmask16)first512((size_t)t->channels), q);
    }
}

/* Pixels p to p + 3, 16 channels each. */
static ALWAYS_INLINE void store512_1(const struct nn_tile *t, int p, int count,
                                     const struct range512 *range, __m512i a, __m512i b, __m512i c,
                                     __m512i d)
{
    const __m512 scales = _mm512_loadu_ps(t->scales);
    __m512i q = transpose512(bytes512(scaled512(a, scales), scaled512(b, scales),
                                      scaled512(c, scales), scaled512(d, scales), range));
    int8_t *out = t->out + p * t->out_step;
    if (t->out_step == 16 && count >= 4) {
        _mm512_storeu_si512(out, q);
        return;
    }
    if (t->out_step == 8 && count >= 4) {
        const __m512i halves = _mm512_setr_epi64(0, 2, 4, 6, 0, 2, 4, 6);
        q = _mm512_permutexvar_epi64(halves, q);
        _mm256_storeu_si256((__m256i *)(void *)out, _mm512_castsi512_si256(q));
        return;
    }
    store512_pixel(t, out, _mm512_castsi512_si128(q));
    if (count > 1) {
        store512_pixel(t, out + t->out_step, _mm512_extracti32x4_epi32(q, 1));
    }
    if (count > 2) {
        store512_pixel(t, out + 2 * t->out_step, _mm512_extracti32x4_epi32(q, 2));
    }
    if (count > 3) {
        store512_pixel(t, out + 3 * t->out_step, _mm512_extracti32x4_epi32(q, 3));
    }
}

/* Pixels p and p + 1, 32 channels each. */
static ALWAYS_INLINE void store512_2(const struct nn_tile *t, int p, int count,
                                     const struct range512 *range, __m512i a0, __m512i a1,
                                     __m512i b0, __m512i b1)
{
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    const __m512 s0 = _mm512_loadu_ps(t->scales), s1 = _mm512_loadu_ps(t->scales + 16);
    __m512i ab =
        bytes512(scaled512(a0, s0), scaled512(a1, s1), scaled512(b0, s0), scaled512(b1, s1), range);
    __m512i q = _mm512_permutexvar_epi64(order, ab);
    int8_t *out = t->out + p * t->out_step;
    if (t->channels == 32) {
        _mm256_storeu_si256((__m256i *)(void *)out, _mm512_castsi512_si256(q));
        if (count > 1) {
            _mm256_storeu_si256((__m256i *)(void *)(out + t->out_step),
                                _mm512_extracti64x4_epi64(q, 1));
        }
        return;
    }
    const __mmask32 mask = (__mmask32)first512((size_t)t->channels);
    _mm256_mask_storeu_epi8(out, mask, _mm512_castsi512_si256(q));
    if (count > 1) {
        _mm256_mask_storeu_epi8(out + t->out_step, mask, _mm512_extracti64x4_epi64(q, 1));
    }
}

#endif
