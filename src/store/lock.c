#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advice.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/crc.h"
#include "base/mem.h"

enum { LOCK_TEXT_MAX = 128 * 1024, LOCK_TRIES = 100 };

char *sidecar_name(const char *csv, const char *before, const char *behind)
{
    struct buf b = BUF_INIT;
    buf_addf(&b, "%s%s%s", before, csv, behind);
    return buf_take(&b);
}

/* ------------------------------------------------------------- the content */

/* "" if there is none, or no memory for it. */
static const char *read_text(int fd, struct buf *text)
{
    buf_clear(text);
    if (buf_reserve(text, LOCK_TEXT_MAX)) {
        ssize_t n = pread(fd, text->data, LOCK_TEXT_MAX - 1, 0);
        text->len = n < 0 ? 0 : (size_t)n;
        text->data[text->len] = '\0';
        /* What follows is the rest of an older, longer text. */
        char *end = strstr(text->data, "\nend\n");
        if (end) {
            end[5] = '\0';
        }
    }
    return buf_text(text);
}

/* The rest of the line that begins with the key, or "?". */
static void read_item(const char *text, const char *key, char *out, size_t size)
{
    size_t len = strlen(key);
    snprintf(out, size, "?");
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, len) == 0 && line[len] == ' ') {
            line += len + 1;
            snprintf(out, size, "%.*s", (int)strcspn(line, "\n"), line);
            return;
        }
    }
}

static void forget_operations(struct lock *lock)
{
    while (lock->operation_count > 0) {
        free(lock->operations[--lock->operation_count].mark);
    }
}

static void read_operation(struct lock *lock, const char *line)
{
    int64_t start, len;
    uint32_t crc;
    int used = 0;
    const char *end = line + strcspn(line, "\n");
    size_t n = lock->operation_count;
    if (n == LOCK_OPERATIONS_MAX ||
        sscanf(line, "%18" SCNd64 " %18" SCNd64 " %8" SCNx32 " %n", &start, &len, &crc, &used) !=
            3 ||
        used == 0 || line + used >= end || start < 0 || len < 0 ||
        (n > 0 && start < lock->operations[n - 1].start + lock->operations[n - 1].len)) {
        return;
    }
    char *mark = mem_string(line + used, (size_t)(end - line - used));
    if (mark) {
        lock->operations[lock->operation_count++] =
            (struct lock_operation){ start, len, crc, mark };
    }
}

static void read_operations(struct lock *lock, const char *text)
{
    static const char key[] = "operation ";
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, sizeof key - 1) == 0) {
            read_operation(lock, line + sizeof key - 1);
        }
    }
}

static void read_state(struct lock *lock, const char *text)
{
    char item[80];
    int64_t csv, history;
    lock->state = LOCK_IDLE;
    forget_operations(lock);
    if (!strstr(text, "\nend\n")) {
        return;
    }
    if (strstr(text, "\ntidying\n")) {
        lock->state = LOCK_TIDYING;
        return;
    }
    read_item(text, "session", item, sizeof item);
    if (sscanf(item, "%18" SCNd64 " %18" SCNd64, &csv, &history) == 2 && csv >= 0 && history >= 0) {
        lock->state = LOCK_SESSION;
        lock->csv_bytes = csv;
        lock->history_bytes = history;
        read_operations(lock, text);
    }
}

static void user_name(char *out, size_t size)
{
    struct passwd entry, *found = NULL;
    char bytes[4096];
    if (getpwuid_r(geteuid(), &entry, bytes, sizeof bytes, &found) == 0 && found) {
        snprintf(out, size, "%s", found->pw_name);
    } else {
        snprintf(out, size, "%lu", (unsigned long)geteuid());
    }
}

static void add_state(const struct lock *lock, enum lock_state state, int64_t csv, int64_t history,
                      struct buf *text)
{
    if (state == LOCK_TIDYING) {
        buf_adds(text, "tidying\n");
    }
    if (state != LOCK_SESSION) {
        return;
    }
    buf_addf(text, "session %" PRId64 " %" PRId64 "\n", csv, history);
    for (size_t i = 0; i < lock->operation_count; i++) {
        const struct lock_operation *o = &lock->operations[i];
        buf_addf(text, "operation %" PRId64 " %" PRId64 " %08" PRIx32 " %s\n", o->start, o->len,
                 o->crc, o->mark);
    }
}

static bool write_text(struct lock *lock, enum lock_state state, int64_t csv, int64_t history)
{
    struct buf text = BUF_INIT;
    char host[256] = "?", user[256];
    gethostname(host, sizeof host - 1);
    user_name(user, sizeof user);
    buf_addf(&text, "pid %ld\nhost %s\nuser %s\nsince %s\n", (long)getpid(), host, user,
             lock->since);
    add_state(lock, state, csv, history, &text);
    buf_adds(&text, "end\n");
    bool ok = !text.failed && text.len < LOCK_TEXT_MAX;
    errno = text.failed ? ENOMEM : EOVERFLOW;
    if (ok) {
        /* Written first, truncated then: the rest of a longer old text after "end" is ignored
         * when the file is read. */
        ssize_t n = pwrite(lock->fd, text.data, text.len, 0);
        ok = n == (ssize_t)text.len;
        if (!ok && n >= 0) {
            errno = ENOSPC;
        }
        ok = ok && ftruncate(lock->fd, (off_t)text.len) == 0;
    }
    int why = errno;
    buf_release(&text);
    errno = why;
    return ok;
}

static bool sync_text(struct lock *lock, enum lock_state state, int64_t csv_bytes,
                      int64_t history_bytes, struct error *err)
{
    return (write_text(lock, state, csv_bytes, history_bytes) && fdatasync(lock->fd) == 0) ||
           error_errno(err, ERROR_IO, errno, "%s%s: cannot write", lock->folder->prefix,
                       lock->name);
}

bool lock_note(struct lock *lock, enum lock_state state, int64_t csv_bytes, int64_t history_bytes,
               struct error *err)
{
    size_t count = lock->operation_count;
    lock->operation_count = 0;
    bool ok = sync_text(lock, state, csv_bytes, history_bytes, err);
    lock->operation_count = count;
    if (!ok) {
        return false;
    }
    forget_operations(lock);
    lock->state = state;
    lock->csv_bytes = csv_bytes;
    lock->history_bytes = history_bytes;
    return true;
}

bool lock_note_operation(struct lock *lock, int64_t start, const struct buf *rows,
                         const struct buf *mark, struct error *err)
{
    char *text = mark->failed ? NULL : mem_string(mark->data, mark->len);
    if (!text) {
        return error_nomem(err, mark->len, "an operation");
    }
    lock->operations[lock->operation_count++] = (struct lock_operation){
        .start = start,
        .len = (int64_t)rows->len,
        .crc = crc32_of(rows->data, rows->len),
        .mark = text,
    };
    if (sync_text(lock, lock->state, lock->csv_bytes, lock->history_bytes, err)) {
        return true;
    }
    lock_forget_operation(lock);
    return false;
}

void lock_forget_operation(struct lock *lock)
{
    free(lock->operations[--lock->operation_count].mark);
}

/* ---------------------------------------------------------------- the lock */

/* The session that wrote the lock file. */
struct holder {
    char pid[32], host[256], user[256], since[64];
};

static void read_holder(const struct lock *lock, struct holder *h)
{
    struct buf bytes = BUF_INIT;
    const char *text = read_text(lock->fd, &bytes);
    read_item(text, "pid", h->pid, sizeof h->pid);
    read_item(text, "host", h->host, sizeof h->host);
    read_item(text, "user", h->user, sizeof h->user);
    read_item(text, "since", h->since, sizeof h->since);
    buf_release(&bytes);
}

static bool busy(const struct lock *lock, const char *csv, struct error *err)
{
    struct holder h;
    read_holder(lock, &h);
    return error_set(err, ERROR_BUSY, "%s%s is in use by %s on %s (process %s) since %s",
                     lock->folder->prefix, csv, h.user, h.host, h.pid, h.since);
}

/* For file systems without locks: false if the lock file was written on another host, or
 * by a process that is still running. */
static bool weak_lock(struct lock *lock, const char *csv, struct error *err)
{
    struct holder h;
    char host[256] = "?";
    lock->weak = true;
    read_holder(lock, &h);
    long pid = strtol(h.pid, NULL, 10);
    gethostname(host, sizeof host - 1);
    if (strcmp(h.pid, "?") == 0 ||
        (strcmp(h.host, host) == 0 && (pid <= 0 || (kill((pid_t)pid, 0) != 0 && errno == ESRCH)))) {
        return true;
    }
    return error_set(err, ERROR_BUSY,
                     "%s%s seems to be in use by %s on %s (process %s) since %s, but this file "
                     "system has no locks to make sure; if that session has ended, remove %s%s",
                     lock->folder->prefix, csv, h.user, h.host, h.pid, h.since,
                     lock->folder->prefix, lock->name);
}

static bool has_no_locks(int errnum)
{
    return errnum == ENOSYS || errnum == EOPNOTSUPP || errnum == ENOLCK || errnum == EINVAL;
}

static bool take_lock(struct lock *lock, bool writable, const char *csv, struct error *err)
{
    struct flock whole = { .l_type = writable ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET };
    if (flock(lock->fd, LOCK_EX | LOCK_NB) == 0) {
        return true;
    }
    if (has_no_locks(errno) && fcntl(lock->fd, F_OFD_SETLK, &whole) == 0) {
        return true;
    }
    if (errno == EWOULDBLOCK || errno == EACCES) {
        return busy(lock, csv, err);
    }
    if (has_no_locks(errno)) {
        return weak_lock(lock, csv, err);
    }
    return error_errno(err, ERROR_IO, errno, "%s%s: cannot lock", lock->folder->prefix, lock->name);
}

/* False if the previous holder has removed the file since we opened it. */
static bool still_named(const struct lock *lock)
{
    struct stat opened, named;
    return fstat(lock->fd, &opened) == 0 &&
           fstatat(lock->folder->fd, lock->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

/* A lock file left over from another user's session, which may be locked but not written,
 * is opened for reading, and *ours is false. */
static bool open_lock(struct lock *lock, bool *ours, struct error *err)
{
    struct stat st;
    *ours = true;
    lock->fd = folder_open_file(lock->folder, lock->name, O_RDWR | O_CREAT, &st, err);
    int why = errno;
    if (lock->fd < 0 && why == EACCES &&
        folder_look(lock->folder, lock->name, NULL) == FOLDER_FILE) {
        *ours = false;
        lock->fd = folder_open_file(lock->folder, lock->name, O_RDONLY, &st, err);
        why = errno;
    }
    return lock->fd >= 0 || advise(lock->folder, NULL, why, err);
}

/* One attempt. *again: the file was removed by its holder, or was another user's and has
 * been removed so that we can create our own. */
static bool try_lock(struct lock *lock, const char *csv, bool *again, struct error *err)
{
    struct buf bytes = BUF_INIT;
    bool ours;
    *again = false;
    if (!open_lock(lock, &ours, err)) {
        return false;
    }
    if (!take_lock(lock, ours, csv, err)) {
        return false;
    }
    if (!still_named(lock)) {
        *again = true;
        return true;
    }
    const char *text = read_text(lock->fd, &bytes);
    if (text[0]) {
        lock->left_over = true;
        read_state(lock, text);
    }
    buf_release(&bytes);
    if (!ours) {
        if (!folder_remove(lock->folder, lock->name, err)) {
            return false;
        }
        *again = true;
    }
    return true;
}

static void let_go(struct lock *lock)
{
    if (lock->fd >= 0) {
        close(lock->fd);
    }
    free(lock->name);
    forget_operations(lock);
    lock->fd = -1;
    lock->name = NULL;
}

bool lock_take(struct lock *lock, const struct folder *f, const char *csv, struct error *err)
{
    bool again = true;
    *lock = (struct lock){ .fd = -1, .folder = f, .name = sidecar_name(csv, ".", ".lock") };
    if (!lock->name) {
        return error_nomem(err, strlen(csv), "a file name");
    }
    clock_format_iso(clock_wall_ms(), lock->since);
    for (int i = 0; again && i < LOCK_TRIES; i++) {
        if (lock->fd >= 0) {
            close(lock->fd);
        }
        if (!try_lock(lock, csv, &again, err)) {
            let_go(lock);
            return false;
        }
    }
    if (again) {
        let_go(lock);
        return error_set(err, ERROR_BUSY, "%s%s: other sessions keep opening it; try again",
                         f->prefix, csv);
    }
    if (!write_text(lock, lock->state, lock->csv_bytes, lock->history_bytes)) {
        error_errno(err, ERROR_IO, errno, "%s%s: cannot write", f->prefix, lock->name);
        if (!lock->left_over) {
            folder_remove(f, lock->name, NULL);
        }
        let_go(lock);
        return false;
    }
    return true;
}

void lock_release(struct lock *lock)
{
    if (lock->fd >= 0) {
        folder_remove(lock->folder, lock->name, NULL);
    }
    let_go(lock);
}

void lock_leave(struct lock *lock)
{
    let_go(lock);
}
