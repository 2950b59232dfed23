/* Recognises an unchanged file without reading it. */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

/* Identity, size and modification time of a file. No padding: may be hashed and written
 * as bytes. */
struct file_stamp {
    uint64_t device, inode;
    int64_t size;
    int64_t changed_ns; /* modification time, since 1970 */
};

/* One stat(). False, with *stamp all zeros, unless it is a regular file. */
bool file_stamp_of(const char *path, struct file_stamp *stamp);

bool file_stamp_same(const struct file_stamp *a, const struct file_stamp *b);

/* True if the file still has that stamp, and the stamp is old enough that any later
 * write will change it. What was read since the stamp was taken may then be cached
 * under it. */
bool file_stamp_settled(const char *path, const struct file_stamp *stamp);

#endif
