#include "layers.h"

#include "base/clones.h"

/* ------------------------------------------ forward, and the input's gradient */

#define MOST_TAPS 49
#define LANES 8

typedef float vec __attribute__((vector_size(4 * LANES), aligned(4)));

/* Pixels of the other map that a pixel meets, and the taps by which: offsets in floats. */
struct pairs {
    size_t count;
    ptrdiff_t pixels[MOST_TAPS], taps[MOST_TAPS];
};

/* Vector i from `from` on; a macro, as without AVX functions cannot return it. */
#define VEC(from, i) (*((const vec *)(const void *)(from) + (i)))
#define STORE(to, i, v) (*((vec *)(void *)(to) + (i)) = (v))

/* One pixel: to = or += the sum of the products of the pairs, which stays in registers. */
CLONES static void sum_products(const struct pairs *p, size_t channels, const float *pixels,
                                const float *taps, float *to, bool add)
{
    const vec zero = { 0 };
    size_t c = 0;
    for (; c + 4 * LANES <= channels; c += 4 * LANES) {
        vec s0 = zero, s1 = zero, s2 = zero, s3 = zero;
        if (add) {
            s0 = VEC(to + c, 0), s1 = VEC(to + c, 1), s2 = VEC(to + c, 2), s3 = VEC(to + c, 3);
        }
        for (size_t i = 0; i < p->count; i++) {
            const float *x = pixels + p->pixels[i] + c, *f = taps + p->taps[i] + c;
            s0 += VEC(x, 0) * VEC(f, 0);
            s1 += VEC(x, 1) * VEC(f, 1);
            s2 += VEC(x, 2) * VEC(f, 2);
            s3 += VEC(x, 3) * VEC(f, 3);
        }
        STORE(to + c, 0, s0), STORE(to + c, 1, s1), STORE(to + c, 2, s2), STORE(to + c, 3, s3);
    }
    for (; c + LANES <= channels; c += LANES) {
        vec sum = add ? VEC(to + c, 0) : zero;
        for (size_t i = 0; i < p->count; i++) {
            sum += VEC(pixels + p->pixels[i] + c, 0) * VEC(taps + p->taps[i] + c, 0);
        }
        STORE(to + c, 0, sum);
    }
    for (; c < channels; c++) {
        float sum = add ? to[c] : 0.0f;
        for (size_t i = 0; i < p->count; i++) {
            sum += pixels[p->pixels[i] + (ptrdiff_t)c] * taps[p->taps[i] + (ptrdiff_t)c];
        }
        to[c] = sum;
    }
}

/* Taps first, first + step, ... before `end` of a row or column of the filter: the first one meets
 * place `at` of the other map, each further one a place that is `at_step` on. */
struct range {
    int first, end, step;
    int at, at_step;
};

typedef struct range range_fn(int at, int kernel, int stride, int pad, int size);

/* Output pixel `at` meets input pixels at * stride - pad + tap. */
static struct range range_forward(int at, int kernel, int stride, int pad, int size)
{
    int start = at * stride - pad;
    int first = start < 0 ? -start : 0;
    int end = size - start < kernel ? size - start : kernel;
    return (struct range){ first, end, 1, start + first, 1 };
}

/* Input pixel `at` meets output pixels (at + pad - tap) / stride, where that is whole. */
static struct range range_backward(int at, int kernel, int stride, int pad, int size)
{
    int first = (at + pad) % stride;
    while ((at + pad - first) / stride >= size) {
        first += stride;
    }
    int end = at + pad + 1 < kernel ? at + pad + 1 : kernel;
    return (struct range){ first, end, stride, (at + pad - first) / stride, -1 };
}

static void pair(const struct range *y, const struct range *x, int kernel, ptrdiff_t width,
                 ptrdiff_t channels, struct pairs *p)
{
    p->count = 0;
    for (int ky = y->first, row = 0; ky < y->end; ky += y->step, row += y->at_step) {
        for (int kx = x->first, column = 0; kx < x->end; kx += x->step, column += x->at_step) {
            p->pixels[p->count] = (row * width + column) * channels;
            p->taps[p->count++] = (ky * kernel + kx) * channels;
        }
    }
}

/* One map from the other. */
struct pass {
    const struct conv_shape *s;
    int height, width, from_height, from_width;
    range_fn *range;
};

static void run(const struct pass *p, const float *from, const float *filter, float *to, bool add)
{
    const struct conv_shape *s = p->s;
    size_t channels = (size_t)s->in_channels;
    struct pairs pairs;
    for (int row = 0; row < s->batch * p->height; row++) {
        struct range y =
            p->range(row % p->height, s->kernel, s->stride, s->pad_top, p->from_height);
        size_t line = (size_t)(row / p->height) * (size_t)p->from_height + (size_t)y.at;
        struct range last = { .first = -1 };
        for (int column = 0; column < p->width; column++, to += channels) {
            struct range x = p->range(column, s->kernel, s->stride, s->pad_left, p->from_width);
            size_t pixel = line * (size_t)p->from_width + (size_t)x.at;
            if (x.first != last.first || x.end != last.end) {
                pair(&y, &x, s->kernel, p->from_width, (ptrdiff_t)channels, &pairs);
                last = x;
            }
            sum_products(&pairs, channels, from + pixel * channels, filter, to, add);
        }
    }
}

void depthwise_forward(const struct conv_shape *s, const float *in, const float *filter, float *out)
{
    struct pass p = { s, s->out_height, s->out_width, s->in_height, s->in_width, range_forward };
    run(&p, in, filter, out, false);
}

/* ------------------------------------------------------ the filter's gradient */

/* One tap of the filter over one row of output pixels. */
struct tap_row {
    size_t channels;
    size_t in_step;  /* floats from one input pixel to the next that this tap reads */
    int first, last; /* output pixels whose tap lies within the picture: first..last-1 */
};

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

static void backward_filter(const struct conv_shape *s, const float *in, const float *out_grad,
                            float *filter_grad)
{
    size_t channels = (size_t)s->in_channels;
    for (int row = 0; row < s->batch * s->out_height; row++) {
        const float *grads = out_grad + (size_t)row * (size_t)s->out_width * channels;
        for (int tap = 0; tap < s->kernel * s->kernel; tap++) {
            int y = row % s->out_height * s->stride - s->pad_top + tap / s->kernel;
            struct tap_row t;
            int x = tap_columns(s, tap % s->kernel, &t);
            if (y < 0 || y >= s->in_height || x < 0) {
                continue;
            }
            size_t line = (size_t)(row / s->out_height) * (size_t)s->in_height + (size_t)y;
            add_tap_grads(&t, in + (line * (size_t)s->in_width + (size_t)x) * channels, grads,
                          filter_grad + (size_t)tap * channels);
        }
    }
}

void depthwise_backward(const struct conv_shape *s, const float *in, const float *out_grad,
                        const float *filter, float *filter_grad, float *in_grad, bool add)
{
    backward_filter(s, in, out_grad, filter_grad);
    if (in_grad) {
        struct pass p = {
            s, s->in_height, s->in_width, s->out_height, s->out_width, range_backward
        };
        run(&p, out_grad, filter, in_grad, add);
    }
}
