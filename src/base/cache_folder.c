/* The cache's folders: nothing in them is used that others may have put there. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cache.h"
#include "base/mem.h"
#include "cache_private.h"

const char *cache_kind_name(enum cache_kind kind)
{
    static const char *const names[CACHE_KINDS] = {
        [CACHE_EMBEDDINGS] = "embeddings", [CACHE_THUMBNAILS] = "thumbnails"
    };
    return names[kind];
}

bool cache_make(const char *path, struct error *err)
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

static int refuse(int fd)
{
    close(fd);
    errno = 0;
    return -1;
}

/* Closes a folder that others may have filled. */
static int our_folder(int fd)
{
    struct stat st;
    bool ours =
        fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & S_IWOTH) == 0;
    return fd < 0 || ours ? fd : refuse(fd);
}

int cache_open_root(const struct cache *c)
{
    return our_folder(open(c->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* Opens a folder in one that is open, which it closes. */
static int step_into(int parent, const char *name, bool create)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (parent < 0) {
        return -1;
    }
    if (create) {
        mkdirat(parent, name, 0700); /* whether it is there shows next */
    }
    int fd = openat(parent, name, flags);
    int why = errno;
    close(parent);
    errno = why;
    return our_folder(fd);
}

int cache_open_folder(const struct cache *c, enum cache_kind kind, const char *id, bool create)
{
    int fd = cache_open_root(c);
    if (fd < 0 && errno == ENOENT && create && cache_make(c->path, NULL)) {
        fd = cache_open_root(c);
    }
    fd = step_into(fd, cache_kind_name(kind), create);
    return id ? step_into(fd, id, create) : fd;
}

int cache_open_file(int folder, const char *name, int flags)
{
    struct stat st;
    /* O_NONBLOCK: never wait for the other end of a FIFO. */
    int fd = openat(folder, name, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0600);
    bool ours = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink <= 1 &&
                st.st_uid == geteuid();
    return fd < 0 || ours ? fd : refuse(fd);
}
