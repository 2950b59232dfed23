#include "base/folder.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "folder_io.h"

enum {
    TEMP_DIGITS = 12,    /* random hexadecimal digits in a temporary name */
    TEMP_BASE_MAX = 200, /* so that the temporary name stays below NAME_MAX */
    TEMP_TRIES = 100,
    NUMBERS_MAX = 10000,
};

static const char temp_suffix[] = ".tmp";

/* ---------------------------------------------------------------- replacing */

/* ".NAME.", which precedes the random digits in the names of temporary files. */
static size_t temp_prefix(char out[NAME_MAX + 1], const char *name)
{
    return (size_t)snprintf(out, NAME_MAX + 1, ".%.*s.", TEMP_BASE_MAX, name);
}

static void temp_name(char out[NAME_MAX + 1], const char *name)
{
    uint64_t r;
    size_t len = temp_prefix(out, name);
    if (getrandom(&r, sizeof r, GRND_NONBLOCK) != (ssize_t)sizeof r) {
        r = (uint64_t)clock_monotonic_ns() * 0x9e3779b97f4a7c15u ^ (uint64_t)getpid();
    }
    snprintf(out + len, NAME_MAX + 1 - len, "%012llx%s", (unsigned long long)(r & 0xffffffffffffu),
             temp_suffix);
}

/* EACCES although the file system permits it means that the sandbox does not. */
static bool cannot_create(const struct folder *f, const char *name, const char *what,
                          struct error *err)
{
    int why = errno;
    if (why == EACCES && faccessat(f->fd, ".", W_OK | X_OK, AT_EACCESS) == 0) {
        return error_set(err, ERROR_IO,
                         "%s%s: %s: thumbtag's sandbox allows writing only where 'thumbtag "
                         "doctor' says; --no-sandbox turns it off",
                         f->prefix, name, what);
    }
    return error_errno(err, ERROR_IO, why, "%s%s: %s", f->prefix, name, what);
}

/* Not mkstemp(): changing its mode 0600 would need the umask, which cannot be read without
 * setting it. */
static int open_temp(const struct folder *f, const char *name, const struct file_rights *like,
                     char temp[NAME_MAX + 1], struct error *err)
{
    int fd = -1;
    for (int i = 0; fd < 0 && i < TEMP_TRIES; i++) {
        temp_name(temp, name);
        fd = folder_create(f, temp, like);
        if (fd < 0 && errno != EEXIST) {
            break;
        }
    }
    if (fd < 0) {
        cannot_create(f, name, "cannot create a temporary file beside it", err);
    }
    return fd;
}

/* Writes and syncs the bytes, and closes fd; false with errno on failure. */
static bool fill(int fd, const void *bytes, size_t len)
{
    bool ok = io_write_at(fd, 0, bytes, len) && io_sync_all(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && ok) {
        return false;
    }
    errno = why;
    return ok;
}

/* Keeps the old owner if permitted; otherwise the file becomes ours, as with any editor. */
static void keep_owner(int fd, const struct file_rights *old)
{
    if (old->owner != geteuid() && fchown(fd, old->owner, (gid_t)-1) != 0) {
        errno = 0;
    }
}

bool folder_replace(const struct folder *f, const char *name, const void *bytes, size_t len,
                    struct error *err)
{
    char temp[NAME_MAX + 1];
    struct folder like = *f;
    enum folder_entry there = folder_look(f, name, err);
    if (there == FOLDER_REFUSED) {
        return false;
    }
    folder_like(&like, name);
    int fd = open_temp(f, name, &like.like, temp, err);
    if (fd < 0) {
        return false;
    }
    if (there == FOLDER_FILE) {
        keep_owner(fd, &like.like);
    }
    if (!fill(fd, bytes, len) || renameat(f->fd, temp, f->fd, name) != 0) {
        error_errno(err, ERROR_IO, errno, "%s%s: cannot write", f->prefix, name);
        unlinkat(f->fd, temp, 0);
        return false;
    }
    return folder_sync(f, err);
}

bool folder_can_replace(const struct folder *f, const char *name, struct error *err)
{
    char temp[NAME_MAX + 1];
    if (folder_look(f, name, err) == FOLDER_REFUSED) {
        return false;
    }
    int fd = open_temp(f, name, &f->like, temp, err);
    if (fd < 0) {
        return false;
    }
    close(fd);
    unlinkat(f->fd, temp, 0);
    return true;
}

static bool is_leftover(const char *entry, const char *prefix, size_t len)
{
    if (strncmp(entry, prefix, len) != 0) {
        return false;
    }
    entry += len;
    return strspn(entry, "0123456789abcdef") == TEMP_DIGITS &&
           strcmp(entry + TEMP_DIGITS, temp_suffix) == 0;
}

void folder_remove_leftovers(const struct folder *f, const char *name)
{
    char prefix[NAME_MAX + 1];
    size_t len = temp_prefix(prefix, name);
    int fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *e; d && (e = readdir(d));) {
        if (is_leftover(e->d_name, prefix, len)) {
            unlinkat(f->fd, e->d_name, 0);
        }
    }
    if (d) {
        closedir(d);
    } else if (fd >= 0) {
        close(fd);
    }
}

/* ----------------------------------------------------------------- creating */

bool folder_numbered(char *out, const char *name, int number)
{
    int len = number == 1 ? snprintf(out, NAME_MAX + 1, "%s", name)
                          : snprintf(out, NAME_MAX + 1, "%s-%d", name, number);
    return len <= NAME_MAX;
}

bool folder_create_numbered(const struct folder *f, const char *name, const void *bytes, size_t len,
                            char *made, struct error *err)
{
    int fd = -1;
    errno = ENAMETOOLONG;
    for (int i = 1; fd < 0 && i <= NUMBERS_MAX && folder_numbered(made, name, i); i++) {
        fd = folder_create(f, made, &f->like);
        if (fd < 0 && errno != EEXIST) {
            break;
        }
    }
    if (fd < 0) {
        return cannot_create(f, name, "cannot create", err);
    }
    if (!fill(fd, bytes, len)) {
        error_errno(err, ERROR_IO, errno, "%s%s: cannot write", f->prefix, made);
        unlinkat(f->fd, made, 0);
        return false;
    }
    return folder_sync(f, err);
}

/* --------------------------------------------------- truncating and removing */

bool folder_truncate(const struct folder *f, const char *name, int64_t size, struct error *err)
{
    struct stat st;
    int fd = folder_open_file(f, name, O_RDWR, &st, err);
    if (fd < 0) {
        return false;
    }
    bool ok = io_cut(fd, size) == 0 && io_sync_all(fd) == 0;
    if (!ok) {
        error_errno(err, ERROR_IO, errno, "%s%s: cannot truncate to %lld bytes", f->prefix, name,
                    (long long)size);
    }
    close(fd);
    return ok;
}

bool folder_remove(const struct folder *f, const char *name, struct error *err)
{
    if (unlinkat(f->fd, name, 0) != 0 && errno != ENOENT) {
        return error_errno(err, ERROR_IO, errno, "%s%s: cannot remove", f->prefix, name);
    }
    return true;
}
