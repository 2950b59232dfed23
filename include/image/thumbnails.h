/* Pictures that are slow to decode, kept small on the disk.
 *
 * A thumbnail is known by its picture's file (device, inode, size, time of
 * change) and a side of 512, 1024 or 2048 pixels, the smallest that is enough
 * for what is wanted. Everything in the folder may be deleted at any time; what
 * cannot be used is made anew, what cannot be written is done without. Several
 * processes may share the folder.
 *
 * All functions may be called from several threads at once. */
#ifndef IMAGE_THUMBNAILS_H
#define IMAGE_THUMBNAILS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/stamp.h"
#include "image/decode.h"
#include "image/image.h"

struct thumbnails;

/* At most about max_bytes in `folder` (copied), which is made when first written
 * to, for its owner alone. folder NULL or max_bytes <= 0: nothing is read or
 * written. NULL and err when memory is out. */
struct thumbnails *thumbnails_new(const char *folder, int64_t max_bytes, struct error *err);
void thumbnails_free(struct thumbnails *t);

/* What a decoded picture is to be kept as. */
struct thumbnail_key {
    struct file_stamp stamp;
    int side; /* longest, pixels; 0: it is not to be kept */
};

/* As image_decode_file(), for a picture that will be
 * fitted into a box of want_width x want_height: on a thumbnail's account the
 * result may be below the hint on one axis, but never so that fitting it would
 * enlarge it while the picture itself need not be. Fills *info with the facts
 * of the picture, not of the thumbnail, and *key for thumbnails_keep(). t may be
 * NULL. */
bool thumbnails_decode(struct thumbnails *t, const char *path, const struct image_limits *limits,
                       int want_width, int want_height, struct image *out, struct image_info *info,
                       struct thumbnail_key *key, struct error *err);

/* Keeps what thumbnails_decode() gave, where that is worth it: takes some
 * milliseconds, and is for the time when nobody waits for the picture any more. */
void thumbnails_keep(struct thumbnails *t, const char *path, const struct thumbnail_key *key,
                     const struct image *picture, const struct image_info *info);

#endif
