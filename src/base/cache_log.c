#include "base/cache_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* The first record of a file begins with this; zeros follow. */
struct header {
    char magic[8];
    uint64_t record;
    uint64_t byte_order; /* differs on a machine of another byte order */
};

_Static_assert(sizeof(struct header) <= CACHE_LOG_RECORD_MIN, "fits");

static struct header header_of(size_t record)
{
    return (
        struct header){ { 'T', 'T', 'C', 'A', 'C', 'H', 'E', '1' }, record, 0x0102030405060708u };
}

static bool read_at(int fd, uint64_t offset, void *bytes, size_t len)
{
    char *to = bytes;
    while (len > 0) {
        ssize_t n = pread(fd, to, len, (off_t)offset);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        to += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

static bool write_at(int fd, uint64_t offset, const void *bytes, size_t len)
{
    const char *from = bytes;
    while (len > 0) {
        ssize_t n = pwrite(fd, from, len, (off_t)offset);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            errno = n == 0 ? ENOSPC : errno;
            return false;
        }
        from += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

static bool size_of(const struct cache_log *log, uint64_t *size)
{
    struct stat st;
    if (fstat(log->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return false;
    }
    *size = (uint64_t)st.st_size;
    return true;
}

/* An empty file is accepted: the header is written with the first record. */
static bool check_header(const struct cache_log *log, const char *path, struct error *err)
{
    struct header want = header_of(log->record);
    struct header have;
    uint64_t size;
    if (!size_of(log, &size)) {
        return error_set(err, ERROR_DATA, "%s: not a regular file", path);
    }
    if (size >= log->record &&
        (!read_at(log->fd, 0, &have, sizeof have) || memcmp(&have, &want, sizeof have) != 0)) {
        return error_set(err, ERROR_DATA, "%s: not a cache of records of %zu bytes", path,
                         log->record);
    }
    return true;
}

bool cache_log_open(struct cache_log *log, const char *path, size_t record, struct error *err)
{
    *log = (struct cache_log){ .fd = -1, .record = record };
    if (record < CACHE_LOG_RECORD_MIN || record > CACHE_LOG_RECORD_MAX) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: a record of %zu bytes is outside the limits of %d and %zu", path,
                         record, CACHE_LOG_RECORD_MIN, CACHE_LOG_RECORD_MAX);
    }
    /* O_NONBLOCK: never wait for the other end of a FIFO. */
    log->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0666);
    if (log->fd < 0) {
        return error_errno(err, ERROR_IO, errno, "%s: cannot open", path);
    }
    if (!check_header(log, path, err)) {
        cache_log_close(log);
        return false;
    }
    return true;
}

void cache_log_close(struct cache_log *log)
{
    if (log->fd >= 0) {
        close(log->fd);
    }
    log->fd = -1;
}

uint64_t cache_log_count(const struct cache_log *log)
{
    uint64_t size;
    return size_of(log, &size) && size >= log->record ? size / log->record - 1 : 0;
}

/* Writes all or nothing; if the partial write cannot be undone, the log is broken. */
static bool write_whole(struct cache_log *log, uint64_t offset, const void *bytes, size_t len)
{
    if (write_at(log->fd, offset, bytes, len)) {
        return true;
    }
    int why = errno;
    if (ftruncate(log->fd, (off_t)offset) != 0) {
        log->broken = true;
    }
    errno = why;
    return false;
}

static bool write_header(struct cache_log *log)
{
    struct header header = header_of(log->record);
    char *record = calloc(1, log->record);
    if (!record) {
        return false;
    }
    memcpy(record, &header, sizeof header);
    bool ok = write_whole(log, 0, record, log->record);
    free(record);
    return ok;
}

/* The caller holds the file lock. */
static bool append(struct cache_log *log, const void *records, size_t bytes, uint64_t *first)
{
    uint64_t size;
    if (log->broken || !size_of(log, &size)) {
        errno = EIO;
        return false;
    }
    uint64_t end = size - size % log->record;
    if (!end) {
        if (!write_header(log)) {
            return false;
        }
        end = log->record;
    }
    *first = end / log->record - 1;
    return write_whole(log, end, records, bytes);
}

bool cache_log_append(struct cache_log *log, const void *records, size_t count, uint64_t *first,
                      struct error *err)
{
    size_t bytes;
    if (!mem_mul(count, log->record, &bytes)) {
        return error_set(err, ERROR_UNSUPPORTED, "too many records for a cache");
    }
    if (flock(log->fd, LOCK_EX | LOCK_NB) != 0) {
        return error_errno(err, errno == EWOULDBLOCK ? ERROR_BUSY : ERROR_IO, errno,
                           "cannot lock the cache");
    }
    bool ok = append(log, records, bytes, first);
    if (!ok) {
        error_errno(err, ERROR_IO, errno, "cannot write to the cache");
    }
    flock(log->fd, LOCK_UN);
    return ok;
}

bool cache_log_read(const struct cache_log *log, uint64_t first, size_t count, void *records)
{
    uint64_t there = cache_log_count(log);
    return first <= there && count <= there - first &&
           read_at(log->fd, (first + 1) * log->record, records, count * log->record);
}

bool cache_folder_make(const char *path, struct error *err)
{
    char *part = mem_string(path, strlen(path));
    if (!part) {
        return error_nomem(err, strlen(path), "a folder's name");
    }
    bool ok = true;
    for (char *s = part + 1; ok && s[-1]; s++) {
        if (*s == '/' || !*s) {
            char at = *s;
            *s = '\0';
            ok = mkdir(part, 0700) == 0 || errno == EEXIST;
            *s = at;
        }
    }
    free(part);
    return ok || error_errno(err, ERROR_IO, errno, "%s: cannot create the folder", path);
}

void cache_folder_remove(const char *path)
{
    rmdir(path);
}
