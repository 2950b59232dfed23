/* A labelling session without its screen: which picture is up, what has been
 * answered, where to go next, how it goes.
 *
 * The session borrows the catalog, the labels, the classes and the guesser,
 * which must outlive it. One thread. */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "config/classes.h"
#include "session/catalog.h"
#include "session/class_file.h"
#include "session/guesser.h"
#include "store/labels.h"

enum session_mode {
    SESSION_LABEL,  /* an answer goes on to the next picture without one */
    SESSION_REVIEW, /* an answer goes on to the next picture that the filter shows */
};

/* Which picture without an answer comes next. */
enum session_order {
    SESSION_ACTIVE, /* the one that teaches most (learn/order.h), and one in five at random;
                       needs a guesser. The first few are at random, until enough has been
                       looked at */
    SESSION_FILE,   /* as the catalog has them */
    SESSION_NAME,   /* by file name, whatever the folder */
    SESSION_RANDOM, /* by rank (session/sample.h): the same in every session */
    SESSION_ORDERS,
};

struct session_options {
    enum session_mode mode;
    enum session_order order; /* a review is always in the order of the files */
    bool read_only;
    const char *annotator;
    const char *csv_path;
    struct class_file *class_file; /* the classes are kept there; NULL: nowhere */
    int64_t now_ms;                /* fixed clock for scripts; 0: the real one */
};

struct session;

struct session *session_new(const struct session_options *options, struct catalog *catalog,
                            struct labels *labels, const struct classes *classes,
                            struct guesser *guesser, struct error *err);
void session_free(struct session *s);

/* The pictures' names are being listed, and which one is first is not certain yet:
 * their number so far. 0: something is current, or listing is over. Or begins at once, at
 * random. */
size_t session_waits_for(const struct session *s);
void session_begin_now(struct session *s);

/* Takes over what the catalog has found. True when something changed. */
bool session_poll(struct session *s);

/* The picture that is up; CATALOG_NO_ID while there is none, and at the end. */
uint32_t session_current(const struct session *s);

/* Gone past the last picture: nothing is left to answer but what was skipped, or a
 * review has gone through all. Moving back and undoing lead on from there. */
bool session_at_end(const struct session *s);

/* As catalog_left_out(). */
size_t session_left_out(const struct session *s, struct buf *text);

/* Which of the pictures it is, from 0, and of how many; in review, of those
 * that the filter shows. */
size_t session_position(const struct session *s);
size_t session_total(const struct session *s);

/* Path to open, and name as in the CSV; into a buffer that is cleared first. */
void session_path(const struct session *s, uint32_t id, struct buf *path);
bool session_name(struct session *s, uint32_t id, struct buf *name);

/* The answer of a picture; false when it has none. */
bool session_answer_of(struct session *s, uint32_t id, struct answer *answer);

/* Takes over the newest guess for the current picture; to be called before it
 * is drawn. A guess that the user has seen (session_shown()) stays as it is for as
 * long as its picture is up, so that what is accepted is what is on the screen. */
void session_take_guess(struct session *s);

/* The guess taken over; false while there is none. */
bool session_guess(const struct session *s, struct guess *guess);

/* How guessing goes; false when nobody guesses. */
bool session_guesser_status(const struct session *s, struct guesser_status *status);

/* The guesses will not change by themselves. */
bool session_guesser_settled(const struct session *s);

/* Which guesses are needed, most urgent first. */
void session_want_guesses(struct session *s, const struct guess_request *requests, size_t count);

/* The picture came on the screen now: its seconds count from here. */
void session_shown(struct session *s, uint32_t id);

/* Answers the current picture; class_index counts for STATUS_LABELED only. On
 * success the answer is on the disk, and the next picture is current, or it is the
 * end. */
bool session_answer(struct session *s, enum label_status status, size_t class_index,
                    struct error *err);

/* Why the class list could not be kept with the last answer, which is saved all
 * the same; NULL when all is well. */
const char *session_class_trouble(const struct session *s);

enum undo_result { UNDO_DONE, UNDO_NOTHING, UNDO_ELSEWHERE, UNDO_FAILED };

/* Takes back, or gives again, the last answer; its picture becomes current. *moved
 * (may be NULL) is that answer, valid until the labels change again; what counts now,
 * session_answer_of() tells. UNDO_ELSEWHERE: done, but the picture is not in this
 * catalog; its name is in *name. */
enum undo_result session_undo(struct session *s, struct buf *name, struct answer *moved,
                              struct error *err);
enum undo_result session_redo(struct session *s, struct buf *name, struct answer *moved,
                              struct error *err);

/* The picture of the last answer but i in this session, to which undoing i + 1
 * answers leads; CATALOG_NO_ID: none, or not known any more. */
uint32_t session_last_answered(const struct session *s, size_t i);

enum session_move {
    MOVE_NEXT,      /* by file the neighbour; else along the trail, then the next one open */
    MOVE_PREVIOUS,  /* by file the neighbour; else the one that was up before */
    MOVE_NEXT_OPEN, /* without an answer, going round at the end; then the skipped ones once */
    MOVE_PREVIOUS_OPEN,
    MOVE_FORWARD, /* ten */
    MOVE_BACK,
    MOVE_FIRST,
    MOVE_LAST,
};

/* False when there is nowhere to go that way. */
bool session_move(struct session *s, enum session_move move);

/* To the position (from 0); false when it does not exist. */
bool session_go(struct session *s, size_t position);

/* To the next picture, going round, whose name holds the text. */
bool session_find(struct session *s, const char *text);

/* Review: what is shown. classes and statuses are those whose bit or entry is
 * true; class_count as the session's, plus one entry at the end for labels
 * that are no class of it. Stays at the current picture where that is shown. */
struct session_filter {
    bool statuses[STATUS_COUNT]; /* by enum label_status */
    bool *classes;               /* NULL: all; counts for STATUS_LABELED */
};
bool session_set_filter(struct session *s, const struct session_filter *filter);
bool session_shows(const struct session *s, uint32_t id);

/* The order in force; false when there is no guesser for the active one. */
enum session_order session_order(const struct session *s);
bool session_set_order(struct session *s, enum session_order order);

/* Fixes which pictures come next, at most `ahead` of them, as session_ahead()
 * then tells; to be called before each drawing. True when that has changed. */
bool session_look_ahead(struct session *s, size_t ahead);

#define SESSION_ANY_MIN 12

struct session_stats {
    size_t total, answered; /* pictures listed; of those, with an answer */
    bool listing;           /* more are still being found */
    size_t by_status[STATUS_COUNT];
    size_t given;                         /* answers in this session */
    float per_minute;                     /* lately; 0 while unknown */
    float seconds_left;                   /* < 0 while unknown */
    size_t guesses_judged, guesses_right; /* of the last 100 answers with a guess: on what
                                             was being shown */
    /* The same on any picture: of the last third of the random sample, which is what
     * was drawn lately, at most 200. It is what the guesses would get right of the pictures
     * without an answer; meaningful from SESSION_ANY_MIN on. */
    size_t any_judged, any_right;
};
void session_stats(struct session *s, struct session_stats *stats);

/* The random sample (session/sample.h) in the order of ranks: those answered that were
 * drawn, but for those skipped or unsure; all, where all have an answer. The last ones
 * where there are more than max; returns their number. */
size_t session_sample(struct session *s, uint32_t *ids, size_t max);

/* Answers of a class, in the CSV, and those with labels that are no class of the
 * session. */
size_t session_class_count(const struct session *s, size_t class_index);
size_t session_other_count(const struct session *s);

/* Ids of pictures that will soon be needed, most urgent first: the current
 * one, those that answering leads to, the one before, … Returns their number,
 * at most max. */
size_t session_ahead(const struct session *s, uint32_t *ids, size_t ahead, size_t max);

#endif
