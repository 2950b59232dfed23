#include "keys.h"

#include "base/buf.h"

void keys_init(struct keys *k)
{
    *k = (struct keys){ .arena = { 0 } };
    map_init(&k->seen);
}

void keys_release(struct keys *k)
{
    map_release(&k->seen);
    arena_release(&k->arena);
}

const char *keys_take(struct keys *k, const char *name, size_t len)
{
    struct buf text = BUF_INIT;
    uint32_t before = 0, other;
    bool taken = map_get(&k->seen, name, len, &before); /* value: the last number */
    buf_add(&text, name, len);
    while (taken && !text.failed) {
        buf_clear(&text);
        buf_add(&text, name, len);
        buf_addf(&text, "-%u", ++before + 1);
        taken = map_get(&k->seen, buf_text(&text), text.len, &other);
    }
    const char *key = text.failed ? NULL : arena_string(&k->arena, buf_text(&text), text.len);
    if (key && (!map_put(&k->seen, key, text.len, 0) ||
                (before && !map_put(&k->seen, name, len, before)))) {
        key = NULL;
    }
    buf_release(&text);
    return key;
}
