#include "learn/neighbours.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "matrix.h"

#define SEEDS_AT_ONCE 32

/* Puts the row among the nearest found so far, of which there are *found. */
static void insert(struct neighbour *nearest, size_t *found, size_t most, struct neighbour n)
{
    size_t at = *found < most ? (*found)++ : most - 1;
    while (at > 0 && nearest[at - 1].cosine < n.cosine) {
        nearest[at] = nearest[at - 1];
        at--;
    }
    nearest[at] = n;
}

static void select_nearest(const float *cosines, size_t count, size_t most, struct neighbour *out)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (found < most || cosines[i] > out[most - 1].cosine) {
            insert(out, &found, most, (struct neighbour){ (uint32_t)i, cosines[i] });
        }
    }
}

bool neighbours_find(const float *rows, size_t count, size_t rank, const uint32_t *seeds,
                     size_t seed_count, size_t most, struct neighbour *out, struct error *err)
{
    float *batch = mem_array(SEEDS_AT_ONCE, (rank + count) * sizeof *batch);
    if (!batch) {
        return error_nomem(err, SEEDS_AT_ONCE * (rank + count) * sizeof *batch, "neighbours");
    }
    float *cosines = batch + SEEDS_AT_ONCE * rank;
    for (size_t from = 0; most && from < seed_count; from += SEEDS_AT_ONCE) {
        size_t n = seed_count - from < SEEDS_AT_ONCE ? seed_count - from : SEEDS_AT_ONCE;
        for (size_t i = 0; i < n; i++) {
            memcpy(batch + i * rank, rows + seeds[from + i] * rank, rank * sizeof *batch);
        }
        matrix_times_transposed(n, count, rank, batch, rank, rows, cosines, count);
        for (size_t i = 0; i < n; i++) {
            select_nearest(cosines + i * count, count, most, out + (from + i) * most);
        }
    }
    free(batch);
    return true;
}
