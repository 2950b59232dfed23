#include "base/map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"

static uint64_t random_seed(const struct map *m)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed) {
        return seed;
    }
    return (uint64_t)clock_monotonic_ns() ^ ((uint64_t)(uintptr_t)m << 20);
}

void map_init(struct map *m)
{
    *m = (struct map){ .seed = random_seed(m) };
}

void map_release(struct map *m)
{
    hash_table_release(&m->table);
    free(m->entries);
    *m = (struct map){ .seed = m->seed };
}

static uint32_t entry_hash(const void *entries, uint32_t at)
{
    return ((const struct map_entry *)entries)[at].hash;
}

static bool has_key(const void *entries, uint32_t at, const void *key)
{
    const struct map_entry *e = (const struct map_entry *)entries + at, *wanted = key;
    return e->hash == wanted->hash && e->len == wanted->len &&
           memcmp(e->key, wanted->key, e->len) == 0;
}

static const struct hash_keys entry_keys = { entry_hash, has_key };

static struct map_entry entry_of(const struct map *m, const char *key, size_t len, uint32_t value)
{
    return (struct map_entry){ key, (uint32_t)len, (uint32_t)hash64(key, len, m->seed), value };
}

static uint32_t find(const struct map *m, const struct map_entry *wanted)
{
    return hash_table_find(&m->table, &entry_keys, m->entries, wanted->hash, wanted);
}

bool map_put(struct map *m, const char *key, size_t len, uint32_t value)
{
    if (len > UINT32_MAX) {
        return false;
    }
    struct map_entry e = entry_of(m, key, len, value);
    uint32_t at = find(m, &e);
    if (at != HASH_TABLE_NONE) {
        m->entries[at].value = value;
        return true;
    }
    if (!mem_reserve(&m->entries, &m->cap, m->count + 1, sizeof *m->entries) ||
        !hash_table_put(&m->table, &entry_keys, m->entries, e.hash, &e, (uint32_t)m->count)) {
        return false;
    }
    m->entries[m->count++] = e;
    return true;
}

bool map_get(const struct map *m, const char *key, size_t len, uint32_t *value)
{
    if (m->count == 0 || len > UINT32_MAX) {
        return false;
    }
    struct map_entry wanted = entry_of(m, key, len, 0);
    uint32_t at = find(m, &wanted);
    if (at == HASH_TABLE_NONE) {
        return false;
    }
    *value = m->entries[at].value;
    return true;
}
