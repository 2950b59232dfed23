/* Tiles of CONV_2D and FULLY_CONNECTED: vpdpbusd of a group broadcast to all
 * lanes, raised by 128 to be unsigned, with 16 channels' weights. */
#include "kernels/avx512vnni.h"

#include <string.h>

#include "kernels/avx512_conv.h"

#define MOST_1 16 /* pixels of a tile of one panel */
#define MOST_2 14 /* of two: 28 sums, 2 weights and a group in 32 registers */
#define MOST_3 8  /* of two, three columns: 16 sums, 6 weights and 10 groups */

static ALWAYS_INLINE __m512i group(const unsigned char *x)
{
    int32_t bytes;
    memcpy(&bytes, x, sizeof(bytes));
    return _mm512_set1_epi32(bytes);
}

/* The sums have names: gcc keeps those of an array in memory. PIXELS is known
 * when this is compiled, which leaves the sums that it needs. */
#define STEP_1(p, x)                                                                               \
    if (pixels > p) {                                                                              \
        a##p = dot512(a##p, group(x), w0);                                                         \
    }

#define STORE_1(p, q, r, u)                                                                        \
    if (pixels > p) {                                                                              \
        store512_1(t, p, pixels - p, &range, a##p, a##q, a##r, a##u);                              \
    }

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
        a##p = dot512(a##p, g, w0);                                                                \
        b##p = dot512(b##p, g, w1);                                                                \
    }
#define STORE_2(p, q)                                                                              \
    if (pixels > p) {                                                                              \
        store512_2(t, p, pixels - p, &range, a##p, b##p, a##q, b##q);                              \
    }

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
    .convert = convert512,
    .channel = channel512,
    .most = { MOST_1, MOST_2 },
    .tiles = { tiles_1, tiles_2 },
    .most_3 = { MOST_1, MOST_3 },
    .tiles_3 = { threes_1, threes_2 },
};

bool nn_avx512vnni_conv(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_conv_pack(model, op, &isa, err);
}
