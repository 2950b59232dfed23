#include "learn/cache.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "cache_store.h"
#include "image/decode.h"

struct embedding_cache {
    const struct embedder *embedder;
    struct picture_cache *pictures; /* borrowed; NULL: every picture is read here */
    bool all_shared;
    pthread_mutex_t lock; /* all below */
    struct cache_store *store;
};

struct embedding_cache *embedding_cache_new(struct cache *disk, const struct embedder *e,
                                            struct error *err)
{
    struct embedding_cache *c = calloc(1, sizeof *c);
    if (!c) {
        error_nomem(err, sizeof *c, "a cache");
        return NULL;
    }
    c->embedder = e;
    pthread_mutex_init(&c->lock, NULL);
    if (disk) {
        c->store = cache_store_new(disk, embedder_id(e), embedder_packed_bytes(e), err);
        if (!c->store) {
            embedding_cache_free(c);
            return NULL;
        }
    }
    return c;
}

void embedding_cache_free(struct embedding_cache *c)
{
    if (c) {
        cache_store_free(c->store);
        pthread_mutex_destroy(&c->lock);
        free(c);
    }
}

void embedding_cache_share(struct embedding_cache *c, struct picture_cache *pictures, bool all)
{
    c->pictures = pictures;
    c->all_shared = all;
}

static bool find_by_stamp(struct embedding_cache *c, const struct file_stamp *stamp, void *packed)
{
    pthread_mutex_lock(&c->lock);
    bool found = cache_store_by_stamp(c->store, stamp, packed);
    pthread_mutex_unlock(&c->lock);
    return found;
}

/* Looks the embedding up by content, and registers it under the stamp as well. */
static bool find_by_content(struct embedding_cache *c, const struct hash128 *content,
                            const struct file_stamp *stamp, void *packed)
{
    pthread_mutex_lock(&c->lock);
    bool found = cache_store_by_content(c->store, content, stamp, packed);
    pthread_mutex_unlock(&c->lock);
    return found;
}

static void add_embedding(struct embedding_cache *c, const struct hash128 *content,
                          const struct file_stamp *stamp, bool settled, const void *packed)
{
    pthread_mutex_lock(&c->lock);
    cache_store_add(c->store, content, stamp, settled, packed);
    pthread_mutex_unlock(&c->lock);
}

/* The keys of a region's embedding; those of the whole picture are as they are. */
static struct hash128 content_of_region(struct hash128 content, const struct region *region)
{
    struct {
        struct hash128 content;
        struct region region;
    } key = { content, *region };
    return region_is_whole(region) ? content : hash128(&key, sizeof key, 0);
}

static struct file_stamp stamp_of_region(const struct file_stamp *stamp,
                                         const struct region *region)
{
    struct file_stamp key = *stamp;
    if (!region_is_whole(region)) {
        struct hash128 mixed = hash128(region, sizeof *region, 0);
        key.device ^= mixed.low;
        key.inode ^= mixed.high;
    }
    return key;
}

/* What an embedding is computed from: a picture that others use too, or else the bytes of a
 * file. */
struct source {
    const struct picture *picture;
    const struct buf *file;
};

static bool embed(const struct embedder *e, struct embed_runner *r, const struct source *from,
                  const struct region *region, void *packed, struct error *err)
{
    float *embedding = mem_array(embedder_dims(e) + embedder_outputs(e), sizeof *embedding);
    if (!embedding) {
        return error_nomem(err, embedder_dims(e) * sizeof *embedding, "an embedding");
    }
    float *logits = embedding + embedder_dims(e);
    bool ok = from->picture
                  ? embed_run_picture(r, from->picture, region, embedding, logits, err)
                  : embed_run(r, from->file->data, from->file->len, region, embedding, logits, err);
    if (ok) {
        embedder_pack(e, embedding, logits, packed);
    }
    free(embedding);
    return ok;
}

static bool get_by_content(struct embedding_cache *c, struct embed_runner *r, const char *path,
                           const struct region *region, const struct file_stamp *stamp,
                           const struct source *from, void *packed, struct error *err)
{
    struct error why = { ERROR_NONE, "" };
    struct hash128 whole =
        from->picture ? from->picture->content : hash128(from->file->data, from->file->len, 0);
    struct hash128 content = content_of_region(whole, region);
    struct file_stamp key = stamp_of_region(stamp, region);
    bool settled = file_stamp_settled(path, stamp);
    if (c->store && find_by_content(c, &content, settled ? &key : NULL, packed)) {
        return true;
    }
    if (!embed(c->embedder, r, from, region, packed, &why)) {
        return error_set(err, why.kind, "%s: %s", path, why.message);
    }
    if (c->store) {
        add_embedding(c, &content, &key, settled, packed);
    }
    return true;
}

/* Whether the picture is decoded at the size for the screen, as that needs it soon or its
 * thumbnail, and how. */
static bool is_shared(const struct embedding_cache *c, const char *path,
                      const struct region *region, const struct file_stamp *stamp,
                      struct picture_request *request)
{
    int width, height;
    struct nn_image_shape input = embedder_input(c->embedder);
    if (!c->pictures || !stamp->changed_ns) {
        return false;
    }
    bool soon = picture_cache_shown_soon(c->pictures, path, &width, &height);
    *request = (struct picture_request){ .path = path,
                                         .stamp = *stamp,
                                         .use = PICTURE_FOR_NETWORK,
                                         .levels = IMAGE_LEVELS_AUTO,
                                         .want_width = width,
                                         .want_height = height,
                                         .part_width = region->width,
                                         .part_height = region->height,
                                         .rank = UINT_MAX };
    request->ahead = !soon && !c->all_shared && picture_cache_thumbnail_ahead(c->pictures, request);
    return (soon || c->all_shared || request->ahead) && width >= input.width &&
           height >= input.height;
}

/* Without a shared picture. */
static bool get_from_file(struct embedding_cache *c, struct embed_runner *r, const char *path,
                          const struct region *region, const struct file_stamp *stamp, void *packed,
                          struct error *err)
{
    struct buf file = BUF_INIT;
    struct source from = { .file = &file };
    bool ok = embed_read_file(r, path, &file, err) &&
              get_by_content(c, r, path, region, stamp, &from, packed, err);
    buf_release(&file);
    embed_done(r);
    return ok;
}

bool embedding_cache_get(struct embedding_cache *c, struct embed_runner *r, const char *path,
                         const struct region *region, void *packed, struct error *err)
{
    struct file_stamp stamp = { 0 };
    struct picture_request request;
    struct error why;
    if ((c->store || c->pictures) && file_stamp_of(path, &stamp) && c->store) {
        struct file_stamp key = stamp_of_region(&stamp, region);
        if (find_by_stamp(c, &key, packed)) {
            return true;
        }
    }
    if (!is_shared(c, path, region, &stamp, &request)) {
        return get_from_file(c, r, path, region, &stamp, packed, err);
    }
    struct source from = { .picture = picture_cache_get(c->pictures, &request, &why) };
    if (from.picture) {
        bool ok = get_by_content(c, r, path, region, &stamp, &from, packed, err);
        if (request.ahead) {
            picture_cache_keep_thumbnail(c->pictures, path, from.picture);
        }
        picture_cache_put(c->pictures, from.picture);
        return ok;
    }
    if (why.kind == ERROR_DATA) {
        if (err) {
            *err = why;
        }
        return false;
    }
    return get_from_file(c, r, path, region, &stamp, packed, err); /* takes less memory */
}
