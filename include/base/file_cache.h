/* Files that may be lost at any time, in a folder bounded in bytes: those that
 * were used longest ago go first. Several processes and threads may use it;
 * nothing is synced, so what a file holds must have a checksum of its own.
 *
 * Files: 32 hexadecimal digits and ".cache"; "tmp-XXXXXX" while they are
 * written; "usage", how many bytes they all have, so that the folder is looked
 * through only when they are too many or nobody knows. Others are left alone. */
#ifndef BASE_FILE_CACHE_H
#define BASE_FILE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"

struct file_cache;

/* Touches no file yet. NULL and err when memory is out. */
struct file_cache *file_cache_new(const char *path, int64_t max_bytes, struct error *err);
void file_cache_free(struct file_cache *f);

/* The bytes of that name, which then counts as used now; false: there are none,
 * or more than `limit`. */
bool file_cache_read(const struct file_cache *f, struct hash128 name, size_t limit,
                     struct buf *out);

/* Puts them there, whole or not at all, and removes others until the limit is
 * kept. */
bool file_cache_write(struct file_cache *f, struct hash128 name, const void *bytes, size_t len);

#endif
