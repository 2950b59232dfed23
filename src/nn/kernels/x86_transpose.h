/* TRANSPOSE of three planes (channels first) to pixels of three channels, for
 * whatever has SSSE3's byte shuffle. */
#ifndef NN_KERNELS_X86_TRANSPOSE_H
#define NN_KERNELS_X86_TRANSPOSE_H

#include <immintrin.h>

#include "graph.h"

/* The bytes of an output vector that come from plane `plane`: byte i of the
 * 48 is value i / 3 of plane i % 3. */
static inline __m128i x86_spread(__m128i values, int plane, int vector)
{
    char order[16];
    for (int i = 0; i < 16; i++) {
        int at = 16 * vector + i;
        order[i] = at % 3 == plane ? (char)(at / 3) : (char)0x80;
    }
    return _mm_shuffle_epi8(values, _mm_loadu_si128((const __m128i *)(const void *)order));
}

static inline __m128i x86_interleaved(__m128i a, __m128i b, __m128i c, int vector)
{
    return _mm_or_si128(_mm_or_si128(x86_spread(a, 0, vector), x86_spread(b, 1, vector)),
                        x86_spread(c, 2, vector));
}

static inline void x86_interleave_row(int8_t *to, const int8_t *a, size_t plane, size_t count)
{
    const int8_t *b = a + plane, *c = b + plane;
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(a + i));
        __m128i y = _mm_loadu_si128((const __m128i *)(const void *)(b + i));
        __m128i z = _mm_loadu_si128((const __m128i *)(const void *)(c + i));
        __m128i *out = (__m128i *)(void *)(to + 3 * i);
        _mm_storeu_si128(out, x86_interleaved(x, y, z, 0));
        _mm_storeu_si128(out + 1, x86_interleaved(x, y, z, 1));
        _mm_storeu_si128(out + 2, x86_interleaved(x, y, z, 2));
    }
    for (; i < count; i++) {
        to[3 * i] = a[i];
        to[3 * i + 1] = b[i];
        to[3 * i + 2] = c[i];
    }
}

static inline void x86_transpose(const struct nn_op *op, const void *const *in, void *out,
                                 void *scratch)
{
    const struct nn_transpose *t = &op->p.transpose;
    const size_t width = (size_t)t->dims[2];
    (void)scratch;
    for (size_t y = 0; y < (size_t)t->dims[1]; y++) {
        x86_interleave_row((int8_t *)out + y * width * 3, (const int8_t *)in[0] + y * t->strides[1],
                           t->strides[3], width);
    }
}

/* Whether it is that kind. */
static inline bool x86_transposes(const struct nn_op *op)
{
    const struct nn_transpose *t = &op->p.transpose;
    return t->dims[0] == 1 && t->dims[3] == 3 && t->strides[2] == 1;
}

#endif
