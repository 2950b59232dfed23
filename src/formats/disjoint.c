#include "disjoint.h"

#include <stdlib.h>

#include "base/mem.h"

bool sets_init(struct sets *s, size_t count)
{
    *s = (struct sets){ mem_array(count, sizeof *s->parent), count };
    for (uint32_t i = 0; s->parent && i < count; i++) {
        s->parent[i] = i;
    }
    return s->parent != NULL;
}

void sets_release(struct sets *s)
{
    free(s->parent);
    *s = (struct sets){ NULL, 0 };
}

uint32_t sets_root(struct sets *s, uint32_t i)
{
    while (s->parent[i] != i) {
        s->parent[i] = s->parent[s->parent[i]];
        i = s->parent[i];
    }
    return i;
}

void sets_join(struct sets *s, uint32_t a, uint32_t b)
{
    a = sets_root(s, a);
    b = sets_root(s, b);
    if (a < b) {
        s->parent[b] = a;
    } else {
        s->parent[a] = b;
    }
}
