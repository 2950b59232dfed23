/* How a file is known again without its being read. */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

/* Which file, and of when. Without padding: it may be hashed and written. */
struct file_stamp {
    uint64_t device, inode;
    int64_t size;
    int64_t changed_ns; /* since 1970 */
};

/* One stat(). False for what is no regular file or not there; *stamp is then all
 * zeros. */
bool file_stamp_of(const char *path, struct file_stamp *stamp);

bool file_stamp_same(const struct file_stamp *a, const struct file_stamp *b);

/* The file still has that stamp, and it is old enough that whatever is written
 * to the file from now on changes it: what was read since the stamp was taken
 * may be kept for good under it. */
bool file_stamp_settled(const char *path, const struct file_stamp *stamp);

#endif
