/* A folder of cache files, which may be lost at any time, bounded in bytes: the least
 * recently used files are removed first. Several processes and threads may use it.
 * Nothing is synced, so each file needs a checksum of its own.
 *
 * Files: 32 hexadecimal digits and ".cache"; "tmp-XXXXXX" while one is written; "usage",
 * the total of their bytes, so that the folder is scanned only when the total exceeds
 * the limit or is unknown. Other files are left alone. */
#ifndef BASE_FILE_CACHE_H
#define BASE_FILE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"

struct file_cache;

/* Touches no file yet. NULL when out of memory. */
struct file_cache *file_cache_new(const char *path, int64_t max_bytes, struct error *err);
void file_cache_free(struct file_cache *f);

/* Reads the file of that name and marks it as used now; false if it does not exist or
 * has more than `limit` bytes. */
bool file_cache_read(const struct file_cache *f, struct hash128 name, size_t limit,
                     struct buf *out);

/* Writes the file, all or nothing, and removes others as needed to stay within the
 * limit. */
bool file_cache_write(struct file_cache *f, struct hash128 name, const void *bytes, size_t len);

#endif
