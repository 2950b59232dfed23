/* labels.csv: the annotations, one row per item and annotator.
 *
 * An item is what is labelled: a picture, or a region of one. The file is RFC 4180, UTF-8,
 * LF, with the header LABELS_HEADER, after which stand, as soon as they are used:
 *
 *   x,y,width,height   the region, in pixels of the upright picture; empty: all of it
 *   source             what proposed the guess: the learner, a model, a rule
 *   note               a line of text about the item
 *   checked            "yes": a person has looked at the answer again, in a review, and it stands
 *
 * file_name is relative to the file's folder. Of the rows with the same item and annotator
 * the last one counts; a row never replaces that of another annotator. An item's current
 * annotation is the one written last, whoever gave it. Where an item may have several
 * classes (LABELS_MULTI), label has their names with '|' between.
 *
 * A row with the status "predicted" is what a model says of an item that nobody has answered, and
 * has no annotator. It is current only while there is no answer, and the first annotator to answer
 * takes it over.
 *
 * During a session the rows of each operation, which is one act of a person, are appended
 * and synced before labels_write() returns true; after a crash all of them are there or
 * none. A row with the time of the annotation that it replaces amends it (its class has
 * another name now), and is no newer. A clean close leaves one row per item and annotator,
 * in the order of writing. (An annotation restored by undo counts as written by the undo,
 * but is placed before later annotations by others.)
 *
 * Columns are found by the header, not by position: a file made by another program may
 * have our columns in any order, only some of them (file_name and label are enough, or
 * file_name and the four of a region), foreign ones, which are kept, and ';' or tabs as separators.
 * x, y, width and height are ours only if all four are there, source only behind guess. It is
 * written in the same form; missing columns of ours are added at the end before the first row. A
 * row with neither label nor status only lists an item; the first annotator to answer takes the row
 * over. In a file with regions, what had a row when it was opened stays listed when its answer is
 * undone: a region, or the whole picture beside its regions. A name that is absolute or contains
 * "./" or "//" is returned as by names_relative(), but keeps its spelling in the file.
 *
 * Files beside NAME:
 *
 *   .NAME.lock     exists while a session has NAME open, or after one was killed
 *   .NAME.history  every row ever written, for undo
 *   NAME.torn      incomplete rows and operations that a repair removed
 *   NAME.saved     conflict copy: our annotations, after another program replaced NAME
 *
 * The last two get -2, -3 ... appended if the name is taken. None of them is ever opened
 * through a link, nor is NAME when it is to be written (base/folder.h).
 *
 * A file name that is not valid UTF-8, or that begins with "bytes:", is written as
 * "bytes:" and its bytes, with '%', control bytes and invalid bytes percent-encoded; in
 * Python: urllib.parse.unquote_to_bytes(name[6:]).
 *
 * Returned strings belong to the struct labels and are valid until it is closed.
 * One thread at a time. */
#ifndef STORE_LABELS_H
#define STORE_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/region.h"

#define LABELS_HEADER "file_name,label,status,guess,confidence,seconds,annotator,labeled_at\n"

#define LABELS_ROW_MAX ((size_t)1 << 20)   /* bytes per row */
#define LABELS_FILE_MAX ((int64_t)1 << 31) /* bytes of labels.csv */
#define LABELS_ROWS_MAX 20000000u

enum label_status {
    STATUS_UNANSWERED, /* no answer, or an undone one ("undone" in a row) */
    STATUS_LABELED,
    STATUS_SKIPPED,
    STATUS_UNSURE,
    STATUS_NONE,      /* none of the classes */
    STATUS_PREDICTED, /* no answer: a prediction that no person has seen */
    STATUS_COUNT,
};

/* Whether annotations of that status have a label. */
static inline bool label_status_has_label(enum label_status status)
{
    return status == STATUS_LABELED || status == STATUS_PREDICTED;
}

/* Whether it is the answer of a person. */
static inline bool label_status_is_answer(enum label_status status)
{
    return status != STATUS_UNANSWERED && status != STATUS_PREDICTED;
}

/* "labeled", "skipped", "unsure", "none", "predicted"; "undone" for STATUS_UNANSWERED. */
const char *label_status_name(enum label_status status);

/* One annotation: what an annotator says of an item. As input, NULL strings stand for "";
 * as output, none is NULL. */
struct annotation {
    const char *file_name; /* bytes, relative to the CSV's folder, not empty */
    struct region region;  /* all zero: the whole picture */
    const char *label;     /* UTF-8; not empty if label_status_has_label(), else empty */
    const char *note;      /* one line of UTF-8; as input NULL: as it was */
    const char *guess;     /* the predicted class, or empty */
    const char *source;    /* what predicted it, or empty */
    const char *annotator;
    enum label_status status; /* as input STATUS_UNANSWERED: only the note is written, and a
                                 prediction is taken back */
    bool checked;             /* looked at again, and it stands */
    float confidence;         /* of the guess, 0 to 1 in steps of 0.0001; < 0: none */
    float seconds;            /* spent on the item, in steps of 0.001; < 0: none */
    int64_t labeled_at_ms;    /* UTC; as input 0: now, but later than any in the file */
};

/* One act of a person. */
struct operation {
    const char *annotator; /* who; undo by others leaves it alone */
    const char *about;     /* text of at most OPERATION_ABOUT_MAX bytes that undo and redo
                              return, also in later sessions; NULL: none */
};
#define OPERATION_ABOUT_MAX 1000
#define OPERATION_PREDICTIONS "predictions" /* about predictions written or taken back */
#define OPERATION_CHECK "check"             /* about an answer that was checked */

enum labels_mode { /* flags */
                   LABELS_READ_WRITE = 0,
                   LABELS_READ_ONLY = 1, /* takes no lock, changes nothing */
                   LABELS_MULTI = 2,     /* '|' in label separates classes */
};

#define LABELS_NAME_SIZE 256 /* bytes of a file name in the CSV's folder, with its NUL */

#define LABEL_SEPARATOR '|' /* between the classes of a label, with LABELS_MULTI */

/* What opening found; apart from `rows`, all zero if the file was in order. */
struct labels_report {
    uint64_t rows;                /* in the file */
    bool unclean;                 /* the last session was killed; its rows are included */
    bool row_ended;               /* the last row lacked only its line end */
    int64_t torn_bytes;           /* bytes of an incomplete last row, */
    char torn[LABELS_NAME_SIZE];  /* now in this file */
    size_t copies;                /* number of conflict copies NAME.saved, NAME.saved-2 ..., */
    char saved[LABELS_NAME_SIZE]; /* the first of them */
    bool unlocked;                /* no locks in this file system: nothing keeps a second
                                     session out */
    bool broken_off;              /* an operation was cut short by a kill: its rows are in
                                     `torn` */
    char about[OPERATION_ABOUT_MAX + 1]; /* of the last operation of a killed session, whose
                                            traces elsewhere may be incomplete; or "" */
    bool undone;                         /* that operation was undone */
};

struct labels;

/* Opens csv_path. A file that does not exist is an empty set, created by the first answer.
 * An incomplete last row is repaired. A file that is not a labels file, or is damaged
 * before its last row, is ERROR_DATA with path, line and reason, and left untouched.
 * ERROR_BUSY names the user and process that have it open. report may be NULL. */
struct labels *labels_open(const char *csv_path, enum labels_mode mode,
                           struct labels_report *report, struct error *err);

/* The same for bytes in memory, read-only; `name` is used in messages. */
struct labels *labels_parse(const char *name, const char *bytes, size_t len, enum labels_mode mode,
                            struct labels_report *report, struct error *err);

/* True if labels have several classes (LABELS_MULTI). */
bool labels_multi(const struct labels *l);

/* Moves the session's rows to the history, compacts the file and always frees l, which may
 * be NULL. On false the answers are safe on the disk, and the next labels_open() completes
 * the work. */
bool labels_close(struct labels *l, struct error *err);

/* Writes the annotations of one operation, no item twice, with one sync. True: they are on
 * the disk. False: nothing has changed, neither in memory nor in the content of the file,
 * and the next call tries again. Those identical to the current ones are not written again, nor
 * are predictions for items that have an answer.
 * op may be NULL: the operation of the first one's annotator, about nothing. It may have no
 * annotation at all, if it is about something. */
bool labels_write(struct labels *l, const struct annotation *list, size_t count,
                  const struct operation *op, struct error *err);

/* Gives the next annotation, false behind the last. Its strings need to stay until the next call
 * only, and behind the last none of them is needed: what they came from may be freed then. */
typedef bool labels_next_fn(void *context, struct annotation *out);

/* The same for at most `most` annotations that are given one by one, before any is written; op
 * names the annotator. */
bool labels_write_from(struct labels *l, labels_next_fn *next, void *context, size_t most,
                       const struct operation *op, struct error *err);

/* Amends the current annotation of an item, whoever gave it: it is checked. False if there is none,
 * and as above. */
bool labels_check(struct labels *l, const char *file_name, const struct region *region,
                  const struct operation *op, struct error *err);

/* What an amendment may change: the class has another name, or is gone. */
struct amendment {
    enum label_status status; /* its own, or STATUS_UNANSWERED */
    const char *label, *guess;
};

/* True if the annotation is to be changed; *to is preset with what it is. */
typedef bool labels_amend_fn(void *context, const struct annotation *a, struct amendment *to);

/* Amends annotations of all annotators, as one operation like labels_write(); *changed is
 * their number. */
bool labels_amend(struct labels *l, labels_amend_fn *fn, void *context, const struct operation *op,
                  size_t *changed, struct error *err);

/* Of earlier sessions, undo and redo will take the operations of that annotator only, as if
 * nobody else had ever answered; without this call, of anyone. To be called before the first
 * undo. False: out of memory. */
bool labels_undo_only(struct labels *l, const char *annotator, struct error *err);

/* What an undo or a redo has done. */
struct labels_step {
    bool done;               /* false: there was nothing to do */
    size_t count;            /* annotations changed */
    struct annotation moved; /* the last of them: what was taken back, or given again */
    const char *about;       /* of the operation, or NULL */
};

/* Undoes the last operation, of this or an earlier session, and restores what it replaced:
 * earlier annotations of the same annotators, or none, so that one of somebody else becomes
 * current again. Annotations that were changed since, or that are not in the history, are
 * never touched. */
bool labels_undo(struct labels *l, struct labels_step *undone, struct error *err);

/* Redoes the last undone operation; a new one clears what can be redone. */
bool labels_redo(struct labels *l, struct labels_step *redone, struct error *err);

/* The i-th annotation changed by the last operation, undo or redo, as it is now. False
 * behind the last one. */
bool labels_changed(const struct labels *l, size_t i, struct annotation *now);

/* Whether undo or redo may do something. The history of earlier sessions is read by the
 * first undo that needs it; until then it is only known to exist. */
bool labels_can_undo(const struct labels *l);
bool labels_can_redo(const struct labels *l);

/* The current annotation of an item; false, with *out unanswered, if there is none. region
 * may be NULL: the whole picture. */
bool labels_find(const struct labels *l, const char *file_name, const struct region *region,
                 struct annotation *out);

/* The current annotation by one annotator. */
bool labels_find_by(const struct labels *l, const char *file_name, const struct region *region,
                    const char *annotator, struct annotation *out);

/* Whether the file has the columns of regions, so that its items may be some. */
bool labels_has_regions(const struct labels *l);

/* Number of items whose current annotation has the status (not STATUS_UNANSWERED), and of
 * those labelled with a class. O(1): the counts are maintained. */
size_t labels_count(const struct labels *l, enum label_status status);
size_t labels_class_count(const struct labels *l, const char *label);

/* Iterate over the current annotations, one per item, in the file's order; over those of
 * all annotators; over all items that the file lists, also unanswered ones; and over the
 * classes in use. Start with *cursor = 0; false at the end. What is written during the
 * iteration moves to the end. */
bool labels_next(const struct labels *l, uint32_t *cursor, struct annotation *out);
bool labels_next_row(const struct labels *l, uint32_t *cursor, struct annotation *out);
bool labels_next_item(const struct labels *l, uint32_t *cursor, struct annotation *out);
bool labels_next_class(const struct labels *l, uint32_t *cursor, const char **label, size_t *count);

/* The classes in a label, several only with LABELS_MULTI: sets *len and returns the start of
 * the first one (before: NULL), or of the one behind `before`; NULL at the end. */
const char *label_class(bool multi, const char *label, const char *before, size_t *len);

/* Whether a class is among those of a label, several only with `multi`. */
bool label_has_class(bool multi, const char *label, const char *class_name, size_t len);

/* Result of labels_take_in(). */
struct labels_taken {
    size_t copies;  /* conflict copies merged and removed */
    size_t rows;    /* rows in them */
    size_t answers; /* rows adopted; the others were known already, or older */
};

/* Merges the conflict copies NAME.saved, NAME.saved-2 ...: for each picture and annotator
 * the later answer is kept. A copy is removed once all its answers are on the disk. On
 * failure the copies not yet merged are untouched. */
bool labels_take_in(struct labels *l, struct labels_taken *taken, struct error *err);

/* Appends a file name as a CSV field, encoded as described above. */
void labels_add_name(struct buf *out, const char *name, size_t len);

/* Appends the content of the compacted file to out. */
bool labels_format(const struct labels *l, struct buf *out, struct error *err);

#endif
