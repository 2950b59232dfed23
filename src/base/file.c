#include "base/file.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
    LINKS_MAX = 40,      /* as the kernel has it */
    TEMP_DIGITS = 12,    /* random hexadecimal digits in a temporary name */
    TEMP_BASE_MAX = 200, /* so that the temporary name stays below NAME_MAX */
    TEMP_TRIES = 100,
};

static const char temp_suffix[] = ".tmp";

/* ------------------------------------------------------------------ paths */

char *file_dirname(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return mem_string(".", 1);
    while (slash > path && slash[-1] == '/')
        slash--;
    return slash == path ? mem_string("/", 1) : mem_string(path, (size_t)(slash - path));
}

char *file_join(const char *dir, const char *name)
{
    struct buf b = BUF_INIT;
    size_t len = strlen(dir);

    if (len > 0 && strcmp(dir, ".") != 0) {
        buf_add(&b, dir, len);
        if (dir[len - 1] != '/')
            buf_addc(&b, '/');
    }
    buf_adds(&b, name);
    return buf_take(&b);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

char *file_follow(const char *path)
{
    char *at = mem_string(path, strlen(path));

    for (int links = 0; at != NULL; links++) {
        char target[PATH_MAX];
        ssize_t len = readlink(at, target, sizeof target - 1);
        if (len <= 0)
            return at;
        target[len] = '\0';

        char *dir = target[0] == '/' ? mem_string("", 0) : file_dirname(at);
        free(at);
        at = dir == NULL ? NULL : file_join(dir, target);
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

/* ------------------------------------------------------------------- reads */

static bool not_regular(const char *path, struct error *err)
{
    return error_set(err, ERROR_DATA, "%s: not a regular file", path);
}

/* The stat in front keeps devices from being opened at all; the flags and the
 * fstat behind cover the moment between. */
static int open_regular(const char *path, int flags, struct stat *st, struct error *err)
{
    if (stat(path, st) == 0 && !S_ISREG(st->st_mode)) {
        not_regular(path, err);
        return -1;
    }
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    if (fd < 0) {
        error_errno(err, ERROR_IO, errno, "%s: cannot open", path);
        return -1;
    }
    if (fstat(fd, st) != 0) {
        error_errno(err, ERROR_IO, errno, "%s: cannot examine", path);
        close(fd);
        return -1;
    }
    if (!S_ISREG(st->st_mode)) {
        not_regular(path, err);
        close(fd);
        return -1;
    }
    return fd;
}

bool file_reader_open(struct file_reader *r, const char *path, int64_t limit, struct error *err)
{
    struct stat st;

    *r = (struct file_reader){ .fd = open_regular(path, O_RDONLY, &st, err), .path = path };
    if (r->fd < 0)
        return false;
    r->size = st.st_size;
    if (r->size > limit) {
        error_set(err, ERROR_DATA, "%s: %lld bytes, the limit is %lld", path, (long long)r->size,
                  (long long)limit);
        file_reader_close(r);
        return false;
    }
    return true;
}

bool file_reader_read(struct file_reader *r, void *bytes, size_t cap, size_t *got,
                      struct error *err)
{
    for (;;) {
        ssize_t n = read(r->fd, bytes, cap);
        if (n >= 0) {
            *got = (size_t)n;
            return true;
        }
        if (errno != EINTR)
            return error_errno(err, ERROR_IO, errno, "%s: cannot read", r->path);
    }
}

bool file_reader_seek(struct file_reader *r, int64_t offset, struct error *err)
{
    if (lseek(r->fd, offset, SEEK_SET) != offset)
        return error_errno(err, ERROR_IO, errno, "%s: cannot seek to %lld", r->path,
                           (long long)offset);
    return true;
}

void file_reader_close(struct file_reader *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
}

/* One byte more than the limit is asked for, so that a file that grows while
 * it is read is found out. */
static bool read_all(struct file_reader *r, size_t limit, struct buf *out, struct error *err)
{
    size_t got, step = (size_t)r->size + 1;

    for (;;) {
        if (!buf_reserve(out, step))
            return error_nomem(err, step, r->path);
        if (!file_reader_read(r, out->data + out->len, step, &got, err))
            return false;
        out->len += got;
        out->data[out->len] = '\0';
        if (got == 0)
            return true;
        if (out->len > limit)
            return error_set(err, ERROR_DATA, "%s: over %zu bytes, which is the limit", r->path,
                             limit);
        step = (size_t)r->size + 1 > out->len ? (size_t)r->size + 1 - out->len : 64 * 1024;
    }
}

bool file_read(const char *path, size_t limit, struct buf *out, struct error *err)
{
    struct file_reader r;
    int64_t cap = limit > INT64_MAX ? INT64_MAX : (int64_t)limit;

    if (!file_reader_open(&r, path, cap, err))
        return false;
    bool ok = read_all(&r, limit, out, err);
    file_reader_close(&r);
    return ok;
}

/* ------------------------------------------------------------------ writes */

/* errno tells the reason of a failure. */
static bool write_at(int fd, int64_t offset, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, bytes, len, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (n == 0)
                errno = ENOSPC;
            return false;
        }
        bytes += n;
        offset += n;
        len -= (size_t)n;
    }
    return true;
}

static int sync_data(int fd)
{
    int rc;

    do
        rc = fdatasync(fd);
    while (rc != 0 && errno == EINTR);
    return rc;
}

static int sync_all(int fd)
{
    int rc;

    do
        rc = fsync(fd);
    while (rc != 0 && errno == EINTR);
    return rc;
}

static bool sync_folder(const char *path, struct error *err)
{
    char *dir = file_dirname(path);

    if (dir == NULL)
        return error_nomem(err, strlen(path), "a folder name");
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0;
    /* Some file systems cannot sync a folder, and say so with EINVAL. */
    if (ok && sync_all(fd) != 0 && errno != EINVAL)
        ok = false;
    if (!ok)
        error_errno(err, ERROR_IO, errno, "%s: cannot sync the folder", dir);
    if (fd >= 0)
        close(fd);
    free(dir);
    return ok;
}

/* ".NAME." in front of the random digits of every temporary file for path. */
static void temp_prefix(struct buf *b, const char *path)
{
    const char *base = base_name(path);

    buf_addf(b, ".%.*s.", TEMP_BASE_MAX, base);
}

static void random_digits(char out[TEMP_DIGITS + 1])
{
    uint64_t r;

    if (getrandom(&r, sizeof r, GRND_NONBLOCK) != (ssize_t)sizeof r)
        r = (uint64_t)clock_monotonic_ns() * 0x9e3779b97f4a7c15u ^ (uint64_t)getpid();
    snprintf(out, TEMP_DIGITS + 1, "%012llx", (unsigned long long)(r & 0xffffffffffffu));
}

/* Creates a temporary file beside path; its name is the caller's. Not
 * mkstemp(): its mode 0600 would need the umask, which cannot be read without
 * being changed. */
static int open_temp(const char *path, char **name, struct error *err)
{
    char *dir = file_dirname(path);
    int fd = -1;

    *name = NULL;
    errno = ENOMEM;
    for (int i = 0; dir != NULL && fd < 0 && i < TEMP_TRIES; i++) {
        struct buf b = BUF_INIT;
        char digits[TEMP_DIGITS + 1];
        random_digits(digits);
        temp_prefix(&b, path);
        buf_adds(&b, digits);
        buf_adds(&b, temp_suffix);
        free(*name);
        *name = b.failed ? NULL : file_join(dir, buf_text(&b));
        buf_release(&b);
        if (*name == NULL)
            break;
        fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0) {
        error_errno(err, ERROR_IO, errno, "%s: cannot create a temporary file beside it", path);
        free(*name);
        *name = NULL;
    }
    free(dir);
    return fd;
}

/* Owner and mode of the file that is replaced. An owner that may not be given
 * is let be, as any editor does. */
static bool take_over_mode(int fd, const char *path)
{
    struct stat st, mine;

    if (stat(path, &st) != 0 || fstat(fd, &mine) != 0)
        return errno == ENOENT;
    if ((st.st_uid != mine.st_uid || st.st_gid != mine.st_gid) &&
        fchown(fd, st.st_uid, st.st_gid) != 0 && fchown(fd, (uid_t)-1, st.st_gid) != 0)
        errno = 0;
    return fchmod(fd, st.st_mode & 07777) == 0;
}

static bool replace_real(const char *path, const void *bytes, size_t len, struct error *err)
{
    char *temp;
    struct stat st;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return not_regular(path, err);
    int fd = open_temp(path, &temp, err);
    if (fd < 0)
        return false;

    bool ok = take_over_mode(fd, path) && write_at(fd, 0, bytes, len) && sync_all(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        why = errno;
    }
    if (ok && rename(temp, path) != 0) {
        ok = false;
        why = errno;
    }
    if (!ok) {
        error_errno(err, ERROR_IO, why, "%s: cannot write", path);
        unlink(temp);
    }
    free(temp);
    return ok && sync_folder(path, err);
}

bool file_replace(const char *path, const void *bytes, size_t len, struct error *err)
{
    char *real = file_follow(path);

    if (real == NULL)
        return error_errno(err, ERROR_IO, errno, "%s: cannot follow the link", path);
    bool ok = replace_real(real, bytes, len, err);
    free(real);
    return ok;
}

static bool is_leftover(const char *name, const struct buf *prefix)
{
    if (strncmp(name, buf_text(prefix), prefix->len) != 0)
        return false;
    name += prefix->len;
    return strspn(name, "0123456789abcdef") == TEMP_DIGITS &&
           strcmp(name + TEMP_DIGITS, temp_suffix) == 0;
}

void file_remove_leftovers(const char *path)
{
    char *real = file_follow(path);
    char *dir = real == NULL ? NULL : file_dirname(real);
    DIR *d = dir == NULL ? NULL : opendir(dir);
    struct buf prefix = BUF_INIT;

    if (d != NULL)
        temp_prefix(&prefix, real);
    for (struct dirent *e; d != NULL && !prefix.failed && (e = readdir(d)) != NULL;) {
        if (is_leftover(e->d_name, &prefix))
            unlinkat(dirfd(d), e->d_name, 0);
    }
    if (d != NULL)
        closedir(d);
    buf_release(&prefix);
    free(dir);
    free(real);
}

/* -------------------------------------------------------------------- logs */

static int create_log(const char *path, struct stat *st, struct error *err)
{
    char *real = file_follow(path);

    if (real == NULL) {
        error_errno(err, ERROR_IO, errno, "%s: cannot follow the link", path);
        return -1;
    }
    int fd = open_regular(real, O_RDWR | O_CREAT, st, err);
    if (fd >= 0 && !sync_folder(real, err)) {
        close(fd);
        fd = -1;
    }
    free(real);
    return fd;
}

bool file_log_open(struct file_log *log, const char *path, struct error *err)
{
    struct stat st;

    *log = (struct file_log){ .fd = -1 };
    if (stat(path, &st) != 0 && errno == ENOENT)
        log->fd = create_log(path, &st, err);
    else
        log->fd = open_regular(path, O_RDWR, &st, err);
    if (log->fd < 0)
        return false;
    log->size = st.st_size;
    log->path = mem_string(path, strlen(path));
    if (log->path == NULL) {
        file_log_close(log);
        return error_nomem(err, strlen(path), "a file name");
    }
    return true;
}

bool file_log_check(const struct file_log *log, struct error *err)
{
    struct stat open_one, named;

    if (fstat(log->fd, &open_one) != 0)
        return error_errno(err, ERROR_IO, errno, "%s: cannot examine", log->path);
    if (stat(log->path, &named) != 0 || named.st_ino != open_one.st_ino ||
        named.st_dev != open_one.st_dev)
        return error_set(err, ERROR_BUSY, "%s: another program has replaced or removed it",
                         log->path);
    if (open_one.st_size != log->size && !log->suspect)
        return error_set(err, ERROR_BUSY,
                         "%s: another program has changed it: %lld bytes, expected %lld", log->path,
                         (long long)open_one.st_size, (long long)log->size);
    return true;
}

static void cut_back(struct file_log *log)
{
    int rc;

    do
        rc = ftruncate(log->fd, log->size);
    while (rc != 0 && errno == EINTR);
    if (rc != 0)
        log->suspect = true;
}

bool file_log_append(struct file_log *log, const void *bytes, size_t len, struct error *err)
{
    if (log->suspect)
        return error_set(err, ERROR_IO, "%s: an earlier write failed", log->path);
    if (!file_log_check(log, err))
        return false;
    if (!write_at(log->fd, log->size, bytes, len)) {
        error_errno(err, ERROR_IO, errno, "%s: cannot append %zu bytes", log->path, len);
        cut_back(log);
        return false;
    }
    if (sync_data(log->fd) != 0) {
        error_errno(err, ERROR_IO, errno, "%s: cannot sync", log->path);
        log->suspect = true;
        cut_back(log);
        return false;
    }
    log->size += (int64_t)len;
    return true;
}

void file_log_close(struct file_log *log)
{
    if (log->fd >= 0)
        close(log->fd);
    free(log->path);
    *log = (struct file_log){ .fd = -1 };
}

bool file_truncate(const char *path, int64_t size, struct error *err)
{
    struct stat st;
    int fd = open_regular(path, O_WRONLY, &st, err);

    if (fd < 0)
        return false;
    bool ok = ftruncate(fd, size) == 0 && sync_all(fd) == 0;
    if (!ok)
        error_errno(err, ERROR_IO, errno, "%s: cannot cut to %lld bytes", path, (long long)size);
    close(fd);
    return ok;
}

bool file_remove(const char *path, struct error *err)
{
    if (unlink(path) != 0 && errno != ENOENT)
        return error_errno(err, ERROR_IO, errno, "%s: cannot remove", path);
    return true;
}
