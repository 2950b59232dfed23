/* POSIX archives (ustar, IEEE 1003.1): a header of 512 bytes in front of each file, whose content
 * is filled up with zeros to a multiple of that; two such blocks of zeros at the end. */
#ifndef FORMATS_TAR_H
#define FORMATS_TAR_H

#include "base/buf.h"
#include "base/file.h"

enum { TAR_BLOCK = 512, TAR_NAME_MAX = 100, TAR_PATH_MAX = 256 }; /* bytes */

/* Appends a regular file, owned by root, of 1970. The name has at most TAR_NAME_MAX bytes. */
void tar_add(struct buf *out, const char *name, const void *bytes, size_t len);

/* True for the first block of an archive. */
bool tar_is(const uint8_t *head, size_t len);

struct tar_reader {
    struct file_reader file;
    int64_t next; /* where the next header is */
    struct buf path;
};

struct tar_entry {
    const char *name; /* until the next */
    int64_t size;
};

bool tar_open(struct tar_reader *t, const char *path, struct error *err);
void tar_close(struct tar_reader *t); /* also after a failed tar_open() */

/* The next regular file; *end: there is none. */
bool tar_next(struct tar_reader *t, struct tar_entry *entry, bool *end, struct error *err);

/* Reads the content of the file that tar_next() found, of at most `limit` bytes. */
bool tar_read(struct tar_reader *t, const struct tar_entry *entry, size_t limit, struct buf *out,
              struct error *err);

#endif
