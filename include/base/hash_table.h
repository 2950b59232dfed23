/* The hash table: finds the elements of an array, which the caller keeps, by their keys. The
 * table itself has only the elements' positions, 4 bytes a slot and at most 3/4 of the slots
 * used; `struct hash_keys` tells it how to read and compare the keys where they are. Elements
 * cannot be removed. base/map.h is a table of byte strings with their values. */
#ifndef BASE_HASH_TABLE_H
#define BASE_HASH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_TABLE_NONE UINT32_MAX /* no element */

/* `array` is what the functions below were given, `at` a position in it. */
struct hash_keys {
    uint32_t (*hash)(const void *array, uint32_t at);              /* of the element's key */
    bool (*same)(const void *array, uint32_t at, const void *key); /* is that its key? */
};

/* All zero: empty. */
struct hash_table {
    /* Open addressing; 0: free. The lower bits have the position + 1, as many as the number of
     * slots needs; those above have the same bits of the hash, so that other elements that
     * are met in a search are mostly told apart without a look at them. */
    uint32_t *slots;
    size_t cap; /* a power of two, or 0 */
    size_t count;
};

void hash_table_release(struct hash_table *t);

/* The slot of the key, or the free slot where it belongs. cap > 0. Defined here, as is the
 * function below, so that the functions of `keys` are inlined too. */
static inline uint32_t *hash_table_slot(const struct hash_table *t, const struct hash_keys *keys,
                                        const void *array, uint32_t hash, const void *key)
{
    uint32_t low = (uint32_t)t->cap - 1;
    for (uint32_t i = hash & low;; i = (i + 1) & low) {
        uint32_t slot = t->slots[i];
        if (!slot || (!((slot ^ hash) & ~low) && keys->same(array, (slot & low) - 1, key))) {
            return &t->slots[i];
        }
    }
}

/* The position of the element with that key, whose hash is `hash`; or HASH_TABLE_NONE. */
static inline uint32_t hash_table_find(const struct hash_table *t, const struct hash_keys *keys,
                                       const void *array, uint32_t hash, const void *key)
{
    uint32_t slot = t->cap ? *hash_table_slot(t, keys, array, hash, key) : 0;
    return slot ? (slot & ((uint32_t)t->cap - 1)) - 1 : HASH_TABLE_NONE;
}

/* Adds the element at position `at`, which takes the place of another one with the same key.
 * Of the new element, only the key and hash that are given are read. False, with the table
 * unchanged, when out of memory. */
bool hash_table_put(struct hash_table *t, const struct hash_keys *keys, const void *array,
                    uint32_t hash, const void *key, uint32_t at);

#endif
