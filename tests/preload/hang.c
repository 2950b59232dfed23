/* A file system that hangs: who opens a file called "hang…" never comes back. */
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

typedef int open_fn(const char *path, int flags, ...);

static int open_or_hang(const char *symbol, const char *path, int flags, mode_t mode)
{
    const char *slash = strrchr(path, '/');
    while (strncmp(slash ? slash + 1 : path, "hang", 4) == 0) {
        poll(NULL, 0, -1);
    }
    void *found = dlsym(RTLD_NEXT, symbol);
    open_fn *next;
    memcpy(&next, &found, sizeof next);
    return next(path, flags, mode);
}

static mode_t mode_of(int flags, va_list args)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

__attribute__((visibility("default"))) int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = mode_of(flags, args);
    va_end(args);
    return open_or_hang("open", path, flags, mode);
}

__attribute__((visibility("default"))) int open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = mode_of(flags, args);
    va_end(args);
    return open_or_hang("open64", path, flags, mode);
}
