/* What the AVX-VNNI kernels share. */
#ifndef NN_KERNELS_AVXVNNI_COMMON_H
#define NN_KERNELS_AVXVNNI_COMMON_H

#include "kernels/avx2_common.h"

/* By fours, unsigned bytes of x and signed bytes of w. As assembler for the
 * reason that dot512() is; without the prefix it would be AVX-512's. */
static ALWAYS_INLINE __m256i dot_bytes256(__m256i sums, __m256i x, __m256i w)
{
    __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sums) : "x"(x), "x"(w));
    return sums;
}

/* Copies `count` bytes raised by 128. */
static inline void raise256(unsigned char *out, const int8_t *in, size_t count)
{
    const __m256i raise = _mm256_set1_epi8((char)0x80);
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_xor_si256(load256(in + i), raise));
    }
    for (; i < count; i++) {
        out[i] = (unsigned char)(in[i] ^ 0x80);
    }
}

#endif
