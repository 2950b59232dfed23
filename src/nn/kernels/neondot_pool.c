/* AVERAGE_POOL_2D, MAX_POOL_2D and MEAN, 16 channels at a time. */
#include "kernels/neondot.h"

#include "kernels/neon.h"
#include "reference/reference.h"

/* The part of a window that lies inside of the picture. */
struct part {
    const int8_t *first;
    ptrdiff_t row, pixel; /* bytes from one to the next */
    int rows, columns;
};

/* Up to 16 channels from c on. */
typedef int8x16_t (*reduce_fn)(const struct nn_pool *pool, const struct part *part, size_t c,
                               size_t count);

static inline int8x16_t load(const int8_t *from, size_t count)
{
    return count >= NEON_BYTES ? vld1q_s8(from) : neon_load_first(from, count);
}

static int8x16_t average(const struct nn_pool *pool, const struct part *part, size_t c,
                         size_t count)
{
    const int32_t values = part->rows * part->columns;
    const float scale = pool->input_scale / (pool->output_scale * (float)values);
    const float32x4_t scales = vdupq_n_f32(scale);
    const struct neon_range range = neon_range(pool->range);
    const int32x4_t start = vdupq_n_s32(-values * pool->input_zero_point);
    int32x4_t s0 = start, s1 = start, s2 = start, s3 = start;
    for (int y = 0; y < part->rows; y++) {
        const int8_t *from = part->first + y * part->row + c;
        for (int i = 0; i < part->columns; i++, from += part->pixel) {
            const int8x16_t x = load(from, count);
            const int16x8_t low = vmovl_s8(vget_low_s8(x)), high = vmovl_high_s8(x);
            s0 = vaddw_s16(s0, vget_low_s16(low));
            s1 = vaddw_high_s16(s1, low);
            s2 = vaddw_s16(s2, vget_low_s16(high));
            s3 = vaddw_high_s16(s3, high);
        }
    }
    int16x8_t ab = neon_words(neon_scaled(s0, scales), neon_scaled(s1, scales), &range);
    int16x8_t cd = neon_words(neon_scaled(s2, scales), neon_scaled(s3, scales), &range);
    return neon_bytes(ab, cd, &range);
}

static int8x16_t maximum(const struct nn_pool *pool, const struct part *part, size_t c,
                         size_t count)
{
    int8x16_t most = vdupq_n_s8((int8_t)pool->range.low);
    for (int y = 0; y < part->rows; y++) {
        const int8_t *from = part->first + y * part->row + c;
        for (int i = 0; i < part->columns; i++, from += part->pixel) {
            most = vmaxq_s8(most, load(from, count));
        }
    }
    return vminq_s8(most, vdupq_n_s8((int8_t)pool->range.high));
}

static void pool_with(reduce_fn reduce, const struct nn_pool *pool, const int8_t *in, int8_t *out)
{
    const struct nn_window *w = &pool->window;
    const size_t channels = (size_t)w->in_c;
    struct part part = { .row = (ptrdiff_t)w->in_w * w->in_c, .pixel = w->in_c };
    for (int oy = 0; oy < w->out_h; oy++) {
        int y0 = oy * w->stride_h - w->pad_top;
        struct nn_taps ys = nn_taps(y0, 1, w->kernel_h, w->in_h);
        part.rows = ys.end - ys.first;
        for (int ox = 0; ox < w->out_w; ox++, out += channels) {
            int x0 = ox * w->stride_w - w->pad_left;
            struct nn_taps xs = nn_taps(x0, 1, w->kernel_w, w->in_w);
            part.columns = xs.end - xs.first;
            part.first = in + (y0 + ys.first) * part.row + (x0 + xs.first) * part.pixel;
            for (size_t c = 0; c < channels; c += NEON_BYTES) {
                neon_store_first(out + c, channels - c, reduce(pool, &part, c, channels - c));
            }
        }
    }
}

static void run_average(const struct nn_op *op, const void *const *in, void *out, void *scratch)
{
    (void)scratch;
    pool_with(average, &op->p.pool, in[0], out);
}

static void run_maximum(const struct nn_op *op, const void *const *in, void *out, void *scratch)
{
    (void)scratch;
    pool_with(maximum, &op->p.pool, in[0], out);
}

/* Also MEAN, whose window covers the picture. */
bool nn_neondot_average_pool(struct nn_model *model, struct nn_op *op, struct error *err)
{
    (void)model;
    (void)err;
    op->fast = run_average;
    return true;
}

bool nn_neondot_max_pool(struct nn_model *model, struct nn_op *op, struct error *err)
{
    (void)model;
    (void)err;
    op->fast = run_maximum;
    return true;
}
