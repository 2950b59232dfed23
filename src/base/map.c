#include "base/map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"

enum { FIRST_CAP = 16 };

static uint64_t random_seed(const struct map *m)
{
    uint64_t seed;

    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed)
        return seed;
    return (uint64_t)clock_monotonic_ns() ^ ((uint64_t)(uintptr_t)m << 20);
}

void map_init(struct map *m)
{
    *m = (struct map){ .seed = random_seed(m) };
}

void map_release(struct map *m)
{
    free(m->slots);
    *m = (struct map){ .seed = m->seed };
}

/* The slot of the key, or the free slot where it belongs. cap > 0. */
static struct map_slot *find_slot(const struct map *m, const char *key, uint32_t len, uint32_t hash)
{
    size_t mask = m->cap - 1;

    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct map_slot *s = &m->slots[i];
        if (s->key == NULL)
            return s;
        if (s->hash == hash && s->len == len && memcmp(s->key, key, len) == 0)
            return s;
    }
}

static bool grow(struct map *m)
{
    size_t cap = m->cap == 0 ? FIRST_CAP : m->cap * 2;
    struct map bigger = { .cap = cap, .count = m->count, .seed = m->seed };

    /* Slots are found by a 32-bit hash. */
    if (cap > (size_t)UINT32_MAX + 1)
        return false;
    bigger.slots = mem_array(cap, sizeof *bigger.slots);
    if (bigger.slots == NULL)
        return false;
    for (size_t i = 0; i < m->cap; i++) {
        const struct map_slot *s = &m->slots[i];
        if (s->key != NULL)
            *find_slot(&bigger, s->key, s->len, s->hash) = *s;
    }
    free(m->slots);
    *m = bigger;
    return true;
}

bool map_put(struct map *m, const char *key, size_t len, uint32_t value)
{
    if (len > UINT32_MAX)
        return false;
    if (m->count + 1 > m->cap - m->cap / 4 && !grow(m))
        return false;

    uint32_t hash = (uint32_t)hash64(key, len, m->seed);
    struct map_slot *s = find_slot(m, key, (uint32_t)len, hash);
    if (s->key == NULL) {
        *s = (struct map_slot){ .key = key, .len = (uint32_t)len, .hash = hash };
        m->count++;
    }
    s->value = value;
    return true;
}

bool map_get(const struct map *m, const char *key, size_t len, uint32_t *value)
{
    if (m->count == 0 || len > UINT32_MAX)
        return false;

    uint32_t hash = (uint32_t)hash64(key, len, m->seed);
    const struct map_slot *s = find_slot(m, key, (uint32_t)len, hash);
    if (s->key == NULL)
        return false;
    *value = s->value;
    return true;
}
