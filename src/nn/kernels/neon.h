/* What the NEON kernels share: requantisation as requantize.h defines it. */
#ifndef NN_KERNELS_NEON_H
#define NN_KERNELS_NEON_H

#include <arm_neon.h>
#include <string.h>

#include "graph.h"

#define NEON_BYTES 16

struct neon_range {
    int16x8_t zero_point;
    int8x16_t low, high;
};

static inline struct neon_range neon_range(struct nn_output_range range)
{
    return (struct neon_range){ vdupq_n_s16((int16_t)range.zero_point),
                                vdupq_n_s8((int8_t)range.low), vdupq_n_s8((int8_t)range.high) };
}

static inline int32x4_t neon_scaled(int32x4_t sums, float32x4_t scales)
{
    return vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(sums), scales));
}

/* Two vectors of rounded values as 16 bits, with the zero point. Saturation
 * makes no difference to what is left after narrowing to 8 bits. */
static inline int16x8_t neon_words(int32x4_t a, int32x4_t b, const struct neon_range *range)
{
    return vqaddq_s16(vqmovn_high_s32(vqmovn_s32(a), b), range->zero_point);
}

static inline int8x16_t neon_bytes(int16x8_t a, int16x8_t b, const struct neon_range *range)
{
    int8x16_t q = vqmovn_high_s16(vqmovn_s16(a), b);
    return vminq_s8(vmaxq_s8(q, range->low), range->high);
}

/* The first `count` bytes of a vector, and zeros; count is at most 16. */
static inline int8x16_t neon_load_first(const int8_t *from, size_t count)
{
    int8_t bytes[NEON_BYTES] = { 0 };
    memcpy(bytes, from, count);
    return vld1q_s8(bytes);
}

static inline void neon_store_first(int8_t *to, size_t count, int8x16_t v)
{
    if (count >= NEON_BYTES) {
        vst1q_s8(to, v);
        return;
    }
    int8_t bytes[NEON_BYTES];
    vst1q_s8(bytes, v);
    memcpy(to, bytes, count);
}

#endif
