#include "conv_amx.h"

/* Forward, and the gradient of the input. Both gather: a pixel of the destination is the sum
 * over taps of a pixel of the source times the tap's matrix. */

struct gather {
    int batch, kernel, stride;
    int from_height, from_width, from_channels;
    int to_height, to_width, to_channels;
    int pad_top, pad_left;
    bool back;
    bool add;
};

/* The pixel of the source that tap `tap` contributes to `at`, or -1. */
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

/* Backward: rows are output channels, columns are input channels. */
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

/* A row of `count` pictures: [x][32 channels][picture]. */
static void pack_row(const struct gather *g, const float *from, size_t picture, int count,
                     bfloat16 *row)
{
    size_t channels = (size_t)g->from_channels;
    size_t blocks = blocks_of(g->from_channels, PAIRS);
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

/* A ring of converted rows of the source, as many as a row of the destination can need; row
 * y is at y modulo their count. */
struct ring {
    bfloat16 *rows;
    size_t row; /* values */
    int next;   /* the first row that is not converted yet */
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

static void gather_group(const struct gather *g, const struct rows *from, int n, bfloat16 *tiles,
                         float *to)
{
    bfloat16 *rows = tiles + filter_bytes(g->kernel * g->kernel, g->from_channels, g->to_channels) /
                                 sizeof *tiles;
    int count = smaller(g->batch - n, GROUP);
    struct ring ring = { .rows = rows };
    ring.row = (size_t)g->from_width * blocks_of(g->from_channels, PAIRS) * GROUP * PAIRS;
    tiles_configure(smaller(count, LANES), count > LANES ? count - LANES : LANES);
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
            size_t picture;
            const float *row = rows_at(from, n, count, ring.next, &picture);
            pack_row(g, row, picture, count, rows + (size_t)(ring.next % g->kernel) * ring.row);
        }
        stores_before_tiles();
        for (int x = 0; x < g->to_width; x++) {
            gather_pixel(g, &ring, sources_y, x, count, tiles, to);
            to += g->to_channels;
        }
    }
    _tile_release();
}

static void gather(const struct gather *g, const struct rows *from, bfloat16 *tiles, float *to)
{
    size_t picture = (size_t)g->to_height * (size_t)g->to_width * (size_t)g->to_channels;
    for (int n = 0; n < g->batch; n += GROUP) {
        gather_group(g, from, n, tiles, to + (size_t)n * picture);
    }
}

void gather_forward(const struct conv_shape *s, const struct rows *in, const float *filter,
                    float *out, void *scratch)
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

void gather_backward(const struct conv_shape *s, const float *out_grad, const float *filter,
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
    const struct rows from = { .values = out_grad,
                               .height = s->out_height,
                               .width = s->out_width,
                               .channels = s->out_channels };
    gather(&g, &from, scratch, in_grad);
}

size_t gather_scratch_bytes(const struct conv_shape *s)
{
    size_t forward_row = (size_t)s->in_width * blocks_of(s->in_channels, PAIRS) * GROUP * PAIRS;
    size_t back_row = (size_t)s->out_width * blocks_of(s->out_channels, PAIRS) * GROUP * PAIRS;
    size_t kernel = (size_t)s->kernel;
    int taps = s->kernel * s->kernel;
    return larger(kernel * forward_row * sizeof(bfloat16) +
                      filter_bytes(taps, s->in_channels, s->out_channels),
                  kernel * back_row * sizeof(bfloat16) +
                      filter_bytes(taps, s->out_channels, s->in_channels));
}
