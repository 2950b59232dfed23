/* The cache's files and their index in memory; for one thread at a time. An entry takes
 * 72 bytes of memory and its hash slots 16, so 100,000 take 9 MB. */
#ifndef LEARN_CACHE_STORE_H
#define LEARN_CACHE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cache.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/stamp.h"

struct cache_store;

/* The cache is borrowed. payload: bytes of a vector. Opens no file yet. */
struct cache_store *cache_store_new(struct cache *cache, const char *id, size_t payload,
                                    struct error *err);

/* Writes the waiting entries and frees the store. NULL is fine. */
void cache_store_free(struct cache_store *s);

bool cache_store_by_stamp(struct cache_store *s, const struct file_stamp *stamp, void *payload);

/* stamp: NULL, or a stamp that will stand for that content from now on. */
bool cache_store_by_content(struct cache_store *s, const struct hash128 *content,
                            const struct file_stamp *stamp, void *payload);

/* Adds an entry, which is written soon. settled: the stamp stands for that content from now on;
 * else the entry is found by content only. */
void cache_store_add(struct cache_store *s, const struct hash128 *content,
                     const struct file_stamp *stamp, bool settled, const void *payload);

#endif
