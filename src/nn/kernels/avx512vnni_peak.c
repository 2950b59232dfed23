#include "kernels/avx512vnni.h"

#include <immintrin.h>

#define SUMS 24

/* clang-format off */
#define EACH(X)                                                                                    \
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)                                  \
    X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23)
/* clang-format on */

/* The assembler statements keep the compiler from seeing that all sums are
 * equal and unused. */
uint64_t nn_avx512vnni_peak(uint64_t rounds)
{
#define DECLARE(i) __m512i a##i = _mm512_setzero_si512();
#define STEP(i) a##i = _mm512_dpbusd_epi32(a##i, x, y);
#define USE(i) __asm__ volatile("" : "+v"(a##i));
    __m512i x = _mm512_set1_epi8(1), y = _mm512_set1_epi8(1);
    EACH(DECLARE)
    EACH(USE)
    for (uint64_t i = 0; i < rounds; i++) {
        __asm__ volatile("" : "+v"(x), "+v"(y));
        EACH(STEP)
    }
    EACH(USE)
    return rounds * SUMS * 64;
}
