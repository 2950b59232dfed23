/* Pictures of few channels: the values under the filter at an output pixel, at most 32,
 * become the channels of a convolution of kernel 1. The rows of its input are unfolded as
 * they are needed. */
#include "conv_amx.h"

bool thin_fits(const struct conv_shape *s)
{
    int row = s->kernel * s->in_channels;
    return row <= LANES && s->kernel * row <= PAIRS;
}

static struct conv_shape unfolded_shape(const struct conv_shape *s)
{
    struct conv_shape u = { .batch = s->batch,
                            .in_height = s->out_height,
                            .in_width = s->out_width,
                            .in_channels = PAIRS,
                            .out_channels = s->out_channels,
                            .kernel = 1,
                            .stride = 1 };
    conv_shape_same(&u);
    return u;
}

/* The values of filter row ky for all pixels of a row of the output. */
static void unfold_taps(const struct conv_shape *s, const float *in, float *to)
{
    int channels = s->in_channels, width = s->in_width * channels, taps = s->kernel * channels;
    for (int x = 0; x < s->out_width; x++, to += PAIRS) {
        int first = (x * s->stride - s->pad_left) * channels;
        int before = first < 0 ? -first : 0, end = smaller(taps, width - first);
        unsigned mask = end > before ? (1u << end) - (1u << before) : 0;
        __m512 v = _mm512_maskz_expandloadu_ps((__mmask16)mask, in + (first < 0 ? 0 : first));
        _mm512_mask_storeu_ps(to, (__mmask16)((1u << taps) - 1), v);
    }
}

static void unfold_row(const struct conv_shape *s, const float *in, int y, float *to)
{
    int taps = s->kernel * s->in_channels;
    memset(to, 0, (size_t)s->out_width * PAIRS * sizeof *to);
    for (int ky = 0; ky < s->kernel; ky++, to += taps) {
        int from = y * s->stride - s->pad_top + ky;
        if (from >= 0 && from < s->in_height) {
            unfold_taps(s, in + (size_t)(from * s->in_width * s->in_channels), to);
        }
    }
}

const float *rows_at(const struct rows *r, int n, int count, int y, size_t *picture)
{
    const struct conv_shape *s = r->thin;
    if (!s) {
        size_t row = (size_t)r->width * (size_t)r->channels;
        *picture = (size_t)r->height * row;
        return r->values + (size_t)n * *picture + (size_t)y * row;
    }
    size_t from = (size_t)s->in_height * (size_t)s->in_width * (size_t)s->in_channels;
    *picture = (size_t)s->out_width * PAIRS;
    for (int i = 0; i < count; i++) {
        unfold_row(s, r->values + (size_t)(n + i) * from, y, r->made + (size_t)i * *picture);
    }
    return r->made;
}

/* The scratch: the rows, a filter with its values padded to 32, and what the
 * products need. */
static size_t rows_floats(const struct conv_shape *s)
{
    return (size_t)GROUP * (size_t)s->out_width * PAIRS;
}

static size_t padded_floats(const struct conv_shape *s)
{
    return (size_t)s->out_channels * PAIRS;
}

size_t thin_scratch_bytes(const struct conv_shape *s)
{
    struct conv_shape u = unfolded_shape(s);
    return (rows_floats(s) + padded_floats(s)) * sizeof(float) +
           larger(gather_scratch_bytes(&u), filter_scratch_bytes(&u));
}

void thin_forward(const struct conv_shape *s, const float *in, const float *filter, float *out,
                  void *scratch)
{
    struct conv_shape u = unfolded_shape(s);
    struct rows rows = { .values = in, .thin = s, .made = scratch };
    float *padded = rows.made + rows_floats(s);
    size_t depth = (size_t)(s->kernel * s->kernel * s->in_channels);
    memset(padded, 0, padded_floats(s) * sizeof *padded);
    for (size_t o = 0; o < (size_t)s->out_channels; o++) {
        memcpy(padded + o * PAIRS, filter + o * depth, depth * sizeof *padded);
    }
    gather_forward(&u, &rows, padded, out, padded + padded_floats(s));
}

void thin_backward_filter(const struct conv_shape *s, const float *in, const float *out_grad,
                          float *filter_grad, void *scratch)
{
    struct conv_shape u = unfolded_shape(s);
    struct rows rows = { .values = in, .thin = s, .made = scratch };
    float *padded = rows.made + rows_floats(s);
    size_t depth = (size_t)(s->kernel * s->kernel * s->in_channels);
    memset(padded, 0, padded_floats(s) * sizeof *padded);
    filter_backward(&u, &rows, out_grad, padded, padded + padded_floats(s));
    for (size_t o = 0; o < (size_t)s->out_channels; o++) {
        for (size_t i = 0; i < depth; i++) {
            filter_grad[o * depth + i] += padded[o * PAIRS + i];
        }
    }
}
