/* The undo and redo stacks, and .NAME.history, from which they are rebuilt.
 *
 * The history has the header LABELS_HEADER and every row ever written to labels.csv, in the
 * order of writing; it is append-only. A row has the standard columns, and behind them, if one
 * of these is used, x, y, width, height, source, note and operation, which has the mark of
 * operation.h where several rows, or none, are one operation, or where it is about something.
 * All else is an operation of one row:
 *
 *   an annotation         its row, with a new time
 *   undo to no answer     a row with status "undone" and the annotator
 *   undo to an earlier    that annotation's row again, byte for byte
 *   redo                  the undone annotation's row again, byte for byte
 *
 * Before the first row of an item and annotator in a session stands what was there then, with
 * the mark "was": another program may have given it, or emptied it.
 *
 * Read from the start, a row without a mark is a redo if it repeats the last undone one; an
 * undo if it repeats what the last one for its item and annotator replaced; otherwise an
 * operation of its own, which clears the redo stack.
 *
 * labels.csv may have been edited by hand since. So an undo takes back an annotation only if
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

/* An annotator's annotation of an item changed. */
struct change {
    uint32_t entry;     /* TABLE_NONE: the operation changed none */
    uint32_t below;     /* index of the entry's previous change, or NO_CHANGE; for the replay */
    uint32_t operation; /* its number; those of one operation stand side by side */
    uint32_t about;     /* a string of the table; 0: nothing */
    struct record before;
    struct record after;
};

struct change_stack {
    struct change *items; /* the last one is the top */
    size_t count, cap;
};

/* The number of changes of the operation on top. */
size_t change_top(const struct change_stack *s);

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
 * must be empty, with the operations of one annotator (a string of the table; TABLE_NONE: of
 * all), as if there were no others. They are numbered from 1 on. Unknown items and entries
 * are added to the table, but none of its annotations is changed. */
bool history_replay(const struct folder *f, const char *name, int64_t end, struct table *t,
                    uint32_t annotator, struct change_stack *done, struct change_stack *undone,
                    struct error *err);

#endif
