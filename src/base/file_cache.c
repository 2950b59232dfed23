#include "base/file_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cache_log.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stamp.h"

#define NAME_SIZE 48
#define SUFFIX ".cache"
#define TEMPORARY "tmp-"
#define USE_STEP_NS (3600 * INT64_C(1000000000)) /* resolution of the time of last use */
#define LEFTOVER_S 3600                          /* age at which a temporary file is stale */
#define FILES_MAX 1000000                        /* files considered for removal */

struct file_cache {
    char *path;
    int64_t max_bytes;
    _Atomic int64_t untold; /* bytes written but not yet added to "usage" */
};

/* Content of the file "usage". */
struct usage {
    char magic[8];
    int64_t bytes;
    uint64_t check; /* checksum of the members above */
};

#define USAGE_MAGIC "TTUSAGE"

struct file_cache *file_cache_new(const char *path, int64_t max_bytes, struct error *err)
{
    struct file_cache *f = calloc(1, sizeof *f);
    if (!f || !(f->path = mem_string(path, strlen(path)))) {
        free(f);
        error_nomem(err, sizeof *f + strlen(path), "a cache");
        return NULL;
    }
    f->max_bytes = max_bytes;
    return f;
}

static char *path_of(const struct file_cache *f, struct hash128 name)
{
    char text[NAME_SIZE];
    snprintf(text, sizeof text, "%016" PRIx64 "%016" PRIx64 SUFFIX, name.high, name.low);
    return file_join(f->path, text);
}

bool file_cache_read(const struct file_cache *f, struct hash128 name, size_t limit, struct buf *out)
{
    struct file_stamp stamp;
    char *path = path_of(f, name);
    bool ok = path && file_read(path, limit, out, NULL);
    if (ok && file_stamp_of(path, &stamp) &&
        clock_wall_ms() * 1000000 - stamp.changed_ns > USE_STEP_NS) {
        utimensat(AT_FDCWD, path, NULL, 0);
    }
    free(path);
    return ok;
}

/* ------------------------------------------------------------------ pruning */

struct file_use {
    char name[NAME_SIZE];
    int64_t bytes;
    int64_t used_ns;
};

struct listing {
    struct file_use *files;
    size_t count, cap;
    int64_t bytes;
};

static bool is_ours(const char *name)
{
    return strspn(name, "0123456789abcdef") == 32 && strcmp(name + 32, SUFFIX) == 0;
}

static void list_file(struct listing *l, int folder, const char *name)
{
    struct stat st;
    bool temporary = strncmp(name, TEMPORARY, sizeof TEMPORARY - 1) == 0;
    if ((!temporary && !is_ours(name)) || strlen(name) >= NAME_SIZE ||
        fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        return;
    }
    if (temporary) {
        if (st.st_mtim.tv_sec < clock_wall_ms() / 1000 - LEFTOVER_S) {
            unlinkat(folder, name, 0);
        }
        return;
    }
    if (l->count < FILES_MAX && mem_reserve(&l->files, &l->cap, l->count + 1, sizeof *l->files)) {
        struct file_use *use = &l->files[l->count++];
        memcpy(use->name, name, strlen(name) + 1);
        use->bytes = st.st_size;
        use->used_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
        l->bytes += use->bytes;
    }
}

static int longest_unused_first(const void *a, const void *b)
{
    const struct file_use *x = a;
    const struct file_use *y = b;
    return (x->used_ns > y->used_ns) - (x->used_ns < y->used_ns);
}

/* Scans all files and, if they exceed the limit, removes the oldest down to 7/8 of it, so
 * that not every write has to prune. Returns the bytes left. */
static int64_t prune(const struct file_cache *f)
{
    struct listing l = { 0 };
    DIR *dir = opendir(f->path);
    for (struct dirent *d; dir && (d = readdir(dir));) {
        list_file(&l, dirfd(dir), d->d_name);
    }
    if (dir && l.bytes > f->max_bytes) {
        qsort(l.files, l.count, sizeof *l.files, longest_unused_first);
        for (size_t i = 0; i < l.count && l.bytes > f->max_bytes - f->max_bytes / 8; i++) {
            unlinkat(dirfd(dir), l.files[i].name, 0);
            l.bytes -= l.files[i].bytes;
        }
    }
    if (dir) {
        closedir(dir);
    }
    free(l.files);
    return l.bytes;
}

static uint64_t check_of(const struct usage *u)
{
    return hash64(u, offsetof(struct usage, check), 0);
}

/* Adds `more` bytes to "usage"; the caller holds its lock. The total is too large after
 * files were removed by hand; the next scan corrects it. */
static void add_to_usage(const struct file_cache *f, int fd, int64_t more)
{
    struct usage u;
    bool known = pread(fd, &u, sizeof u, 0) == (ssize_t)sizeof u &&
                 memcmp(u.magic, USAGE_MAGIC, sizeof u.magic) == 0 && u.check == check_of(&u) &&
                 u.bytes >= 0 && u.bytes <= f->max_bytes;
    u = (struct usage){ .magic = USAGE_MAGIC, .bytes = known ? u.bytes + more : 0 };
    if (!known || u.bytes < 0 || u.bytes > f->max_bytes) {
        u.bytes = prune(f);
    }
    u.check = check_of(&u);
    if (pwrite(fd, &u, sizeof u, 0) != (ssize_t)sizeof u && ftruncate(fd, 0) != 0) {
        return; /* a partial write is detected by the checksum */
    }
}

/* Makes the next writer scan the folder. */
static void forget_usage(struct file_cache *f)
{
    char *path = file_join(f->path, "usage");
    if (path) {
        unlink(path);
    }
    free(path);
    atomic_store(&f->untold, 0);
}

/* Never waits for the lock: its holder may be a stopped process. Bytes that cannot be
 * recorded now are recorded later, or "usage" is dropped before it is far off. */
static void record_usage(struct file_cache *f, int64_t more)
{
    char *path = file_join(f->path, "usage");
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600) : -1;
    atomic_fetch_add(&f->untold, more);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        add_to_usage(f, fd, atomic_exchange(&f->untold, 0));
    } else if (atomic_load(&f->untold) > f->max_bytes / 16) {
        forget_usage(f);
    }
    if (fd >= 0) {
        close(fd); /* also unlocks */
    }
    free(path);
}

/* ------------------------------------------------------------------ writing */

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static bool write_file(const struct file_cache *f, const char *path, const void *bytes, size_t len)
{
    char *temporary = file_join(f->path, TEMPORARY "XXXXXX");
    int fd = temporary ? mkostemp(temporary, O_CLOEXEC) : -1;
    bool ok = fd >= 0 && write_all(fd, bytes, len);
    if (fd >= 0) {
        ok = close(fd) == 0 && ok;
        ok = ok && rename(temporary, path) == 0;
        if (!ok) {
            unlink(temporary);
        }
    }
    free(temporary);
    return ok;
}

bool file_cache_write(struct file_cache *f, struct hash128 name, const void *bytes, size_t len)
{
    struct file_stamp before;
    char *path = len <= (uint64_t)f->max_bytes ? path_of(f, name) : NULL;
    bool ok = path && cache_folder_make(f->path, NULL);
    if (ok) {
        file_stamp_of(path, &before);
        ok = write_file(f, path, bytes, len);
    }
    if (ok) {
        record_usage(f, (int64_t)len - before.size);
    }
    free(path);
    return ok;
}

void file_cache_free(struct file_cache *f)
{
    if (f) {
        if (atomic_load(&f->untold)) {
            forget_usage(f);
        }
        free(f->path);
        free(f);
    }
}
