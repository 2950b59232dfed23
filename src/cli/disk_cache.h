/* The cache on disk as the settings have it. */
#ifndef CLI_DISK_CACHE_H
#define CLI_DISK_CACHE_H

#include "base/cache.h"
#include "config/settings.h"

/* Its budget in bytes: --disk, else the sum of what it took the place of, `embeddings` and
 * `thumbnails`, if one of these is given. */
int64_t disk_cache_bytes(const struct settings *s);

/* Whether that kind is kept: a budget of 0, or 0 for what it was called before, turns it off. */
bool disk_cache_keeps(const struct settings *s, enum cache_kind kind);

/* Touches no file. False when out of memory. *cache is NULL without a home folder. */
bool disk_cache_new(struct cache **cache, const struct settings *s, struct error *err);

#endif
