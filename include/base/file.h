/* The one module that touches the file system for content: bounded reads, and
 * the only ways in which thumbtag changes a user's file. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* Reads a regular file whole. Never blocks on a FIFO or device: anything but
 * a regular file is ERROR_DATA. A file over `limit` bytes is ERROR_DATA with
 * both numbers. On success *out (initialised by the caller) holds the bytes. */
bool file_read(const char *path, size_t limit, struct buf *out, struct error *err);

/* A regular file read piece by piece, with the same guards. */
struct file_reader {
    int fd; /* -1: closed */
    int64_t size;
    const char *path; /* the caller's */
};

bool file_reader_open(struct file_reader *r, const char *path, int64_t limit, struct error *err);

/* Up to `cap` bytes from the current place; *got is 0 at the end only. */
bool file_reader_read(struct file_reader *r, void *bytes, size_t cap, size_t *got,
                      struct error *err);

bool file_reader_seek(struct file_reader *r, int64_t offset, struct error *err);
void file_reader_close(struct file_reader *r);

/* Replaces `path` by the bytes, atomically: a temporary file in the same
 * folder, fsync, rename, fsync of the folder. Mode: that of the file replaced,
 * else 0666 less the umask. On failure the old file is untouched and the
 * temporary one removed; only when the last step, the sync of the folder,
 * fails may the new file stand there, whole. A symbolic link is followed, not
 * replaced. */
bool file_replace(const char *path, const void *bytes, size_t len, struct error *err);

/* Removes the temporary files that a killed file_replace() of this path left
 * behind. The caller makes sure that nobody is replacing it right now. */
void file_remove_leftovers(const char *path);

/* The path behind a symbolic link (links of the last part only, existing or
 * not), the caller's; NULL when memory is out or links go in circles. */
char *file_follow(const char *path);

/* A file that is appended to, row by row, each row synced before
 * file_log_append() returns. */
struct file_log {
    int fd;       /* -1: closed */
    int64_t size; /* bytes known to be good */
    bool suspect; /* a write or sync failed: what the disk holds is unknown */
    char *path;
};

/* Opens or creates (0666 less umask; the folder is synced when created). */
bool file_log_open(struct file_log *log, const char *path, struct error *err);

/* True while the path still names the file that is open and nobody else has
 * changed its size; else false with ERROR_BUSY. */
bool file_log_check(const struct file_log *log, struct error *err);

/* Checks, appends and syncs. On failure nothing of the bytes counts: the file
 * is cut back to log->size, and log->suspect is set when even that, or a sync,
 * failed; the owner then rewrites the whole file with file_replace(), because
 * after a failed fsync the page cache cannot be believed, and reopens. */
bool file_log_append(struct file_log *log, const void *bytes, size_t len, struct error *err);

void file_log_close(struct file_log *log);

/* Cuts the file to `size` bytes and syncs. */
bool file_truncate(const char *path, int64_t size, struct error *err);

/* Removes; a file that is not there is fine. */
bool file_remove(const char *path, struct error *err);

/* Folder part of a path ("." when there is none, "/" kept), the caller's. */
char *file_dirname(const char *path);

/* dir + "/" + name, the caller's; name alone when dir is "" or ".". */
char *file_join(const char *dir, const char *name);

#endif
