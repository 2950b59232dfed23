/* .NAME.lock: which session has a labels.csv open and, after its first answer, where the
 * session's rows begin. The file is locked, and removed on a clean close; a lock file that
 * is not locked was left by a killed session.
 *
 * Locked with flock(), or with fcntl() if the file system does not support that (Lustre,
 * some network disks). If it supports neither, the existing file counts as a lock while
 * its process runs on this host, and until it is removed if it is from another host.
 *
 * Text, one item per line: pid, host, user, since; then optionally
 *   session C H   the session's rows start at byte C of labels.csv, and will be moved to
 *                 byte H of the history
 *   operation O L CRC MARK   the L bytes of rows at byte O, with that CRC-32, are one
 *                 operation (operation.h); written before them, in the order of O
 *   tidying       the history has all of them; labels.csv is being compacted
 * and "end". */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/folder.h"

enum lock_state {
    LOCK_IDLE, /* nothing to recover */
    LOCK_SESSION,
    LOCK_TIDYING,
};

enum { LOCK_OPERATIONS_MAX = 16 };

struct lock_operation {
    int64_t start, len; /* bytes of labels.csv */
    uint32_t crc;
    char *mark; /* NUL-terminated */
};

struct lock {
    int fd; /* -1: not held */
    const struct folder *folder;
    char *name;
    bool left_over; /* the file existed: the last session was killed */
    bool weak;      /* no locks in this file system: only the existence of the file */
    enum lock_state state;
    int64_t csv_bytes;                                     /* C */
    int64_t history_bytes;                                 /* H */
    struct lock_operation operations[LOCK_OPERATIONS_MAX]; /* in the order of `start` */
    size_t operation_count;
    char since[32];
};

/* Takes the lock for the CSV of that name, or fails with ERROR_BUSY. After a killed session
 * state, csv_bytes and history_bytes are those of its lock file; they are not trusted, and
 * must be checked before use. */
bool lock_take(struct lock *lock, const struct folder *f, const char *csv, struct error *err);

/* Writes and syncs the state, with no operations. On failure *lock keeps the old one. */
bool lock_note(struct lock *lock, enum lock_state state, int64_t csv_bytes, int64_t history_bytes,
               struct error *err);

/* Adds an operation to the state and syncs it. There must be less than LOCK_OPERATIONS_MAX.
 * On failure *lock keeps the old ones. */
bool lock_note_operation(struct lock *lock, int64_t start, const struct buf *rows,
                         const struct buf *mark, struct error *err);

/* Forgets the last operation, whose rows were not written; the file keeps it until the next
 * note. */
void lock_forget_operation(struct lock *lock);

/* After a clean close: removes the file. */
void lock_release(struct lock *lock);

/* After an unclean close: leaves the file, so that the next session recovers. */
void lock_leave(struct lock *lock);

/* before + csv + behind, such as ".NAME.lock"; the caller frees it. NULL when out of
 * memory. */
char *sidecar_name(const char *csv, const char *before, const char *behind);

#endif
