#include "kernels/avxvnni.h"

#include "kernels/avxvnni_common.h"

#define SUMS 12

#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)

/* The assembler statements keep the compiler from seeing that all sums are
 * equal and unused. */
uint64_t nn_avxvnni_peak(uint64_t rounds)
{
#define DECLARE(i) __m256i a##i = _mm256_setzero_si256();
#define STEP(i) a##i = dot_bytes256(a##i, x, y);
#define USE(i) __asm__ volatile("" : "+x"(a##i));
    __m256i x = _mm256_set1_epi8(1), y = _mm256_set1_epi8(1);
    EACH(DECLARE)
    EACH(USE)
    for (uint64_t i = 0; i < rounds; i++) {
        __asm__ volatile("" : "+x"(x), "+x"(y));
        EACH(STEP)
    }
    EACH(USE)
    return rounds * SUMS * 32;
}
