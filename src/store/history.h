/* What can be undone, and .NAME.history, from which it is known.
 *
 * The history has the header and the rows of labels.csv, every row ever
 * written there, in the order of writing; nothing in it is ever changed. Each
 * operation is one row, so that no crash can cut one in half:
 *
 *   an answer          the answer, with a time no row had before
 *   undo to no answer  a row with status "undone", and who had given it
 *   undo to an answer  that answer's row again, byte for byte
 *   redo               the undone answer's row again, byte for byte
 *
 * Read from its start, a row is a redo if it repeats what was undone last; an
 * undo if it repeats, for its picture and person, what the answer on top of it
 * replaced; else an answer, which ends what can be redone.
 *
 * labels.csv may have been edited by hand since. So an undo takes back an
 * answer only if it is still its person's, and skips it otherwise. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/folder.h"
#include "table.h"

#define NO_CHANGE UINT32_MAX

/* A person's answer for a picture became another. */
struct change {
    uint32_t entry;
    uint32_t below; /* the change of the same entry under it; for replay */
    struct record before;
    struct record after;
};

struct change_stack {
    struct change *items; /* the last one is the top */
    size_t count, cap;
};

bool change_reserve(struct change_stack *s, size_t more);
void change_release(struct change_stack *s);

/* Where the whole rows of the history end: 0 if there is none. Bytes behind
 * that are of a row torn by a crash. */
bool history_end(const struct folder *f, const char *name, int64_t *end, struct error *err);

/* Makes the history be its first `start` bytes, which history_end() told, and
 * the rows, synced. A start of 0 gives it its header. */
bool history_append(const struct folder *f, const char *name, int64_t start, const struct buf *rows,
                    struct error *err);

/* Does what is left to do of a history_append() that was killed. `start` comes
 * from a lock file, which anybody may have written: nothing is cut off but the
 * beginning of just these rows, and a history that has no row's end at `start`,
 * or goes on in another way, is left alone. */
bool history_complete(const struct folder *f, const char *name, int64_t start,
                      const struct buf *rows, struct error *err);

/* Reads the first `end` bytes. Pictures and entries not known are added to the
 * table, but no answer in it is changed. *done and *undone, which are to be
 * empty, become what can be undone and redone. */
bool history_replay(const struct folder *f, const char *name, int64_t end, struct table *t,
                    struct change_stack *done, struct change_stack *undone, struct error *err);

#endif
