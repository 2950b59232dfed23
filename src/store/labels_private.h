/* What labels.c, opening.c, answering.c and undoing.c share. */
#ifndef STORE_LABELS_PRIVATE_H
#define STORE_LABELS_PRIVATE_H

#include "base/folder.h"
#include "history.h"
#include "layout.h"
#include "lock.h"
#include "store/labels.h"
#include "store/names.h"
#include "table.h"

enum { HEADER_LEN = sizeof LABELS_HEADER - 1 };

struct labels {
    struct table table;
    enum labels_mode mode;
    char *path;           /* as given, for messages */
    struct folder folder; /* open while writing is meant */
    const char *name;     /* in it: the last part of path */
    char *history, *torn, *saved;
    struct lock lock;
    struct file_log log; /* fd -1 until the file exists */
    bool replacing;      /* what is open may no longer be what the path names */
    bool has_header;
    struct layout layout;
    bool incomplete;     /* the file lacks columns of ours: it is rewritten before a row is added */
    struct names *names; /* to know absolute names by, or NULL */
    bool tidy;           /* one row a picture and person, in our form, nothing else */
    struct buf session;  /* the rows written since the last tidying, as the history has them */
    bool noted;          /* the lock file knows where they begin */
    int64_t history_len; /* where they will go in the history */
    int64_t last_at;     /* the latest labeled_at in the file */
    struct change_stack done, undone;
    int64_t past_len; /* the history as it was before this session */
    bool past_read;   /* done and undone reach back into it */
    bool answered;    /* in this session: what was undone before is gone */
};

/* Nothing is open yet. NULL when memory is out. */
struct labels *labels_new(const char *path, enum labels_mode mode, struct error *err);

/* Frees all, and writes nothing. */
void labels_discard(struct labels *l);

/* Steps 3; 1 to 3; and those, with the file opened anew. What they have done when
 * they fail, they do again when called again. */
bool labels_rewrite(struct labels *l, struct error *err);
bool labels_tidy(struct labels *l, struct error *err);
bool labels_start_over(struct labels *l, struct error *err);

/* False with ERROR_BUSY if another program has been at the file. */
bool labels_untouched(const struct labels *l, struct error *err);

bool labels_writable(const struct labels *l, struct error *err);

/* How many conflict copies there are, and the name of the first. */
size_t labels_copies(const struct labels *l, char first[LABELS_NAME_SIZE]);

/* Adds a row as the history has it: in the standard layout, by its picture's name. */
void labels_history_row(const struct row *row, struct buf *out);

/* Rows as they are written: in the layout of the file, and for the history. */
struct written {
    struct buf file, history;
};

void written_release(struct written *rows);
void written_add(struct written *rows, const struct labels *l, const struct row *row);
bool written_failed(const struct written *rows);

/* Writes the rows and remembers them for the history. On failure nothing has
 * changed. */
bool labels_commit(struct labels *l, const struct written *rows, struct error *err);

/* A time later than any in the file, and than `last`. */
bool labels_next_time(const struct labels *l, int64_t last, int64_t *at, struct error *err);

/* What was committed becomes so in memory. */
void labels_apply(struct labels *l, uint32_t entry, const struct record *rec);

#endif
