#include "conv.h"

void conv_shape_same(struct conv_shape *s)
{
    s->out_height = (s->in_height + s->stride - 1) / s->stride;
    s->out_width = (s->in_width + s->stride - 1) / s->stride;
    int over_y = (s->out_height - 1) * s->stride + s->kernel - s->in_height;
    int over_x = (s->out_width - 1) * s->stride + s->kernel - s->in_width;
    s->pad_top = over_y > 0 ? over_y / 2 : 0;
    s->pad_left = over_x > 0 ? over_x / 2 : 0;
}

double conv_macs(const struct conv_shape *s)
{
    return (double)s->batch * s->out_height * s->out_width * s->out_channels * s->kernel *
           s->kernel * s->in_channels;
}
