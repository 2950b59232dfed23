#include "reference/reference.h"

#include "requantize.h"

static void output_pixel(const struct nn_conv *conv, const int8_t *in, int oy, int ox, int8_t *out)
{
    const struct nn_window *win = &conv->window;
    int y0 = oy * win->stride_h - win->pad_top, x0 = ox * win->stride_w - win->pad_left;
    struct nn_taps ys = nn_taps(y0, win->dilation_h, win->kernel_h, win->in_h);
    struct nn_taps xs = nn_taps(x0, win->dilation_w, win->kernel_w, win->in_w);
    for (int oc = 0; oc < win->out_c; oc++) {
        int ic = oc / conv->multiplier;
        uint32_t acc = (uint32_t)conv->bias[oc];
        for (int ky = ys.first; ky < ys.end; ky++) {
            ptrdiff_t y = y0 + (ptrdiff_t)ky * win->dilation_h;
            for (int kx = xs.first; kx < xs.end; kx++) {
                ptrdiff_t x = x0 + (ptrdiff_t)kx * win->dilation_w;
                ptrdiff_t tap = (ptrdiff_t)ky * win->kernel_w + kx;
                int32_t value = in[(y * win->in_w + x) * win->in_c + ic] - conv->input_zero_point;
                acc += (uint32_t)(value * conv->weights[tap * win->out_c + oc]);
            }
        }
        out[oc] = nn_requantize((int32_t)acc, conv->scales[oc], conv->range);
    }
}

void nn_reference_depthwise(const struct nn_op *op, const void *const *in, void *out)
{
    const struct nn_conv *conv = &op->p.conv;
    int8_t *to = out;
    for (int oy = 0; oy < conv->window.out_h; oy++) {
        for (int ox = 0; ox < conv->window.out_w; ox++) {
            output_pixel(conv, in[0], oy, ox, to);
            to += conv->window.out_c;
        }
    }
}
