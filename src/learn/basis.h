/* Reduces embeddings to the few values that classes are learned on: the signed square
 * root of each value (so that a few large ones do not dominate), minus its mean over a
 * sample of the folder's pictures, with the parts scaled to their weights, projected onto
 * the span of the sample, at unit length.
 *
 * The span of some hundred random pictures covers nearly all differences between the
 * pictures of a folder. Principal axes are not computed: heads on them were not better.
 *
 * A basis never changes. Each owner holds a reference. */
#ifndef LEARN_BASIS_H
#define LEARN_BASIS_H

#include <stddef.h>

#include "base/error.h"
#include "learn/head.h"

struct basis;

/* Number of values of all parts together. */
size_t head_parts_dims(const struct head_parts *parts);

/* sample: count x dims values, of basis_root(); count >= 1. max_rank >= 1. */
struct basis *basis_new(const float *sample, size_t count, const struct head_parts *parts,
                        size_t max_rank, struct error *err);
struct basis *basis_share(struct basis *b);
void basis_free(struct basis *b); /* drops a reference; NULL is fine */

size_t basis_dims(const struct basis *b);
size_t basis_rank(const struct basis *b); /* values that basis_project() gives */

/* The signed square roots of `count` values; in and out may be the same. */
void basis_root(const float *in, size_t count, float *out);

/* rows: count x dims values of basis_root(), overwritten. out: count x rank,
 * `stride` >= rank values apart. */
void basis_project(const struct basis *b, float *rows, size_t count, float *out, size_t stride);

#endif
