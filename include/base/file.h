/* Files by their paths: bounded reads, and whole files replaced. What is
 * written into a folder of pictures goes through base/folder.h. */
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
    const char *prefix, *path; /* one behind the other in messages; not ours */
};

bool file_reader_open(struct file_reader *r, const char *path, int64_t limit, struct error *err);

/* Up to `cap` bytes from the current place; *got is 0 at the end only. */
bool file_reader_read(struct file_reader *r, void *bytes, size_t cap, size_t *got,
                      struct error *err);

bool file_reader_seek(struct file_reader *r, int64_t offset, struct error *err);
void file_reader_close(struct file_reader *r);

/* folder_replace(), folder_can_replace() and folder_remove() in the folder of the
 * path, which the user named: the last part of the path is never followed through a
 * link. */
bool file_replace(const char *path, const void *bytes, size_t len, struct error *err);
bool file_can_replace(const char *path, struct error *err);
bool file_remove(const char *path, struct error *err);

/* The path behind a symbolic link (links of the last part only, existing or
 * not), the caller's; NULL when memory is out or links go in circles. */
char *file_follow(const char *path);

/* Folder part of a path ("." when there is none, "/" kept), the caller's. */
char *file_dirname(const char *path);

/* Last part of a path; "" when it ends in a slash. */
const char *file_basename(const char *path);

/* dir + "/" + name, the caller's; name alone when dir is "" or ".". */
char *file_join(const char *dir, const char *name);

#endif
