/* A hash map from picture ids to uint32_t. Not a base/hash_table.h, whose elements stand in
 * the order in which they were added: from a slot on, id_map_next() meets ids at random. */
#ifndef ASSIST_ID_MAP_H
#define ASSIST_ID_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_map {
    uint64_t *slots; /* id + 1 in the upper 32 bits, the value in the lower; 0: free */
    size_t cap;      /* a power of two, or 0 */
    size_t count;
};

void id_map_release(struct id_map *m);

/* Sets the value of a new or known id; false when out of memory. */
bool id_map_put(struct id_map *m, uint32_t id, uint32_t value);

/* Iterates over all entries, from slot `from` (0 to cap-1) on, wrapping around. Start with
 * *steps = 0; false after the last entry. */
bool id_map_next(const struct id_map *m, size_t from, size_t *steps, uint32_t *id, uint32_t *value);

bool id_map_get(const struct id_map *m, uint32_t id, uint32_t *value);

#endif
