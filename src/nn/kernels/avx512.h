/* What the AVX-512 kernels share: requantisation as requantize.h defines it, of
 * sums whose scaled value fits an int32 (nn_scaled_fits). */
#ifndef NN_KERNELS_AVX512_H
#define NN_KERNELS_AVX512_H

#include <immintrin.h>

#include "graph.h"

/* If the activation clamps at the zero point (RELU, RELU6), narrowing with unsigned
 * saturation does it, and only the upper limit is left. */
struct range512 {
    bool relu;
    bool narrow;        /* else: low and high are not -128 and 127 */
    __m512i zero_point; /* of 16 bits; relu: of 8 */
    __m512i low, high;  /* of 8 bits; relu: high alone, above the zero point */
};

static inline struct range512 range512(struct nn_output_range range)
{
    if (range.low == range.zero_point) {
        return (struct range512){ .relu = true,
                                  .zero_point = _mm512_set1_epi8((char)range.zero_point),
                                  .high = _mm512_set1_epi8((char)(range.high - range.low)) };
    }
    return (struct range512){ .narrow = range.low > -128 || range.high < 127,
                              .zero_point = _mm512_set1_epi16((short)range.zero_point),
                              .low = _mm512_set1_epi8((char)range.low),
                              .high = _mm512_set1_epi8((char)range.high) };
}

/* sums += unsigned bytes of x * signed bytes of w, by fours. As assembler, since
 * gcc 12 copies each sum around the intrinsic, at half the speed. */
static inline __m512i dot512(__m512i sums, __m512i x, __m512i w)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(x), "v"(w));
    return sums;
}

/* The same for pairs of signed 16 bits. */
static inline __m512i dot_words512(__m512i sums, __m512i x, __m512i w)
{
    __asm__("vpdpwssd %2, %1, %0" : "+v"(sums) : "v"(x), "v"(w));
    return sums;
}

static inline __m512i scaled512(__m512i sums, __m512 scales)
{
    return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(sums), scales));
}

/* Four vectors of rounded values as 8 bits with the zero point: in each 128-bit
 * lane a's 4, b's, c's and d's. Saturation on the way makes no difference. */
static inline __m512i bytes512(__m512i a, __m512i b, __m512i c, __m512i d,
                               const struct range512 *range)
{
    __m512i ab = _mm512_packs_epi32(a, b), cd = _mm512_packs_epi32(c, d);
    if (range->relu) {
        __m512i above = _mm512_min_epu8(_mm512_packus_epi16(ab, cd), range->high);
        return _mm512_add_epi8(above, range->zero_point);
    }
    ab = _mm512_adds_epi16(ab, range->zero_point);
    cd = _mm512_adds_epi16(cd, range->zero_point);
    __m512i q = _mm512_packs_epi16(ab, cd);
    return range->narrow ? _mm512_min_epi8(_mm512_max_epi8(q, range->low), range->high) : q;
}

/* Transposes the 4×4 dwords of a vector. */
static inline __m512i transpose512(__m512i v)
{
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_permutexvar_epi32(order, v);
}

static inline __mmask64 first512(size_t count)
{
    return count >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << count) - 1;
}

#endif
