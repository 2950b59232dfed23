/* Shared by the parts of the AMX path: tile registers and conversions. A tile has 16 rows
 * of 32 bfloat16 values, or of 16 floats. */
#ifndef TRAIN_CONV_AMX_H
#define TRAIN_CONV_AMX_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "conv.h"

#define LANES 16 /* rows of a tile, and floats in one of them */
#define PAIRS 32 /* bfloat16 values in a row of a tile */
#define TILE (LANES * PAIRS)
#define MOST_TAPS 49
#define GROUP 32 /* pictures */

typedef uint16_t bfloat16;

/* Where the products get their rows from. */
struct rows {
    const float *values; /* pictures of height x width x channels */
    int height, width, channels;
    const struct conv_shape
        *thin; /* not NULL: rows unfolded from pictures of few channels (conv_amx_thin.c) */
    float *made;
};

/* Row y of pictures n..n+count-1, *picture floats from one to the next. */
const float *rows_at(const struct rows *r, int n, int count, int y, size_t *picture);

/* conv_amx_gather.c: forward, and the input's gradient */
size_t gather_scratch_bytes(const struct conv_shape *s);
void gather_forward(const struct conv_shape *s, const struct rows *in, const float *filter,
                    float *out, void *scratch);
void gather_backward(const struct conv_shape *s, const float *out_grad, const float *filter,
                     float *in_grad, bool add, void *scratch);

/* conv_amx_filter.c: the filter's gradient */
size_t filter_scratch_bytes(const struct conv_shape *s);
void filter_backward(const struct conv_shape *s, const struct rows *in, const float *out_grad,
                     float *filter_grad, void *scratch);

/* conv_amx_thin.c: inputs of so few channels that all taps are one step */
bool thin_fits(const struct conv_shape *s);
size_t thin_scratch_bytes(const struct conv_shape *s);
void thin_forward(const struct conv_shape *s, const float *in, const float *filter, float *out,
                  void *scratch);
void thin_backward_filter(const struct conv_shape *s, const float *in, const float *out_grad,
                          float *filter_grad, void *scratch);

static inline size_t blocks_of(int channels, int block)
{
    return ((size_t)channels + (size_t)block - 1) / (size_t)block;
}

static inline size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static inline int smaller(int a, int b)
{
    return a < b ? a : b;
}

struct tile_config {
    uint8_t palette;
    uint8_t start_row;
    uint8_t reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

/* Sums of the rows' first and second half with the columns' first and second. */
#define SUMS_00 0
#define SUMS_01 1
#define SUMS_10 2
#define SUMS_11 3
#define ROWS_0 4
#define ROWS_1 5
#define COLUMNS_0 6
#define COLUMNS_1 7

static inline void tiles_configure(int rows_0, int rows_1)
{
    struct tile_config config = { .palette = 1 };
    for (int i = 0; i < 8; i++) {
        config.row_bytes[i] = 64;
        config.rows[i] = LANES;
    }
    config.rows[SUMS_00] = config.rows[SUMS_01] = config.rows[ROWS_0] = (uint8_t)rows_0;
    config.rows[SUMS_10] = config.rows[SUMS_11] = config.rows[ROWS_1] = (uint8_t)rows_1;
    _tile_loadconfig(&config);
}

/* A barrier: the compiler does not know that tile loads read what was stored. */
static inline void stores_before_tiles(void)
{
    __asm__ volatile("" ::: "memory");
}

/* The channels from `at` on of two pixels, or of one and zeros. */
static inline __m512i rounded(__m512 low, __m512 high)
{
    return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

static inline __m512i rounded_channels(const float *from, int count)
{
    return rounded(_mm512_loadu_ps(from),
                   count > LANES ? _mm512_loadu_ps(from + LANES) : _mm512_setzero_ps());
}

/* Values i of two rows side by side. */
static inline __m512i rounded_pairs(const float *a, const float *b)
{
    const __m512i order =
        _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                         21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return _mm512_permutexvar_epi16(order, rounded(a ? _mm512_loadu_ps(a) : _mm512_setzero_ps(),
                                                   b ? _mm512_loadu_ps(b) : _mm512_setzero_ps()));
}

/* 16 x 16 values of 32 bits. */
static inline void transpose(__m512i *r)
{
    __m512i t[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
        r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
        r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
        r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
    }
}

#endif
