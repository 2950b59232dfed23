#include "layers.h"

#include <string.h>

#include "base/clones.h"

/* One tap of the filter over one row of output pixels. */
struct tap_row {
    size_t channels;
    size_t in_step;  /* floats from one input pixel to the next that this tap reads */
    int first, last; /* output pixels whose tap lies within the picture: first..last-1 */
};

CLONES static void add_products(const struct tap_row *t, const float *restrict in,
                                const float *restrict tap, float *restrict out)
{
    for (int x = t->first; x < t->last; x++) {
        const float *i = in + (size_t)(x - t->first) * t->in_step;
        float *o = out + (size_t)x * t->channels;
        for (size_t c = 0; c < t->channels; c++) {
            o[c] += i[c] * tap[c];
        }
    }
}

CLONES static void add_tap_grads(const struct tap_row *t, const float *restrict in,
                                 const float *restrict out_grad, float *restrict tap_grad)
{
    for (int x = t->first; x < t->last; x++) {
        const float *i = in + (size_t)(x - t->first) * t->in_step;
        const float *g = out_grad + (size_t)x * t->channels;
        for (size_t c = 0; c < t->channels; c++) {
            tap_grad[c] += i[c] * g[c];
        }
    }
}

CLONES static void add_in_grads(const struct tap_row *t, float *restrict in_grad,
                                const float *restrict tap, const float *restrict out_grad)
{
    for (int x = t->first; x < t->last; x++) {
        float *i = in_grad + (size_t)(x - t->first) * t->in_step;
        const float *g = out_grad + (size_t)x * t->channels;
        for (size_t c = 0; c < t->channels; c++) {
            i[c] += g[c] * tap[c];
        }
    }
}

/* Where tap kx of a row starts in the input: fills t, returns the first input
 * column, or -1 when no output pixel has the tap within the picture. */
static int tap_columns(const struct conv_shape *s, int kx, struct tap_row *t)
{
    int first = 0;
    while (first < s->out_width && first * s->stride - s->pad_left + kx < 0) {
        first++;
    }
    int last = s->out_width;
    while (last > first && (last - 1) * s->stride - s->pad_left + kx >= s->in_width) {
        last--;
    }
    *t = (struct tap_row){ .channels = (size_t)s->in_channels,
                           .in_step = (size_t)s->stride * (size_t)s->in_channels,
                           .first = first,
                           .last = last };
    return first < last ? first * s->stride - s->pad_left + kx : -1;
}

typedef void tap_fn(const struct tap_row *t, size_t in, size_t tap, size_t out, void *context);

/* Calls fn for each row of output pixels and each tap that touches the picture,
 * with the offsets of the first input pixel, the tap and the output row. */
static void for_taps(const struct conv_shape *s, tap_fn *fn, void *context)
{
    size_t channels = (size_t)s->in_channels;
    for (int row = 0; row < s->batch * s->out_height; row++) {
        int n = row / s->out_height;
        size_t out = (size_t)row * (size_t)s->out_width * channels;
        for (int tap = 0; tap < s->kernel * s->kernel; tap++) {
            int y = row % s->out_height * s->stride - s->pad_top + tap / s->kernel;
            struct tap_row t;
            int x = tap_columns(s, tap % s->kernel, &t);
            if (y < 0 || y >= s->in_height || x < 0) {
                continue;
            }
            size_t line = (size_t)n * (size_t)s->in_height + (size_t)y;
            size_t in = (line * (size_t)s->in_width + (size_t)x) * channels;
            fn(&t, in, (size_t)tap * channels, out, context);
        }
    }
}

struct depthwise {
    const float *in, *filter, *out_grad;
    float *out, *filter_grad, *in_grad;
};

static void forward_tap(const struct tap_row *t, size_t in, size_t tap, size_t out, void *context)
{
    const struct depthwise *d = context;
    add_products(t, d->in + in, d->filter + tap, d->out + out);
}

static void backward_tap(const struct tap_row *t, size_t in, size_t tap, size_t out, void *context)
{
    const struct depthwise *d = context;
    add_tap_grads(t, d->in + in, d->out_grad + out, d->filter_grad + tap);
    if (d->in_grad) {
        add_in_grads(t, d->in_grad + in, d->filter + tap, d->out_grad + out);
    }
}

void depthwise_forward(const struct conv_shape *s, const float *in, const float *filter, float *out)
{
    size_t pixels = (size_t)s->batch * (size_t)s->out_height * (size_t)s->out_width;
    memset(out, 0, pixels * (size_t)s->out_channels * sizeof *out);
    for_taps(s, forward_tap, &(struct depthwise){ .in = in, .filter = filter, .out = out });
}

void depthwise_backward(const struct conv_shape *s, const float *in, const float *out_grad,
                        const float *filter, float *filter_grad, float *in_grad, bool add)
{
    size_t pixels = (size_t)s->batch * (size_t)s->in_height * (size_t)s->in_width;
    if (in_grad && !add) {
        memset(in_grad, 0, pixels * (size_t)s->in_channels * sizeof *in_grad);
    }
    struct depthwise d = { .in = in,
                           .filter = filter,
                           .out_grad = out_grad,
                           .filter_grad = filter_grad,
                           .in_grad = in_grad };
    for_taps(s, backward_tap, &d);
}
