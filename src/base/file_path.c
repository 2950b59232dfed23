#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum { LINKS_MAX = 40 }; /* the kernel's limit */

char *file_dirname(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return mem_string(".", 1);
    }
    while (slash > path && slash[-1] == '/') {
        slash--;
    }
    return slash == path ? mem_string("/", 1) : mem_string(path, (size_t)(slash - path));
}

char *file_join(const char *dir, const char *name)
{
    struct buf b = BUF_INIT;
    size_t len = strlen(dir);
    if (len > 0 && strcmp(dir, ".") != 0) {
        buf_add(&b, dir, len);
        if (dir[len - 1] != '/') {
            buf_addc(&b, '/');
        }
    }
    buf_adds(&b, name);
    return buf_take(&b);
}

const char *file_basename(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *file_follow(const char *path)
{
    char *at = mem_string(path, strlen(path));
    for (int links = 0; at; links++) {
        char target[PATH_MAX];
        ssize_t len = readlink(at, target, sizeof target - 1);
        if (len <= 0) {
            return at;
        }
        target[len] = '\0';
        char *dir = target[0] == '/' ? mem_string("", 0) : file_dirname(at);
        free(at);
        at = dir ? file_join(dir, target) : NULL;
        free(dir);
        if (links == LINKS_MAX) {
            free(at);
            errno = ELOOP;
            return NULL;
        }
    }
    errno = ENOMEM;
    return NULL;
}
