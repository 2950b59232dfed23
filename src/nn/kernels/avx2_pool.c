/* AVERAGE_POOL_2D, MAX_POOL_2D and MEAN: first down, the rows of a window into one, a row
 * of the picture taken as one flat array whatever the number of channels; then along,
 * that row's columns into outputs, 16 or 32 channels at a time. The last vector of a pixel
 * runs into the next one, which is written after it. Where most of it would, values are
 * taken one by one, and only rounded in vectors. */
#include "kernels/avx2.h"

#include "kernels/avx2_common.h"
#include "reference/reference.h"

#define SLACK 64      /* bytes after a row that vectors may access */
#define MOST_ROWS 255 /* whose sum fits in 16 bits */
#define NARROW 12     /* channels: fewer are taken one by one */

typedef void (*down_fn)(const struct nn_pool *pool, void *row, const int8_t *in, size_t step,
                        int rows, size_t count);
/* Into all channels of an output: `count` columns from `first` on of a row that `rows` rows
 * went into. */
typedef void (*along_fn)(const struct nn_pool *pool, const void *row, size_t first, size_t count,
                         int rows, void *out);

static void sum_down(const struct nn_pool *pool, void *row, const int8_t *in, size_t step, int rows,
                     size_t count)
{
    int16_t *sums = row;
    size_t i = 0;
    (void)pool;
    for (; i + 16 <= count; i += 16) {
        const int8_t *x = in + i;
        __m256i sum = _mm256_setzero_si256();
        for (int y = 0; y < rows; y++, x += step) {
            __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)x);
            sum = _mm256_add_epi16(sum, _mm256_cvtepi8_epi16(bytes));
        }
        _mm256_storeu_si256((__m256i *)(void *)(sums + i), sum);
    }
    for (; i < count; i++) {
        int sum = 0;
        for (int y = 0; y < rows; y++) {
            sum += in[(size_t)y * step + i];
        }
        sums[i] = (int16_t)sum;
    }
}

/* A sum of one output, and what it is to be multiplied by. */
struct sum {
    int32_t sum;
    float scale;
};

static void sum_along_narrow(const struct nn_pool *pool, const void *row, size_t first,
                             size_t count, int rows, void *out)
{
    const size_t channels = (size_t)pool->window.in_c;
    const int32_t values = rows * (int32_t)count;
    const float scale = pool->input_scale / (pool->output_scale * (float)values);
    const int16_t *from = (const int16_t *)row + first * channels;
    struct sum *to = out;
    for (size_t c = 0; c < channels; c++) {
        int32_t sum = -values * pool->input_zero_point;
        for (size_t i = 0; i < count; i++) {
            sum += from[i * channels + c];
        }
        to[c] = (struct sum){ sum, scale };
    }
}

/* Eight sums, rounded. */
static inline __m256i rounded(const struct sum *sums)
{
    const __m256 a = _mm256_loadu_ps((const float *)(const void *)sums);
    const __m256 b = _mm256_loadu_ps((const float *)(const void *)(sums + 4));
    const __m256i values = _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88));
    const __m256i x = scaled256(values, _mm256_shuffle_ps(a, b, 0xdd));
    return _mm256_permute4x64_epi64(x, 0xd8);
}

static void round_sums(const struct nn_pool *pool, const struct sum *sums, int8_t *out,
                       size_t count)
{
    const struct range256 range = range256(pool->range);
    for (size_t i = 0; i < count; i += 32) {
        const struct sum *s = sums + i;
        __m256i q = bytes256(rounded(s), rounded(s + 8), rounded(s + 16), rounded(s + 24), &range);
        store_bytes256(out + i, q, count - i);
    }
}

static void sum_along(const struct nn_pool *pool, const void *row, size_t first, size_t count,
                      int rows, void *out)
{
    const size_t channels = (size_t)pool->window.in_c;
    int8_t *to = out;
    const int32_t values = rows * (int32_t)count;
    const float scale = pool->input_scale / (pool->output_scale * (float)values);
    const __m256 scales = _mm256_set1_ps(scale);
    const __m256i start = _mm256_set1_epi32(-values * pool->input_zero_point);
    const struct range256 range = range256(pool->range);
    const int16_t *from = (const int16_t *)row + first * channels;
    for (size_t c = 0; c < channels; c += 16) {
        const int16_t *x = from + c;
        __m256i a = start, b = start;
        for (size_t i = 0; i < count; i++, x += channels) {
            __m256i sums = load256(x);
            a = _mm256_add_epi32(a, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(sums)));
            b = _mm256_add_epi32(b, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(sums, 1)));
        }
        a = scaled256(a, scales);
        b = scaled256(b, scales);
        __m256i q = bytes256(a, b, a, b, &range);
        _mm_storeu_si128((__m128i *)(void *)(to + c), _mm256_castsi256_si128(q));
    }
}

static void max_down(const struct nn_pool *pool, void *row, const int8_t *in, size_t step, int rows,
                     size_t count)
{
    const __m256i low = _mm256_set1_epi8((char)pool->range.low);
    const __m256i high = _mm256_set1_epi8((char)pool->range.high);
    int8_t *most = row;
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        const int8_t *x = in + i;
        __m256i q = low;
        for (int y = 0; y < rows; y++, x += step) {
            q = _mm256_max_epi8(q, load256(x));
        }
        _mm256_storeu_si256((__m256i *)(void *)(most + i), _mm256_min_epi8(q, high));
    }
    for (; i < count; i++) {
        int q = pool->range.low;
        for (int y = 0; y < rows; y++) {
            int x = in[(size_t)y * step + i];
            q = x > q ? x : q;
        }
        most[i] = (int8_t)(q < pool->range.high ? q : pool->range.high);
    }
}

static void max_along_narrow(const struct nn_pool *pool, const void *row, size_t first,
                             size_t count, int rows, void *out)
{
    (void)rows;
    const size_t channels = (size_t)pool->window.in_c;
    const int8_t *from = (const int8_t *)row + first * channels;
    int8_t *to = out;
    for (size_t c = 0; c < channels; c++) {
        int8_t most = from[c];
        for (size_t i = 1; i < count; i++) {
            most = from[i * channels + c] > most ? from[i * channels + c] : most;
        }
        to[c] = most;
    }
}

static void max_along(const struct nn_pool *pool, const void *row, size_t first, size_t count,
                      int rows, void *out)
{
    (void)rows;
    const size_t channels = (size_t)pool->window.in_c;
    int8_t *to = out;
    const int8_t *from = (const int8_t *)row + first * channels;
    for (size_t c = 0; c < channels; c += 32) {
        const int8_t *x = from + c;
        __m256i most = _mm256_set1_epi8((char)pool->range.low);
        for (size_t i = 0; i < count; i++, x += channels) {
            most = _mm256_max_epi8(most, load256(x));
        }
        _mm256_storeu_si256((__m256i *)(void *)(to + c), most);
    }
}

static size_t row_bytes(const struct nn_window *w)
{
    size_t bytes = (size_t)w->in_w * (size_t)w->in_c * sizeof(int16_t) + SLACK;
    return (bytes + NN_ARENA_ALIGN - 1) / NN_ARENA_ALIGN * NN_ARENA_ALIGN;
}

static size_t outputs_bytes(const struct nn_window *w)
{
    const size_t value = w->in_c < NARROW ? sizeof(struct sum) : 1;
    return (size_t)w->out_w * (size_t)w->in_c * value + 32 * sizeof(struct sum);
}

/* One row of outputs, or of sums, of `bytes` bytes each, into `outputs`. */
static void pool_row(along_fn along, const struct nn_pool *pool, const void *row, int rows,
                     char *outputs, size_t bytes)
{
    const struct nn_window *w = &pool->window;
    for (int ox = 0; ox < w->out_w; ox++, outputs += (size_t)w->in_c * bytes) {
        int x0 = ox * w->stride_w - w->pad_left;
        const struct nn_taps xs = nn_taps(x0, 1, w->kernel_w, w->in_w);
        along(pool, row, (size_t)(x0 + xs.first), (size_t)(xs.end - xs.first), rows, outputs);
    }
}

static void pool_with(down_fn down, along_fn along, const struct nn_pool *pool, const int8_t *in,
                      int8_t *out, void *scratch)
{
    const bool sums = along == sum_along_narrow;
    const struct nn_window *w = &pool->window;
    const size_t channels = (size_t)w->in_c, step = (size_t)w->in_w * channels;
    const size_t count = (size_t)w->out_w * channels;
    char *outputs = (char *)scratch + row_bytes(w);
    for (int oy = 0; oy < w->out_h; oy++) {
        int y0 = oy * w->stride_h - w->pad_top;
        const struct nn_taps ys = nn_taps(y0, 1, w->kernel_h, w->in_h);
        const int rows = ys.end - ys.first;
        down(pool, scratch, in + (size_t)(y0 + ys.first) * step, step, rows, step);
        pool_row(along, pool, scratch, rows, outputs, sums ? sizeof(struct sum) : 1);
        if (sums) {
            round_sums(pool, (const struct sum *)(void *)outputs, out, count);
        } else {
            memcpy(out, outputs, count);
        }
        out += count;
    }
}

static void run_average(const struct nn_op *op, const void *const *in, void *out, void *scratch)
{
    const bool narrow = op->p.pool.window.in_c < NARROW;
    pool_with(sum_down, narrow ? sum_along_narrow : sum_along, &op->p.pool, in[0], out, scratch);
}

static void run_maximum(const struct nn_op *op, const void *const *in, void *out, void *scratch)
{
    const bool narrow = op->p.pool.window.in_c < NARROW;
    pool_with(max_down, narrow ? max_along_narrow : max_along, &op->p.pool, in[0], out, scratch);
}

static bool need_rows(struct nn_model *model, const struct nn_window *w)
{
    return nn_need_scratch(model, row_bytes(w) + outputs_bytes(w));
}

bool nn_avx2_average_pool(struct nn_model *model, struct nn_op *op, struct error *err)
{
    const struct nn_pool *pool = &op->p.pool;
    (void)err;
    /* A sum is at most 255 a value, and the scale divides by their number. */
    if (pool->window.kernel_h <= MOST_ROWS &&
        nn_scaled_fits(256.0, pool->input_scale / pool->output_scale) &&
        need_rows(model, &pool->window)) {
        op->fast = run_average;
    }
    return true;
}

bool nn_avx2_max_pool(struct nn_model *model, struct nn_op *op, struct error *err)
{
    (void)err;
    if (need_rows(model, &op->p.pool.window)) {
        op->fast = run_maximum;
    }
    return true;
}
