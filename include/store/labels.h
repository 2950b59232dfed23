/* labels.csv: the answers that people gave, one picture at a time.
 *
 * The file is RFC 4180, UTF-8, LF, with the header LABELS_HEADER. file_name is
 * relative to the file's folder. A row belongs to a picture and a person: of
 * the rows with the same file_name and annotator the last one counts, and nobody's
 * row takes the place of another's. A picture's current answer is the one that
 * was written last, whoever gave it.
 *
 * While a session works each answer is a row appended and synced before
 * labels_answer() returns true; a clean close leaves one row a picture and
 * person, in the order in which the rows were written. (An answer that an undo
 * brought back counts as written by it, in front of those of others that are
 * later.)
 *
 * The header decides, not the place: a file of others may have our columns in any
 * order, fewer of them (file_name and label are enough), foreign ones, which are
 * kept, and ';' or tabs between. It is written in its own form; columns of ours
 * that it lacks are added at the end before the first answer. A row with neither
 * label nor status lists a picture; whoever answers first, its row becomes theirs.
 * A name that is absolute or has "./" or "//" in it is handed out as
 * names_relative() has it, and stays in the file as it stood.
 *
 * Beside NAME lie
 *
 *   .NAME.lock     while a session holds it; left over: the session was killed
 *   .NAME.history  every row ever written, from which undo reaches back
 *   NAME.torn      the bytes of half-written rows that a repair cut off
 *   NAME.saved     our answers, when another program replaced NAME under us
 *
 * the last two with -2, -3 ... behind the name where there is one already. None
 * of them is ever opened through a link, nor is NAME when it is to be written
 * (base/folder.h).
 *
 * A file name that is not valid UTF-8, or itself begins with "bytes:", is
 * written as "bytes:" and its bytes, with '%', control bytes and invalid ones
 * percent-encoded; Python reads it by urllib.parse.unquote_to_bytes(name[6:]).
 *
 * Strings handed out belong to the struct labels and live until it is closed.
 * One thread at a time. */
#ifndef STORE_LABELS_H
#define STORE_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define LABELS_HEADER "file_name,label,status,guess,confidence,seconds,annotator,labeled_at\n"

#define LABELS_ROW_MAX ((size_t)1 << 20)   /* bytes of one row */
#define LABELS_FILE_MAX ((int64_t)1 << 31) /* bytes of labels.csv */
#define LABELS_ROWS_MAX 20000000u

enum label_status {
    STATUS_UNANSWERED, /* no answer, or it was undone ("undone" in a row) */
    STATUS_LABELED,
    STATUS_SKIPPED,
    STATUS_UNSURE,
    STATUS_NONE, /* none of the classes */
    STATUS_COUNT,
};

/* "labeled", "skipped", "unsure", "none"; "undone" for STATUS_UNANSWERED. */
const char *label_status_name(enum label_status status);

/* One answer. Given in, NULL strings stand for ""; handed out, none is NULL. */
struct answer {
    const char *file_name; /* bytes, relative to the CSV's folder, not empty */
    const char *label;     /* UTF-8; not empty if STATUS_LABELED, else empty */
    const char *guess;     /* the model's class, or empty */
    const char *annotator;
    enum label_status status;
    float confidence;      /* of the guess, 0 to 1 in steps of 0.0001; < 0: none */
    float seconds;         /* spent on it, in steps of 0.001; < 0: none */
    int64_t labeled_at_ms; /* UTC; given in, 0: now, later than any in the file */
};

enum labels_mode {
    LABELS_READ_WRITE,
    LABELS_READ_ONLY, /* takes no lock, changes nothing */
};

#define LABELS_NAME_SIZE 256 /* of a name in the CSV's folder */

/* What opening found; all zero when all was well. */
struct labels_report {
    uint64_t rows;      /* in the file */
    bool unclean;       /* the last session did not close; its rows are here */
    bool row_ended;     /* the last row lacked only its line end */
    int64_t torn_bytes; /* of a half-written row, now in the file: */
    char torn[LABELS_NAME_SIZE];
    size_t copies;      /* NAME.saved and those behind it, the first one: */
    char saved[LABELS_NAME_SIZE];
    bool unlocked;      /* the file system has no locks: two sessions may meet */
};

struct labels;

/* Opens csv_path; a file that does not exist is an empty set, made by the
 * first answer. A half-written last row is repaired. A file that is not ours
 * or is damaged before its last row is ERROR_DATA with path, line and reason,
 * and left untouched. ERROR_BUSY tells who holds it. *report may be NULL. */
struct labels *labels_open(const char *csv_path, enum labels_mode mode,
                           struct labels_report *report, struct error *err);

/* The same over bytes in memory, read-only; `name` stands in messages. */
struct labels *labels_parse(const char *name, const char *bytes, size_t len,
                            struct labels_report *report, struct error *err);

/* Moves the session's rows to the history, tidies the file and frees l, which
 * may be NULL, in any case. False: the answers are safe where they are, and
 * the next labels_open() does what is left to do. */
bool labels_close(struct labels *l, struct error *err);

/* Writes one answer. True: it is on the disk. False: nothing has changed, in
 * memory or in what the file says, and the next call tries again. An answer
 * equal in all to the current one is not written twice. */
bool labels_answer(struct labels *l, const struct answer *a, struct error *err);

/* The same for many with one sync, each an operation of its own for undo. A
 * crash may leave the first few of them, each whole. */
bool labels_answer_all(struct labels *l, const struct answer *list, size_t count,
                       struct error *err);

/* Takes back the last answer, of this session or of those before, whoever gave
 * it, and brings back what it replaced: an earlier one of the same person, or none, and then
 * what somebody else had answered is current again. *undone tells the answer
 * taken back; what counts now, labels_find() tells. Answers that the history
 * does not know are never touched. With nothing to undo: true, and
 * undone->file_name is NULL. */
bool labels_undo(struct labels *l, struct answer *undone, struct error *err);

/* Gives the last answer undone again; a new answer ends what can be redone. */
bool labels_redo(struct labels *l, struct answer *redone, struct error *err);

/* Whether it is worth a try. Of what lies before this session it is only known
 * that there is some, until an undo has read it. */
bool labels_can_undo(const struct labels *l);
bool labels_can_redo(const struct labels *l);

/* The current answer; false, and *out unanswered, if there is none. */
bool labels_find(const struct labels *l, const char *file_name, struct answer *out);

/* Pictures whose current answer has the status (not STATUS_UNANSWERED), and
 * those labeled with a class. Both are kept, not counted. */
size_t labels_count(const struct labels *l, enum label_status status);
size_t labels_class_count(const struct labels *l, const char *label);

/* Steps through the current answers, one a picture, in the file's order; through
 * the answers of all people; and through the classes in use. Start with *cursor =
 * 0; false at the end. An answer given meanwhile moves its picture to the end. */
bool labels_next(const struct labels *l, uint32_t *cursor, struct answer *out);
bool labels_next_row(const struct labels *l, uint32_t *cursor, struct answer *out);
bool labels_next_class(const struct labels *l, uint32_t *cursor, const char **label, size_t *count);

/* What labels_take_in() did. */
struct labels_taken {
    size_t copies;  /* taken in, and removed */
    size_t rows;    /* in them */
    size_t answers; /* of those, that were given: the others were there, or older */
};

/* Takes in NAME.saved, NAME.saved-2 ...: of a picture and person the later answer
 * is kept. A copy is removed when all it gave is on the disk. On failure those
 * not yet taken in are where they were. */
bool labels_take_in(struct labels *l, struct labels_taken *taken, struct error *err);

/* Adds a file name as a field of the CSV, as the rows above have it. */
void labels_add_name(struct buf *out, const char *name, size_t len);

/* The tidy file as bytes, added to out. */
bool labels_format(const struct labels *l, struct buf *out, struct error *err);

#endif
