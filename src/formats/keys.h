/* Names that are different from each other. */
#ifndef FORMATS_KEYS_H
#define FORMATS_KEYS_H

#include "arena.h"
#include "base/map.h"

struct keys {
    struct arena arena;
    struct map seen;
};

void keys_init(struct keys *k);
void keys_release(struct keys *k);

/* The name itself, or if it was taken before NAME-2, NAME-3 ...; valid until keys_release().
 * NULL when out of memory. */
const char *keys_take(struct keys *k, const char *name, size_t len);

#endif
