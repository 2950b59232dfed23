#include "layers.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "base/mem.h"
#include "matmul.h"
#include "net.h"

/* Rows summed in single precision; more would lose digits. */
#define BLOCK_ROWS 128

/* Narrow rows are treated as one of at least this width, so that consecutive additions to
 * the same sum do not wait for each other. */
#define WIDE 256

/* The rows as the loops see them, and the values per channel. */
struct wide {
    size_t rows, width;
    size_t copies; /* pixels side by side in such a row */
    double *totals[2];
    float *sums[2]; /* of a block */
    float *scale, *shift;
    float *constants[3];
};

size_t norm_scratch_floats(size_t channels)
{
    return 4 * channels + 7 * (channels < WIDE ? 2 * (size_t)WIDE : channels);
}

static struct wide widen(const struct norm_shape *s, float *scratch)
{
    struct wide w = { .rows = s->rows, .width = s->channels, .copies = 1 };
    while (w.width < WIDE && w.rows % 2 == 0) {
        w.rows /= 2;
        w.width *= 2;
        w.copies *= 2;
    }
    w.totals[0] = (double *)(void *)scratch;
    w.totals[1] = w.totals[0] + s->channels;
    float *next = scratch + 4 * s->channels;
    float **const arrays[] = { &w.sums[0],      &w.sums[1],      &w.scale,       &w.shift,
                               &w.constants[0], &w.constants[1], &w.constants[2] };
    for (size_t i = 0; i < ARRAY_LEN(arrays); i++, next += w.width) {
        *arrays[i] = next;
    }
    memset(w.totals[0], 0, 2 * s->channels * sizeof *w.totals[0]);
    memset(w.sums[0], 0, 2 * w.width * sizeof *w.sums[0]);
    return w;
}

static size_t block_rows(const struct wide *w, size_t first)
{
    return w->rows - first < BLOCK_ROWS ? w->rows - first : BLOCK_ROWS;
}

CLONES static void take_sums(const struct wide *w, size_t channels)
{
    for (size_t i = 0; i < 2; i++) {
        double *restrict totals = w->totals[i];
        float *restrict sums = w->sums[i];
        for (size_t copy = 0; copy < w->copies; copy++, sums += channels) {
            for (size_t c = 0; c < channels; c++) {
                totals[c] += (double)sums[c];
                sums[c] = 0;
            }
        }
    }
}

/* Repeats the values per channel for the other pixels of a wide row. */
static void copy_channels(const struct wide *w, size_t channels, float *values)
{
    for (size_t c = channels; c < w->width; c++) {
        values[c] = values[c - channels];
    }
}

static void set_scale(const struct wide *w, size_t channels, const float *parameters,
                      const float *moments)
{
    for (size_t c = 0; c < channels; c++) {
        w->scale[c] = parameters[c] / sqrtf(moments[channels + c] + NET_NORM_EPSILON);
        w->shift[c] = parameters[channels + c] - moments[c] * w->scale[c];
    }
    copy_channels(w, channels, w->scale);
    copy_channels(w, channels, w->shift);
}

/* Sums of x and x * x. */
CLONES static void add_squares(const float *restrict in, size_t rows, size_t width,
                               float *restrict a, float *restrict b)
{
    for (size_t r = 0; r < rows; r++, in += width) {
        for (size_t c = 0; c < width; c++) {
            a[c] += in[c];
            b[c] += in[c] * in[c];
        }
    }
}

void norm_moments(const struct norm_shape *s, const float *in, float *moments, float *scratch)
{
    struct wide w = widen(s, scratch);
    for (size_t r = 0; r < w.rows; r += BLOCK_ROWS) {
        add_squares(in + r * w.width, block_rows(&w, r), w.width, w.sums[0], w.sums[1]);
        take_sums(&w, s->channels);
    }
    for (size_t c = 0; c < s->channels; c++) {
        double mean = w.totals[0][c] / (double)s->rows;
        double variance = w.totals[1][c] / (double)s->rows - mean * mean;
        moments[c] = (float)mean;
        moments[s->channels + c] = variance > 0 ? (float)variance : 0;
    }
}

/* Without and with a residual, so that each is one loop over the channels. */
CLONES static void apply(const float *restrict in, const float *restrict scale,
                         const float *restrict shift, size_t rows, size_t width, float low,
                         float *restrict out)
{
    for (size_t r = 0; r < rows; r++, in += width, out += width) {
        for (size_t c = 0; c < width; c++) {
            float v = in[c] * scale[c] + shift[c];
            out[c] = v > low ? v : low;
        }
    }
}

CLONES static void apply_and_add(const float *restrict in, const float *restrict residual,
                                 const float *restrict scale, const float *restrict shift,
                                 size_t rows, size_t width, float low, float *restrict out)
{
    for (size_t r = 0; r < rows; r++, in += width, out += width, residual += width) {
        for (size_t c = 0; c < width; c++) {
            float v = in[c] * scale[c] + shift[c] + residual[c];
            out[c] = v > low ? v : low;
        }
    }
}

/* The second pass over a tensor begins where the first one ended, as those rows are still in
 * the cache. */
void norm_forward(const struct norm_shape *s, const float *in, const float *residual,
                  const float *parameters, const float *moments, float *out, float *scratch)
{
    struct wide w = widen(s, scratch);
    float low = s->relu ? 0 : -INFINITY;
    set_scale(&w, s->channels, parameters, moments);
    if (residual) {
        apply_and_add(in, residual, w.scale, w.shift, w.rows, w.width, low, out);
    } else {
        apply(in, w.scale, w.shift, w.rows, w.width, low, out);
    }
}

/* Sums of g and g * x, where g is the gradient that the relu lets through: all
 * of it where the result was > low. */
CLONES static void add_grads(const float *restrict in, const float *restrict grad,
                             const float *restrict scale, const float *restrict shift, float low,
                             size_t rows, size_t width, float *restrict a, float *restrict b)
{
    for (size_t r = 0; r < rows; r++, in += width, grad += width) {
        for (size_t c = 0; c < width; c++) {
            float g = in[c] * scale[c] + shift[c] > low ? grad[c] : 0;
            a[c] += g;
            b[c] += g * in[c];
        }
    }
}

/* The same; also overwrites the gradient with g. */
CLONES static void add_and_mask_grads(const float *restrict in, const float *restrict out,
                                      float *restrict grad, size_t rows, size_t width,
                                      float *restrict a, float *restrict b)
{
    for (size_t r = 0; r < rows; r++, in += width, out += width, grad += width) {
        for (size_t c = 0; c < width; c++) {
            float g = out[c] > 0 ? grad[c] : 0;
            a[c] += g;
            b[c] += g * in[c];
            grad[c] = g;
        }
    }
}

/* in = k[0] * g + k[1] * in + k[2] */
CLONES static void grads_back(float *restrict in, const float *restrict grad,
                              const float *restrict scale, const float *restrict shift, float low,
                              size_t rows, size_t width, float *const *constants)
{
    const float *restrict k0 = constants[0];
    const float *restrict k1 = constants[1];
    const float *restrict k2 = constants[2];
    for (size_t r = 0; r < rows; r++, in += width, grad += width) {
        for (size_t c = 0; c < width; c++) {
            float g = in[c] * scale[c] + shift[c] > low ? grad[c] : 0;
            in[c] = k0[c] * g + k1[c] * in[c] + k2[c];
        }
    }
}

static void set_constants(const struct norm_shape *s, const struct norm_backward *b,
                          const struct wide *w, float *parameter_grad)
{
    size_t channels = s->channels;
    for (size_t c = 0; c < channels; c++) {
        double mean = (double)b->moments[c];
        double inverse = 1 / sqrt((double)(b->moments[channels + c] + NET_NORM_EPSILON));
        double sum_g = w->totals[0][c];
        double sum_gx = inverse * (w->totals[1][c] - mean * sum_g);
        parameter_grad[c] += (float)sum_gx;
        parameter_grad[channels + c] += (float)sum_g;
        double k = (double)b->parameters[c] * inverse;
        double of_x = s->frozen ? 0 : k * inverse * sum_gx / (double)s->rows;
        double constant = s->frozen ? 0 : k * sum_g / (double)s->rows;
        w->constants[0][c] = (float)k;
        w->constants[1][c] = (float)-of_x;
        w->constants[2][c] = (float)(of_x * mean - constant);
    }
    for (size_t i = 0; i < ARRAY_LEN(w->constants); i++) {
        copy_channels(w, channels, w->constants[i]);
    }
}

void norm_backward(const struct norm_shape *s, const struct norm_backward *b, float *parameter_grad,
                   float *scratch)
{
    struct wide w = widen(s, scratch);
    bool by_out = b->out && s->relu;
    float low = s->relu && !by_out ? 0 : -INFINITY;
    set_scale(&w, s->channels, b->parameters, b->moments);
    for (size_t r = 0; r < w.rows; r += BLOCK_ROWS) {
        size_t rows = block_rows(&w, r);
        size_t at = r * w.width;
        if (by_out) {
            add_and_mask_grads(b->in + at, b->out + at, b->out_grad + at, rows, w.width, w.sums[0],
                               w.sums[1]);
        } else {
            add_grads(b->in + at, b->out_grad + at, w.scale, w.shift, low, rows, w.width, w.sums[0],
                      w.sums[1]);
        }
        take_sums(&w, s->channels);
    }
    set_constants(s, b, &w, parameter_grad);
    for (size_t end = w.rows; end > 0;) {
        size_t first = (end - 1) / BLOCK_ROWS * BLOCK_ROWS;
        size_t at = first * w.width;
        grads_back(b->in + at, b->out_grad + at, w.scale, w.shift, low, end - first, w.width,
                   w.constants);
        end = first;
    }
}

CLONES void grad_add(size_t count, const float *restrict more, float *restrict grad)
{
    for (size_t i = 0; i < count; i++) {
        grad[i] += more[i];
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

/* Rows and columns of a part of a map. */
struct box {
    size_t y0, y1, x0, x1;
};

static struct box box_of(size_t part, size_t side)
{
    if (part == 0) {
        return (struct box){ 0, side, 0, side };
    }
    size_t i = (part - 1) / 2, j = (part - 1) % 2;
    return (struct box){ i * side / 2, ((i + 1) * side + 1) / 2, j * side / 2,
                         ((j + 1) * side + 1) / 2 };
}

static float share_of(const struct box *b)
{
    return 1.0f / (float)((b->y1 - b->y0) * (b->x1 - b->x0));
}

CLONES void parts_forward(size_t batch, size_t side, size_t channels, const float *in, float *out)
{
    for (size_t n = 0; n < batch; n++, in += side * side * channels) {
        for (size_t part = 0; part < NET_PARTS; part++, out += channels) {
            struct box b = box_of(part, side);
            float share = share_of(&b);
            memset(out, 0, channels * sizeof *out);
            for (size_t y = b.y0; y < b.y1; y++) {
                for (size_t i = (y * side + b.x0) * channels; i < (y * side + b.x1) * channels;) {
                    for (size_t c = 0; c < channels; c++, i++) {
                        out[c] += share * in[i];
                    }
                }
            }
        }
    }
}

CLONES void parts_backward(size_t batch, size_t side, size_t channels, const float *out_grad,
                           float *in_grad, bool add)
{
    size_t count = side * side * channels;
    for (size_t n = 0; n < batch; n++, in_grad += count) {
        if (!add) {
            memset(in_grad, 0, count * sizeof *in_grad);
        }
        for (size_t part = 0; part < NET_PARTS; part++, out_grad += channels) {
            struct box b = box_of(part, side);
            float share = share_of(&b);
            for (size_t y = b.y0; y < b.y1; y++) {
                for (size_t i = (y * side + b.x0) * channels; i < (y * side + b.x1) * channels;) {
                    for (size_t c = 0; c < channels; c++, i++) {
                        in_grad[i] += share * out_grad[c];
                    }
                }
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
