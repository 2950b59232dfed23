#include "learn/head.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/mem.h"
#include "head_private.h"
#include "matrix.h"

#define NO_SLOT UINT32_MAX
#define PROJECTED_AT_ONCE 256

bool head_available(struct error *err)
{
    return blas_start(err);
}

struct head *head_new(const struct head_parts *parts, struct error *err)
{
    if (!blas_start(err)) {
        return NULL;
    }
    struct head *h = calloc(1, sizeof *h);
    size_t dims = head_parts_dims(parts);
    if (h) {
        h->parts = *parts;
        h->dims = dims;
        h->stride = dims < HEAD_RANK ? dims : HEAD_RANK;
        h->search.direction = -1;
        h->random = 0x9e3779b97f4a7c15u;
        h->sample = mem_array(HEAD_RANK, dims * sizeof *h->sample);
        h->scatter = mem_array(h->stride * h->stride, sizeof *h->scatter);
    }
    if (!h || !h->sample || !h->scatter) {
        head_free(h);
        error_nomem(err, HEAD_RANK * dims * sizeof(float), "the head");
        return NULL;
    }
    return h;
}

void head_fit_release(struct head_fit *f)
{
    discriminant_release(&f->discriminant);
    free(f->index);
    *f = (struct head_fit){ .fresh = false };
}

void head_free(struct head *h)
{
    if (h) {
        free(h->sample);
        basis_free(h->basis);
        free(h->answers);
        free(h->projected);
        free(h->whole);
        free(h->slots);
        free(h->scatter);
        free(h->sums);
        free(h->counts);
        head_fit_release(&h->fit);
        free(h);
    }
}

bool head_resize_classes(struct head *h, size_t count, struct error *err)
{
    if (count <= h->classes) {
        return true;
    }
    if (count > HEAD_CLASSES_MAX) {
        return error_set(err, ERROR_USAGE, "%zu classes are too many: at most %d can be learned",
                         count, HEAD_CLASSES_MAX);
    }
    if (!mem_reserve(&h->sums, &h->sums_cap, count * h->stride, sizeof *h->sums) ||
        !mem_reserve(&h->counts, &h->counts_cap, count, sizeof *h->counts)) {
        return error_nomem(err, count * h->stride * sizeof *h->sums, "the head's classes");
    }
    size_t more = count - h->classes;
    h->fit.fresh = false;
    memset(h->sums + h->classes * h->stride, 0, more * h->stride * sizeof *h->sums);
    memset(h->counts + h->classes, 0, more * sizeof *h->counts);
    h->classes = count;
    return true;
}

/* ------------------------------------------------------------------- basis */

/* splitmix64 */
static uint64_t next_random(struct head *h)
{
    uint64_t z = h->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Reservoir sampling: each picture seen is in the sample with equal probability. */
static void add_to_sample(struct head *h, const float *embedding)
{
    if (h->seen >= HEAD_SETTLED) {
        return;
    }
    h->seen++;
    size_t at = h->sampled < HEAD_RANK ? h->sampled++ : next_random(h) % h->seen;
    if (at < HEAD_RANK) {
        basis_root(embedding, h->dims, h->sample + at * h->dims);
    }
}

static bool all_finite(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i])) {
            return false;
        }
    }
    return true;
}

bool head_background(struct head *h, const float *embedding, struct error *err)
{
    if (!all_finite(embedding, h->dims)) {
        return error_set(err, ERROR_DATA, "an embedding is not finite");
    }
    add_to_sample(h, embedding);
    return true;
}

/* ----------------------------------------------------------------- answers */

/* Adds the answer in that slot to the sums (sign 1), or subtracts it (sign -1). */
static void add_to_sums(struct head *h, size_t slot, float sign)
{
    const float *x = h->projected + slot * h->stride;
    size_t c = h->answers[slot].class_index;
    h->fit.fresh = false;
    if (h->basis) { /* else x is 0 */
        matrix_add_columns_squared(1, h->stride, sign, x, h->scatter);
        for (size_t i = 0; i < h->stride; i++) {
            h->sums[c * h->stride + i] += sign * x[i];
        }
    }
    h->counts[c] += sign > 0.0f ? 1 : UINT32_MAX;
}

/* Projects the whole embeddings in `rows`, which it overwrites, into the slots. */
static void project(struct head *h, size_t slot, float *rows, size_t count)
{
    float *out = h->projected + slot * h->stride;
    memset(out, 0, count * h->stride * sizeof *out);
    basis_project(h->basis, rows, count, out, h->stride);
}

static void sum_up(struct head *h)
{
    memset(h->scatter, 0, h->stride * h->stride * sizeof *h->scatter);
    memset(h->sums, 0, h->classes * h->stride * sizeof *h->sums);
    matrix_add_columns_squared(h->count, h->stride, 1.0f, h->projected, h->scatter);
    for (size_t i = 0; i < h->count; i++) {
        float *sum = h->sums + h->answers[i].class_index * h->stride;
        for (size_t j = 0; j < h->stride; j++) {
            sum[j] += h->projected[i * h->stride + j];
        }
    }
}

bool head_refit(struct head *h, struct error *err)
{
    if (!h->sampled || h->seen < h->next_fit) {
        return true;
    }
    float *rows = mem_array(PROJECTED_AT_ONCE, h->dims * sizeof *rows);
    struct basis *basis = rows ? basis_new(h->sample, h->sampled, &h->parts, h->stride, err) : NULL;
    if (!basis) {
        free(rows);
        return rows ? false : error_nomem(err, h->dims * sizeof *rows, "the head");
    }
    basis_free(h->basis);
    h->basis = basis;
    h->fit.fresh = false;
    for (size_t i = 0; i < h->count; i += PROJECTED_AT_ONCE) {
        size_t left = h->count - i;
        size_t n = left < PROJECTED_AT_ONCE ? left : PROJECTED_AT_ONCE;
        memcpy(rows, h->whole + i * h->dims, n * h->dims * sizeof *rows);
        project(h, i, rows, n);
    }
    free(rows);
    sum_up(h);
    h->fitted = h->seen;
    h->next_fit = h->seen + (h->seen + 1) / 2;
    if (h->seen >= HEAD_SETTLED) {
        free(h->sample);
        free(h->whole);
        h->sample = h->whole = NULL;
        h->sampled = 0;
    } else if (h->next_fit > HEAD_SETTLED) {
        h->next_fit = HEAD_SETTLED;
    }
    return true;
}

static bool reserve_answer(struct head *h, uint32_t id, struct error *err)
{
    size_t n = h->count + 1;
    if (!mem_reserve(&h->answers, &h->answers_cap, n, sizeof *h->answers) ||
        !mem_reserve(&h->projected, &h->projected_cap, n * h->stride, sizeof *h->projected) ||
        (h->sample && !mem_reserve(&h->whole, &h->whole_cap, n * h->dims, sizeof *h->whole)) ||
        !mem_reserve(&h->slots, &h->slots_cap, (size_t)id + 1, sizeof *h->slots)) {
        return error_nomem(err, n * (h->stride + h->dims) * sizeof *h->whole, "the head's answers");
    }
    while (h->slots_count <= id) {
        h->slots[h->slots_count++] = NO_SLOT;
    }
    return true;
}

bool head_set(struct head *h, uint32_t id, const float *embedding, size_t class_index,
              struct error *err)
{
    if (class_index >= h->classes) {
        return error_set(err, ERROR_USAGE, "class %zu of %zu", class_index, h->classes);
    }
    if (!all_finite(embedding, h->dims)) {
        return error_set(err, ERROR_DATA, "an embedding is not finite");
    }
    head_remove(h, id);
    if (!reserve_answer(h, id, err)) {
        return false;
    }
    size_t slot = h->count;
    float *whole = h->sample ? h->whole + slot * h->dims : NULL;
    float *rows = mem_array(h->dims, sizeof *rows);
    if (!rows) {
        return error_nomem(err, h->dims * sizeof *rows, "an answer");
    }
    if (h->seen <= h->count) {
        add_to_sample(h, embedding); /* for callers that show no other pictures to the head */
    }
    basis_root(embedding, h->dims, rows);
    if (whole) {
        memcpy(whole, rows, h->dims * sizeof *whole);
    }
    h->answers[slot] = (struct answer){ id, (uint32_t)class_index };
    h->slots[id] = (uint32_t)slot;
    h->count++;
    if (h->basis) {
        project(h, slot, rows, 1);
    } else {
        memset(h->projected + slot * h->stride, 0, h->stride * sizeof *h->projected);
    }
    add_to_sums(h, slot, 1.0f);
    free(rows);
    return true;
}

void head_remove(struct head *h, uint32_t id)
{
    if (id >= h->slots_count || h->slots[id] == NO_SLOT) {
        return;
    }
    size_t slot = h->slots[id];
    size_t last = --h->count;
    add_to_sums(h, slot, -1.0f);
    h->slots[id] = NO_SLOT;
    if (slot == last) {
        return;
    }
    h->answers[slot] = h->answers[last];
    h->slots[h->answers[slot].id] = (uint32_t)slot;
    memcpy(h->projected + slot * h->stride, h->projected + last * h->stride,
           h->stride * sizeof *h->projected);
    if (h->whole) {
        memcpy(h->whole + slot * h->dims, h->whole + last * h->dims, h->dims * sizeof *h->whole);
    }
}
