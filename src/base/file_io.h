/* What the files of base that read and write share. */
#ifndef BASE_FILE_IO_H
#define BASE_FILE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file.h"

/* Writes all bytes at the offset; false with errno set on failure. */
bool io_write_at(int fd, int64_t offset, const void *bytes, size_t len);

/* fdatasync(), fsync() and ftruncate(), retried on EINTR. */
int io_sync_data(int fd);
int io_sync_all(int fd);
int io_cut(int fd, int64_t size);

/* Checks the size of an open reader; over the limit, closes it and fails. */
bool io_reader(struct file_reader *r, int64_t limit, struct error *err);

/* Reads an open reader to its end, and closes it. */
bool io_read_all(struct file_reader *r, size_t limit, struct buf *out, struct error *err);

#endif
