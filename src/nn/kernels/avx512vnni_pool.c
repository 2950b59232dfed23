/* AVERAGE_POOL_2D, MAX_POOL_2D and MEAN, 64 channels at a time. */
#include "kernels/avx512vnni.h"

#include "kernels/avx512.h"
#include "reference/reference.h"

/* The part of a window that lies inside of the picture. */
struct part {
    const int8_t *first;
    ptrdiff_t row, pixel; /* bytes from one to the next */
    int rows, columns;
};

typedef void (*reduce_fn)(const struct nn_pool *pool, const struct part *part, float scale,
                          int8_t *out);

/* sums[i] gets bytes 16 * i to 16 * i + 15. */
static inline void add_bytes(__m512i sums[4], __m512i x)
{
    sums[0] = _mm512_add_epi32(sums[0], _mm512_cvtepi8_epi32(_mm512_castsi512_si128(x)));
    sums[1] = _mm512_add_epi32(sums[1], _mm512_cvtepi8_epi32(_mm512_extracti32x4_epi32(x, 1)));
    sums[2] = _mm512_add_epi32(sums[2], _mm512_cvtepi8_epi32(_mm512_extracti32x4_epi32(x, 2)));
    sums[3] = _mm512_add_epi32(sums[3], _mm512_cvtepi8_epi32(_mm512_extracti32x4_epi32(x, 3)));
}

static void average(const struct nn_pool *pool, const struct part *part, float scale, int8_t *out)
{
    const size_t channels = (size_t)pool->window.in_c;
    const struct range512 range = range512(pool->range);
    const __m512 scales = _mm512_set1_ps(scale);
    const int32_t count = part->rows * part->columns;
    for (size_t c = 0; c < channels; c += 64) {
        const __mmask64 mask = first512(channels - c);
        const __m512i start = _mm512_set1_epi32(-count * pool->input_zero_point);
        __m512i sums[4] = { start, start, start, start };
        for (int y = 0; y < part->rows; y++) {
            const int8_t *x = part->first + y * part->row + c;
            for (int i = 0; i < part->columns; i++, x += part->pixel) {
                add_bytes(sums, _mm512_maskz_loadu_epi8(mask, x));
            }
        }
        __m512i q = bytes512(scaled512(sums[0], scales), scaled512(sums[1], scales),
                             scaled512(sums[2], scales), scaled512(sums[3], scales), &range);
        _mm512_mask_storeu_epi8(out + c, mask, transpose512(q));
    }
}

static void maximum(const struct nn_pool *pool, const struct part *part, float scale, int8_t *out)
{
    const size_t channels = (size_t)pool->window.in_c;
    const __m512i low = _mm512_set1_epi8((char)pool->range.low);
    const __m512i high = _mm512_set1_epi8((char)pool->range.high);
    (void)scale;
    for (size_t c = 0; c < channels; c += 64) {
        const __mmask64 mask = first512(channels - c);
        __m512i most = low;
        for (int y = 0; y < part->rows; y++) {
            const int8_t *x = part->first + y * part->row + c;
            for (int i = 0; i < part->columns; i++, x += part->pixel) {
                most = _mm512_max_epi8(most, _mm512_maskz_loadu_epi8(mask, x));
            }
        }
        _mm512_mask_storeu_epi8(out + c, mask, _mm512_min_epi8(most, high));
    }
}

static void pool_with(reduce_fn reduce, const struct nn_pool *pool, const int8_t *in, int8_t *out)
{
    const struct nn_window *w = &pool->window;
    struct part part = { .row = (ptrdiff_t)w->in_w * w->in_c, .pixel = w->in_c };
    for (int oy = 0; oy < w->out_h; oy++) {
        int y0 = oy * w->stride_h - w->pad_top;
        struct nn_taps ys = nn_taps(y0, 1, w->kernel_h, w->in_h);
        part.rows = ys.end - ys.first;
        for (int ox = 0; ox < w->out_w; ox++) {
            int x0 = ox * w->stride_w - w->pad_left;
            struct nn_taps xs = nn_taps(x0, 1, w->kernel_w, w->in_w);
            part.columns = xs.end - xs.first;
            part.first = in + (y0 + ys.first) * part.row + (x0 + xs.first) * part.pixel;
            float count = (float)(part.rows * part.columns);
            reduce(pool, &part, pool->input_scale / (pool->output_scale * count), out);
            out += w->out_c;
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

/* MEAN's window covers the picture. */
bool nn_avx512vnni_average_pool(struct nn_model *model, struct nn_op *op, struct error *err)
{
    const struct nn_pool *pool = &op->p.pool;
    (void)model;
    (void)err;
    /* A sum is at most 255 a value, and the scale divides by their number. */
    if (nn_scaled_fits(256.0, pool->input_scale / pool->output_scale)) {
        op->fast = run_average;
    }
    return true;
}

bool nn_avx512vnni_mean(struct nn_model *model, struct nn_op *op, struct error *err)
{
    return nn_avx512vnni_average_pool(model, op, err);
}

bool nn_avx512vnni_max_pool(struct nn_model *model, struct nn_op *op, struct error *err)
{
    (void)model;
    (void)err;
    op->fast = run_maximum;
    return true;
}
