/* Embeddings cached on disk, by the content of the picture's file, by the region of the
 * picture and by the model that computed them, so that none is computed twice.
 *
 * The cache on disk (base/cache.h) has a folder for each model, ID (embedder_id()), with at
 * most two generations of two logs, NNNN.vectors and NNNN.index (base/cache_log.h). A vector
 * is a content hash and a packed embedding; an index entry says which file (device, inode,
 * size, time of change) has that content, so that a file that has not changed is not even
 * read. Both are mixed with the region, so that its embedding and that of the whole
 * picture are never taken for each other. Each has a checksum. A new generation begins when
 * the last one has a quarter of the cache's budget, and the one before the last goes.
 *
 * All of it may be deleted at any time, in all or for some pictures, and several processes may
 * use it. Where it cannot be read or written, embeddings are computed again, and nothing else
 * changes. All functions may be called from several threads at once. */
#ifndef LEARN_CACHE_H
#define LEARN_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cache.h"
#include "base/error.h"
#include "base/region.h"
#include "base/stamps.h"
#include "image/picture_cache.h"
#include "learn/embedder.h"

struct embedding_cache;

/* disk: borrowed; NULL: nothing is kept on disk. The embedder is borrowed. Returns at once: the
 * index is read when the first embedding is wanted. */
struct embedding_cache *embedding_cache_new(struct cache *disk, const struct embedder *e,
                                            struct error *err);

/* Pictures that the screen shows soon are decoded together with it, by `pictures` (borrowed);
 * `all`: every picture, so that embeddings do not depend on which of them those are. The others
 * are decoded at the size of the model's input, which is much faster in a large folder. Call it
 * before the first embedding_cache_get(). */
void embedding_cache_share(struct embedding_cache *c, struct picture_cache *pictures, bool all);

/* Writes what has not been written yet, and frees the cache. */
void embedding_cache_free(struct embedding_cache *c);

/* The packed embedding (embedder_packed_bytes()) of a region of a picture's file, from
 * the cache or computed by the runner. False when the file holds no readable picture, or the
 * region is outside. */
bool embedding_cache_get(struct embedding_cache *c, struct embed_runner *r, const char *path,
                         const struct region *region, void *packed, struct error *err);

/* What the cache has of some pictures as they are now: entries, of whole pictures and of their
 * regions, and the bytes that are freed when they go (an embedding that other pictures have
 * too, being the same, stays). */
struct embedding_part {
    size_t count;
    int64_t bytes;
};

/* Measures the part of a model that belongs to the pictures (NULL: to any), or removes it. False
 * where it cannot be read or changed; ERROR_BUSY while other processes do. */
bool embedding_cache_part(struct cache *disk, const char *id, const struct stamps *pictures,
                          bool removing, struct embedding_part *part, struct error *err);

#endif
