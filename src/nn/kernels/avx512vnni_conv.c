/* Tiles of CONV_2D and FULLY_CONNECTED: vpdpbusd of a group broadcast to all
 * lanes, raised by 128 to be unsigned, with 16 channels' weights. */
#include "kernels/avx512vnni.h"

#include <string.h>

#include "kernels/avx512.h"
#include "kernels/conv.h"

#define MOST_1 16 /* pixels of a tile of one panel */
#define MOST_2 14 /* of two: 28 sums, 2 weights and a group in 32 registers */
#define MOST_3 8  /* of two, three columns: 16 sums, 6 weights and 10 groups */

#define ALWAYS_INLINE inline __attribute__((always_inline))

static void convert(void *out, const int8_t *in, size_t count)
{
    const __m512i raise = _mm512_set1_epi8((char)0x80);
    char *to = out;
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        _mm512_storeu_si512(to + i, _mm512_xor_si512(_mm512_loadu_si512(in + i), raise));
    }
    __m512i rest = _mm512_maskz_loadu_epi8(first512(count - i), in + i);
    _mm512_storeu_si512(to + i, _mm512_xor_si512(rest, raise));
}

/* Two panels interleave by fours, so that packing puts them side by side. */
static int channel(int panels, int panel, int lane)
{
    return panels == 1 ? lane : lane / 4 * 8 + panel * 4 + lane % 4;
}

static ALWAYS_INLINE __m512i group(const unsigned char *x)
{
    int32_t bytes;
    memcpy(&bytes, x, sizeof(bytes));
    return _mm512_set1_epi32(bytes);
}

static ALWAYS_INLINE void store_pixel(const struct nn_tile *t, int8_t *out, __m128i q)
{
    if (t->channels == 16) {
        _mm_storeu_si128((__m128i *)(void *)out, q);
    } else {
        _mm_mask_storeu_epi8(out, (__mmask16)first512((size_t)t->channels), q);
    }
}

/* Pixels p to p + 3, 16 channels each. */
static ALWAYS_INLINE void store_1(const struct nn_tile *t, int p, int count,
                                  const struct range512 *range, __m512i a, __m512i b, __m512i c,
                                  __m512i d)
{
    const __m512 scales = _mm512_loadu_ps(t->scales);
    __m512i q = transpose512(bytes512(scaled512(a, scales), scaled512(b, scales),
                                      scaled512(c, scales), scaled512(d, scales), range));
    int8_t *out = t->out + p * t->out_step;
    if (t->out_step == 16 && count >= 4) {
        _mm512_storeu_si512(out, q);
        return;
    }
    store_pixel(t, out, _mm512_castsi512_si128(q));
    if (count > 1) {
        store_pixel(t, out + t->out_step, _mm512_extracti32x4_epi32(q, 1));
    }
    if (count > 2) {
        store_pixel(t, out + 2 * t->out_step, _mm512_extracti32x4_epi32(q, 2));
    }
    if (count > 3) {
        store_pixel(t, out + 3 * t->out_step, _mm512_extracti32x4_epi32(q, 3));
    }
}

/* Pixels p and p + 1, 32 channels each. */
static ALWAYS_INLINE void store_2(const struct nn_tile *t, int p, int count,
                                  const struct range512 *range, __m512i a0, __m512i a1, __m512i b0,
                                  __m512i b1)
{
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    const __m512 s0 = _mm512_loadu_ps(t->scales), s1 = _mm512_loadu_ps(t->scales + 16);
    __m512i ab = bytes512(scaled512(a0, s0), scaled512(a1, s1), scaled512(b0, s0),
                          scaled512(b1, s1), range);
    __m512i q = _mm512_permutexvar_epi64(order, ab);
    int8_t *out = t->out + p * t->out_step;
    if (t->channels == 32) {
        _mm256_storeu_si256((__m256i *)(void *)out, _mm512_castsi512_si256(q));
        if (count > 1) {
            _mm256_storeu_si256((__m256i *)(void *)(out + t->out_step),
                                _mm512_extracti64x4_epi64(q, 1));
        }
        return;
    }
    const __mmask32 mask = (__mmask32)first512((size_t)t->channels);
    _mm256_mask_storeu_epi8(out, mask, _mm512_castsi512_si256(q));
    if (count > 1) {
        _mm256_mask_storeu_epi8(out + t->out_step, mask, _mm512_extracti64x4_epi64(q, 1));
    }
}

/* The sums have names: gcc keeps those of an array in memory. PIXELS is known
 * when this is compiled, which leaves the sums that it needs. */
#define STEP_1(p, x)                                                                               \
    if (pixels > p)                                                                                \
    a##p = dot512(a##p, group(x), w0)

#define STORE_1(p, q, r, u)                                                                        \
    if (pixels > p)                                                                                \
    store_1(t, p, pixels - p, &range, a##p, a##q, a##r, a##u)

static ALWAYS_INLINE void tile_1(const struct nn_tile *t, const int pixels)
{
    const __m512i bias = _mm512_loadu_si512(t->bias);
    __m512i a0 = bias, a1 = bias, a2 = bias, a3 = bias, a4 = bias, a5 = bias, a6 = bias, a7 = bias;
    __m512i a8 = bias, a9 = bias, a10 = bias, a11 = bias, a12 = bias, a13 = bias, a14 = bias;
    __m512i a15 = bias;
    const ptrdiff_t s = t->pixel;
    const char *w = t->weights;
    for (size_t i = 0; i < t->step_count; i++, w += 64) {
        const unsigned char *x0 = t->steps[i] + t->offset, *x3 = x0 + 3 * s, *x6 = x3 + 3 * s;
        const unsigned char *x9 = x6 + 3 * s, *x12 = x9 + 3 * s, *x15 = x12 + 3 * s;
        const __m512i w0 = _mm512_loadu_si512(w);
        STEP_1(0, x0);
        STEP_1(1, x0 + s);
        STEP_1(2, x0 + 2 * s);
        STEP_1(3, x3);
        STEP_1(4, x3 + s);
        STEP_1(5, x3 + 2 * s);
        STEP_1(6, x6);
        STEP_1(7, x6 + s);
        STEP_1(8, x6 + 2 * s);
        STEP_1(9, x9);
        STEP_1(10, x9 + s);
        STEP_1(11, x9 + 2 * s);
        STEP_1(12, x12);
        STEP_1(13, x12 + s);
        STEP_1(14, x12 + 2 * s);
        STEP_1(15, x15);
    }
    const struct range512 range = range512(t->range);
    STORE_1(0, 1, 2, 3);
    STORE_1(4, 5, 6, 7);
    STORE_1(8, 9, 10, 11);
    STORE_1(12, 13, 14, 15);
}

#define STEP_2(p, x)                                                                               \
    if (pixels > p) {                                                                              \
        const __m512i g = group(x);                                                                \
        a##p = dot512(a##p, g, w0);                                                   \
        b##p = dot512(b##p, g, w1);                                                   \
    }
#define STORE_2(p, q)                                                                              \
    if (pixels > p)                                                                                \
    store_2(t, p, pixels - p, &range, a##p, b##p, a##q, b##q)

static ALWAYS_INLINE void tile_2(const struct nn_tile *t, const int pixels)
{
    const __m512i i0 = _mm512_loadu_si512(t->bias), i1 = _mm512_loadu_si512(t->bias + 16);
    __m512i a0 = i0, a1 = i0, a2 = i0, a3 = i0, a4 = i0, a5 = i0, a6 = i0, a7 = i0;
    __m512i a8 = i0, a9 = i0, a10 = i0, a11 = i0, a12 = i0, a13 = i0;
    __m512i b0 = i1, b1 = i1, b2 = i1, b3 = i1, b4 = i1, b5 = i1, b6 = i1, b7 = i1;
    __m512i b8 = i1, b9 = i1, b10 = i1, b11 = i1, b12 = i1, b13 = i1;
    const ptrdiff_t s = t->pixel;
    const char *w = t->weights;
    for (size_t i = 0; i < t->step_count; i++, w += 128) {
        const unsigned char *x0 = t->steps[i] + t->offset, *x3 = x0 + 3 * s, *x6 = x3 + 3 * s;
        const unsigned char *x9 = x6 + 3 * s, *x12 = x9 + 3 * s;
        const __m512i w0 = _mm512_loadu_si512(w), w1 = _mm512_loadu_si512(w + 64);
        STEP_2(0, x0)
        STEP_2(1, x0 + s)
        STEP_2(2, x0 + 2 * s)
        STEP_2(3, x3)
        STEP_2(4, x3 + s)
        STEP_2(5, x3 + 2 * s)
        STEP_2(6, x6)
        STEP_2(7, x6 + s)
        STEP_2(8, x6 + 2 * s)
        STEP_2(9, x9)
        STEP_2(10, x9 + s)
        STEP_2(11, x9 + 2 * s)
        STEP_2(12, x12)
        STEP_2(13, x12 + s)
    }
    const struct range512 range = range512(t->range);
    STORE_2(0, 1);
    STORE_2(2, 3);
    STORE_2(4, 5);
    STORE_2(6, 7);
    STORE_2(8, 9);
    STORE_2(10, 11);
    STORE_2(12, 13);
}

/* Steps of three columns: output p takes pixel p with the weights of column 0,
 * p + 1 with those of 1 and p + 2 with those of 2. Eight outputs at a time, a
 * column at a time, so that no sum waits for the one before it. */
#define LOAD(p, x) __m512i g##p = pixels + 2 > p ? group(x) : g0;
#define INTO_1(p, column, q)                                                                       \
    if (pixels > p) {                                                                              \
        a##p = dot512(a##p, g##q, w##column);                                                      \
    }
#define INTO_2(p, column, q)                                                                       \
    if (pixels > p) {                                                                              \
        a##p = dot512(a##p, g##q, v##column);                                                      \
        b##p = dot512(b##p, g##q, w##column);                                                      \
    }
#define EIGHT(INTO, column, p0, p1, p2, p3, p4, p5, p6, p7, q0, q1, q2, q3, q4, q5, q6, q7)        \
    INTO(p0, column, q0)                                                                           \
    INTO(p1, column, q1)                                                                           \
    INTO(p2, column, q2)                                                                           \
    INTO(p3, column, q3)                                                                           \
    INTO(p4, column, q4)                                                                           \
    INTO(p5, column, q5)                                                                           \
    INTO(p6, column, q6)                                                                           \
    INTO(p7, column, q7)
#define FIRST_EIGHT(INTO)                                                                          \
    EIGHT(INTO, 0, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7)                                 \
    EIGHT(INTO, 1, 0, 1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 7, 8)                                 \
    EIGHT(INTO, 2, 0, 1, 2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6, 7, 8, 9)
#define SECOND_EIGHT(INTO)                                                                         \
    EIGHT(INTO, 0, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)                     \
    EIGHT(INTO, 1, 8, 9, 10, 11, 12, 13, 14, 15, 9, 10, 11, 12, 13, 14, 15, 16)                    \
    EIGHT(INTO, 2, 8, 9, 10, 11, 12, 13, 14, 15, 10, 11, 12, 13, 14, 15, 16, 17)
#define LOAD_TO_9                                                                                  \
    const __m512i g0 = group(x0);                                                                  \
    LOAD(1, x0 + s)                                                                                \
    LOAD(2, x0 + 2 * s)                                                                            \
    LOAD(3, x3)                                                                                    \
    LOAD(4, x3 + s)                                                                                \
    LOAD(5, x3 + 2 * s)                                                                            \
    LOAD(6, x6)                                                                                    \
    LOAD(7, x6 + s)                                                                                \
    LOAD(8, x6 + 2 * s)                                                                            \
    LOAD(9, x9)

static ALWAYS_INLINE void three_1(const struct nn_tile *t, const int pixels)
{
    const __m512i bias = _mm512_loadu_si512(t->bias);
    __m512i a0 = bias, a1 = bias, a2 = bias, a3 = bias, a4 = bias, a5 = bias, a6 = bias, a7 = bias;
    __m512i a8 = bias, a9 = bias, a10 = bias, a11 = bias, a12 = bias, a13 = bias, a14 = bias;
    __m512i a15 = bias;
    const ptrdiff_t s = t->pixel;
    const char *w = t->weights;
    for (size_t i = 0; i < t->step_count; i++, w += 192) {
        const unsigned char *x0 = t->steps[i] + t->offset, *x3 = x0 + 3 * s, *x6 = x3 + 3 * s;
        const unsigned char *x9 = x6 + 3 * s, *x12 = x9 + 3 * s, *x15 = x12 + 3 * s;
        const __m512i w0 = _mm512_loadu_si512(w), w1 = _mm512_loadu_si512(w + 64);
        const __m512i w2 = _mm512_loadu_si512(w + 128);
        LOAD_TO_9
        FIRST_EIGHT(INTO_1)
        LOAD(10, x9 + s)
        LOAD(11, x9 + 2 * s)
        LOAD(12, x12)
        LOAD(13, x12 + s)
        LOAD(14, x12 + 2 * s)
        LOAD(15, x15)
        LOAD(16, x15 + s)
        LOAD(17, x15 + 2 * s)
        SECOND_EIGHT(INTO_1)
    }
    const struct range512 range = range512(t->range);
    STORE_1(0, 1, 2, 3);
    STORE_1(4, 5, 6, 7);
    STORE_1(8, 9, 10, 11);
    STORE_1(12, 13, 14, 15);
}

static ALWAYS_INLINE void three_2(const struct nn_tile *t, const int pixels)
{
    const __m512i i0 = _mm512_loadu_si512(t->bias), i1 = _mm512_loadu_si512(t->bias + 16);
    __m512i a0 = i0, a1 = i0, a2 = i0, a3 = i0, a4 = i0, a5 = i0, a6 = i0, a7 = i0;
    __m512i b0 = i1, b1 = i1, b2 = i1, b3 = i1, b4 = i1, b5 = i1, b6 = i1, b7 = i1;
    const ptrdiff_t s = t->pixel;
    const char *w = t->weights;
    for (size_t i = 0; i < t->step_count; i++, w += 384) {
        const unsigned char *x0 = t->steps[i] + t->offset, *x3 = x0 + 3 * s, *x6 = x3 + 3 * s;
        const unsigned char *x9 = x6 + 3 * s;
        const __m512i v0 = _mm512_loadu_si512(w), w0 = _mm512_loadu_si512(w + 64);
        const __m512i v1 = _mm512_loadu_si512(w + 128), w1 = _mm512_loadu_si512(w + 192);
        const __m512i v2 = _mm512_loadu_si512(w + 256), w2 = _mm512_loadu_si512(w + 320);
        LOAD_TO_9
        FIRST_EIGHT(INTO_2)
    }
    const struct range512 range = range512(t->range);
    STORE_2(0, 1);
    STORE_2(2, 3);
    STORE_2(4, 5);
    STORE_2(6, 7);
}

#define TILE(kind, panels, pixels)                                                                 \
    static void kind##_##panels##_##pixels(const struct nn_tile *t)                                \
    {                                                                                              \
        kind##_##panels(t, pixels);                                                                \
    }
#define TILES_TO_8(kind, panels)                                                                   \
    TILE(kind, panels, 1)                                                                          \
    TILE(kind, panels, 2)                                                                          \
    TILE(kind, panels, 3)                                                                          \
    TILE(kind, panels, 4)                                                                          \
    TILE(kind, panels, 5)                                                                          \
    TILE(kind, panels, 6)                                                                          \
    TILE(kind, panels, 7)                                                                          \
    TILE(kind, panels, 8)
#define TILES_TO_14(kind, panels)                                                                  \
    TILES_TO_8(kind, panels)                                                                       \
    TILE(kind, panels, 9)                                                                          \
    TILE(kind, panels, 10)                                                                         \
    TILE(kind, panels, 11)                                                                         \
    TILE(kind, panels, 12)                                                                         \
    TILE(kind, panels, 13)                                                                         \
    TILE(kind, panels, 14)

TILES_TO_14(tile, 1)
TILE(tile, 1, 15)
TILE(tile, 1, 16)
TILES_TO_14(tile, 2)
TILES_TO_14(three, 1)
TILE(three, 1, 15)
TILE(three, 1, 16)
TILES_TO_8(three, 2)

#define NAMES_TO_8(stem)                                                                           \
    stem##_1, stem##_2, stem##_3, stem##_4, stem##_5, stem##_6, stem##_7, stem##_8
#define NAMES_TO_14(stem)                                                                          \
    NAMES_TO_8(stem), stem##_9, stem##_10, stem##_11, stem##_12, stem##_13, stem##_14

static const nn_tile_fn tiles_1[MOST_1] = { NAMES_TO_14(tile_1), tile_1_15, tile_1_16 };
static const nn_tile_fn tiles_2[MOST_2] = { NAMES_TO_14(tile_2) };
static const nn_tile_fn threes_1[MOST_1] = { NAMES_TO_14(three_1), three_1_15, three_1_16 };
static const nn_tile_fn threes_2[MOST_3] = { NAMES_TO_8(three_2) };

static const struct nn_conv_isa isa = {
    .lanes = 16,
    .group = 4,
    .offset = 128,
    .convert = convert,
    .channel = channel,
    .most = { MOST_1, MOST_2 },
    .tiles = { tiles_1, tiles_2 },
    .most_3 = { MOST_1, MOST_3 },
    .tiles_3 = { threes_1, threes_2 },
};

bool nn_avx512vnni_conv(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_conv_pack(model, op, &isa, err);
}
