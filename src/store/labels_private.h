/* Shared by labels.c, opening.c, writing.c, undoing.c and conflict.c. */
#ifndef STORE_LABELS_PRIVATE_H
#define STORE_LABELS_PRIVATE_H

#include <limits.h>

#include "base/folder.h"
#include "history.h"
#include "layout.h"
#include "lock.h"
#include "operation.h"
#include "store/labels.h"
#include "store/names.h"
#include "table.h"

enum { HEADER_LEN = sizeof LABELS_HEADER - 1 };

struct labels {
    struct table table;
    enum labels_mode mode;
    char *path;           /* as given, for messages */
    struct folder folder; /* open in LABELS_READ_WRITE only */
    const char *name;     /* of the file in it: the last part of path */
    char *history, *torn, *saved;
    struct lock lock;
    struct file_log log; /* fd -1 until the file exists */
    bool replacing;      /* the file was or may have been replaced by us; `log` is stale */
    bool has_header;
    struct layout layout;
    bool incomplete;     /* columns of ours are missing: rewrite the file before appending */
    struct names *names; /* converts file names, or NULL */
    bool tidy;           /* compacted: one row per picture and annotator, in our form */
    struct buf session;  /* rows written since the last compaction, in the history's form */
    uint32_t epoch : 30; /* counts the times when they were moved to the history */
    bool noted;          /* the lock file records where they begin, and their operations */
    int64_t history_len; /* offset at which they go into the history */
    int64_t last_at;     /* the latest labeled_at in the file */
    struct change_stack done, undone;
    uint32_t operations;        /* the last number given to an operation */
    struct change_stack *moved; /* where the last operation, undo or redo left its changes, */
    size_t moved_count;         /* on top; NULL: there was none */
    int64_t past_len;           /* bytes of the history before this session */
    bool past_read;             /* done and undone include it */
    uint32_t undo_of;           /* the annotator whose past answers can be undone: a string of the
                                   table, or TABLE_NONE: anyone */
    bool answered;              /* in this session, which cleared the earlier redo stack */
};

/* With no file open yet. NULL when out of memory. */
struct labels *labels_new(const char *path, enum labels_mode mode, struct error *err);

/* Frees everything and writes nothing. */
void labels_discard(struct labels *l);

/* Step 3 (see labels.c); steps 1 to 3; steps 1 to 3, then reopen the file. After a failure
 * they may be called again. */
bool labels_rewrite(struct labels *l, struct error *err);
bool labels_tidy(struct labels *l, struct error *err);
bool labels_start_over(struct labels *l, struct error *err);

/* False with ERROR_BUSY if another program has changed the file. */
bool labels_untouched(const struct labels *l, struct error *err);

bool labels_writable(const struct labels *l, struct error *err);

/* Iterates over the conflict copies by number. Start with *number = 0. */
bool labels_next_copy(const struct labels *l, int *number, char name[NAME_MAX + 1]);

/* Number of conflict copies, and the name of the first ("": none). */
size_t labels_copies(const struct labels *l, char first[LABELS_NAME_SIZE]);

/* Steps 1 only: moves the session's rows to the history, so that the lock file need no longer
 * tell their operations apart. */
bool labels_flush(struct labels *l, struct error *err);

/* Appends a row in the history's form, with the picture's own name, and the mark (may be
 * empty). */
void labels_history_row(const struct row *row, const struct span *mark, struct buf *out);

/* Before the first row of an entry since the session's rows began: the row of what it was in
 * the file, as the history may not know it. */
void labels_history_was(const struct labels *l, uint32_t entry, struct buf *out);

/* The row of an operation without annotations. */
void labels_history_mark(const struct span *mark, struct buf *out);

/* The rows of one operation, in the layout of the file and in that of the history. */
struct written {
    struct buf file, history;
    struct buf mark; /* empty: a plain row */
    size_t rows;     /* so far */
};
void written_release(struct written *w);

/* Prepares the files for the rows of an operation: rewrites labels.csv if it has to be, and
 * moves the session's rows to the history when the lock file has no room for more. To be
 * called before the rows are added, with room in the layout for them, as it decides which of
 * them have a "was" in front in the history: the same as after a kill, when the history that
 * was being written is told by its bytes. */
bool labels_make_ready(struct labels *l, struct error *err);

/* Gives the operation a mark, unless it is one plain row. To be called before its rows are
 * added. */
void written_begin(struct written *w, enum deed deed, size_t rows, const char *annotator,
                   const char *about);
void written_add(struct written *w, const struct labels *l, uint32_t entry, const struct row *row);
bool written_failed(const struct written *w);

/* Writes and syncs the rows, and keeps them for the history. Changes nothing on failure. */
bool labels_commit(struct labels *l, struct written *w, struct error *err);

/* Adds the columns to the file's layout that the row needs. ERROR_DATA if the file has others
 * of the same name. */
bool labels_make_room(struct labels *l, const struct row *row, struct error *err);

/* A time later than any in the file, and than `last`. */
bool labels_next_time(const struct labels *l, int64_t last, int64_t *at, struct error *err);

/* Applies a committed annotation to the table. */
void labels_apply(struct labels *l, uint32_t entry, const struct record *rec);

#endif
