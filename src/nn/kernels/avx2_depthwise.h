/* DEPTHWISE_CONV_2D in 256 bits, of AVX2 and AVX-VNNI: 32 outputs at a time. The
 * dot product is theirs. */
#ifndef NN_KERNELS_AVX2_DEPTHWISE_H
#define NN_KERNELS_AVX2_DEPTHWISE_H

#include "kernels/avx2_common.h"
#include "kernels/depthwise.h"

#define BLOCK256 32

static inline void gather256(int8_t *out, const int8_t *in, size_t count, size_t bytes, size_t step)
{
    for (size_t i = 0; i < count; i++, in += step, out += bytes) {
        size_t k = 0;
        for (; k + 16 <= bytes; k += 16) {
            memcpy(out + k, in + k, 16);
        }
        for (; k < bytes; k++) {
            out[k] = in[k];
        }
    }
}

/* Where the groups of vector `vector` of the block at output i are. */
static inline size_t groups256_at(const struct nn_depthwise_dots *d, size_t i, size_t vector,
                                  const bool jumps)
{
    return 4 * (jumps ? d->jumps[i / 8 + vector] - d->first_jump : i + 8 * vector);
}

static ALWAYS_INLINE void dots256_jumps(const struct nn_depthwise_dots *d, const dot256_fn dot,
                                        const bool jumps)
{
    const struct range256 range = range256(d->range);
    size_t pattern = d->pattern;
    for (size_t i = 0; i < d->count; i += BLOCK256) {
        const int32_t *bias = d->bias + pattern * BLOCK256;
        const float *s = d->scales + pattern * BLOCK256;
        const unsigned char *w = d->weights + pattern * d->tap_count * BLOCK256 * 4;
        __m256i a = load256(bias), b = load256(bias + 8);
        __m256i c = load256(bias + 16), e = load256(bias + 24);
        for (size_t t = 0; t < d->tap_count; t++, w += 4 * BLOCK256) {
            const unsigned char *x = d->taps[t];
            a = dot(a, load256(x + groups256_at(d, i, 0, jumps)), load256(w));
            b = dot(b, load256(x + groups256_at(d, i, 1, jumps)), load256(w + 32));
            c = dot(c, load256(x + groups256_at(d, i, 2, jumps)), load256(w + 64));
            e = dot(e, load256(x + groups256_at(d, i, 3, jumps)), load256(w + 96));
        }
        a = scaled256(a, _mm256_loadu_ps(s));
        b = scaled256(b, _mm256_loadu_ps(s + 8));
        c = scaled256(c, _mm256_loadu_ps(s + 16));
        e = scaled256(e, _mm256_loadu_ps(s + 24));
        store_bytes256(d->out + i, bytes256(a, b, c, e, &range), d->count - i);
        pattern = pattern + 1 == d->patterns ? 0 : pattern + 1;
    }
}

static ALWAYS_INLINE void dots256(const struct nn_depthwise_dots *d, const dot256_fn dot)
{
    if (d->jumps) {
        dots256_jumps(d, dot, true);
    } else {
        dots256_jumps(d, dot, false);
    }
}

#endif
