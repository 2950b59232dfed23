/* A hash map from byte strings to uint32_t. Keys are borrowed: they must stay in place
 * as long as the map. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash_table.h"

struct map_entry {
    const char *key;
    uint32_t len;
    uint32_t hash;
    uint32_t value;
};

struct map {
    struct hash_table table;
    struct map_entry *entries; /* in the order in which they were added */
    size_t count, cap;
    uint64_t seed; /* random for each map, so that collisions cannot be prepared */
};

void map_init(struct map *m);
void map_release(struct map *m);

/* Sets the value of a new or existing key. False, with the map unchanged, when out of
 * memory or if len exceeds UINT32_MAX. */
bool map_put(struct map *m, const char *key, size_t len, uint32_t value);

bool map_get(const struct map *m, const char *key, size_t len, uint32_t *value);

#endif
