/* The channels of a depthwise convolution with a multiplier, for whatever has SSSE3's byte
 * shuffle. */
#ifndef NN_KERNELS_X86_REPEAT_H
#define NN_KERNELS_X86_REPEAT_H

#include <immintrin.h>
#include <string.h>

#include <stdint.h>

/* An nn_repeat_fn: as many values at a time as fill most of a vector. */
static inline void x86_repeat(int8_t *out, const int8_t *in, size_t count, size_t times)
{
    size_t i = 0;
    if (times <= 8) {
        const size_t values = 16 / times;
        char order[16];
        for (size_t k = 0; k < 16; k++) {
            order[k] = (char)(k / times);
        }
        const __m128i by = _mm_loadu_si128((const __m128i *)(const void *)order);
        for (; i + 16 <= count; i += values, out += values * times) {
            __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(in + i));
            _mm_storeu_si128((__m128i *)(void *)out, _mm_shuffle_epi8(x, by));
        }
    }
    for (; i < count; i++, out += times) {
        memset(out, in[i], times);
    }
}

#endif
