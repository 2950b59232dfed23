/* A hash map from picture ids to uint32_t. */
#ifndef SESSION_ID_MAP_H
#define SESSION_ID_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_map {
    uint64_t *slots; /* id + 1 in the upper half, the value below; 0: free */
    size_t cap;      /* a power of two, or 0 */
    size_t count;
};

void id_map_release(struct id_map *m);

/* Sets the value of an id, new or not; false when memory is out. */
bool id_map_put(struct id_map *m, uint32_t id, uint32_t value);

/* Steps through all of them from any place in 0..cap-1 on, going round; *steps
 * begins as 0. False after the last one. */
bool id_map_next(const struct id_map *m, size_t from, size_t *steps, uint32_t *id, uint32_t *value);

bool id_map_get(const struct id_map *m, uint32_t id, uint32_t *value);

#endif
