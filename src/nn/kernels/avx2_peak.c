#include "kernels/avx2.h"

#include <immintrin.h>

#define SUMS 12

#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)

/* vpmaddwd and vpaddd. The assembler statements keep the compiler from seeing
 * that all sums are equal and unused. */
uint64_t nn_avx2_peak(uint64_t rounds)
{
#define DECLARE(i) __m256i a##i = _mm256_setzero_si256();
#define STEP(i) a##i = _mm256_add_epi32(a##i, _mm256_madd_epi16(x, y));
#define USE(i) __asm__ volatile("" : "+x"(a##i), "+x"(x));
    __m256i x = _mm256_set1_epi16(1), y = _mm256_set1_epi16(1);
    EACH(DECLARE)
    EACH(USE)
    for (uint64_t i = 0; i < rounds; i++) {
#define ROUND(i) STEP(i) USE(i)
        EACH(ROUND)
    }
    return rounds * SUMS * 16;
}
