/* A cache on disk of small versions of pictures that are slow to decode.
 *
 * The key of a thumbnail is its picture's file (device, inode, size, time of change) and
 * its longest side: 512, 1024 or 2048 pixels, whichever is the smallest that is enough.
 * They are entries of the cache on disk (base/cache.h), and may be deleted at any time; an
 * unusable thumbnail is rebuilt, and failure to write one is not an error.
 *
 * All functions may be called from several threads at once. */
#ifndef IMAGE_THUMBNAILS_H
#define IMAGE_THUMBNAILS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cache.h"
#include "base/error.h"
#include "base/stamp.h"
#include "image/decode.h"
#include "image/image.h"

struct thumbnails;

/* disk: borrowed; NULL: nothing is read or written. NULL and err when out of memory. */
struct thumbnails *thumbnails_new(struct cache *disk, struct error *err);
void thumbnails_free(struct thumbnails *t);

/* The key under which a decoded picture is kept. */
struct thumbnail_key {
    struct file_stamp stamp;
    int side; /* longest side, pixels; 0: do not keep it */
};

/* The key of the thumbnail that serves a box of want_width x want_height. t may be NULL. */
struct thumbnail_key thumbnails_key(const struct thumbnails *t, const struct file_stamp *stamp,
                                    int want_width, int want_height);

/* The thumbnail of that key or a larger one, decoded like a picture by image_decode_bytes(). It
 * may be smaller than the hint on one axis, but is used only if fitting it into the box does not
 * enlarge it, unless the picture itself is smaller than the box. *info describes the picture,
 * not the thumbnail. False, with *out empty, when there is none. */
bool thumbnails_find(const struct thumbnails *t, const struct thumbnail_key *key, int want_width,
                     int want_height, struct image *out, struct image_info *info);

/* True if a picture that is not shown now, but decoded for something else, should be decoded at
 * the size of the key's box for thumbnails_keep(): going by its name that takes no longer than at
 * a smaller size, it is slow, it has no thumbnail yet, and those of this session do not have a
 * quarter of the cache's budget yet. */
bool thumbnails_wanted_ahead(const struct thumbnails *t, const char *path,
                             const struct thumbnail_key *key);

/* Writes a picture, decoded at least at the size of the key's box, to the cache if that saves
 * enough time. Takes some milliseconds: call it after the picture has been delivered. */
void thumbnails_keep(struct thumbnails *t, const char *path, const struct thumbnail_key *key,
                     const struct image *picture, const struct image_info *info);

/* Adds the thumbnails that the cache has of a picture's file to *count and their sizes to *bytes,
 * and removes them if `removing`. */
bool thumbnails_of(struct cache *disk, const struct file_stamp *stamp, bool removing, size_t *count,
                   int64_t *bytes, struct error *err);

#endif
