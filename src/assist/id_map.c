#include "id_map.h"

#include <stdlib.h>

#include "base/mem.h"

void id_map_release(struct id_map *m)
{
    free(m->slots);
    *m = (struct id_map){ 0 };
}

/* The slot of the id, or the free slot where it belongs. */
static uint64_t *slot_of(uint64_t *slots, size_t cap, uint32_t id)
{
    uint64_t key = (uint64_t)id + 1;
    size_t at = (size_t)((key * 0x9E3779B97F4A7C15u) >> 32) & (cap - 1);
    while (slots[at] && slots[at] >> 32 != key) {
        at = (at + 1) & (cap - 1);
    }
    return &slots[at];
}

static bool grow(struct id_map *m)
{
    size_t cap = m->cap ? 2 * m->cap : 64;
    uint64_t *slots = mem_array(cap, sizeof *slots);
    if (!slots) {
        return false;
    }
    for (size_t i = 0; i < m->cap; i++) {
        if (m->slots[i]) {
            *slot_of(slots, cap, (uint32_t)((m->slots[i] >> 32) - 1)) = m->slots[i];
        }
    }
    free(m->slots);
    m->slots = slots;
    m->cap = cap;
    return true;
}

bool id_map_put(struct id_map *m, uint32_t id, uint32_t value)
{
    if (2 * (m->count + 1) > m->cap && !grow(m)) {
        return false;
    }
    uint64_t *slot = slot_of(m->slots, m->cap, id);
    m->count += !*slot;
    *slot = ((uint64_t)id + 1) << 32 | value;
    return true;
}

bool id_map_next(const struct id_map *m, size_t from, size_t *steps, uint32_t *id, uint32_t *value)
{
    while (*steps < m->cap) {
        uint64_t slot = m->slots[(from + (*steps)++) & (m->cap - 1)];
        if (slot) {
            *id = (uint32_t)((slot >> 32) - 1);
            *value = (uint32_t)slot;
            return true;
        }
    }
    return false;
}

bool id_map_get(const struct id_map *m, uint32_t id, uint32_t *value)
{
    uint64_t slot = m->cap ? *slot_of(m->slots, m->cap, id) : 0;
    *value = (uint32_t)slot;
    return slot != 0;
}
