/* Which rows are nearest to some of them. */
#ifndef LEARN_NEIGHBOURS_H
#define LEARN_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct neighbour {
    uint32_t row;
    float cosine;
};

/* For each of `seed_count` seeds, which are rows, the `most` <= count rows nearest to it, itself
 * among them, nearest first, of rows as alike the first; out: seed_count x most. rows: count x rank
 * values, each row of unit length (head_model_reduce()). Time: about that of one product of
 * seed_count x rank and rank x count. */
bool neighbours_find(const float *rows, size_t count, size_t rank, const uint32_t *seeds,
                     size_t seed_count, size_t most, struct neighbour *out, struct error *err);

#endif
