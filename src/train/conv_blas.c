#include "conv_path.h"

#include <stdint.h>
#include <string.h>

#include "base/clones.h"
#include "matmul.h"

/* Floats in a block of rows of the unfolded picture (one row per output pixel): small enough
 * for the second-level cache. */
#define BLOCK_FLOATS (160 * 1024)
#define BLOCK_ROWS_MIN 32

static size_t rows_of(const struct conv_shape *s)
{
    return (size_t)s->batch * (size_t)s->out_height * (size_t)s->out_width;
}

static size_t depth_of(const struct conv_shape *s)
{
    return (size_t)s->kernel * (size_t)s->kernel * (size_t)s->in_channels;
}

static size_t block_rows(const struct conv_shape *s)
{
    size_t rows = BLOCK_FLOATS / depth_of(s);
    rows = rows < BLOCK_ROWS_MIN ? BLOCK_ROWS_MIN : rows;
    return rows < rows_of(s) ? rows : rows_of(s);
}

/* Whether the input is its own unfolding. */
static bool is_pointwise(const struct conv_shape *s)
{
    return s->kernel == 1 && s->stride == 1;
}

static size_t scratch_bytes(const struct conv_shape *s)
{
    return is_pointwise(s) ? 0 : block_rows(s) * depth_of(s) * sizeof(float);
}

struct place {
    int n, y, x; /* of an output pixel */
};

static struct place place_of(const struct conv_shape *s, size_t row)
{
    size_t x = row % (size_t)s->out_width;
    size_t y = row / (size_t)s->out_width;
    return (struct place){ (int)(y / (size_t)s->out_height), (int)(y % (size_t)s->out_height),
                           (int)x };
}

static void next_place(const struct conv_shape *s, struct place *p)
{
    if (++p->x == s->out_width) {
        p->x = 0;
        if (++p->y == s->out_height) {
            p->y = 0;
            p->n++;
        }
    }
}

/* The part of filter row ky that lies within the picture: taps from..to-1. */
static void taps_within(const struct conv_shape *s, int left, int *from, int *to)
{
    *from = left < 0 ? -left : 0;
    *to = left + s->kernel > s->in_width ? s->in_width - left : s->kernel;
    *to = *to < *from ? *from : *to;
}

static size_t offset_of(const struct conv_shape *s, int n, int y, int x)
{
    return (((size_t)n * (size_t)s->in_height + (size_t)y) * (size_t)s->in_width + (size_t)x) *
           (size_t)s->in_channels;
}

static void unfold(const struct conv_shape *s, const float *in, size_t first, size_t count,
                   float *out)
{
    size_t channels = (size_t)s->in_channels;
    size_t line = (size_t)s->kernel * channels;
    struct place p = place_of(s, first);
    for (size_t row = 0; row < count; row++, next_place(s, &p)) {
        int left = p.x * s->stride - s->pad_left;
        int from, to;
        taps_within(s, left, &from, &to);
        for (int ky = 0; ky < s->kernel; ky++, out += line) {
            int y = p.y * s->stride - s->pad_top + ky;
            if (y < 0 || y >= s->in_height || from == to) {
                memset(out, 0, line * sizeof *out);
                continue;
            }
            size_t before = (size_t)from * channels;
            size_t inside = (size_t)(to - from) * channels;
            if (inside < line) {
                memset(out, 0, line * sizeof *out);
            }
            memcpy(out + before, in + offset_of(s, p.n, y, left + from), inside * sizeof *out);
        }
    }
}

CLONES
static void add_folded(const struct conv_shape *s, const float *rows, size_t first, size_t count,
                       float *in_grad)
{
    size_t channels = (size_t)s->in_channels;
    size_t line = (size_t)s->kernel * channels;
    struct place p = place_of(s, first);
    for (size_t row = 0; row < count; row++, next_place(s, &p)) {
        int left = p.x * s->stride - s->pad_left;
        int from, to;
        taps_within(s, left, &from, &to);
        for (int ky = 0; ky < s->kernel; ky++, rows += line) {
            int y = p.y * s->stride - s->pad_top + ky;
            if (y < 0 || y >= s->in_height || from == to) {
                continue;
            }
            float *to_at = in_grad + offset_of(s, p.n, y, left + from);
            const float *from_at = rows + (size_t)from * channels;
            size_t inside = (size_t)(to - from) * channels;
            for (size_t i = 0; i < inside; i++) {
                to_at[i] += from_at[i];
            }
        }
    }
}

/* Rows first..first+count-1, unfolded into scratch unless the input is its own unfolding,
 * which is one block. */
static const float *unfolded_rows(const struct conv_shape *s, const float *in, size_t first,
                                  size_t count, float *scratch)
{
    if (is_pointwise(s)) {
        return in;
    }
    unfold(s, in, first, count, scratch);
    return scratch;
}

static void forward(const struct conv_shape *s, const float *in, const float *filter, float *out,
                    void *scratch)
{
    size_t rows = rows_of(s);
    size_t depth = depth_of(s);
    size_t channels = (size_t)s->out_channels;
    size_t block = is_pointwise(s) ? rows : block_rows(s);
    for (size_t first = 0; first < rows; first += block) {
        size_t count = rows - first < block ? rows - first : block;
        const float *unfolded = unfolded_rows(s, in, first, count, scratch);
        matmul_nt(count, channels, depth, unfolded, filter, 0, out + first * channels);
    }
}

static void backward_filter(const struct conv_shape *s, const float *in, const float *out_grad,
                            float *filter_grad, void *scratch)
{
    size_t rows = rows_of(s);
    size_t depth = depth_of(s);
    size_t channels = (size_t)s->out_channels;
    size_t block = is_pointwise(s) ? rows : block_rows(s);
    for (size_t first = 0; first < rows; first += block) {
        size_t count = rows - first < block ? rows - first : block;
        const float *unfolded = unfolded_rows(s, in, first, count, scratch);
        matmul_tn(channels, depth, count, out_grad + first * channels, unfolded, 1, filter_grad);
    }
}

static void backward_input(const struct conv_shape *s, const float *out_grad, const float *filter,
                           float *in_grad, bool add, void *scratch)
{
    size_t rows = rows_of(s);
    size_t depth = depth_of(s);
    size_t channels = (size_t)s->out_channels;
    if (is_pointwise(s)) {
        matmul_nn(rows, depth, channels, out_grad, filter, add ? 1 : 0, in_grad);
        return;
    }
    if (!add) {
        memset(in_grad, 0, offset_of(s, s->batch, 0, 0) * sizeof *in_grad);
    }
    size_t block = block_rows(s);
    for (size_t first = 0; first < rows; first += block) {
        size_t count = rows - first < block ? rows - first : block;
        matmul_nn(count, depth, channels, out_grad + first * channels, filter, 0, scratch);
        add_folded(s, scratch, first, count, in_grad);
    }
}

static bool always(void)
{
    return true;
}

static bool fits(const struct conv_shape *s)
{
    (void)s;
    return true;
}

const struct conv_path conv_blas = { "blas",  always,          fits,          scratch_bytes,
                                     forward, backward_filter, backward_input };
