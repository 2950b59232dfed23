#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"

enum { LOCK_TEXT_MAX = 1024, LOCK_TRIES = 100 };

char *sidecar_path(const char *csv_path, const char *before, const char *behind)
{
    const char *slash = strrchr(csv_path, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - csv_path) + 1;
    struct buf b = BUF_INIT;

    buf_add(&b, csv_path, folder);
    buf_adds(&b, before);
    buf_adds(&b, csv_path + folder);
    buf_adds(&b, behind);
    return buf_take(&b);
}

/* ------------------------------------------------------------- the content */

static void read_text(int fd, char text[LOCK_TEXT_MAX])
{
    ssize_t n = pread(fd, text, LOCK_TEXT_MAX - 1, 0);

    text[n < 0 ? 0 : n] = '\0';
}

/* The rest of the line that begins with the key, or "?". */
static void read_item(const char *text, const char *key, char *out, size_t size)
{
    size_t len = strlen(key);

    snprintf(out, size, "?");
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, len) == 0 && line[len] == ' ') {
            line += len + 1;
            snprintf(out, size, "%.*s", (int)strcspn(line, "\n"), line);
            return;
        }
    }
}

static void read_state(struct lock *lock, const char *text)
{
    char item[80];
    int64_t csv, history;

    lock->state = LOCK_IDLE;
    if (strstr(text, "\nend\n") == NULL)
        return;
    if (strstr(text, "\ntidying\n") != NULL) {
        lock->state = LOCK_TIDYING;
        return;
    }
    read_item(text, "session", item, sizeof item);
    if (sscanf(item, "%18" SCNd64 " %18" SCNd64, &csv, &history) == 2 && csv >= 0 && history >= 0) {
        lock->state = LOCK_SESSION;
        lock->csv_bytes = csv;
        lock->history_bytes = history;
    }
}

static void user_name(char *out, size_t size)
{
    struct passwd entry, *found = NULL;
    char bytes[4096];

    if (getpwuid_r(geteuid(), &entry, bytes, sizeof bytes, &found) == 0 && found != NULL)
        snprintf(out, size, "%s", found->pw_name);
    else
        snprintf(out, size, "%lu", (unsigned long)geteuid());
}

static bool write_text(struct lock *lock, enum lock_state state, int64_t csv, int64_t history)
{
    char text[LOCK_TEXT_MAX], host[256] = "?", user[256], more[64] = "";

    gethostname(host, sizeof host - 1);
    user_name(user, sizeof user);
    if (state == LOCK_TIDYING)
        snprintf(more, sizeof more, "tidying\n");
    else if (state == LOCK_SESSION)
        snprintf(more, sizeof more, "session %" PRId64 " %" PRId64 "\n", csv, history);
    int len = snprintf(text, sizeof text, "pid %ld\nhost %s\nuser %s\nsince %s\n%send\n",
                       (long)getpid(), host, user, lock->since, more);
    if (len < 0 || (size_t)len >= sizeof text) {
        errno = EOVERFLOW;
        return false;
    }
    /* Never shorter than whole: what is left of an older text lies behind
     * "end", until it is cut off. */
    ssize_t n = pwrite(lock->fd, text, (size_t)len, 0);
    if (n != len) {
        errno = n < 0 ? errno : ENOSPC;
        return false;
    }
    return ftruncate(lock->fd, len) == 0;
}

bool lock_note(struct lock *lock, enum lock_state state, int64_t csv_bytes, int64_t history_bytes,
               struct error *err)
{
    if (!write_text(lock, state, csv_bytes, history_bytes) || fdatasync(lock->fd) != 0)
        return error_errno(err, ERROR_IO, errno, "%s: cannot write", lock->path);
    lock->state = state;
    lock->csv_bytes = csv_bytes;
    lock->history_bytes = history_bytes;
    return true;
}

/* ---------------------------------------------------------------- the lock */

static bool busy(const struct lock *lock, const char *csv_path, struct error *err)
{
    char text[LOCK_TEXT_MAX], pid[32], host[256], user[256], since[64];

    read_text(lock->fd, text);
    read_item(text, "pid", pid, sizeof pid);
    read_item(text, "host", host, sizeof host);
    read_item(text, "user", user, sizeof user);
    read_item(text, "since", since, sizeof since);
    return error_set(err, ERROR_BUSY, "%s is in use by %s on %s (process %s) since %s", csv_path,
                     user, host, pid, since);
}

/* The one who held the lock may have removed the file while we waited. */
static bool still_named(const struct lock *lock)
{
    struct stat open_one, named;

    return fstat(lock->fd, &open_one) == 0 && stat(lock->path, &named) == 0 &&
           open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

/* One try. *again: the file was removed meanwhile. A lock file left over by
 * another user, which we may lock but not write, is replaced by our own. */
static bool try_lock(struct lock *lock, const char *csv_path, bool *again, struct error *err)
{
    bool ours = true;
    char text[LOCK_TEXT_MAX];

    *again = false;
    lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (lock->fd < 0 && errno == EACCES) {
        ours = false;
        lock->fd = open(lock->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    }
    if (lock->fd < 0)
        return error_errno(err, ERROR_IO, errno, "%s: cannot create the lock file", lock->path);
    if (flock(lock->fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return busy(lock, csv_path, err);
        return error_errno(err, ERROR_IO, errno, "%s: cannot lock", lock->path);
    }
    if (!still_named(lock)) {
        *again = true;
        return true;
    }
    read_text(lock->fd, text);
    if (text[0] != '\0') {
        lock->left_over = true;
        read_state(lock, text);
    }
    if (!ours) {
        if (unlink(lock->path) != 0)
            return error_errno(err, ERROR_IO, errno, "%s: cannot replace another user's lock file",
                               lock->path);
        *again = true;
    }
    return true;
}

static void let_go(struct lock *lock)
{
    if (lock->fd >= 0)
        close(lock->fd);
    free(lock->path);
    lock->fd = -1;
    lock->path = NULL;
}

bool lock_take(struct lock *lock, const char *csv_path, struct error *err)
{
    bool again = true;

    *lock = (struct lock){ .fd = -1, .path = sidecar_path(csv_path, ".", ".lock") };
    if (lock->path == NULL)
        return error_nomem(err, strlen(csv_path), "a file name");
    clock_format_iso(clock_wall_ms(), lock->since);

    for (int i = 0; again && i < LOCK_TRIES; i++) {
        if (lock->fd >= 0)
            close(lock->fd);
        if (!try_lock(lock, csv_path, &again, err)) {
            let_go(lock);
            return false;
        }
    }
    if (again) {
        let_go(lock);
        return error_set(err, ERROR_BUSY, "%s is being opened and closed by others", csv_path);
    }
    if (!write_text(lock, lock->state, lock->csv_bytes, lock->history_bytes)) {
        error_errno(err, ERROR_IO, errno, "%s: cannot write", lock->path);
        if (!lock->left_over)
            unlink(lock->path);
        let_go(lock);
        return false;
    }
    return true;
}

void lock_release(struct lock *lock)
{
    if (lock->fd >= 0)
        unlink(lock->path);
    let_go(lock);
}

void lock_leave(struct lock *lock)
{
    let_go(lock);
}
