#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_io.h"

static bool not_regular(const char *path, struct error *err)
{
    return error_set(err, ERROR_DATA, "%s: not a regular file", path);
}

/* The stat() keeps devices from being opened at all; O_NONBLOCK and the fstat() cover a
 * change in between. */
static int open_regular(const char *path, struct stat *st, struct error *err)
{
    if (stat(path, st) == 0 && !S_ISREG(st->st_mode)) {
        not_regular(path, err);
        return -1;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        error_errno(err, ERROR_IO, errno, "%s: cannot open", path);
        return -1;
    }
    if (fstat(fd, st) != 0) {
        error_errno(err, ERROR_IO, errno, "%s: cannot examine", path);
        close(fd);
        return -1;
    }
    if (!S_ISREG(st->st_mode)) {
        not_regular(path, err);
        close(fd);
        return -1;
    }
    return fd;
}

bool io_reader(struct file_reader *r, int64_t limit, struct error *err)
{
    if (r->size <= limit) {
        return true;
    }
    error_set(err, ERROR_DATA, "%s%s: %lld bytes, the limit is %lld", r->prefix, r->path,
              (long long)r->size, (long long)limit);
    file_reader_close(r);
    return false;
}

bool file_reader_open(struct file_reader *r, const char *path, int64_t limit, struct error *err)
{
    struct stat st;
    *r = (struct file_reader){ .fd = open_regular(path, &st, err), .prefix = "", .path = path };
    if (r->fd < 0) {
        return false;
    }
    r->size = st.st_size;
    return io_reader(r, limit, err);
}

bool file_reader_read(struct file_reader *r, void *bytes, size_t cap, size_t *got,
                      struct error *err)
{
    for (;;) {
        ssize_t n = read(r->fd, bytes, cap);
        if (n >= 0) {
            *got = (size_t)n;
            return true;
        }
        if (errno != EINTR) {
            return error_errno(err, ERROR_IO, errno, "%s%s: cannot read", r->prefix, r->path);
        }
    }
}

bool file_reader_seek(struct file_reader *r, int64_t offset, struct error *err)
{
    if (lseek(r->fd, offset, SEEK_SET) != offset) {
        return error_errno(err, ERROR_IO, errno, "%s%s: cannot seek to %lld", r->prefix, r->path,
                           (long long)offset);
    }
    return true;
}

void file_reader_close(struct file_reader *r)
{
    if (r->fd >= 0) {
        close(r->fd);
    }
    r->fd = -1;
}

/* Asks for one byte more than the size, so that a file that grows while it is read is
 * noticed. */
static bool read_to_end(struct file_reader *r, size_t limit, struct buf *out, struct error *err)
{
    size_t got, step = (size_t)r->size + 1;
    for (;;) {
        if (!buf_reserve(out, step)) {
            return error_nomem(err, step, r->path);
        }
        if (!file_reader_read(r, out->data + out->len, step, &got, err)) {
            return false;
        }
        out->len += got;
        out->data[out->len] = '\0';
        if (got == 0) {
            return true;
        }
        if (out->len > limit) {
            return error_set(err, ERROR_DATA, "%s%s: more than %zu bytes, the limit", r->prefix,
                             r->path, limit);
        }
        step = (size_t)r->size + 1 > out->len ? (size_t)r->size + 1 - out->len : 64 * 1024;
    }
}

bool io_read_all(struct file_reader *r, size_t limit, struct buf *out, struct error *err)
{
    bool ok = read_to_end(r, limit, out, err);
    file_reader_close(r);
    return ok;
}

bool file_read(const char *path, size_t limit, struct buf *out, struct error *err)
{
    struct file_reader r;
    int64_t cap = limit > INT64_MAX ? INT64_MAX : (int64_t)limit;
    return file_reader_open(&r, path, cap, err) && io_read_all(&r, limit, out, err);
}
