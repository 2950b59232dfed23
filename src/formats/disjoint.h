/* Disjoint sets of numbers (Tarjan's union-find). */
#ifndef FORMATS_DISJOINT_H
#define FORMATS_DISJOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sets {
    uint32_t *parent;
    size_t count;
};

/* Each of the numbers below count is a set of its own. False when out of memory. */
bool sets_init(struct sets *s, size_t count);
void sets_release(struct sets *s);

/* The lowest number of the set that i is in. */
uint32_t sets_root(struct sets *s, uint32_t i);

void sets_join(struct sets *s, uint32_t a, uint32_t b);

#endif
