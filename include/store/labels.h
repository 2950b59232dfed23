/* labels.csv: the answers (annotations), one row per picture and annotator.
 *
 * The file is RFC 4180, UTF-8, LF, with the header LABELS_HEADER. file_name is relative
 * to the file's folder. Of the rows with the same file_name and annotator the last one
 * counts; a row never replaces that of another annotator. A picture's current answer is
 * the one written last, whoever gave it.
 *
 * During a session each answer is a row that is appended and synced before
 * labels_answer() returns true. A clean close leaves one row per picture and annotator,
 * in the order of writing. (An answer restored by undo counts as written by the undo, but
 * is placed before later answers of other annotators.)
 *
 * Columns are found by the header, not by position: a file made by another program may
 * have our columns in any order, only some of them (file_name and label are enough),
 * foreign ones, which are kept, and ';' or tabs as separators. It is written in the same
 * form; missing columns of ours are added at the end before the first answer. A row with
 * neither label nor status only lists a picture; the first annotator to answer takes the
 * row over. A name that is absolute or contains "./" or "//" is returned as by
 * names_relative(), but keeps its spelling in the file.
 *
 * Files beside NAME:
 *
 *   .NAME.lock     exists while a session has NAME open, or after one was killed
 *   .NAME.history  every row ever written, for undo
 *   NAME.torn      incomplete rows that a repair removed
 *   NAME.saved     conflict copy: our answers, after another program replaced NAME
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

#define LABELS_HEADER "file_name,label,status,guess,confidence,seconds,annotator,labeled_at\n"

#define LABELS_ROW_MAX ((size_t)1 << 20)   /* bytes per row */
#define LABELS_FILE_MAX ((int64_t)1 << 31) /* bytes of labels.csv */
#define LABELS_ROWS_MAX 20000000u

enum label_status {
    STATUS_UNANSWERED, /* no answer, or an undone one ("undone" in a row) */
    STATUS_LABELED,
    STATUS_SKIPPED,
    STATUS_UNSURE,
    STATUS_NONE, /* none of the classes */
    STATUS_COUNT,
};

/* "labeled", "skipped", "unsure", "none"; "undone" for STATUS_UNANSWERED. */
const char *label_status_name(enum label_status status);

/* One answer. As input, NULL strings stand for ""; as output, none is NULL. */
struct answer {
    const char *file_name; /* bytes, relative to the CSV's folder, not empty */
    const char *label;     /* UTF-8; not empty if STATUS_LABELED, else empty */
    const char *guess;     /* the predicted class, or empty */
    const char *annotator;
    enum label_status status;
    float confidence;      /* of the guess, 0 to 1 in steps of 0.0001; < 0: none */
    float seconds;         /* spent on the picture, in steps of 0.001; < 0: none */
    int64_t labeled_at_ms; /* UTC; as input 0: now, but later than any in the file */
};

enum labels_mode {
    LABELS_READ_WRITE,
    LABELS_READ_ONLY, /* takes no lock, changes nothing */
};

#define LABELS_NAME_SIZE 256 /* bytes of a file name in the CSV's folder, with its NUL */

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
};

struct labels;

/* Opens csv_path. A file that does not exist is an empty set, created by the first answer.
 * An incomplete last row is repaired. A file that is not a labels file, or is damaged
 * before its last row, is ERROR_DATA with path, line and reason, and left untouched.
 * ERROR_BUSY names the user and process that have it open. report may be NULL. */
struct labels *labels_open(const char *csv_path, enum labels_mode mode,
                           struct labels_report *report, struct error *err);

/* The same for bytes in memory, read-only; `name` is used in messages. */
struct labels *labels_parse(const char *name, const char *bytes, size_t len,
                            struct labels_report *report, struct error *err);

/* Moves the session's rows to the history, compacts the file and always frees l, which may
 * be NULL. On false the answers are safe on the disk, and the next labels_open() completes
 * the work. */
bool labels_close(struct labels *l, struct error *err);

/* Writes one answer. True: it is on the disk. False: nothing has changed, neither in memory
 * nor in the content of the file, and the next call tries again. An answer identical to
 * the current one is not written again. */
bool labels_answer(struct labels *l, const struct answer *a, struct error *err);

/* The same for many answers with one sync; each is undone on its own. After a crash the
 * first few of them may be in the file, each complete. */
bool labels_answer_all(struct labels *l, const struct answer *list, size_t count,
                       struct error *err);

/* Of earlier sessions, undo and redo will take the answers of that annotator only, as if
 * nobody else had ever answered; without this call, of anyone. To be called before the first
 * undo. False: out of memory. */
bool labels_undo_only(struct labels *l, const char *annotator, struct error *err);

/* Undoes the last answer, of this or an earlier session, and restores what it replaced: an earlier answer of the same annotator, or none, so that an answer of
 * somebody else becomes current again. *undone is the answer taken back; labels_find()
 * returns the current one. Answers that are not in the history are never touched. If there
 * is nothing to undo, returns true with undone->file_name NULL. */
bool labels_undo(struct labels *l, struct answer *undone, struct error *err);

/* Redoes the last undone answer; a new answer clears what can be redone. */
bool labels_redo(struct labels *l, struct answer *redone, struct error *err);

/* Whether undo or redo may do something. The history of earlier sessions is read by the
 * first undo that needs it; until then it is only known to exist. */
bool labels_can_undo(const struct labels *l);
bool labels_can_redo(const struct labels *l);

/* The current answer of a picture; false, with *out unanswered, if there is none. */
bool labels_find(const struct labels *l, const char *file_name, struct answer *out);

/* Number of pictures whose current answer has the status (not STATUS_UNANSWERED), and of
 * those labelled with a class. O(1): the counts are maintained. */
size_t labels_count(const struct labels *l, enum label_status status);
size_t labels_class_count(const struct labels *l, const char *label);

/* Iterate over the current answers, one per picture, in the file's order; over the answers
 * of all annotators; over all pictures that the file lists, also unanswered ones; and over
 * the classes in use. Start with *cursor = 0; false at the
 * end. An answer given during the iteration moves its picture to the end. */
bool labels_next(const struct labels *l, uint32_t *cursor, struct answer *out);
bool labels_next_row(const struct labels *l, uint32_t *cursor, struct answer *out);
bool labels_next_picture(const struct labels *l, uint32_t *cursor, struct answer *out);
bool labels_next_class(const struct labels *l, uint32_t *cursor, const char **label, size_t *count);

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
