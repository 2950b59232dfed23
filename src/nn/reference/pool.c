#include "reference/reference.h"

#include "requantize.h"

/* Reduces channel c of the part of the window that lies inside of the picture. */
typedef int8_t (*reduce_fn)(const struct nn_pool *pool, const int8_t *in, struct nn_taps ys,
                            struct nn_taps xs, int c);

static int8_t pixel(const struct nn_window *w, const int8_t *in, int y, int x, int c)
{
    return in[((ptrdiff_t)y * w->in_w + x) * w->in_c + c];
}

/* The divisor is the number of values that are there, not the window's. */
static int8_t average(const struct nn_pool *pool, const int8_t *in, struct nn_taps ys,
                      struct nn_taps xs, int c)
{
    int32_t sum = 0;
    for (int y = ys.first; y < ys.end; y++) {
        for (int x = xs.first; x < xs.end; x++) {
            sum += pixel(&pool->window, in, y, x, c) - pool->input_zero_point;
        }
    }
    int count = (ys.end - ys.first) * (xs.end - xs.first);
    float scale = pool->input_scale / (pool->output_scale * (float)count);
    return nn_requantize(sum, scale, pool->range);
}

static int8_t maximum(const struct nn_pool *pool, const int8_t *in, struct nn_taps ys,
                      struct nn_taps xs, int c)
{
    int32_t most = pool->range.low;
    for (int y = ys.first; y < ys.end; y++) {
        for (int x = xs.first; x < xs.end; x++) {
            int32_t q = pixel(&pool->window, in, y, x, c);
            most = q > most ? q : most;
        }
    }
    return (int8_t)(most < pool->range.high ? most : pool->range.high);
}

static void pool_with(reduce_fn reduce, const struct nn_pool *pool, const int8_t *in, int8_t *out)
{
    const struct nn_window *w = &pool->window;
    for (int oy = 0; oy < w->out_h; oy++) {
        int y0 = oy * w->stride_h - w->pad_top;
        struct nn_taps ys = nn_taps(y0, 1, w->kernel_h, w->in_h);
        ys.first += y0;
        ys.end += y0;
        for (int ox = 0; ox < w->out_w; ox++) {
            int x0 = ox * w->stride_w - w->pad_left;
            struct nn_taps xs = nn_taps(x0, 1, w->kernel_w, w->in_w);
            xs.first += x0;
            xs.end += x0;
            for (int c = 0; c < w->out_c; c++) {
                *out++ = reduce(pool, in, ys, xs, c);
            }
        }
    }
}

void nn_reference_average_pool(const struct nn_op *op, const void *const *in, void *out)
{
    pool_with(average, &op->p.pool, in[0], out);
}

void nn_reference_max_pool(const struct nn_op *op, const void *const *in, void *out)
{
    pool_with(maximum, &op->p.pool, in[0], out);
}
