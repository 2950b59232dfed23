/* Entries of the cache that are one file each. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cache.h"
#include "base/clock.h"
#include "cache_private.h"
#include "file_io.h"

#define USE_STEP_NS (3600 * INT64_C(1000000000)) /* resolution of the time of last use */

static void name_of(struct hash128 name, char out[CACHE_NAME_SIZE])
{
    snprintf(out, CACHE_NAME_SIZE, "%016" PRIx64 "%016" PRIx64 ".cache", name.high, name.low);
}

static void mark_used(int fd, const struct stat *st)
{
    int64_t used_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
    if (clock_wall_ms() * 1000000 - used_ns > USE_STEP_NS) {
        futimens(fd, NULL);
    }
}

bool cache_read_file(const struct cache *c, enum cache_kind kind, struct hash128 name, size_t limit,
                     struct buf *out)
{
    char text[CACHE_NAME_SIZE];
    struct stat st;
    name_of(name, text);
    int folder = cache_open_folder(c, kind, NULL, false);
    int fd = folder >= 0 ? cache_open_file(folder, text, O_RDONLY) : -1;
    if (folder >= 0) {
        close(folder);
    }
    if (fd < 0) {
        return false;
    }
    if (fstat(fd, &st) != 0) {
        close(fd);
        return false;
    }
    mark_used(fd, &st);
    struct file_reader r = { .fd = fd, .size = st.st_size, .prefix = "", .path = text };
    return io_reader(&r, limit > INT64_MAX ? INT64_MAX : (int64_t)limit, NULL) &&
           io_read_all(&r, limit, out, NULL);
}

static int64_t size_in(int folder, const char *name)
{
    struct stat st;
    return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode)
               ? (int64_t)st.st_size
               : -1;
}

/* A new file of a name that no other process and no other thread uses. */
static int create_temporary(struct cache *c, int folder, char name[CACHE_NAME_SIZE])
{
    int fd = -1;
    for (int tries = 0; fd < 0 && tries < 100; tries++) {
        snprintf(name, CACHE_NAME_SIZE, CACHE_TEMPORARY "%ld-%u", (long)getpid(),
                 atomic_fetch_add(&c->temporaries, 1));
        fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST) {
            return -1;
        }
    }
    return fd;
}

static bool replace(struct cache *c, int folder, const char *name, const void *bytes, size_t len)
{
    char temporary[CACHE_NAME_SIZE];
    int fd = create_temporary(c, folder, temporary);
    if (fd < 0) {
        return false;
    }
    bool ok = io_write_at(fd, 0, bytes, len);
    ok = close(fd) == 0 && ok;
    ok = ok && renameat(folder, temporary, folder, name) == 0;
    if (!ok) {
        unlinkat(folder, temporary, 0);
    }
    return ok;
}

bool cache_write_file(struct cache *c, enum cache_kind kind, struct hash128 name, const void *bytes,
                      size_t len)
{
    char text[CACHE_NAME_SIZE];
    name_of(name, text);
    bool fits = c->max_bytes > 0 && len <= (uint64_t)c->max_bytes;
    int folder = fits ? cache_open_folder(c, kind, NULL, true) : -1;
    if (folder < 0) {
        return false;
    }
    int64_t before = size_in(folder, text);
    bool ok = replace(c, folder, text, bytes, len);
    close(folder);
    if (ok) {
        cache_grew(c, (int64_t)len - (before > 0 ? before : 0));
    }
    return ok;
}

int64_t cache_file_size(const struct cache *c, enum cache_kind kind, struct hash128 name)
{
    char text[CACHE_NAME_SIZE];
    name_of(name, text);
    int folder = cache_open_folder(c, kind, NULL, false);
    int64_t size = folder >= 0 ? size_in(folder, text) : -1;
    if (folder >= 0) {
        close(folder);
    }
    return size;
}

bool cache_remove_file(struct cache *c, enum cache_kind kind, struct hash128 name,
                       struct error *err)
{
    char text[CACHE_NAME_SIZE];
    name_of(name, text);
    int folder = cache_open_folder(c, kind, NULL, false);
    int64_t size = folder >= 0 ? size_in(folder, text) : -1;
    bool ok = size < 0 || unlinkat(folder, text, 0) == 0;
    if (!ok) {
        error_errno(err, ERROR_IO, errno, "%s/%s/%s: cannot remove", c->path, cache_kind_name(kind),
                    text);
    } else if (size > 0) {
        cache_grew(c, -size);
    }
    if (folder >= 0) {
        close(folder);
    }
    return ok;
}
