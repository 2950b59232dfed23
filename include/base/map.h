/* A hash map from byte strings to uint32_t. Keys are not copied: the caller
 * keeps them where they are for as long as the map lives. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
    const char *key; /* NULL: free */
    uint32_t len;
    uint32_t hash;
    uint32_t value;
};

struct map {
    struct map_slot *slots;
    size_t cap; /* a power of two, or 0 */
    size_t count;
    uint64_t seed; /* random a map, so that names cannot be made to collide */
};

void map_init(struct map *m);
void map_release(struct map *m);

/* Sets the value of key, new or not. False when memory is out or len is over
 * 4 GiB; the map is then as it was. */
bool map_put(struct map *m, const char *key, size_t len, uint32_t value);

bool map_get(const struct map *m, const char *key, size_t len, uint32_t *value);

/* 64-bit hash of bytes (wyhash-like mixing); not for security. */
uint64_t map_hash(const void *bytes, size_t len, uint64_t seed);

#endif
