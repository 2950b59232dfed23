#include "layers.h"

#include <math.h>
#include <string.h>

#include "clones.h"
#include "matmul.h"
#include "net.h"

/* Sums of single precision over more rows than this lose digits. */
#define BLOCK_ROWS 128

struct sums {
    double *a, *b; /* totals, channels each */
    float *block_a, *block_b;
};

static struct sums sums_start(size_t channels, float *scratch)
{
    double *totals = (double *)(void *)scratch;
    struct sums s = { totals, totals + channels, scratch + 4 * channels, scratch + 5 * channels };
    memset(totals, 0, 2 * channels * sizeof *totals);
    return s;
}

CLONES static void sums_take(const struct sums *s, size_t channels)
{
    for (size_t c = 0; c < channels; c++) {
        s->a[c] += (double)s->block_a[c];
        s->b[c] += (double)s->block_b[c];
        s->block_a[c] = s->block_b[c] = 0;
    }
}

/* Sums of x and x * x. */
CLONES static void add_squares(const float *restrict in, size_t rows, size_t channels,
                               float *restrict a, float *restrict b)
{
    for (size_t r = 0; r < rows; r++, in += channels) {
        for (size_t c = 0; c < channels; c++) {
            a[c] += in[c];
            b[c] += in[c] * in[c];
        }
    }
}

void norm_moments(const struct norm_shape *s, const float *in, float *moments, float *scratch)
{
    struct sums sums = sums_start(s->channels, scratch);
    memset(sums.block_a, 0, 2 * s->channels * sizeof *sums.block_a);
    for (size_t r = 0; r < s->rows; r += BLOCK_ROWS) {
        size_t rows = s->rows - r < BLOCK_ROWS ? s->rows - r : BLOCK_ROWS;
        add_squares(in + r * s->channels, rows, s->channels, sums.block_a, sums.block_b);
        sums_take(&sums, s->channels);
    }
    for (size_t c = 0; c < s->channels; c++) {
        double mean = sums.a[c] / (double)s->rows;
        double variance = sums.b[c] / (double)s->rows - mean * mean;
        moments[c] = (float)mean;
        moments[s->channels + c] = variance > 0 ? (float)variance : 0;
    }
}

/* Without and with what is added, so that each is one loop over the channels. */
CLONES static void apply(const float *restrict in, const float *restrict scale,
                         const float *restrict shift, size_t rows, size_t channels, float low,
                         float *restrict out)
{
    for (size_t r = 0; r < rows; r++, in += channels, out += channels) {
        for (size_t c = 0; c < channels; c++) {
            float v = in[c] * scale[c] + shift[c];
            out[c] = v > low ? v : low;
        }
    }
}

CLONES static void apply_and_add(const float *restrict in, const float *restrict residual,
                                 const float *restrict scale, const float *restrict shift,
                                 size_t rows, size_t channels, float low, float *restrict out)
{
    for (size_t r = 0; r < rows; r++, in += channels, out += channels, residual += channels) {
        for (size_t c = 0; c < channels; c++) {
            float v = in[c] * scale[c] + shift[c] + residual[c];
            out[c] = v > low ? v : low;
        }
    }
}

void norm_forward(const struct norm_shape *s, const float *in, const float *residual,
                  const float *parameters, const float *moments, float *out, float *scratch)
{
    float *scale = scratch;
    float *shift = scratch + s->channels;
    for (size_t c = 0; c < s->channels; c++) {
        scale[c] = parameters[c] / sqrtf(moments[s->channels + c] + NET_NORM_EPSILON);
        shift[c] = parameters[s->channels + c] - moments[c] * scale[c];
    }
    float low = s->relu ? 0 : -INFINITY;
    if (residual) {
        apply_and_add(in, residual, scale, shift, s->rows, s->channels, low, out);
    } else {
        apply(in, scale, shift, s->rows, s->channels, low, out);
    }
}

/* Sums of g and g * x, where g is the gradient that the relu lets through: all
 * of it where out > low. */
CLONES static void add_grads(const float *restrict in, const float *restrict out,
                             const float *restrict grad, float low, size_t rows, size_t channels,
                             float *restrict a, float *restrict b)
{
    for (size_t r = 0; r < rows; r++, in += channels, out += channels, grad += channels) {
        for (size_t c = 0; c < channels; c++) {
            float g = out[c] > low ? grad[c] : 0;
            a[c] += g;
            b[c] += g * in[c];
        }
    }
}

/* in = scale * g + slope * in + shift */
CLONES static void grads_back(float *restrict in, const float *restrict out,
                              const float *restrict grad, float low, size_t rows, size_t channels,
                              const float *restrict scale, const float *restrict slope,
                              const float *restrict shift)
{
    for (size_t r = 0; r < rows; r++, in += channels, out += channels, grad += channels) {
        for (size_t c = 0; c < channels; c++) {
            float g = out[c] > low ? grad[c] : 0;
            in[c] = scale[c] * g + slope[c] * in[c] + shift[c];
        }
    }
}

CLONES static void residual_back(const float *restrict out, const float *restrict grad, float low,
                                 size_t count, bool add, float *restrict residual_grad)
{
    if (add) {
        for (size_t i = 0; i < count; i++) {
            residual_grad[i] += out[i] > low ? grad[i] : 0;
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            residual_grad[i] = out[i] > low ? grad[i] : 0;
        }
    }
}

void norm_backward(const struct norm_shape *s, const struct norm_backward *b, float *parameter_grad,
                   float *scratch)
{
    size_t channels = s->channels;
    float low = s->relu ? 0 : -INFINITY;
    struct sums sums = sums_start(channels, scratch);
    memset(sums.block_a, 0, 2 * channels * sizeof *sums.block_a);
    for (size_t r = 0; r < s->rows; r += BLOCK_ROWS) {
        size_t rows = s->rows - r < BLOCK_ROWS ? s->rows - r : BLOCK_ROWS;
        size_t at = r * channels;
        add_grads(b->in + at, b->out + at, b->out_grad + at, low, rows, channels, sums.block_a,
                  sums.block_b);
        sums_take(&sums, channels);
    }
    float *scale = scratch + 4 * channels;
    float *slope = scratch + 5 * channels;
    float *shift = scratch + 6 * channels;
    for (size_t c = 0; c < channels; c++) {
        double mean = (double)b->moments[c];
        double inverse = 1 / sqrt((double)(b->moments[channels + c] + NET_NORM_EPSILON));
        double sum_g = sums.a[c];
        double sum_gx = inverse * (sums.b[c] - mean * sum_g);
        parameter_grad[c] += (float)sum_gx;
        parameter_grad[channels + c] += (float)sum_g;
        double k = (double)b->parameters[c] * inverse;
        double of_x = s->frozen ? 0 : k * inverse * sum_gx / (double)s->rows;
        double constant = s->frozen ? 0 : k * sum_g / (double)s->rows;
        scale[c] = (float)k;
        slope[c] = (float)-of_x;
        shift[c] = (float)(of_x * mean - constant);
    }
    grads_back(b->in, b->out, b->out_grad, low, s->rows, channels, scale, slope, shift);
    if (b->residual_grad) {
        residual_back(b->out, b->out_grad, low, s->rows * channels, b->residual_add,
                      b->residual_grad);
    }
}

CLONES void mean_forward(size_t batch, size_t positions, size_t channels, const float *in,
                         float *out)
{
    for (size_t n = 0; n < batch; n++, out += channels) {
        memset(out, 0, channels * sizeof *out);
        for (size_t p = 0; p < positions; p++, in += channels) {
            for (size_t c = 0; c < channels; c++) {
                out[c] += in[c];
            }
        }
        for (size_t c = 0; c < channels; c++) {
            out[c] /= (float)positions;
        }
    }
}

CLONES void mean_backward(size_t batch, size_t positions, size_t channels, const float *out_grad,
                          float *in_grad, bool add)
{
    for (size_t n = 0; n < batch; n++, out_grad += channels) {
        for (size_t p = 0; p < positions; p++, in_grad += channels) {
            for (size_t c = 0; c < channels; c++) {
                float share = out_grad[c] / (float)positions;
                in_grad[c] = add ? in_grad[c] + share : share;
            }
        }
    }
}

void dense_forward(size_t batch, size_t in_count, size_t out_count, const float *in,
                   const float *parameters, float *out)
{
    const float *bias = parameters + in_count * out_count;
    for (size_t n = 0; n < batch; n++) {
        memcpy(out + n * out_count, bias, out_count * sizeof *out);
    }
    matmul_nt(batch, out_count, in_count, in, parameters, 1, out);
}

void dense_backward(size_t batch, size_t in_count, size_t out_count, const struct dense_backward *b)
{
    float *bias_grad = b->parameter_grad + in_count * out_count;
    for (size_t n = 0; n < batch; n++) {
        for (size_t o = 0; o < out_count; o++) {
            bias_grad[o] += b->out_grad[n * out_count + o];
        }
    }
    matmul_tn(out_count, in_count, batch, b->out_grad, b->in, 1, b->parameter_grad);
    if (b->in_grad) {
        matmul_nn(batch, in_count, out_count, b->out_grad, b->parameters, b->add ? 1 : 0,
                  b->in_grad);
    }
}
