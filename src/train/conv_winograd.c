/* Filters of 3 x 3 and stride 1 by Winograd's minimal filtering, F(4x4, 3x3): a quarter of the
 * multiplications. Input, filter and gradients are transformed to 36 points
 * (conv_winograd_loops.h); at each of these a tile's values are a row of a matrix, and the sums
 * over channels, or for the filter's gradient over tiles, are a matrix product. The gradient of the
 * input is the convolution of that of the output with the filter turned by 180 degrees. */
#include "conv_winograd.h"

#include <string.h>

#include "conv_path.h"

/* Tiles are worked on in blocks whose values at the points stay in the second-level cache, but
 * of no fewer tiles than are worth reading the filter's values for. */
#define BLOCK_FLOATS (96 * 1024)
#define BLOCK_TILES_MIN 24

/* Fewer are not worth transforming the filter for. */
#define TILES_MIN 12

static const struct winograd_loops *const loops = &winograd_avx2;

struct tiles {
    int across, down; /* of a picture */
    size_t count;     /* of all pictures */
    size_t block;     /* worked on at a time */
};

static size_t blocks_of(size_t count, size_t block)
{
    return (count + block - 1) / block;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t block_max(const struct conv_shape *s)
{
    size_t channels = (size_t)s->in_channels + (size_t)s->out_channels;
    return larger(BLOCK_FLOATS / (POINTS * channels), BLOCK_TILES_MIN);
}

static struct tiles tiles_of(const struct conv_shape *s)
{
    struct tiles t = { .across = (s->out_width + TILE - 1) / TILE,
                       .down = (s->out_height + TILE - 1) / TILE };
    t.count = (size_t)s->batch * (size_t)t.across * (size_t)t.down;
    t.block = blocks_of(t.count, blocks_of(t.count, block_max(s)));
    return t;
}

/* ------------------------------------------------------------------- scratch */

static size_t pitch_of(size_t channels, size_t rows)
{
    return channels * rows + GROUP; /* no power of two, lest the points share cache sets */
}

static struct points points_take(size_t channels, size_t rows, float **scratch)
{
    struct points p = { *scratch, channels / GROUP, rows, pitch_of(channels, rows) };
    *scratch += POINTS * p.pitch;
    return p;
}

static const float *zeros_take(size_t channels, float **scratch)
{
    float *zeros = *scratch;
    memset(zeros, 0, channels * sizeof *zeros);
    *scratch += channels;
    return zeros;
}

/* Blocks of fewer tiles than that may be larger. */
static size_t scratch_bytes(const struct conv_shape *s)
{
    size_t ins = (size_t)s->in_channels, outs = (size_t)s->out_channels;
    size_t block = smaller(tiles_of(s).count, block_max(s));
    size_t points = pitch_of(ins, outs) + pitch_of(ins, block) + pitch_of(outs, block);
    return (POINTS * points + larger(ins, outs)) * sizeof(float);
}

/* --------------------------------------------------------------------- tiles */

/* Pictures of height x width x channels. */
struct map {
    int height, width, channels;
};

#define OUTSIDE ((size_t)-1)

/* Offsets of the span x span pixels that begin `before` pixels above and left of a tile. */
static void find_pixels(const struct map *m, const struct tiles *t, size_t tile, int before,
                        int span, size_t *offsets)
{
    size_t line = tile / (size_t)t->across;
    int x0 = (int)(tile % (size_t)t->across) * TILE - before;
    int y0 = (int)(line % (size_t)t->down) * TILE - before;
    size_t picture = line / (size_t)t->down * (size_t)m->height;
    for (int y = y0; y < y0 + span; y++) {
        for (int x = x0; x < x0 + span; x++) {
            bool inside = y >= 0 && y < m->height && x >= 0 && x < m->width;
            size_t pixel = (picture + (size_t)y) * (size_t)m->width + (size_t)x;
            *offsets++ = inside ? pixel * (size_t)m->channels : OUTSIDE;
        }
    }
}

/* For from_input() and from_gradient(): zeros where there is no picture. */
static void find_to_read(const struct map *m, const struct tiles *t, size_t tile, int before,
                         int span, const float *values, const float *zeros, const float **pixels)
{
    size_t offsets[POINTS];
    find_pixels(m, t, tile, before, span, offsets);
    for (int i = 0; i < span * span; i++) {
        pixels[i] = offsets[i] == OUTSIDE ? zeros : values + offsets[i];
    }
}

static void read_inputs(const struct map *m, const struct tiles *t, size_t first,
                        const float *values, const float *zeros, const struct points *to)
{
    const float *pixels[POINTS];
    for (size_t row = 0; row < to->rows; row++) {
        find_to_read(m, t, first + row, 1, SPAN, values, zeros, pixels);
        loops->from_input(pixels, to, row);
    }
}

static void read_gradients(const struct map *m, const struct tiles *t, size_t first,
                           const float *values, const float *zeros, const struct points *to)
{
    const float *pixels[TILE * TILE];
    for (size_t row = 0; row < to->rows; row++) {
        find_to_read(m, t, first + row, 0, TILE, values, zeros, pixels);
        loops->from_gradient(pixels, to, row);
    }
}

static void write_outputs(const struct map *m, const struct tiles *t, size_t first,
                          const struct points *from, float *values, bool add)
{
    size_t offsets[TILE * TILE];
    float *pixels[TILE * TILE];
    for (size_t row = 0; row < from->rows; row++) {
        find_pixels(m, t, first + row, 0, TILE, offsets);
        for (int i = 0; i < TILE * TILE; i++) {
            pixels[i] = offsets[i] == OUTSIDE ? NULL : values + offsets[i];
        }
        loops->to_output(from, row, pixels, add);
    }
}

/* -------------------------------------------------------------------- passes */

/* `filter`: at the points; rows are channels of `from`, their values those of `to`. */
static void convolve(const struct tiles *t, const struct map *from, const float *values,
                     const struct points *filter, const struct map *to, float *results, bool add,
                     float *scratch)
{
    const float *zeros = zeros_take((size_t)from->channels, &scratch);
    struct points a = points_take((size_t)from->channels, t->block, &scratch);
    struct points c = points_take((size_t)to->channels, t->block, &scratch);
    for (size_t first = 0; first < t->count; first += t->block) {
        a.rows = c.rows = smaller(t->block, t->count - first);
        read_inputs(from, t, first, values, zeros, &a);
        loops->product(&a, filter, &c);
        write_outputs(to, t, first, &c, results, add);
    }
}

static struct map in_map(const struct conv_shape *s)
{
    return (struct map){ s->in_height, s->in_width, s->in_channels };
}

static struct map out_map(const struct conv_shape *s)
{
    return (struct map){ s->out_height, s->out_width, s->out_channels };
}

static void forward(const struct conv_shape *s, const float *in, const float *filter, float *out,
                    void *scratch)
{
    struct tiles t = tiles_of(s);
    struct map from = in_map(s), to = out_map(s);
    float *rest = scratch;
    struct points u = points_take((size_t)s->out_channels, (size_t)s->in_channels, &rest);
    loops->from_filter(filter, &u);
    convolve(&t, &from, in, &u, &to, out, false, rest);
}

static void backward_input(const struct conv_shape *s, const float *out_grad, const float *filter,
                           float *in_grad, bool add, void *scratch)
{
    struct tiles t = tiles_of(s);
    struct map from = out_map(s), to = in_map(s);
    float *rest = scratch;
    struct points u = points_take((size_t)s->in_channels, (size_t)s->out_channels, &rest);
    loops->from_turned_filter(filter, &u);
    convolve(&t, &from, out_grad, &u, &to, in_grad, add, rest);
}

static void backward_filter(const struct conv_shape *s, const float *in, const float *out_grad,
                            float *filter_grad, void *scratch)
{
    struct tiles t = tiles_of(s);
    struct map inputs = in_map(s), outputs = out_map(s);
    size_t ins = (size_t)s->in_channels, outs = (size_t)s->out_channels;
    float *rest = scratch;
    struct points u = points_take(ins, outs, &rest);
    struct points d = points_take(ins, t.block, &rest);
    struct points y = points_take(outs, t.block, &rest);
    const float *zeros = zeros_take(larger(ins, outs), &rest);
    for (size_t first = 0; first < t.count; first += t.block) {
        d.rows = y.rows = smaller(t.block, t.count - first);
        read_inputs(&inputs, &t, first, in, zeros, &d);
        read_gradients(&outputs, &t, first, out_grad, zeros, &y);
        loops->product_over_rows(&y, &d, &u, first > 0);
    }
    loops->to_filter(&u, filter_grad);
}

static bool detect(void)
{
    return loops->detect();
}

/* Smaller maps fill too little of a tile. */
static bool fits(const struct conv_shape *s)
{
    return s->kernel == 3 && s->stride == 1 && s->in_channels % GROUP == 0 &&
           s->out_channels % GROUP == 0 && s->in_height >= TILE - 1 && s->in_width >= TILE - 1 &&
           tiles_of(s).count >= TILES_MIN;
}

const struct conv_path conv_winograd = { "winograd", detect,          fits,          scratch_bytes,
                                         forward,    backward_filter, backward_input };
