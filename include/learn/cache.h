/* Embeddings cached on disk, by the content of the picture's file, by the region of the
 * picture and by the model that computed them, so that none is computed twice.
 *
 * FOLDER/ID/ (ID: embedder_id()) holds at most two generations of two logs,
 * NNNN.vectors and NNNN.index (base/cache_log.h). A vector is a content hash and
 * a packed embedding; an index entry says which file (device, inode, size, time
 * of change) has that content, so that a file that has not changed is not even
 * read. Both are mixed with the region, so that its embedding and that of the whole
 * picture are never taken for each other. Each has a checksum. A new generation begins when the last one has a
 * quarter of the bytes allowed, and the one before the last goes; models not
 * used for the longest go when those not in use have more than half.
 *
 * All of it may be deleted at any time, and several processes may use it. Where
 * it cannot be read or written, embeddings are computed again, and nothing else
 * changes. All functions may be called from several threads at once. */
#ifndef LEARN_CACHE_H
#define LEARN_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/region.h"
#include "learn/embedder.h"

struct embedding_cache;

/* folder: created when needed; NULL: nothing is kept on disk. max_bytes: limit for
 * all models together. The embedder is borrowed. Returns at once: the index is read
 * when the first embedding is wanted. */
struct embedding_cache *embedding_cache_new(const char *folder, int64_t max_bytes,
                                            const struct embedder *e, struct error *err);

/* Writes what has not been written yet, and frees the cache. */
void embedding_cache_free(struct embedding_cache *c);

/* The packed embedding (embedder_packed_bytes()) of a region of a picture's file, from
 * the cache or computed by the runner. False when the file holds no readable picture, or the
 * region is outside. */
bool embedding_cache_get(struct embedding_cache *c, struct embed_runner *r, const char *path,
                         const struct region *region, void *packed, struct error *err);

#endif
