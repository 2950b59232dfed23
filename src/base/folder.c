#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "folder_io.h"

enum { OPEN_TRIES = 100 }; /* while other processes create and remove the same name */

/* --------------------------------------------------------------- the folder */

bool folder_open(struct folder *f, const char *path, struct error *err)
{
    struct stat st;
    *f = (struct folder){ .fd = -1, .path = mem_string(path, strlen(path)) };
    f->prefix = file_join(path, "");
    if (!f->path || !f->prefix) {
        return error_nomem(err, strlen(path), "a folder name");
    }
    f->fd = open(path[0] ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->fd < 0 || fstat(f->fd, &st) != 0) {
        return error_errno(err, ERROR_IO, errno, "%s: cannot open the folder",
                           f->prefix[0] ? f->prefix : path);
    }
    f->owner = st.st_uid;
    f->shared = (st.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (st.st_mode & S_ISVTX) == 0;
    return true;
}

bool folder_open_of(struct folder *f, const char *file_path, const char **name, struct error *err)
{
    char *dir = file_dirname(file_path);
    *f = (struct folder){ .fd = -1 };
    *name = file_basename(file_path);
    bool ok = dir ? folder_open(f, dir, err) : error_nomem(err, strlen(file_path), "a folder name");
    free(dir);
    return ok;
}

void folder_close(struct folder *f)
{
    if (f->fd >= 0) {
        close(f->fd);
    }
    free(f->path);
    free(f->prefix);
    *f = (struct folder){ .fd = -1 };
}

/* ------------------------------------------------------- what may be used */

static bool bad_name(const struct folder *f, const char *name, struct error *err)
{
    if (name[0] && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, '/')) {
        return false;
    }
    error_set(err, ERROR_DATA, "%s%s: not a file name", f->prefix, name);
    return true;
}

static void refuse_link(const struct folder *f, const char *name, struct error *err)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(f->fd, name, target, sizeof target - 1);
    target[len < 0 ? 0 : len] = '\0';
    error_set(err, ERROR_DATA, "%s%s: a symbolic link to %s; links are not followed here",
              f->prefix, name, target);
}

static void refuse_owner(const struct folder *f, const char *name, uid_t uid, struct error *err)
{
    struct passwd entry, *found = NULL;
    char bytes[4096], number[32];
    snprintf(number, sizeof number, "%lu", (unsigned long)uid);
    if (getpwuid_r(uid, &entry, bytes, sizeof bytes, &found) != 0) {
        found = NULL;
    }
    error_set(err, ERROR_DATA,
              "%s%s: belongs to another user (%s), in a folder that is not shared with them",
              f->prefix, name, found ? found->pw_name : number);
}

/* The rules of folder.h. */
static bool usable(const struct folder *f, const char *name, const struct stat *st,
                   struct error *err)
{
    if (S_ISLNK(st->st_mode)) {
        refuse_link(f, name, err);
        return false;
    }
    if (!S_ISREG(st->st_mode)) {
        return error_set(err, ERROR_DATA, "%s%s: not a regular file", f->prefix, name);
    }
    if (st->st_nlink > 1) {
        return error_set(err, ERROR_DATA,
                         "%s%s: has %lu names (hard links), and writing would change all of them",
                         f->prefix, name, (unsigned long)st->st_nlink);
    }
    if (st->st_uid != geteuid() && st->st_uid != f->owner && !f->shared) {
        refuse_owner(f, name, st->st_uid, err);
        return false;
    }
    return true;
}

enum folder_entry folder_look(const struct folder *f, const char *name, struct error *err)
{
    struct stat st;
    if (bad_name(f, name, err)) {
        return FOLDER_REFUSED;
    }
    if (fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        return usable(f, name, &st, err) ? FOLDER_FILE : FOLDER_REFUSED;
    }
    if (errno == ENOENT) {
        return FOLDER_NOTHING;
    }
    error_errno(err, ERROR_IO, errno, "%s%s: cannot examine", f->prefix, name);
    return FOLDER_REFUSED;
}

/* ------------------------------------------------------------------- rights */

static struct file_rights rights_of(const struct stat *st)
{
    return (struct file_rights){ true, st->st_mode & 0777, st->st_uid, st->st_gid };
}

void folder_like(struct folder *f, const char *name)
{
    struct stat st;
    if (fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode)) {
        f->like = rights_of(&st);
    }
}

/* The mode for a file whose group cannot be set: its group gets the permissions of
 * others, and others get what both group and others had. */
static mode_t without_group(mode_t mode)
{
    mode_t all = mode & 7, both = mode >> 3 & mode & 7;
    return (mode & 0700) | all << 3 | both;
}

void folder_give_rights(int fd, const struct file_rights *like)
{
    struct stat st;
    mode_t mode = like->mode;
    if (!like->known || fstat(fd, &st) != 0) {
        return;
    }
    if (st.st_gid != like->group && fchown(fd, (uid_t)-1, like->group) != 0) {
        mode = without_group(mode);
    }
    /* Fails on file systems without modes; the file then keeps its narrower mode. */
    if (fchmod(fd, mode) != 0) {
        errno = 0;
    }
}

/* Removes permissions that an older version gave a file of ours beyond f->like. */
static void narrow(const struct folder *f, int fd, const struct stat *st)
{
    mode_t have = st->st_mode & 0777;
    mode_t most = st->st_gid == f->like.group ? f->like.mode : without_group(f->like.mode);
    if (f->like.known && st->st_uid == geteuid() && (have & ~most & 0077) != 0 &&
        fchmod(fd, have & (most | 0700)) != 0) {
        errno = 0;
    }
}

/* ------------------------------------------------------------------ opening */

enum { OPEN_FLAGS = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY };

int folder_create(const struct folder *f, const char *name, const struct file_rights *like)
{
    int fd = openat(f->fd, name, O_RDWR | O_CREAT | O_EXCL | OPEN_FLAGS, like->known ? 0600 : 0666);
    if (fd >= 0) {
        folder_give_rights(fd, like);
    }
    return fd;
}

static int refused(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
    errno = 0;
    return -1;
}

static int cannot(const struct folder *f, const char *name, const char *what, struct error *err)
{
    int why = errno;
    error_errno(err, ERROR_IO, why, "%s%s: cannot %s", f->prefix, name, what);
    errno = why;
    return -1;
}

/* The fstatat() keeps devices from being opened at all; O_NONBLOCK and the fstat() cover a
 * change in between. */
static int open_existing(const struct folder *f, const char *name, int flags, struct stat *st,
                         struct error *err)
{
    if (fstatat(f->fd, name, st, AT_SYMLINK_NOFOLLOW) == 0 && !usable(f, name, st, err)) {
        return refused(-1);
    }
    int fd = openat(f->fd, name, flags | OPEN_FLAGS);
    if (fd < 0) {
        return cannot(f, name, "open", err);
    }
    if (fstat(fd, st) != 0) {
        close(fd);
        return cannot(f, name, "examine", err);
    }
    if (!usable(f, name, st, err)) {
        return refused(fd);
    }
    if (flags != O_RDONLY) {
        narrow(f, fd, st);
    }
    return fd;
}

static int open_new(const struct folder *f, const char *name, struct stat *st, struct error *err)
{
    int fd = folder_create(f, name, &f->like);
    if (fd < 0) {
        return cannot(f, name, "create", err);
    }
    if (fstat(fd, st) != 0 || !folder_sync(f, err)) {
        close(fd);
        return -1;
    }
    return fd;
}

int folder_open_file(const struct folder *f, const char *name, int flags, struct stat *st,
                     struct error *err)
{
    int access = flags & O_ACCMODE;
    int fd = -1;
    if (bad_name(f, name, err)) {
        return refused(-1);
    }
    if ((flags & O_CREAT) == 0) {
        return open_existing(f, name, access, st, err);
    }
    for (int i = 0; i < OPEN_TRIES; i++) {
        if ((flags & O_EXCL) == 0 && folder_look(f, name, NULL) != FOLDER_NOTHING) {
            fd = open_existing(f, name, access, st, err);
            if (fd >= 0 || errno != ENOENT) {
                return fd;
            }
        }
        fd = open_new(f, name, st, err);
        if (fd >= 0 || errno != EEXIST || (flags & O_EXCL) != 0) {
            return fd;
        }
    }
    return fd;
}

bool folder_reader_open(const struct folder *f, struct file_reader *r, const char *name,
                        int64_t limit, struct error *err)
{
    struct stat st;
    *r = (struct file_reader){ .prefix = f->prefix, .path = name };
    r->fd = folder_open_file(f, name, O_RDONLY, &st, err);
    if (r->fd < 0) {
        return false;
    }
    r->size = st.st_size;
    return io_reader(r, limit, err);
}

bool folder_read(const struct folder *f, const char *name, size_t limit, struct buf *out,
                 struct error *err)
{
    struct file_reader r;
    int64_t cap = limit > INT64_MAX ? INT64_MAX : (int64_t)limit;
    return folder_reader_open(f, &r, name, cap, err) && io_read_all(&r, limit, out, err);
}

bool folder_sync(const struct folder *f, struct error *err)
{
    /* Some file systems cannot sync a folder, and say so with EINVAL. */
    if (io_sync_all(f->fd) == 0 || errno == EINVAL) {
        return true;
    }
    return error_errno(err, ERROR_IO, errno, "%s: cannot sync the folder", f->path);
}
