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
