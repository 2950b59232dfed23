/* Tiles of AMX hold 16 rows of 32 bfloat16 values. What makes the rows here is the
 * batch: a group of 32 pictures stands in the scratch pixel by pixel, so that
 * any pixel is two tiles, whatever the picture's width, the stride and the tap,
 * and taps beyond the border are left out. A few rows of pixels at a time are
 * converted, as they are needed. */
#include "conv_path.h"

#include <cpuid.h>
#include <immintrin.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROUP 32 /* pictures */
#define LANES 16 /* rows of a tile, and floats in one of them */
#define PAIRS 32 /* bfloat16 values in a row of a tile */
#define TILE (LANES * PAIRS)
#define MOST_TAPS 49

/* Pixels of the output whose products with the input are summed up before the
 * sums are stored. */
#define BAND_PIXELS 32

typedef uint16_t bfloat16;

/* Linux gives a process the tile registers when it asks; asking again is fine. */
#define ARCH_REQ_XCOMP_PERM 0x1023
#define XFEATURE_XTILEDATA 18

#define AMX_BF16 (1u << 22)
#define AMX_TILE (1u << 24)
#define AVX512_BF16 (1u << 5)

static bool detect(void)
{
    unsigned a, b, c, d;
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl") ||
        !__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a & AVX512_BF16)) {
        return false;
    }
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & AMX_TILE) && (d & AMX_BF16) &&
           syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

static bool fits(const struct conv_shape *s)
{
    return s->in_channels % LANES == 0 && s->out_channels % LANES == 0 &&
           s->kernel * s->kernel <= MOST_TAPS;
}

static size_t blocks_of(int channels, int block)
{
    return ((size_t)channels + (size_t)block - 1) / (size_t)block;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* ------------------------------------------------------------ the tile registers */

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

static void configure(int rows_0, int rows_1)
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

/* The compiler does not know that tiles are loaded from what was stored. */
static inline void stores_before_tiles(void)
{
    __asm__ volatile("" ::: "memory");
}

/* --------------------------------------------------------------- conversions */

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

/* ---------------------------------------------------- forward, and back to the input
 * Both gather: a pixel of the destination is the sum over taps of a pixel of the
 * source times the tap's matrix. */

struct gather {
    int batch, kernel, stride;
    int from_height, from_width, from_channels;
    int to_height, to_width, to_channels;
    int pad_top, pad_left;
    bool back;
    bool add;
};

/* The pixel of the source that tap `tap` brings to `at`, or -1. */
static int source(const struct gather *g, int at, int tap, int pad, int limit)
{
    int from = g->back ? at + pad - tap : at * g->stride + tap - pad;
    if (g->back) {
        if (from < 0 || from % g->stride) {
            return -1;
        }
        from /= g->stride;
    }
    return from < limit ? from : -1;
}

/* Tiles of the filter: [two blocks of 16 columns][tap][32 rows][1 or 2 columns]. */
static bfloat16 *filter_tile(bfloat16 *tiles, const struct gather *g, size_t column, size_t tap,
                             size_t row)
{
    size_t taps = (size_t)g->kernel * (size_t)g->kernel;
    size_t rows = blocks_of(g->from_channels, PAIRS);
    size_t columns = blocks_of(g->to_channels, LANES);
    size_t first = column & ~(size_t)1;
    size_t wide = columns - first > 1 ? 2 : 1;
    return tiles + (first * taps * rows + (tap * rows + row) * wide + (column - first)) * TILE;
}

static size_t filter_bytes(int taps, int from_channels, int to_channels)
{
    return blocks_of(to_channels, LANES) * blocks_of(from_channels, PAIRS) * (size_t)taps * TILE *
           sizeof(bfloat16);
}

/* Forward: rows are input channels, columns are output channels. */
static void pack_filter(const struct gather *g, const float *filter, bfloat16 *tiles)
{
    size_t taps = (size_t)g->kernel * (size_t)g->kernel;
    size_t depth = taps * (size_t)g->from_channels;
    for (int o = 0; o < g->to_channels; o += LANES) {
        for (size_t tap = 0; tap < taps; tap++) {
            for (int i = 0; i < g->from_channels; i += PAIRS) {
                const float *from =
                    filter + (size_t)o * depth + tap * (size_t)g->from_channels + (size_t)i;
                bfloat16 *to = filter_tile(tiles, g, (size_t)o / LANES, tap, (size_t)i / PAIRS);
                __m512i r[16];
                for (int n = 0; n < 16; n++, from += depth) {
                    r[n] = rounded_channels(from, g->from_channels - i);
                }
                transpose(r);
                for (int n = 0; n < 16; n++) {
                    _mm512_store_si512(to + n * PAIRS, r[n]);
                }
            }
        }
    }
}

/* Back: rows are output channels, columns are input channels. */
static void pack_filter_back(const struct gather *g, const float *filter, bfloat16 *tiles)
{
    size_t taps = (size_t)g->kernel * (size_t)g->kernel;
    size_t depth = taps * (size_t)g->to_channels;
    for (int o = 0; o < g->from_channels; o += 2) {
        for (size_t tap = 0; tap < taps; tap++) {
            const float *from = filter + (size_t)o * depth + tap * (size_t)g->to_channels;
            for (int i = 0; i < g->to_channels; i += LANES, from += LANES) {
                bfloat16 *to = filter_tile(tiles, g, (size_t)i / LANES, tap, (size_t)o / PAIRS);
                _mm512_store_si512(to + o % PAIRS / 2 * PAIRS, rounded_pairs(from, from + depth));
            }
        }
    }
    if (g->from_channels % PAIRS) {
        for (size_t column = 0; column < blocks_of(g->to_channels, LANES); column++) {
            for (size_t tap = 0; tap < taps; tap++) {
                bfloat16 *to = filter_tile(tiles, g, column, tap, (size_t)g->from_channels / PAIRS);
                memset(to + TILE / 2, 0, TILE / 2 * sizeof *to);
            }
        }
    }
}

/* Row y of `count` pictures: [x][32 channels][picture]. */
static void pack_row(const struct gather *g, const float *from, int y, int count, bfloat16 *row)
{
    size_t channels = (size_t)g->from_channels;
    size_t blocks = blocks_of(g->from_channels, PAIRS);
    size_t picture = (size_t)g->from_height * (size_t)g->from_width * channels;
    from += (size_t)y * (size_t)g->from_width * channels;
    for (int n = 0; n < count; n++, from += picture, row += PAIRS) {
        const float *pixel = from;
        bfloat16 *to = row;
        for (int x = 0; x < g->from_width; x++, pixel += channels, to += blocks * GROUP * PAIRS) {
            for (int c = 0; c < g->from_channels; c += PAIRS) {
                _mm512_store_si512(to + (size_t)c * GROUP,
                                   rounded_channels(pixel + c, g->from_channels - c));
            }
        }
    }
}

/* A pixel of the destination: for each tap within the picture, the tap's number
 * and the tiles of its pixel in the source; each has `blocks` blocks of 32 rows.
 * The sums' rows are `pitch` floats apart. */
struct product {
    struct {
        const bfloat16 *rows;
        size_t tap;
    } steps[MOST_TAPS];
    size_t step_count, blocks;
    size_t pitch;
    bool add;
};

static void product_22(const struct product *p, const bfloat16 *tiles, float *to)
{
    const size_t pitch = p->pitch * sizeof(float);
    float *to_1 = to + LANES * p->pitch;
    if (p->add) {
        _tile_loadd(SUMS_00, to, pitch);
        _tile_loadd(SUMS_01, to + LANES, pitch);
        _tile_loadd(SUMS_10, to_1, pitch);
        _tile_loadd(SUMS_11, to_1 + LANES, pitch);
    } else {
        _tile_zero(SUMS_00);
        _tile_zero(SUMS_01);
        _tile_zero(SUMS_10);
        _tile_zero(SUMS_11);
    }
    for (size_t i = 0; i < p->step_count; i++) {
        const bfloat16 *rows = p->steps[i].rows;
        const bfloat16 *columns = tiles + p->steps[i].tap * p->blocks * 2 * TILE;
        for (size_t k = 0; k < p->blocks; k++, rows += 2 * TILE, columns += 2 * TILE) {
            _tile_loadd(COLUMNS_0, columns, 64);
            _tile_loadd(ROWS_0, rows, 64);
            _tile_dpbf16ps(SUMS_00, ROWS_0, COLUMNS_0);
            _tile_loadd(ROWS_1, rows + TILE, 64);
            _tile_dpbf16ps(SUMS_10, ROWS_1, COLUMNS_0);
            _tile_loadd(COLUMNS_1, columns + TILE, 64);
            _tile_dpbf16ps(SUMS_01, ROWS_0, COLUMNS_1);
            _tile_dpbf16ps(SUMS_11, ROWS_1, COLUMNS_1);
        }
    }
    _tile_stored(SUMS_00, to, pitch);
    _tile_stored(SUMS_01, to + LANES, pitch);
    _tile_stored(SUMS_10, to_1, pitch);
    _tile_stored(SUMS_11, to_1 + LANES, pitch);
}

static void product_21(const struct product *p, const bfloat16 *tiles, float *to)
{
    const size_t pitch = p->pitch * sizeof(float);
    float *to_1 = to + LANES * p->pitch;
    if (p->add) {
        _tile_loadd(SUMS_00, to, pitch);
        _tile_loadd(SUMS_10, to_1, pitch);
    } else {
        _tile_zero(SUMS_00);
        _tile_zero(SUMS_10);
    }
    for (size_t i = 0; i < p->step_count; i++) {
        const bfloat16 *rows = p->steps[i].rows;
        const bfloat16 *columns = tiles + p->steps[i].tap * p->blocks * TILE;
        for (size_t k = 0; k < p->blocks; k++, rows += 2 * TILE, columns += TILE) {
            _tile_loadd(COLUMNS_0, columns, 64);
            _tile_loadd(ROWS_0, rows, 64);
            _tile_dpbf16ps(SUMS_00, ROWS_0, COLUMNS_0);
            _tile_loadd(ROWS_1, rows + TILE, 64);
            _tile_dpbf16ps(SUMS_10, ROWS_1, COLUMNS_0);
        }
    }
    _tile_stored(SUMS_00, to, pitch);
    _tile_stored(SUMS_10, to_1, pitch);
}

/* At most 16 rows: one or two blocks of columns. */
static void product_1n(const struct product *p, const bfloat16 *tiles, float *to, size_t wide)
{
    const size_t pitch = p->pitch * sizeof(float);
    for (size_t n = 0; n < wide; n++, to += LANES) {
        if (p->add) {
            _tile_loadd(SUMS_00, to, pitch);
        } else {
            _tile_zero(SUMS_00);
        }
        for (size_t i = 0; i < p->step_count; i++) {
            const bfloat16 *rows = p->steps[i].rows;
            const bfloat16 *columns = tiles + (p->steps[i].tap * p->blocks * wide + n) * TILE;
            for (size_t k = 0; k < p->blocks; k++, rows += 2 * TILE, columns += wide * TILE) {
                _tile_loadd(COLUMNS_0, columns, 64);
                _tile_loadd(ROWS_0, rows, 64);
                _tile_dpbf16ps(SUMS_00, ROWS_0, COLUMNS_0);
            }
        }
        _tile_stored(SUMS_00, to, pitch);
    }
}

/* Rows of the source, as many as a row of the destination can need, each in the
 * place of its number modulo their count. */
struct ring {
    bfloat16 *rows;
    size_t row; /* values */
    int next;   /* the first row that was not yet converted */
};

static void gather_pixel(const struct gather *g, const struct ring *ring, const int *sources_y,
                         int x, int count, bfloat16 *tiles, float *to)
{
    struct product p;
    size_t pixel = blocks_of(g->from_channels, PAIRS) * GROUP * PAIRS;
    p.step_count = 0;
    p.blocks = blocks_of(g->from_channels, PAIRS);
    p.pitch = (size_t)g->to_height * (size_t)g->to_width * (size_t)g->to_channels;
    p.add = g->add;
    for (int ky = 0; ky < g->kernel; ky++) {
        if (sources_y[ky] < 0) {
            continue;
        }
        const bfloat16 *row = ring->rows + (size_t)(sources_y[ky] % g->kernel) * ring->row;
        for (int kx = 0; kx < g->kernel; kx++) {
            int from = source(g, x, kx, g->pad_left, g->from_width);
            if (from >= 0) {
                p.steps[p.step_count].rows = row + (size_t)from * pixel;
                p.steps[p.step_count++].tap = (size_t)(ky * g->kernel + kx);
            }
        }
    }
    size_t columns = blocks_of(g->to_channels, LANES);
    for (size_t column = 0; column < columns; column += 2, to += 2 * LANES) {
        size_t wide = columns - column > 1 ? 2 : 1;
        const bfloat16 *own = filter_tile(tiles, g, column, 0, 0);
        if (count <= LANES) {
            product_1n(&p, own, to, wide);
        } else if (wide == 2) {
            product_22(&p, own, to);
        } else {
            product_21(&p, own, to);
        }
    }
}

static void gather_group(const struct gather *g, const float *from, bfloat16 *tiles, bfloat16 *rows,
                         int count, float *to)
{
    struct ring ring = { .rows = rows };
    ring.row = (size_t)g->from_width * blocks_of(g->from_channels, PAIRS) * GROUP * PAIRS;
    configure(smaller(count, LANES), count > LANES ? count - LANES : LANES);
    for (int y = 0; y < g->to_height; y++) {
        int sources_y[MOST_TAPS];
        int first = g->from_height, last = -1;
        for (int ky = 0; ky < g->kernel; ky++) {
            int at = source(g, y, ky, g->pad_top, g->from_height);
            sources_y[ky] = at < 0 ? -1 : at;
            if (at >= 0) {
                first = smaller(first, at);
                last = at > last ? at : last;
            }
        }
        if (last >= 0 && ring.next < first) {
            ring.next = first;
        }
        for (; ring.next <= last; ring.next++) {
            pack_row(g, from, ring.next, count, rows + (size_t)(ring.next % g->kernel) * ring.row);
        }
        stores_before_tiles();
        for (int x = 0; x < g->to_width; x++) {
            gather_pixel(g, &ring, sources_y, x, count, tiles, to);
            to += g->to_channels;
        }
    }
    _tile_release();
}

static void gather(const struct gather *g, const float *from, bfloat16 *tiles, float *to)
{
    bfloat16 *rows = tiles + filter_bytes(g->kernel * g->kernel, g->from_channels, g->to_channels) /
                                 sizeof *tiles;
    for (int n = 0; n < g->batch; n += GROUP) {
        size_t from_picture =
            (size_t)g->from_height * (size_t)g->from_width * (size_t)g->from_channels;
        size_t to_picture = (size_t)g->to_height * (size_t)g->to_width * (size_t)g->to_channels;
        gather_group(g, from + (size_t)n * from_picture, tiles, rows, smaller(g->batch - n, GROUP),
                     to + (size_t)n * to_picture);
    }
}

static void forward(const struct conv_shape *s, const float *in, const float *filter, float *out,
                    void *scratch)
{
    const struct gather g = { .batch = s->batch,
                              .kernel = s->kernel,
                              .stride = s->stride,
                              .from_height = s->in_height,
                              .from_width = s->in_width,
                              .from_channels = s->in_channels,
                              .to_height = s->out_height,
                              .to_width = s->out_width,
                              .to_channels = s->out_channels,
                              .pad_top = s->pad_top,
                              .pad_left = s->pad_left };
    pack_filter(&g, filter, scratch);
    gather(&g, in, scratch, out);
}

static void backward_input(const struct conv_shape *s, const float *out_grad, const float *filter,
                           float *in_grad, bool add, void *scratch)
{
    const struct gather g = { .batch = s->batch,
                              .kernel = s->kernel,
                              .stride = s->stride,
                              .from_height = s->out_height,
                              .from_width = s->out_width,
                              .from_channels = s->out_channels,
                              .to_height = s->in_height,
                              .to_width = s->in_width,
                              .to_channels = s->in_channels,
                              .pad_top = s->pad_top,
                              .pad_left = s->pad_left,
                              .back = true,
                              .add = add };
    pack_filter_back(&g, filter, scratch);
    gather(&g, out_grad, scratch, in_grad);
}

/* -------------------------------------------------------------- back to the filter
 * Here the sums run over pictures: a pixel's gradients are transposed to [channel]
 * [picture], its inputs are pairs of pictures. A band of rows of the output is done
 * for all taps before the next. */

static int band_rows(const struct conv_shape *s)
{
    return smaller(s->out_height, (BAND_PIXELS + s->out_width - 1) / s->out_width);
}

static int band_span(const struct conv_shape *s)
{
    return (band_rows(s) - 1) * s->stride + s->kernel;
}

/* Row y of the inputs: [x][16 channels][two pictures]. */
static void pack_inputs(const struct conv_shape *s, const float *in, int y, int count,
                        bfloat16 *row)
{
    size_t channels = (size_t)s->in_channels;
    size_t picture = (size_t)s->in_height * (size_t)s->in_width * channels;
    in += (size_t)y * (size_t)s->in_width * channels;
    for (int n = 0; n < GROUP; n += 2, row += PAIRS) {
        const float *a = in + (size_t)n * picture, *b = a + picture;
        bfloat16 *to = row;
        for (size_t i = 0; i < (size_t)s->in_width * channels; i += LANES, to += TILE) {
            _mm512_store_si512(
                to, rounded_pairs(n < count ? a + i : NULL, n + 1 < count ? b + i : NULL));
        }
    }
}

/* A row of the gradients: [x][16 channels][channel][picture]. */
static void pack_gradients(const struct conv_shape *s, const float *out_grad, int y, int count,
                           bfloat16 *to)
{
    size_t values = (size_t)s->out_width * (size_t)s->out_channels;
    size_t picture = (size_t)s->out_height * values;
    out_grad += (size_t)y * values;
    for (size_t i = 0; i < values; i += LANES, to += TILE) {
        __m512i r[16];
        for (int n = 0; n < GROUP; n += 2) {
            const float *a = out_grad + (size_t)n * picture + i;
            r[n / 2] = rounded_pairs(n < count ? a : NULL, n + 1 < count ? a + picture : NULL);
        }
        transpose(r);
        for (int n = 0; n < 16; n++) {
            _mm512_store_si512(to + n * PAIRS, r[n]);
        }
    }
}

struct band {
    const struct conv_shape *s;
    int first, end; /* rows of the output */
    const bfloat16 *gradients, *inputs;
    int span; /* rows of `inputs`: row y stands at y % span */
};

/* For a tap: the pixels of a row that have one. */
struct tap_range {
    int from, to;
};

static struct tap_range range_of(const struct conv_shape *s, int tap, int pad, int in, int out)
{
    struct tap_range r = { 0, out };
    while (r.from < out && r.from * s->stride + tap - pad < 0) {
        r.from++;
    }
    while (r.to > r.from && (r.to - 1) * s->stride + tap - pad >= in) {
        r.to--;
    }
    return r;
}

static void band_product(const struct band *b, int ky, int kx, size_t o, size_t c, bool two_o,
                         bool two_c, float *to, size_t pitch)
{
    const struct conv_shape *s = b->s;
    const size_t a_pixel = (size_t)s->out_channels / LANES * TILE;
    const size_t b_pixel = (size_t)s->in_channels / LANES * TILE;
    struct tap_range ys = range_of(s, ky, s->pad_top, s->in_height, s->out_height);
    struct tap_range xs = range_of(s, kx, s->pad_left, s->in_width, s->out_width);
    ys.from = ys.from < b->first ? b->first : ys.from;
    ys.to = smaller(ys.to, b->end);
    float *to_1 = to + (two_o ? LANES * pitch / sizeof *to : 0);
    const int next_o = two_o ? TILE : 0, next_c = two_c ? TILE : 0;
    if (ys.from >= ys.to || xs.from >= xs.to) {
        return;
    }
    _tile_loadd(SUMS_00, to, pitch);
    if (two_c) {
        _tile_loadd(SUMS_01, to + LANES, pitch);
    }
    if (two_o) {
        _tile_loadd(SUMS_10, to_1, pitch);
        if (two_c) {
            _tile_loadd(SUMS_11, to_1 + LANES, pitch);
        }
    }
    for (int y = ys.from; y < ys.to; y++) {
        int in_y = y * s->stride + ky - s->pad_top, in_x = xs.from * s->stride + kx - s->pad_left;
        const bfloat16 *rows =
            b->gradients +
            ((size_t)(y - b->first) * (size_t)s->out_width + (size_t)xs.from) * a_pixel + o * TILE;
        const bfloat16 *columns =
            b->inputs + ((size_t)(in_y % b->span) * (size_t)s->in_width + (size_t)in_x) * b_pixel +
            c * TILE;
        for (int x = xs.from; x < xs.to; x++) {
            _tile_loadd(COLUMNS_0, columns, 64);
            _tile_loadd(ROWS_0, rows, 64);
            _tile_dpbf16ps(SUMS_00, ROWS_0, COLUMNS_0);
            if (two_o) {
                _tile_loadd(ROWS_1, rows + next_o, 64);
                _tile_dpbf16ps(SUMS_10, ROWS_1, COLUMNS_0);
            }
            if (two_c) {
                _tile_loadd(COLUMNS_1, columns + next_c, 64);
                _tile_dpbf16ps(SUMS_01, ROWS_0, COLUMNS_1);
                if (two_o) {
                    _tile_dpbf16ps(SUMS_11, ROWS_1, COLUMNS_1);
                }
            }
            rows += a_pixel;
            columns += (size_t)s->stride * b_pixel;
        }
    }
    _tile_stored(SUMS_00, to, pitch);
    if (two_c) {
        _tile_stored(SUMS_01, to + LANES, pitch);
    }
    if (two_o) {
        _tile_stored(SUMS_10, to_1, pitch);
        if (two_c) {
            _tile_stored(SUMS_11, to_1 + LANES, pitch);
        }
    }
}

static void band_products(const struct band *b, float *filter_grad)
{
    const struct conv_shape *s = b->s;
    size_t outs = (size_t)s->out_channels / LANES, ins = (size_t)s->in_channels / LANES;
    size_t depth = (size_t)(s->kernel * s->kernel * s->in_channels);
    for (size_t o = 0; o < outs; o += 2) {
        for (int ky = 0; ky < s->kernel; ky++) {
            for (int kx = 0; kx < s->kernel; kx++) {
                for (size_t c = 0; c < ins; c += 2) {
                    float *to = filter_grad + o * LANES * depth +
                                (size_t)(ky * s->kernel + kx) * (size_t)s->in_channels + c * LANES;
                    band_product(b, ky, kx, o, c, o + 1 < outs, c + 1 < ins, to,
                                 depth * sizeof(float));
                }
            }
        }
    }
}

static size_t gradient_values(const struct conv_shape *s)
{
    return (size_t)s->out_width * (size_t)s->out_channels * GROUP;
}

static size_t input_values(const struct conv_shape *s)
{
    return (size_t)s->in_width * (size_t)s->in_channels * GROUP;
}

static void backward_filter(const struct conv_shape *s, const float *in, const float *out_grad,
                            float *filter_grad, void *scratch)
{
    int rows = band_rows(s);
    bfloat16 *gradients = scratch;
    bfloat16 *inputs = gradients + (size_t)rows * gradient_values(s);
    struct band b = { .s = s, .gradients = gradients, .inputs = inputs, .span = band_span(s) };
    size_t in_picture = input_values(s) / GROUP * (size_t)s->in_height;
    size_t out_picture = gradient_values(s) / GROUP * (size_t)s->out_height;
    configure(LANES, LANES);
    for (int n = 0; n < s->batch; n += GROUP) {
        int count = smaller(s->batch - n, GROUP);
        int next = 0;
        for (b.first = 0; b.first < s->out_height; b.first = b.end) {
            b.end = smaller(b.first + rows, s->out_height);
            for (int y = b.first; y < b.end; y++) {
                pack_gradients(s, out_grad + (size_t)n * out_picture, y, count,
                               gradients + (size_t)(y - b.first) * gradient_values(s));
            }
            int last = smaller((b.end - 1) * s->stride - s->pad_top + s->kernel, s->in_height);
            for (; next < last; next++) {
                pack_inputs(s, in + (size_t)n * in_picture, next, count,
                            inputs + (size_t)(next % b.span) * input_values(s));
            }
            stores_before_tiles();
            band_products(&b, filter_grad);
        }
    }
    _tile_release();
}

static size_t scratch_bytes(const struct conv_shape *s)
{
    size_t forward_row = (size_t)s->in_width * blocks_of(s->in_channels, PAIRS) * GROUP * PAIRS;
    size_t back_row = (size_t)s->out_width * blocks_of(s->out_channels, PAIRS) * GROUP * PAIRS;
    size_t kernel = (size_t)s->kernel;
    int taps = s->kernel * s->kernel;
    size_t gathered = larger(kernel * forward_row * sizeof(bfloat16) +
                                 filter_bytes(taps, s->in_channels, s->out_channels),
                             kernel * back_row * sizeof(bfloat16) +
                                 filter_bytes(taps, s->out_channels, s->in_channels));
    /* Not less for a smaller picture. */
    size_t stride = (size_t)s->stride;
    size_t in_pixels = larger((size_t)band_span(s) * (size_t)s->in_width,
                              BAND_PIXELS * stride * stride + kernel * (size_t)s->in_width);
    size_t out_pixels =
        larger((size_t)band_rows(s) * (size_t)s->out_width, BAND_PIXELS + (size_t)s->out_width);
    size_t bands = (in_pixels * (size_t)s->in_channels + out_pixels * (size_t)s->out_channels) *
                   GROUP * sizeof(bfloat16);
    return larger(gathered, bands);
}

const struct conv_path conv_amx = { "amx-bf16", detect,          fits,          scratch_bytes,
                                    forward,    backward_filter, backward_input };
