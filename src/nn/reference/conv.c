#include "reference/reference.h"

#include "requantize.h"

/* In 16 bits, into which the differences fit: so compilers take eight at a time. */
static uint32_t dot(const int8_t *x, const int8_t *w, int count, int32_t zero_point)
{
    uint32_t sum = 0;
    for (int i = 0; i < count; i++) {
        int16_t value = (int16_t)(x[i] - zero_point);
        sum += (uint32_t)(value * w[i]);
    }
    return sum;
}

/* The taps along one kernel row lie side by side in the input and in the
 * weights unless the convolution is dilated or in groups. */
static uint32_t kernel_row(const struct nn_conv *conv, const int8_t *x, const int8_t *w,
                           struct nn_taps taps)
{
    const struct nn_window *win = &conv->window;
    int channels = win->in_c / conv->groups;
    if (win->dilation_w == 1 && conv->groups == 1 && taps.first < taps.end) {
        return dot(x + (ptrdiff_t)taps.first * channels, w + (ptrdiff_t)taps.first * channels,
                   (taps.end - taps.first) * channels, conv->input_zero_point);
    }
    uint32_t sum = 0;
    for (int kx = taps.first; kx < taps.end; kx++) {
        sum += dot(x + (ptrdiff_t)kx * win->dilation_w * win->in_c, w + (ptrdiff_t)kx * channels,
                   channels, conv->input_zero_point);
    }
    return sum;
}

static void output_pixel(const struct nn_conv *conv, const int8_t *in, int oy, int ox, int8_t *out)
{
    const struct nn_window *win = &conv->window;
    int y0 = oy * win->stride_h - win->pad_top, x0 = ox * win->stride_w - win->pad_left;
    struct nn_taps ys = nn_taps(y0, win->dilation_h, win->kernel_h, win->in_h);
    struct nn_taps xs = nn_taps(x0, win->dilation_w, win->kernel_w, win->in_w);
    const int group_in = win->in_c / conv->groups, group_out = win->out_c / conv->groups;
    ptrdiff_t weight_row = (ptrdiff_t)win->kernel_w * group_in;
    for (int oc = 0; oc < win->out_c; oc++) {
        const int8_t *group = in + oc / group_out * group_in;
        const int8_t *weights = conv->weights + oc * win->kernel_h * weight_row;
        uint32_t acc = (uint32_t)conv->bias[oc];
        for (int ky = ys.first; ky < ys.end; ky++) {
            ptrdiff_t y = y0 + (ptrdiff_t)ky * win->dilation_h;
            const int8_t *row = group + (y * win->in_w + x0) * win->in_c;
            acc += kernel_row(conv, row, weights + ky * weight_row, xs);
        }
        out[oc] = nn_requantize((int32_t)acc, conv->scales[oc], conv->range);
    }
}

void nn_reference_conv(const struct nn_op *op, const void *const *in, void *out)
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
