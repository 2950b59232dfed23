/* Tiles of CONV_2D and FULLY_CONNECTED: SDOT of 4 channels' weights with one
 * group. */
#include "kernels/neondot.h"

#include <string.h>

#include "kernels/conv.h"
#include "kernels/neon.h"

#define LANES 8
#define MOST_1 12 /* pixels of a tile of one panel */
#define MOST_2 6  /* of two: 24 sums, 4 weights and a few groups in 32 registers */

#define ALWAYS_INLINE inline __attribute__((always_inline))

static void convert(void *out, const int8_t *in, size_t count)
{
    memcpy(out, in, count);
}

static int channel(int panels, int panel, int lane)
{
    (void)panels;
    return panel * LANES + lane;
}

static ALWAYS_INLINE int8x8_t group(const unsigned char *x)
{
    int32_t bytes;
    memcpy(&bytes, x, sizeof(bytes));
    return vreinterpret_s8_s32(vset_lane_s32(bytes, vdup_n_s32(0), 0));
}

/* Returns x, but only after these sums: else gcc moves loads of groups ahead of the sums and
 * spills these from the registers. Generates no instruction. */
static ALWAYS_INLINE const unsigned char *behind(const unsigned char *x, int32x4_t a, int32x4_t b,
                                                 int32x4_t c, int32x4_t d)
{
    __asm__("" : "+r"(x) : "w"(a), "w"(b), "w"(c), "w"(d));
    return x;
}

/* Pixels p and p + 1, 8 channels each. */
static ALWAYS_INLINE void store_1(const struct nn_tile *t, int p, int count,
                                  const struct neon_range *range, int32x4_t a, int32x4_t b,
                                  int32x4_t c, int32x4_t d)
{
    const float32x4_t s0 = vld1q_f32(t->scales), s1 = vld1q_f32(t->scales + 4);
    int16x8_t first = neon_words(neon_scaled(a, s0), neon_scaled(b, s1), range);
    int16x8_t second = neon_words(neon_scaled(c, s0), neon_scaled(d, s1), range);
    int8x16_t q = neon_bytes(first, second, range);
    int8_t *out = t->out + p * t->out_step;
    if (t->channels == LANES) {
        vst1_s8(out, vget_low_s8(q));
        if (count > 1) {
            vst1_s8(out + t->out_step, vget_high_s8(q));
        }
        return;
    }
    neon_store_first(out, (size_t)t->channels, q);
    if (count > 1) {
        neon_store_first(out + t->out_step, (size_t)t->channels, vextq_s8(q, q, LANES));
    }
}

/* Pixel p, 16 channels. */
static ALWAYS_INLINE void store_2(const struct nn_tile *t, int p, const struct neon_range *range,
                                  int32x4_t a, int32x4_t b, int32x4_t c, int32x4_t d)
{
    const float *s = t->scales;
    int16x8_t ab =
        neon_words(neon_scaled(a, vld1q_f32(s)), neon_scaled(b, vld1q_f32(s + 4)), range);
    int16x8_t cd =
        neon_words(neon_scaled(c, vld1q_f32(s + 8)), neon_scaled(d, vld1q_f32(s + 12)), range);
    neon_store_first(t->out + p * t->out_step, (size_t)t->channels, neon_bytes(ab, cd, range));
}

/* The sums have names, so that they stay in registers. `pixels` is known when
 * this is compiled, which leaves the sums that it needs. */
#define TO_6(X) X(0) X(1) X(2) X(3) X(4) X(5)
#define TO_12(X) TO_6(X) X(6) X(7) X(8) X(9) X(10) X(11)

#define SUMS_1(p) int32x4_t a##p = i0, b##p = i1;
#define STEP_1(p)                                                                                  \
    if (pixels > p) {                                                                              \
        const int8x8_t g = group(x);                                                               \
        a##p = vdotq_lane_s32(a##p, w0, g, 0);                                                     \
        b##p = vdotq_lane_s32(b##p, w1, g, 0);                                                     \
        x = behind(x + t->pixel, a##p, b##p, a##p, b##p);                                          \
    }
#define STORE_1(p, q)                                                                              \
    if (pixels > p) {                                                                              \
        store_1(t, p, pixels - p, &range, a##p, b##p, a##q, b##q);                                 \
    }

static ALWAYS_INLINE void tile_1(const struct nn_tile *t, const int pixels)
{
    const int32x4_t i0 = vld1q_s32(t->bias), i1 = vld1q_s32(t->bias + 4);
    const int8_t *w = t->weights;
    TO_12(SUMS_1)
    for (size_t i = 0; i < t->step_count; i++, w += 32) {
        const unsigned char *x = t->steps[i] + t->offset;
        const int8x16_t w0 = vld1q_s8(w), w1 = vld1q_s8(w + 16);
        TO_12(STEP_1)
    }
    const struct neon_range range = neon_range(t->range);
    STORE_1(0, 1)
    STORE_1(2, 3)
    STORE_1(4, 5)
    STORE_1(6, 7)
    STORE_1(8, 9)
    STORE_1(10, 11)
}

#define SUMS_2(p) int32x4_t a##p = i0, b##p = i1, c##p = i2, d##p = i3;
#define STEP_2(p)                                                                                  \
    if (pixels > p) {                                                                              \
        const int8x8_t g = group(x);                                                               \
        a##p = vdotq_lane_s32(a##p, w0, g, 0);                                                     \
        b##p = vdotq_lane_s32(b##p, w1, g, 0);                                                     \
        c##p = vdotq_lane_s32(c##p, w2, g, 0);                                                     \
        d##p = vdotq_lane_s32(d##p, w3, g, 0);                                                     \
        x = behind(x + t->pixel, a##p, b##p, c##p, d##p);                                          \
    }
#define STORE_2(p)                                                                                 \
    if (pixels > p) {                                                                              \
        store_2(t, p, &range, a##p, b##p, c##p, d##p);                                             \
    }

static ALWAYS_INLINE void tile_2(const struct nn_tile *t, const int pixels)
{
    const int32x4_t i0 = vld1q_s32(t->bias), i1 = vld1q_s32(t->bias + 4);
    const int32x4_t i2 = vld1q_s32(t->bias + 8), i3 = vld1q_s32(t->bias + 12);
    const int8_t *w = t->weights;
    TO_6(SUMS_2)
    for (size_t i = 0; i < t->step_count; i++, w += 64) {
        const unsigned char *x = t->steps[i] + t->offset;
        const int8x16_t w0 = vld1q_s8(w), w1 = vld1q_s8(w + 16);
        const int8x16_t w2 = vld1q_s8(w + 32), w3 = vld1q_s8(w + 48);
        TO_6(STEP_2)
    }
    const struct neon_range range = neon_range(t->range);
    TO_6(STORE_2)
}

#define TILE(panels, pixels)                                                                       \
    static void tile_##panels##_##pixels(const struct nn_tile *t)                                  \
    {                                                                                              \
        tile_##panels(t, pixels);                                                                  \
    }
#define TILES_TO_6(panels)                                                                         \
    TILE(panels, 1)                                                                                \
    TILE(panels, 2)                                                                                \
    TILE(panels, 3)                                                                                \
    TILE(panels, 4)                                                                                \
    TILE(panels, 5)                                                                                \
    TILE(panels, 6)

TILES_TO_6(1)
TILE(1, 7)
TILE(1, 8)
TILE(1, 9)
TILE(1, 10)
TILE(1, 11)
TILE(1, 12)
TILES_TO_6(2)

static const nn_tile_fn tiles_1[MOST_1] = { tile_1_1, tile_1_2,  tile_1_3,  tile_1_4,
                                            tile_1_5, tile_1_6,  tile_1_7,  tile_1_8,
                                            tile_1_9, tile_1_10, tile_1_11, tile_1_12 };
static const nn_tile_fn tiles_2[MOST_2] = { tile_2_1, tile_2_2, tile_2_3,
                                            tile_2_4, tile_2_5, tile_2_6 };

static const struct nn_conv_isa isa = {
    .lanes = LANES,
    .group = 4,
    .offset = 0,
    .convert = convert,
    .channel = channel,
    .most = { MOST_1, MOST_2 },
    .tiles = { tiles_1, tiles_2 },
};

bool nn_neondot_conv(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_conv_pack(model, op, &isa, err);
}
