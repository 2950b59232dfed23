#include "base/cache_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cache.h"
#include "base/mem.h"
#include "file_io.h"

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
static bool check_header(struct cache_log *log, const char *name, struct error *err)
{
    struct header have = header_of(log->record);
    uint64_t size;
    if (!size_of(log, &size)) {
        return error_set(err, ERROR_DATA, "%s: not a regular file", name);
    }
    bool there = size >= sizeof have && (!log->record || size >= log->record);
    if (there && !read_at(log->fd, 0, &have, sizeof have)) {
        return error_set(err, ERROR_DATA, "%s: cannot read its header", name);
    }
    size_t record = log->record ? log->record : (size_t)have.record;
    struct header want = header_of(record);
    if (memcmp(&have, &want, sizeof have) != 0 || record < CACHE_LOG_RECORD_MIN ||
        record > CACHE_LOG_RECORD_MAX) {
        return error_set(err, ERROR_DATA, "%s: not a cache of records of %zu bytes", name, record);
    }
    log->record = record;
    log->seen = cache_log_count(log);
    return true;
}

bool cache_log_open(struct cache_log *log, int folder, const char *name, int flags, size_t record,
                    struct error *err)
{
    *log = (struct cache_log){ .fd = -1, .record = record };
    if (record && (record < CACHE_LOG_RECORD_MIN || record > CACHE_LOG_RECORD_MAX)) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: a record of %zu bytes is outside the limits of %d and %zu", name,
                         record, CACHE_LOG_RECORD_MIN, CACHE_LOG_RECORD_MAX);
    }
    log->fd = cache_open_file(folder, name, flags);
    if (log->fd < 0 && !errno) {
        return error_set(err, ERROR_DATA, "%s: not a file of our own", name);
    }
    if (log->fd < 0) {
        return error_errno(err, ERROR_IO, errno, "%s: cannot open", name);
    }
    if (!check_header(log, name, err)) {
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
static bool write_whole(struct cache_log *log, uint64_t offset, const char *bytes, size_t len)
{
    if (io_write_at(log->fd, (int64_t)offset, bytes, len)) {
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

bool cache_log_lock(struct cache_log *log, struct error *err)
{
    return flock(log->fd, LOCK_EX | LOCK_NB) == 0 ||
           error_errno(err, errno == EWOULDBLOCK ? ERROR_BUSY : ERROR_IO, errno,
                       "cannot lock the cache");
}

void cache_log_unlock(struct cache_log *log)
{
    flock(log->fd, LOCK_UN);
}

bool cache_log_append(struct cache_log *log, const void *records, size_t count, uint64_t *first,
                      struct error *err)
{
    size_t bytes;
    if (!mem_mul(count, log->record, &bytes)) {
        return error_set(err, ERROR_UNSUPPORTED, "too many records for a cache");
    }
    if (!cache_log_lock(log, err)) {
        return false;
    }
    bool ok = append(log, records, bytes, first);
    if (ok) {
        log->seen = *first + count;
    } else {
        error_errno(err, ERROR_IO, errno, "cannot write to the cache");
    }
    cache_log_unlock(log);
    return ok;
}

bool cache_log_lost(const struct cache_log *log)
{
    struct stat st;
    return fstat(log->fd, &st) != 0 || st.st_nlink == 0 || cache_log_count(log) < log->seen;
}

bool cache_log_filter(struct cache_log *log, cache_log_keep_fn *keep, void *context,
                      struct error *err)
{
    uint64_t count = cache_log_count(log);
    uint64_t kept = 0;
    char *record = malloc(log->record);
    if (!record) {
        return error_nomem(err, log->record, "a record of the cache");
    }
    bool ok = true;
    for (uint64_t i = 0; ok && i < count; i++) {
        if (!read_at(log->fd, (i + 1) * log->record, record, log->record)) {
            ok = error_errno(err, ERROR_IO, errno, "cannot read the cache");
        } else if (keep(context, i, record)) {
            kept++;
            ok = io_write_at(log->fd, (int64_t)(kept * log->record), record, log->record) ||
                 error_errno(err, ERROR_IO, errno, "cannot write to the cache");
        }
    }
    free(record);
    if (ok && kept < count && ftruncate(log->fd, (off_t)((kept + 1) * log->record)) != 0) {
        ok = error_errno(err, ERROR_IO, errno, "cannot truncate a file of the cache");
    }
    log->seen = cache_log_count(log);
    return ok;
}

bool cache_log_read(const struct cache_log *log, uint64_t first, size_t count, void *records)
{
    uint64_t there = cache_log_count(log);
    return first <= there && count <= there - first &&
           read_at(log->fd, (first + 1) * log->record, records, count * log->record);
}
