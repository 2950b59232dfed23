/* Tiles of CONV_2D and FULLY_CONNECTED: vpmaddwd of a pair broadcast to all
 * lanes with 8 channels' weights. */
#include "kernels/avx2.h"

#include "kernels/avx2_common.h"
#include "kernels/conv.h"

#define MOST_1 8 /* pixels of a tile of one panel */
#define MOST_2 6 /* of two: 12 sums, 2 weights and a group in 16 registers */

#define ALWAYS_INLINE inline __attribute__((always_inline))

static void convert(void *out, const int8_t *in, size_t count)
{
    int16_t *to = out;
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(in + i));
        _mm256_storeu_si256((__m256i *)(void *)(to + i), _mm256_cvtepi8_epi16(bytes));
    }
    for (; i < count; i++) {
        to[i] = in[i];
    }
}

static int channel(int panels, int panel, int lane)
{
    (void)panels;
    return panel * 8 + lane;
}

static ALWAYS_INLINE __m256i group(const unsigned char *x)
{
    int32_t pair;
    memcpy(&pair, x, sizeof(pair));
    return _mm256_set1_epi32(pair);
}

static ALWAYS_INLINE __m256i dot(__m256i sums, __m256i x, __m256i w)
{
    return _mm256_add_epi32(sums, _mm256_madd_epi16(x, w));
}

static ALWAYS_INLINE void store_pixel(const struct nn_tile *t, int8_t *out, __m128i q)
{
    if (t->channels == 16) {
        _mm_storeu_si128((__m128i *)(void *)out, q);
    } else if (t->channels == 8) {
        _mm_storel_epi64((__m128i *)(void *)out, q);
    } else {
        int8_t all[16];
        _mm_storeu_si128((__m128i *)(void *)all, q);
        memcpy(out, all, (size_t)t->channels);
    }
}

/* Pixels p to p + 3, 8 channels each. */
static ALWAYS_INLINE void store_1(const struct nn_tile *t, int p, int count,
                                  const struct range256 *range, __m256i a, __m256i b, __m256i c,
                                  __m256i d)
{
    const __m256 s = _mm256_loadu_ps(t->scales);
    __m256i q = bytes256(scaled256(a, s), scaled256(b, s), scaled256(c, s), scaled256(d, s), range);
    __m128i ab = _mm256_castsi256_si128(q), cd = _mm256_extracti128_si256(q, 1);
    int8_t *out = t->out + p * t->out_step;
    store_pixel(t, out, ab);
    if (count > 1) {
        store_pixel(t, out + t->out_step, _mm_unpackhi_epi64(ab, ab));
    }
    if (count > 2) {
        store_pixel(t, out + 2 * t->out_step, cd);
    }
    if (count > 3) {
        store_pixel(t, out + 3 * t->out_step, _mm_unpackhi_epi64(cd, cd));
    }
}

/* Pixels p and p + 1, 16 channels each. */
static ALWAYS_INLINE void store_2(const struct nn_tile *t, int p, int count,
                                  const struct range256 *range, __m256i a0, __m256i a1, __m256i b0,
                                  __m256i b1)
{
    const __m256 s0 = _mm256_loadu_ps(t->scales), s1 = _mm256_loadu_ps(t->scales + 8);
    __m256i q =
        bytes256(scaled256(a0, s0), scaled256(a1, s1), scaled256(b0, s0), scaled256(b1, s1), range);
    int8_t *out = t->out + p * t->out_step;
    store_pixel(t, out, _mm256_castsi256_si128(q));
    if (count > 1) {
        store_pixel(t, out + t->out_step, _mm256_extracti128_si256(q, 1));
    }
}

/* As in avx512vnni_conv.c: named sums, PIXELS known when this is compiled. */
#define STEP_1(p, x)                                                                               \
    if (pixels > p)                                                                                \
    a##p = dot(a##p, group(x), w0)
#define STORE_1(p, q, r, u)                                                                        \
    if (pixels > p)                                                                                \
    store_1(t, p, pixels - p, &range, a##p, a##q, a##r, a##u)

static ALWAYS_INLINE void tile_1(const struct nn_tile *t, const int pixels)
{
    const __m256i bias = load256(t->bias);
    __m256i a0 = bias, a1 = bias, a2 = bias, a3 = bias, a4 = bias, a5 = bias, a6 = bias, a7 = bias;
    const ptrdiff_t s = t->pixel;
    const char *w = t->weights;
    for (size_t i = 0; i < t->step_count; i++, w += 32) {
        const unsigned char *x0 = t->steps[i] + t->offset, *x3 = x0 + 3 * s, *x6 = x3 + 3 * s;
        const __m256i w0 = load256(w);
        STEP_1(0, x0);
        STEP_1(1, x0 + s);
        STEP_1(2, x0 + 2 * s);
        STEP_1(3, x3);
        STEP_1(4, x3 + s);
        STEP_1(5, x3 + 2 * s);
        STEP_1(6, x6);
        STEP_1(7, x6 + s);
    }
    const struct range256 range = range256(t->range);
    STORE_1(0, 1, 2, 3);
    STORE_1(4, 5, 6, 7);
}

#define STEP_2(p, x)                                                                               \
    if (pixels > p) {                                                                              \
        const __m256i g = group(x);                                                                \
        a##p = dot(a##p, g, w0);                                                                   \
        b##p = dot(b##p, g, w1);                                                                   \
    }
#define STORE_2(p, q)                                                                              \
    if (pixels > p)                                                                                \
    store_2(t, p, pixels - p, &range, a##p, b##p, a##q, b##q)

static ALWAYS_INLINE void tile_2(const struct nn_tile *t, const int pixels)
{
    const __m256i i0 = load256(t->bias), i1 = load256(t->bias + 8);
    __m256i a0 = i0, a1 = i0, a2 = i0, a3 = i0, a4 = i0, a5 = i0;
    __m256i b0 = i1, b1 = i1, b2 = i1, b3 = i1, b4 = i1, b5 = i1;
    const ptrdiff_t s = t->pixel;
    const char *w = t->weights;
    for (size_t i = 0; i < t->step_count; i++, w += 64) {
        const unsigned char *x0 = t->steps[i] + t->offset, *x3 = x0 + 3 * s;
        const __m256i w0 = load256(w), w1 = load256(w + 32);
        STEP_2(0, x0)
        STEP_2(1, x0 + s)
        STEP_2(2, x0 + 2 * s)
        STEP_2(3, x3)
        STEP_2(4, x3 + s)
        STEP_2(5, x3 + 2 * s)
    }
    const struct range256 range = range256(t->range);
    STORE_2(0, 1);
    STORE_2(2, 3);
    STORE_2(4, 5);
}

#define TILE(panels, pixels)                                                                       \
    static void tile_##panels##_##pixels(const struct nn_tile *t)                                  \
    {                                                                                              \
        tile_##panels(t, pixels);                                                                  \
    }

TILE(1, 1)
TILE(1, 2)
TILE(1, 3)
TILE(1, 4)
TILE(1, 5)
TILE(1, 6)
TILE(1, 7)
TILE(1, 8)
TILE(2, 1)
TILE(2, 2)
TILE(2, 3)
TILE(2, 4)
TILE(2, 5)
TILE(2, 6)

static const nn_tile_fn tiles_1[MOST_1] = { tile_1_1, tile_1_2, tile_1_3, tile_1_4,
                                            tile_1_5, tile_1_6, tile_1_7, tile_1_8 };
static const nn_tile_fn tiles_2[MOST_2] = { tile_2_1, tile_2_2, tile_2_3,
                                            tile_2_4, tile_2_5, tile_2_6 };

static const struct nn_conv_isa isa = {
    .lanes = 8,
    .group = 2,
    .convert = convert,
    .channel = channel,
    .most = { MOST_1, MOST_2 },
    .tiles = { tiles_1, tiles_2 },
};

bool nn_avx2_conv(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_conv_pack(model, op, &isa, err);
}
