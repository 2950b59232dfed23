/* .NAME.lock: who works on a labels.csv, and since the first answer, where the
 * rows of the session begin. The file is locked and removed on a clean close;
 * left over and not locked, it tells of a session that was killed.
 *
 * Locked with flock(), or where the file system has none (Lustre, some network
 * disks), with fcntl(). Where it has neither, a file that is there holds as long
 * as its process runs on this host, or until somebody removes it.
 *
 * Text, one item a line: pid, host, user, since; then perhaps
 *   session C H   rows of this session start at byte C of labels.csv, and at
 *                 byte H of the history once they are moved there
 *   tidying       the history has all of them, labels.csv is being rewritten
 * and "end". */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/folder.h"

enum lock_state {
    LOCK_IDLE, /* nothing to recover */
    LOCK_SESSION,
    LOCK_TIDYING,
};

struct lock {
    int fd; /* -1: not held */
    const struct folder *folder;
    char *name;
    bool left_over; /* was there, of a session that was killed */
    bool weak;      /* the file system has no locks: only the file itself tells */
    enum lock_state state;
    int64_t csv_bytes;     /* C */
    int64_t history_bytes; /* H */
    char since[32];
};

/* Takes the lock of the CSV of that name, or ERROR_BUSY. state, csv_bytes and
 * history_bytes are those of the session that was killed, if one was; anybody
 * may have written them, so they are checked before they are used. */
bool lock_take(struct lock *lock, const struct folder *f, const char *csv, struct error *err);

/* Writes the state down and syncs it. On failure *lock keeps the old one. */
bool lock_note(struct lock *lock, enum lock_state state, int64_t csv_bytes, int64_t history_bytes,
               struct error *err);

/* A clean end: the file is removed. */
void lock_release(struct lock *lock);

/* An end that leaves the next session to recover: the file stays. */
void lock_leave(struct lock *lock);

/* ".NAME.lock" and the like, the caller's; NULL without memory. */
char *sidecar_name(const char *csv, const char *before, const char *behind);

#endif
