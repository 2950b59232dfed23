#include "base/hash_table.h"

#include <stdlib.h>

#include "base/mem.h"

#define CAP_FIRST ((size_t)16)
#define CAP_MAX ((size_t)1 << 31)

void hash_table_release(struct hash_table *t)
{
    free(t->slots);
    *t = (struct hash_table){ 0 };
}

/* The bits of a slot that have a position. */
static uint32_t low_bits(const struct hash_table *t)
{
    return (uint32_t)t->cap - 1;
}

/* Adds an element whose key is not in the table. */
static void add(struct hash_table *t, uint32_t hash, uint32_t at)
{
    uint32_t low = low_bits(t), i = hash & low;
    while (t->slots[i]) {
        i = (i + 1) & low;
    }
    t->slots[i] = (hash & ~low) | (at + 1);
}

/* For one more element, at that position. */
static bool has_room(size_t cap, size_t count, uint32_t at)
{
    return count < cap - cap / 4 && at < cap - 1;
}

static bool grow(struct hash_table *t, const struct hash_keys *keys, const void *array, uint32_t at)
{
    struct hash_table larger = { .cap = t->cap ? 2 * t->cap : CAP_FIRST, .count = t->count };
    while (larger.cap < CAP_MAX && !has_room(larger.cap, larger.count, at)) {
        larger.cap *= 2;
    }
    if (larger.cap > CAP_MAX || !has_room(larger.cap, larger.count, at) ||
        !(larger.slots = mem_array(larger.cap, sizeof *larger.slots))) {
        return false;
    }
    for (size_t i = 0; i < t->cap; i++) {
        if (t->slots[i]) {
            uint32_t moved = (t->slots[i] & low_bits(t)) - 1;
            add(&larger, keys->hash(array, moved), moved);
        }
    }
    free(t->slots);
    *t = larger;
    return true;
}

bool hash_table_put(struct hash_table *t, const struct hash_keys *keys, const void *array,
                    uint32_t hash, const void *key, uint32_t at)
{
    if ((!t->cap || !has_room(t->cap, t->count, at)) && !grow(t, keys, array, at)) {
        return false;
    }
    uint32_t *slot = hash_table_slot(t, keys, array, hash, key);
    t->count += !*slot;
    *slot = (hash & ~low_bits(t)) | (at + 1);
    return true;
}
