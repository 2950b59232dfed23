/* Strings that are freed together. */
#ifndef FORMATS_ARENA_H
#define FORMATS_ARENA_H

#include <stddef.h>

struct arena {
    char **blocks;
    size_t count, cap;
    size_t used, size; /* of the last block */
};

/* A copy with a NUL behind it, valid until arena_release(); NULL when out of memory. */
const char *arena_string(struct arena *a, const char *text, size_t len);
void arena_release(struct arena *a);

#endif
