/* Formats of files that hold the pictures themselves, in shards: files of a stated size. */
#ifndef FORMATS_SHARDS_H
#define FORMATS_SHARDS_H

#include "format.h"

struct shard_form {
    /* Appends the name of shard `index`, from 0, of `count` of that part. */
    void (*name)(struct buf *out, const char *part, size_t index, size_t count);
    /* Appends what stands in the shard for a picture whose file has these bytes. */
    bool (*add)(void *context, const struct export *e, const struct export_picture *p,
                const struct buf *picture, struct buf *out, struct error *err);
    size_t tail; /* zero bytes at the end */
};

/* Writes all shards of all parts. The pictures are in the order of a hash of their names, so
 * that every shard has some of every class; a new one begins before the limit is exceeded. */
bool shards_write(struct export *e, const struct shard_form *form, void *context,
                  struct error *err);

#endif
