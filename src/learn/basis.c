#include "basis.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "matrix.h"

/* Share of the sample's mean square that is added to its Gram matrix, so that duplicate
 * pictures do not make it singular. */
#define JITTER 1e-4f

struct basis {
    atomic_uint references;
    size_t dims, rank;
    float *mean;  /* dims */
    float *scale; /* dims */
    float *axes;  /* rank x dims, orthonormal; NULL: the values unchanged */
};

size_t head_parts_dims(const struct head_parts *parts)
{
    size_t dims = 0;
    for (size_t i = 0; i < parts->count; i++) {
        dims += parts->part[i].dims;
    }
    return dims;
}

void basis_root(const float *in, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = copysignf(sqrtf(fabsf(in[i])), in[i]);
    }
}

static void take_mean(struct basis *b, const float *sample, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t d = 0; d < b->dims; d++) {
            b->mean[d] += sample[i * b->dims + d];
        }
    }
    for (size_t d = 0; d < b->dims; d++) {
        b->mean[d] /= (float)count;
    }
}

/* Scales each part so that the mean square distance from its mean is the square of its
 * weight. */
static void take_scale(struct basis *b, const float *sample, size_t count,
                       const struct head_parts *parts)
{
    size_t from = 0;
    for (size_t p = 0; p < parts->count; p++) {
        size_t to = from + parts->part[p].dims;
        double sum = 0.0;
        for (size_t i = 0; i < count; i++) {
            for (size_t d = from; d < to; d++) {
                double off = (double)(sample[i * b->dims + d] - b->mean[d]);
                sum += off * off;
            }
        }
        float root = (float)sqrt(sum / (double)count);
        for (size_t d = from; d < to; d++) {
            b->scale[d] = root > 0.0f ? parts->part[p].weight / root : 0.0f;
        }
        from = to;
    }
}

static void centre(const struct basis *b, float *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t d = 0; d < b->dims; d++) {
            rows[i * b->dims + d] = (rows[i * b->dims + d] - b->mean[d]) * b->scale[d];
        }
    }
}

/* Gram-Schmidt by way of the Gram matrix K = L L^T: the rows of L^-1 X. */
static bool orthonormalise(float *rows, size_t count, size_t dims, struct error *err)
{
    float *gram = mem_array(count * count, sizeof *gram);
    if (!gram) {
        return error_nomem(err, count * count * sizeof *gram, "a basis");
    }
    matrix_add_rows_squared(count, dims, 1.0f, rows, gram);
    float trace = 0.0f;
    for (size_t i = 0; i < count; i++) {
        trace += gram[i * count + i];
    }
    for (size_t i = 0; i < count; i++) {
        gram[i * count + i] += JITTER * trace / (float)count + 1e-30f;
    }
    bool ok = matrix_cholesky(count, gram);
    if (ok) {
        matrix_solve_lower(count, gram, dims, rows);
    }
    free(gram);
    return ok || error_set(err, ERROR_DATA, "embeddings: not finite, or too large");
}

struct basis *basis_new(const float *sample, size_t count, const struct head_parts *parts,
                        size_t max_rank, struct error *err)
{
    struct basis *b = calloc(1, sizeof *b);
    size_t dims = head_parts_dims(parts);
    bool whole = dims <= max_rank;
    size_t rank = count < max_rank ? count : max_rank;
    if (b) {
        b->mean = mem_array(dims, sizeof *b->mean);
        b->scale = mem_array(dims, sizeof *b->scale);
        b->axes = whole ? NULL : mem_array(rank, dims * sizeof *b->axes);
    }
    if (!b || !b->mean || !b->scale || (!whole && !b->axes)) {
        error_nomem(err, rank * dims * sizeof *sample, "a basis");
        basis_free(b);
        return NULL;
    }
    atomic_init(&b->references, 1);
    b->dims = dims;
    b->rank = whole ? dims : rank;
    take_mean(b, sample, count);
    take_scale(b, sample, count, parts);
    if (!whole) {
        memcpy(b->axes, sample, rank * dims * sizeof *b->axes);
        centre(b, b->axes, rank);
    }
    if (!whole && !orthonormalise(b->axes, rank, dims, err)) {
        basis_free(b);
        return NULL;
    }
    return b;
}

struct basis *basis_share(struct basis *b)
{
    atomic_fetch_add(&b->references, 1);
    return b;
}

void basis_free(struct basis *b)
{
    if (b && atomic_fetch_sub(&b->references, 1) <= 1) {
        free(b->mean);
        free(b->scale);
        free(b->axes);
        free(b);
    }
}

size_t basis_dims(const struct basis *b)
{
    return b->dims;
}

size_t basis_rank(const struct basis *b)
{
    return b->rank;
}

static void normalise(float *row, size_t count)
{
    float sum = 0.0f;
    for (size_t i = 0; i < count; i++) {
        sum += row[i] * row[i];
    }
    float scale = sum > 0.0f ? 1.0f / sqrtf(sum) : 0.0f;
    for (size_t i = 0; i < count; i++) {
        row[i] *= scale;
    }
}

void basis_project(const struct basis *b, float *rows, size_t count, float *out, size_t stride)
{
    centre(b, rows, count);
    if (b->axes) {
        matrix_times_transposed(count, b->rank, b->dims, rows, b->dims, b->axes, out, stride);
    }
    for (size_t i = 0; i < count; i++) {
        if (!b->axes) {
            memcpy(out + i * stride, rows + i * b->dims, b->dims * sizeof *out);
        }
        normalise(out + i * stride, b->rank);
    }
}
