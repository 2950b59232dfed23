/* The undo and redo stacks, and .NAME.history, from which they are rebuilt.
 *
 * The history has the header and every row ever written to labels.csv, in the order of
 * writing; it is append-only. Each operation is one row, so that a crash cannot split it:
 *
 *   an answer          the answer, with a new time
 *   undo to no answer  a row with status "undone" and the annotator
 *   undo to an answer  that answer's row again, byte for byte
 *   redo               the undone answer's row again, byte for byte
 *
 * Read from the start, a row is a redo if it repeats the last undone answer; an undo if it
 * repeats what the last answer for its picture and annotator replaced; otherwise an
 * answer, which clears the redo stack.
 *
 * labels.csv may have been edited by hand since. So an undo takes back an answer only if
 * it is still the annotator's current one, and skips it otherwise. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/folder.h"
#include "table.h"

#define NO_CHANGE UINT32_MAX

/* An annotator's answer for a picture changed. */
struct change {
    uint32_t entry;
    uint32_t below; /* index of the entry's previous change, or NO_CHANGE; for the replay */
    struct record before;
    struct record after;
};

struct change_stack {
    struct change *items; /* the last one is the top */
    size_t count, cap;
};

bool change_reserve(struct change_stack *s, size_t more);
void change_release(struct change_stack *s);

/* Offset of the end of the last complete row; 0 if there is no history. Bytes after it
 * belong to a row torn by a crash. */
bool history_end(const struct folder *f, const char *name, int64_t *end, struct error *err);

/* Truncates the history to `start` bytes, as returned by history_end(), and appends and
 * syncs the rows; the header first if start is 0. */
bool history_append(const struct folder *f, const char *name, int64_t start, const struct buf *rows,
                    struct error *err);

/* Completes a history_append() that was killed. `start` comes from a lock file, which is
 * not trusted: only a beginning of exactly these rows is ever removed. A history without
 * a row end at `start`, or with other content after it, is left alone. */
bool history_complete(const struct folder *f, const char *name, int64_t start,
                      const struct buf *rows, struct error *err);

/* Reads the first `end` bytes and fills the undo and redo stacks *done and *undone, which
 * must be empty, with the changes of one annotator (a string of the table; TABLE_NONE: of
 * all), as if there were no others. Unknown pictures and entries are added to the table, but none of its
 * answers is changed. */
bool history_replay(const struct folder *f, const char *name, int64_t end, struct table *t,
                    uint32_t annotator, struct change_stack *done, struct change_stack *undone, struct error *err);

#endif
