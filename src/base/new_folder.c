#include "base/new_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "file_io.h"
#include "folder_io.h"

#define COPY_BYTES 65536
#define DEPTH_MAX 64 /* sub-folders within each other */

static bool make_temp(struct new_folder *n, struct error *err)
{
    struct buf name = BUF_INIT;
    for (int i = 0; n->fd < 0 && i < 1000; i++) {
        buf_clear(&name);
        buf_addf(&name, ".%s.%d.tmp", n->name, i);
        if (name.failed) {
            break;
        }
        if (mkdirat(n->parent.fd, name.data, 0777) == 0) {
            n->temp = buf_take(&name);
            n->fd = openat(n->parent.fd, n->temp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            break;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    buf_release(&name);
    return n->fd >= 0 || error_errno(err, ERROR_IO, errno, "%s: cannot create the folder", n->path);
}

static bool is_empty(const struct new_folder *n)
{
    int fd = openat(n->parent.fd, n->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    int entries = 0;
    while (d && entries < 3 && readdir(d)) {
        entries++;
    }
    if (d) {
        closedir(d);
    } else if (fd >= 0) {
        close(fd);
    }
    return d && entries < 3; /* "." and ".." */
}

static bool is_free(const struct new_folder *n, struct error *err)
{
    struct stat st;
    if (fstatat(n->parent.fd, n->name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT || error_errno(err, ERROR_IO, errno, "%s: cannot examine", n->path);
    }
    if (!S_ISDIR(st.st_mode) || !is_empty(n)) {
        return error_set(err, ERROR_USAGE,
                         "%s: is there already; name a folder that does not exist yet, or is empty",
                         n->path);
    }
    return true;
}

bool new_folder_begin(struct new_folder *n, const char *path, struct error *err)
{
    size_t len = strlen(path);
    const char *last;
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    *n = (struct new_folder){ .parent = { .fd = -1 }, .path = mem_string(path, len), .fd = -1 };
    if (!n->path) {
        return error_nomem(err, len, "a folder name");
    }
    if (!folder_open_of(&n->parent, n->path, &last, err)) {
        return false;
    }
    if (!last[0] || strcmp(last, ".") == 0 || strcmp(last, "..") == 0) {
        return error_set(err, ERROR_USAGE, "%s: not the name of a new folder", n->path);
    }
    n->name = mem_string(last, strlen(last));
    return n->name ? is_free(n, err) && make_temp(n, err) : error_nomem(err, len, "a folder name");
}

static bool bad(const struct new_folder *n, const char *name, struct error *err)
{
    return error_errno(err, ERROR_IO, errno, "%s/%s: cannot write", n->path, name);
}

/* True for a part of a path that stays in its folder. */
static bool is_plain(const char *part, size_t len)
{
    return len > 0 && !(len == 1 && part[0] == '.') && !(len == 2 && memcmp(part, "..", 2) == 0);
}

/* Makes the sub-folders in a name; *dir is the last of them, to be closed by the caller unless
 * it is n->fd, and *last what follows it. */
static bool enter_parts(struct new_folder *n, const char *name, int *dir, const char **last,
                        struct error *err)
{
    char part[NAME_MAX + 1];
    int depth = 0;
    *dir = n->fd;
    for (*last = name; strchr(*last, '/');) {
        size_t len = strcspn(*last, "/");
        errno = len > NAME_MAX ? ENAMETOOLONG : EINVAL;
        bool ok = len <= NAME_MAX && is_plain(*last, len) && depth++ < DEPTH_MAX;
        int next = -1;
        if (ok) {
            memcpy(part, *last, len);
            part[len] = '\0';
            ok = mkdirat(*dir, part, 0777) == 0 || errno == EEXIST;
        }
        if (ok) {
            next = openat(*dir, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        if (*dir != n->fd) {
            int why = errno;
            close(*dir);
            errno = why;
        }
        if (next < 0) {
            return bad(n, name, err);
        }
        *dir = next;
        *last += len + 1;
    }
    errno = EINVAL;
    if (is_plain(*last, strlen(*last))) {
        return true;
    }
    if (*dir != n->fd) {
        close(*dir);
    }
    return bad(n, name, err);
}

static int create(struct new_folder *n, const char *name, struct error *err)
{
    int dir, fd;
    const char *last;
    if (!enter_parts(n, name, &dir, &last, err)) {
        return -1;
    }
    fd = openat(dir, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) {
        bad(n, name, err);
    }
    if (dir != n->fd) {
        close(dir);
    }
    return fd;
}

static bool end_file(struct new_folder *n, const char *name, int fd, bool ok, struct error *err)
{
    int why = errno;
    bool closed = close(fd) == 0;
    errno = ok ? errno : why;
    return (ok && closed) || bad(n, name, err);
}

bool new_folder_write(struct new_folder *n, const char *name, const void *bytes, size_t len,
                      struct error *err)
{
    int fd = create(n, name, err);
    return fd >= 0 && end_file(n, name, fd, io_write_at(fd, 0, bytes, len), err);
}

/* Whether fd has become a clone of the file; else it is still empty. */
static bool is_cloned(int fd, int from)
{
    return ioctl(fd, FICLONE, from) == 0;
}

/* shared: clone it if that is possible, and tell; NULL: copy it. */
static bool copy(struct new_folder *n, const char *name, const char *from, bool *shared,
                 struct error *err)
{
    struct file_reader r;
    char bytes[COPY_BYTES];
    int64_t at = 0;
    size_t got = 0;
    if (!file_reader_open(&r, from, INT64_MAX, err)) {
        return false;
    }
    int fd = create(n, name, err);
    bool read_ok = true, ok = true, cloned = fd >= 0 && shared && is_cloned(fd, r.fd);
    while (fd >= 0 && !cloned && ok &&
           (read_ok = file_reader_read(&r, bytes, sizeof bytes, &got, err)) && got) {
        ok = io_write_at(fd, at, bytes, got);
        at += (int64_t)got;
    }
    file_reader_close(&r);
    if (shared) {
        *shared = cloned;
    }
    return fd >= 0 && end_file(n, name, fd, ok, read_ok ? err : NULL) && read_ok;
}

bool new_folder_copy(struct new_folder *n, const char *name, const char *from, struct error *err)
{
    return copy(n, name, from, NULL, err);
}

bool new_folder_clone(struct new_folder *n, const char *name, const char *from, bool *shared,
                      struct error *err)
{
    return copy(n, name, from, shared, err);
}

bool new_file_begin(struct new_file *f, struct new_folder *n, const char *name, struct error *err)
{
    *f = (struct new_file){ .folder = n, .name = name, .fd = create(n, name, err) };
    return f->fd >= 0;
}

bool new_file_add(struct new_file *f, const void *bytes, size_t len, struct error *err)
{
    if (!io_write_at(f->fd, f->size, bytes, len)) {
        return bad(f->folder, f->name, err);
    }
    f->size += (int64_t)len;
    return true;
}

bool new_file_end(struct new_file *f, struct error *err)
{
    int fd = f->fd;
    f->fd = -1;
    return fd < 0 || close(fd) == 0 || bad(f->folder, f->name, err);
}

bool new_folder_link(struct new_folder *n, const char *name, const char *target, struct error *err)
{
    int dir;
    const char *last;
    if (!enter_parts(n, name, &dir, &last, err)) {
        return false;
    }
    bool ok = symlinkat(target, dir, last) == 0 || bad(n, name, err);
    if (dir != n->fd) {
        close(dir);
    }
    return ok;
}

bool new_folder_make(struct new_folder *n, const char *name, struct error *err)
{
    int dir;
    const char *last;
    if (!enter_parts(n, name, &dir, &last, err)) {
        return false;
    }
    bool ok = mkdirat(dir, last, 0777) == 0 || errno == EEXIST || bad(n, name, err);
    if (dir != n->fd) {
        close(dir);
    }
    return ok;
}

bool new_folder_commit(struct new_folder *n, struct error *err)
{
    if (syncfs(n->fd) != 0 || renameat(n->parent.fd, n->temp, n->parent.fd, n->name) != 0) {
        return error_errno(err, ERROR_IO, errno, "%s: cannot create the folder", n->path);
    }
    free(n->temp);
    n->temp = NULL;
    return folder_sync(&n->parent, err);
}

static void remove_all(int parent, const char *name, int depth)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *e; d && (e = readdir(d));) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
            unlinkat(fd, e->d_name, 0) != 0 && depth <= DEPTH_MAX) {
            remove_all(fd, e->d_name, depth + 1);
        }
    }
    if (d) {
        closedir(d);
    } else if (fd >= 0) {
        close(fd);
    }
    unlinkat(parent, name, AT_REMOVEDIR);
}

void new_folder_end(struct new_folder *n)
{
    if (n->temp) {
        remove_all(n->parent.fd, n->temp, 0);
    }
    if (n->fd >= 0) {
        close(n->fd);
    }
    folder_close(&n->parent);
    free(n->path);
    free(n->name);
    free(n->temp);
    *n = (struct new_folder){ .parent = { .fd = -1 }, .fd = -1 };
}
