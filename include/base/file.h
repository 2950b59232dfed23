/* Files by their paths: bounded reads, and replacing whole files. Whatever is written
 * into a folder of pictures goes through base/folder.h. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* Reads the whole of a regular file into *out, which must be empty. Never blocks on a FIFO
 * or device: anything but a regular file is ERROR_DATA, as is a file of more than `limit`
 * bytes. */
bool file_read(const char *path, size_t limit, struct buf *out, struct error *err);

/* A regular file read in pieces, with the same checks. */
struct file_reader {
    int fd; /* -1: closed */
    int64_t size;
    const char *prefix, *path; /* joined in messages; borrowed */
};

bool file_reader_open(struct file_reader *r, const char *path, int64_t limit, struct error *err);

/* Reads up to `cap` bytes at the current offset; *got is 0 only at the end. */
bool file_reader_read(struct file_reader *r, void *bytes, size_t cap, size_t *got,
                      struct error *err);

bool file_reader_seek(struct file_reader *r, int64_t offset, struct error *err);
void file_reader_close(struct file_reader *r);

/* folder_replace(), folder_can_replace() and unlink() for a path that the user named: a
 * symbolic link in its last part is never followed. */
bool file_replace(const char *path, const void *bytes, size_t len, struct error *err);
bool file_can_replace(const char *path, struct error *err);
bool file_remove(const char *path, struct error *err);

/* The target of a symbolic link, existing or not (links in the last part only), or the
 * path itself. The caller frees it. NULL with errno when out of memory (ENOMEM) or
 * for a loop of links (ELOOP). */
char *file_follow(const char *path);

/* Folder part of a path ("." when there is none, "/" kept); the caller frees it. */
char *file_dirname(const char *path);

/* Last part of a path; "" when it ends in a slash. */
const char *file_basename(const char *path);

/* dir + "/" + name, or name alone when dir is "" or "."; the caller frees it. */
char *file_join(const char *dir, const char *name);

#endif
