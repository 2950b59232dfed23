/* What file.c, folder.c and file_log.c share. */
#ifndef BASE_FILE_IO_H
#define BASE_FILE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file.h"

/* errno tells the reason of a failure. */
bool io_write_at(int fd, int64_t offset, const char *bytes, size_t len);

/* As fdatasync(), fsync() and ftruncate(), past interruptions. */
int io_sync_data(int fd);
int io_sync_all(int fd);
int io_cut(int fd, int64_t size);

/* Makes an open file, of which fstat() says that it has `size` bytes, a reader;
 * closes it when it is over the limit. */
bool io_reader(struct file_reader *r, int64_t limit, struct error *err);

/* The whole of an open reader, which is closed. */
bool io_read_all(struct file_reader *r, size_t limit, struct buf *out, struct error *err);

#endif
