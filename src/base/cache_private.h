/* What the files of the cache share: cache_folder.c at the bottom, cache_entries.c on it, cache.c
 * and cache_file.c on these. */
#ifndef BASE_CACHE_PRIVATE_H
#define BASE_CACHE_PRIVATE_H

#include <stdatomic.h>

#include "base/cache.h"

#define CACHE_TEMPORARY "tmp-"
#define CACHE_USAGE "usage"

struct cache {
    char *path;
    int64_t max_bytes;
    _Atomic int64_t untold;  /* bytes written but not yet added to "usage" */
    atomic_uint temporaries; /* numbers their names */
};

/* Opens the folder of all; -1 with errno, which is 0 for what must not be used. */
int cache_open_root(const struct cache *c);

/* cache_clear(), but for the count of bytes. */
bool cache_remove_entries(const struct cache *c, struct cache_list *removed, struct error *err);

/* Scans all entries and, if they exceed the budget, removes the least recently used down to
 * 7/8 of it, so that not every write has to. Returns the bytes left. */
int64_t cache_prune(const struct cache *c);

#endif
