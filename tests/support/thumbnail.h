/* What a user of thumbnails does: from the cache, else from the file. */
#ifndef THUMBNAIL_H
#define THUMBNAIL_H

#include "image/thumbnails.h"

/* *key is for thumbnails_keep(). t may be NULL. */
static inline bool thumbnail_or_file(struct thumbnails *t, const char *path, int want_width,
                                     int want_height, struct image *out, struct image_info *info,
                                     struct thumbnail_key *key, struct error *err)
{
    struct file_stamp stamp;

    *info = (struct image_info){ 0 };
    file_stamp_of(path, &stamp);
    *key = thumbnails_key(t, &stamp, want_width, want_height);
    if (thumbnails_find(t, key, want_width, want_height, out, info)) {
        key->side = 0;
        return true;
    }
    return image_decode_file(path, NULL, want_width, want_height, out, info, err);
}

#endif
