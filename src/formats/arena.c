#include "arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BLOCK ((size_t)1 << 18)

static bool new_block(struct arena *a, size_t need)
{
    size_t size = need > BLOCK ? need : BLOCK;
    if (!mem_reserve(&a->blocks, &a->cap, a->count + 1, sizeof *a->blocks)) {
        return false;
    }
    char *block = malloc(size);
    if (!block) {
        return false;
    }
    a->blocks[a->count++] = block;
    a->used = 0;
    a->size = size;
    return true;
}

const char *arena_string(struct arena *a, const char *text, size_t len)
{
    if (a->size - a->used < len + 1 && !new_block(a, len + 1)) {
        return NULL;
    }
    char *copy = a->blocks[a->count - 1] + a->used;
    if (len) {
        memcpy(copy, text, len);
    }
    copy[len] = '\0';
    a->used += len + 1;
    return copy;
}

void arena_release(struct arena *a)
{
    for (size_t i = 0; i < a->count; i++) {
        free(a->blocks[i]);
    }
    free(a->blocks);
    *a = (struct arena){ 0 };
}
