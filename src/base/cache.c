/* The cache, and the count of its bytes. */
#include "base/cache.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cache_private.h"

struct cache *cache_new(const char *path, int64_t max_bytes, struct error *err)
{
    struct cache *c = calloc(1, sizeof *c);
    if (!c || !(c->path = mem_string(path, strlen(path)))) {
        free(c);
        error_nomem(err, sizeof *c + strlen(path), "a cache");
        return NULL;
    }
    c->max_bytes = max_bytes;
    return c;
}

int64_t cache_max_bytes(const struct cache *c)
{
    return c->max_bytes;
}

/* ------------------------------------------------------------------- usage */

/* Content of the file "usage". */
struct usage {
    char magic[8];
    int64_t bytes;
    uint64_t check; /* checksum of the members above */
};

#define USAGE_MAGIC "TTUSAGE"

static uint64_t check_of(const struct usage *u)
{
    return hash64(u, offsetof(struct usage, check), 0);
}

/* Adds `more` bytes to "usage"; the caller holds its lock. The total is too large after
 * files were removed by hand; the next scan corrects it. */
static void add_to_usage(const struct cache *c, int fd, int64_t more)
{
    struct usage u;
    bool known = pread(fd, &u, sizeof u, 0) == (ssize_t)sizeof u &&
                 memcmp(u.magic, USAGE_MAGIC, sizeof u.magic) == 0 && u.check == check_of(&u) &&
                 u.bytes >= 0 && u.bytes <= c->max_bytes;
    u = (struct usage){ .magic = USAGE_MAGIC, .bytes = known ? u.bytes + more : 0 };
    if (!known || u.bytes < 0 || u.bytes > c->max_bytes) {
        u.bytes = cache_prune(c);
    }
    u.check = check_of(&u);
    if (pwrite(fd, &u, sizeof u, 0) != (ssize_t)sizeof u && ftruncate(fd, 0) != 0) {
        return; /* a partial write is detected by the checksum */
    }
}

/* Makes the next writer scan the folder. */
static void forget_usage(struct cache *c)
{
    int root = cache_open_root(c);
    if (root >= 0) {
        unlinkat(root, CACHE_USAGE, 0);
        close(root);
    }
    atomic_store(&c->untold, 0);
}

/* The holder of the lock may be a stopped process. Bytes that cannot be recorded now are
 * recorded later, or "usage" is dropped before it is far off. */
void cache_grew(struct cache *c, int64_t bytes)
{
    int root = c->max_bytes > 0 ? cache_open_root(c) : -1;
    int fd = root >= 0 ? cache_open_file(root, CACHE_USAGE, O_RDWR | O_CREAT) : -1;
    atomic_fetch_add(&c->untold, bytes);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        add_to_usage(c, fd, atomic_exchange(&c->untold, 0));
    } else if (atomic_load(&c->untold) > c->max_bytes / 16) {
        forget_usage(c);
    }
    if (fd >= 0) {
        close(fd); /* also unlocks */
    }
    if (root >= 0) {
        close(root);
    }
}

void cache_free(struct cache *c)
{
    if (c) {
        if (atomic_load(&c->untold)) {
            forget_usage(c);
        }
        free(c->path);
        free(c);
    }
}

bool cache_clear(struct cache *c, struct cache_list *removed, struct error *err)
{
    bool ok = cache_remove_entries(c, removed, err);
    forget_usage(c);
    return ok;
}
