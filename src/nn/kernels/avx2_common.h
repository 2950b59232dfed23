/* What the kernels of AVX2 and AVX-VNNI share: requantisation as requantize.h
 * defines it, of sums whose scaled value fits an int32 (nn_scaled_fits). */
#ifndef NN_KERNELS_AVX2_COMMON_H
#define NN_KERNELS_AVX2_COMMON_H

#include <immintrin.h>
#include <string.h>

#include "graph.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* sums += groups of x * groups of w. */
typedef __m256i (*dot256_fn)(__m256i sums, __m256i x, __m256i w);

/* By pairs of signed 16 bits. */
static ALWAYS_INLINE __m256i dot_words256(__m256i sums, __m256i x, __m256i w)
{
    return _mm256_add_epi32(sums, _mm256_madd_epi16(x, w));
}

struct range256 {
    __m256i zero_point; /* of 16 bits */
    __m256i low, high;  /* of 8 bits */
};

static inline struct range256 range256(struct nn_output_range range)
{
    return (struct range256){ _mm256_set1_epi16((short)range.zero_point),
                              _mm256_set1_epi8((char)range.low),
                              _mm256_set1_epi8((char)range.high) };
}

static inline __m256i load256(const void *from)
{
    return _mm256_loadu_si256(from);
}

static inline __m256i scaled256(__m256i sums, __m256 scales)
{
    return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(sums), scales));
}

/* Four vectors of rounded values as 8 bits with the zero point: the first four of each, then
 * the last four of each. */
static inline __m256i halves256(__m256i a, __m256i b, __m256i c, __m256i d,
                                const struct range256 *range)
{
    __m256i ab = _mm256_adds_epi16(_mm256_packs_epi32(a, b), range->zero_point);
    __m256i cd = _mm256_adds_epi16(_mm256_packs_epi32(c, d), range->zero_point);
    __m256i q = _mm256_packs_epi16(ab, cd);
    return _mm256_min_epi8(_mm256_max_epi8(q, range->low), range->high);
}

/* The same in order. */
static inline __m256i bytes256(__m256i a, __m256i b, __m256i c, __m256i d,
                               const struct range256 *range)
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    return _mm256_permutevar8x32_epi32(halves256(a, b, c, d, range), order);
}

/* The same in order, two vectors each: quicker than bytes256() where these are stored apart. */
static inline void pairs256(__m256i a, __m256i b, __m256i c, __m256i d,
                            const struct range256 *range, __m128i *ab, __m128i *cd)
{
    __m256i q = halves256(a, b, c, d, range);
    __m128i first = _mm256_castsi256_si128(q), last = _mm256_extracti128_si256(q, 1);
    *ab = _mm_unpacklo_epi32(first, last);
    *cd = _mm_unpackhi_epi32(first, last);
}

/* The first `count` bytes of a vector. */
static inline void store_bytes256(int8_t *out, __m256i q, size_t count)
{
    if (count >= 32) {
        _mm256_storeu_si256((__m256i *)(void *)out, q);
        return;
    }
    int8_t all[32];
    _mm256_storeu_si256((__m256i *)(void *)all, q);
    memcpy(out, all, count);
}

#endif
