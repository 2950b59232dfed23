#include "discriminant.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "matrix.h"

#define SPREAD 10.0f /* weight of the covariance's prior, in pictures */
#define CENTRE 2.0f  /* weight of a mean's prior, in pictures */

static bool allocate(struct discriminant *d, struct error *err)
{
    d->factor = mem_array(d->dims * d->dims, sizeof *d->factor);
    d->means = mem_array(d->classes, d->dims * sizeof *d->means);
    d->solved = mem_array(d->classes, d->dims * sizeof *d->solved);
    d->products = mem_array(d->classes, d->classes * sizeof *d->products);
    d->counts = mem_array(d->classes, sizeof *d->counts);
    return (d->factor && d->means && d->solved && d->products && d->counts) ||
           error_nomem(err, d->dims * d->dims * sizeof *d->factor, "the head");
}

bool discriminant_init(struct discriminant *d, const struct discriminant_data *data,
                       struct error *err)
{
    size_t dims = data->dims;
    *d = (struct discriminant){ .dims = dims, .classes = data->classes, .count = data->count };
    if (!allocate(d, err)) {
        discriminant_release(d);
        return false;
    }
    for (size_t i = 0; i < dims; i++) {
        memcpy(d->factor + i * dims, data->scatter + i * data->stride, (i + 1) * sizeof(float));
    }
    memcpy(d->counts, data->counts, d->classes * sizeof *d->counts);
    for (size_t c = 0; c < d->classes; c++) {
        float root = sqrtf((float)d->counts[c]);
        for (size_t i = 0; i < dims; i++) {
            d->solved[c * dims + i] = data->sums[c * data->stride + i] / root;
            d->means[c * dims + i] = data->sums[c * data->stride + i] / (float)d->counts[c];
        }
    }
    matrix_add_columns_squared(d->classes, dims, -1.0f, d->solved, d->factor);
    for (size_t i = 0; i < dims; i++) {
        d->factor[i * dims + i] += data->prior;
    }
    if (!matrix_cholesky(dims, d->factor)) {
        discriminant_release(d);
        return error_set(err, ERROR_DATA, "embeddings: not finite, or too large");
    }
    memcpy(d->solved, d->means, d->classes * dims * sizeof *d->solved);
    matrix_solve_rows(d->classes, dims, d->factor, d->solved);
    matrix_times_transposed(d->classes, d->classes, dims, d->means, dims, d->solved, d->products,
                            d->classes);
    return true;
}

void discriminant_release(struct discriminant *d)
{
    free(d->factor);
    free(d->means);
    free(d->solved);
    free(d->products);
    free(d->counts);
    *d = (struct discriminant){ 0 };
}

/* The factor by which the prior shrinks a mean of n pictures. */
static float shrink(float n)
{
    return n / (n + CENTRE);
}

float discriminant_weights(const struct discriminant *d, size_t c, float *weights)
{
    float total = (float)d->count + SPREAD;
    float s = shrink((float)d->counts[c]);
    for (size_t i = 0; i < d->dims; i++) {
        weights[i] = total * s * d->solved[c * d->dims + i];
    }
    return -0.5f * total * s * s * d->products[c * d->classes + c];
}

/* Scores of one picture x of class c without it. h: x S^-1 x; r: x S^-1 m_j for
 * each j, replaced by the scores.
 *
 * With u = x - m_c and b = n_c / (n_c - 1), S loses b u u^T, so that S^-1 gains
 * g (S^-1 u)(S^-1 u)^T, g = b / (1 - b u S^-1 u); and m_c becomes b m_c - x / (n_c - 1). */
static void score_without(const struct discriminant *d, size_t c, float h, float *r)
{
    const float *p = d->products + c * d->classes;
    float n = (float)d->counts[c];
    float total = (float)d->count - 1.0f + SPREAD;
    float own = r[c];
    float u_x = h - own;
    float b = n > 1.0f ? n / (n - 1.0f) : 0.0f;
    float left = 1.0f - b * (h - 2.0f * own + p[c]);
    float g = b / (left > 1e-6f ? left : 1e-6f);
    for (size_t j = 0; j < d->classes; j++) {
        float s = shrink((float)d->counts[j]);
        float u_m = r[j] - p[j];
        float x_m = r[j] + g * u_x * u_m;
        float m_m = d->products[j * d->classes + j] + g * u_m * u_m;
        if (j == c && n > 1.0f) {
            float x_x = h + g * u_x * u_x;
            float share = 1.0f / (n - 1.0f);
            m_m = b * b * m_m - 2.0f * b * share * x_m + share * share * x_x;
            x_m = b * x_m - share * x_x;
            s = shrink(n - 1.0f);
        }
        r[j] = total * (s * x_m - 0.5f * s * s * m_m);
    }
    if (n <= 1.0f) {
        r[c] = -INFINITY;
    }
}

bool discriminant_without(const struct discriminant *d, float *x, const uint32_t *classes,
                          size_t rows, float *scores, struct error *err)
{
    float *squares = mem_array(rows, sizeof *squares);
    if (!squares) {
        return error_nomem(err, rows * sizeof *squares, "the head");
    }
    matrix_times_transposed(rows, d->classes, d->dims, x, d->dims, d->solved, scores, d->classes);
    matrix_solve_rows_lower(rows, d->dims, d->factor, x);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < d->dims; j++) {
            squares[i] += x[i * d->dims + j] * x[i * d->dims + j];
        }
    }
    for (size_t i = 0; i < rows; i++) {
        score_without(d, classes[i], squares[i], scores + i * d->classes);
    }
    free(squares);
    return true;
}
