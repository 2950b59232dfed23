/* A labelling session without its screen: the current picture, the answers, what comes
 * next, and statistics.
 *
 * The session borrows the catalog, the labels, the classes and the assistant (NULL: nothing is
 * proposed), which must outlive it; while it lives it alone changes the classes. All
 * functions are called from one thread, and it has none of its own: what happens in the
 * background is the catalog's and the assistant's, and is taken over by session_poll(),
 * session_take_guess() and session_look_ahead(). */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "assist/assist.h"
#include "base/buf.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "config/class_file.h"
#include "config/classes.h"
#include "session/class_change.h"
#include "store/labels.h"

enum session_mode {
    SESSION_LABEL,  /* after an answer, the next picture without an answer */
    SESSION_REVIEW, /* after an answer, the next picture that passes the filter */
};

/* The order in which pictures without an answer come up. */
enum session_order {
    SESSION_ACTIVE, /* active learning (learn/order.h), one in five at random; needs an
                       assistant. All at random until enough pictures have embeddings */
    SESSION_FILE,   /* the order of the catalog */
    SESSION_NAME,   /* by file name, ignoring folders */
    SESSION_RANDOM, /* by rank (session/sample.h): the same in every session */
    SESSION_ORDERS,
};

struct session_options {
    enum session_mode mode;
    enum session_order order; /* ignored by a review, which is in SESSION_FILE order */
    bool read_only;
    bool suspects; /* a review that begins with the labels likeliest wrong, as the assistant, which
                      judges (assist.h), has them; what is answered then is checked */
    float below;   /* while labelling: items whose prediction in the labels has at least this
                      confidence are not open, and the others come least sure first; 0: off */
    const char *annotator;
    const char *csv_path;
    struct class_file *class_file; /* where the classes are saved; NULL: nowhere */
    int64_t now_ms;                /* fixed clock for scripts; 0: the real one */
};

struct session;

struct session *session_new(const struct session_options *options, struct catalog *catalog,
                            struct labels *labels, struct classes *classes,
                            const struct assist *assist, struct error *err);
void session_free(struct session *s);

/* session_waits_for(): number of pictures found so far, while the first one is not certain
 * because listing goes on; 0 once a picture is current or the listing is complete.
 * session_begin_now(): begins without waiting, in the active or random order. */
size_t session_waits_for(const struct session *s);
void session_begin_now(struct session *s);

/* Takes over newly found pictures from the catalog. True when something changed. */
bool session_poll(struct session *s);

/* The current picture; CATALOG_NO_ID while there is none, and at the end. */
uint32_t session_current(const struct session *s);

/* True past the last picture: only skipped pictures are left to answer, or the review is
 * complete. Moving back and undo leave this state. */
bool session_at_end(const struct session *s);

/* As catalog_left_out(). */
size_t session_left_out(const struct session *s, struct buf *text);

/* Position of the current picture, from 0, and number of pictures; with a filter, among
 * those that pass it. */
size_t session_position(const struct session *s);
size_t session_total(const struct session *s);

/* Of an item's picture the path to open, and the file_name in the CSV; and the item's title
 * for messages and for session_find(), which is the file_name and region_add_text().
 * Written to a buffer, which is cleared first. */
void session_path(const struct session *s, uint32_t id, struct buf *path);
bool session_name(struct session *s, uint32_t id, struct buf *name);
bool session_title(struct session *s, uint32_t id, struct buf *title);

/* The region that the item is of its picture; a whole one: all of it. */
struct region session_region(const struct session *s, uint32_t id);

/* The current answer of a picture; false when it has none. */
bool session_answer_of(struct session *s, uint32_t id, struct annotation *answer);

/* Takes over the newest prediction for the current picture; to be called before drawing.
 * A prediction that the user has seen (session_shown()) is kept while its picture is
 * current, so that the user accepts what is on the screen. */
void session_take_guess(struct session *s);

/* The prediction taken over; false while there is none. */
bool session_guess(const struct session *s, struct guess *guess);

/* As assist_status(). */
bool session_assist_status(const struct session *s, struct assist_status *status);

/* As assist_settled(). */
bool session_assist_settled(const struct session *s);

/* Tells the assistant which predictions are needed, most urgent first. */
void session_want_guesses(struct session *s, const struct guess_request *requests, size_t count);

/* Reports that the picture is on the screen now: the time spent on it starts. */
void session_shown(struct session *s, uint32_t id);

/* Answers the current picture; class_index is used for STATUS_LABELED only. On success the
 * answer is on the disk, and the next picture is current, or the end is reached. */
bool session_answer(struct session *s, enum label_status status, size_t class_index,
                    struct error *err);

/* Where pictures may have several classes (classes->multi): class keys switch classes of the
 * current picture on and off, and session_confirm() writes them. */

/* What switched the classes on. */
enum session_draft {
    DRAFT_NOTHING,    /* none are: there is no prediction either */
    DRAFT_PREDICTION, /* a proposal: those predicted, which may be none */
    DRAFT_ANSWER,     /* those of the picture's answer, which is not "skipped" */
    DRAFT_TYPED,      /* session_toggle() or session_switch_predicted(); not written yet */
};

/* *on: one flag per class, valid until the session changes. */
enum session_draft session_draft(struct session *s, const bool **on);

/* The first class switched replaces a proposal, so that what is typed does not depend on what
 * happens to be predicted; on top of an answer it changes that one class. */
void session_toggle(struct session *s, size_t class_index);

/* Switches on what is predicted, and nothing else, to be changed and confirmed like what is
 * typed; false if there is no prediction. */
bool session_switch_predicted(struct session *s);

/* Forgets what was switched and not confirmed; true if there was anything.
 * session_left_draft(): only if its picture is no longer current. */
bool session_drop_draft(struct session *s);
bool session_left_draft(struct session *s);

/* Answers the current picture as session_answer() does, with the classes that are on; with
 * none of these if there are none. */
bool session_confirm(struct session *s, struct error *err);

/* Why the class list could not be saved at the last answer (which was saved nevertheless);
 * NULL if it was. */
const char *session_class_trouble(const struct session *s);

/* The note of a picture, "" for none; valid until the session changes. */
const char *session_note(struct session *s, uint32_t id);

/* Writes the current picture's note, one line of text; "" removes it. Its answer stays, and
 * the picture stays current. */
bool session_write_note(struct session *s, const char *note, struct error *err);

/* What became of the class list at the last change of classes, undo or redo. */
struct session_reclass {
    struct class_change change;
    struct class_shift shift;
    size_t rows; /* annotations changed */
};

/* Changes the classes; the current picture stays. */
bool session_change_classes(struct session *s, const struct class_change *change,
                            struct session_reclass *done, struct error *err);

/* The same with a class that is added, as one operation with the answer to the current
 * picture, which it is: as session_answer(). */
bool session_answer_new(struct session *s, const struct class_change *added,
                        struct session_reclass *done, struct error *err);

/* class_change_opens() of the session's labels. */
bool session_class_opens(const struct session *s, const char *name, size_t *count,
                         struct error *err);

/* Moves flags of each class, and one more, as the classes have moved; `count` classes now.
 * That of a class that came is true. */
void session_shift_flags(bool *flags, size_t count, const struct class_shift *shift);

/* The same for values of enum session_want; that of a class that came is WANT_EITHER. */
void session_shift_wanted(uint8_t *wanted, size_t count, const struct class_shift *shift);

/* The change of classes that the last undo or redo moved, or NULL. */
const struct session_reclass *session_reclassed(const struct session *s);

enum undo_result {
    UNDO_DONE,
    UNDO_NOTHING,
    UNDO_ELSEWHERE,
    UNDO_CLASSES,     /* it was a change of classes without an answer */
    UNDO_PREDICTIONS, /* it was about predictions in the labels: the current picture stays */
    UNDO_FAILED,
};

/* Undo or redo the last operation; its picture becomes current. *moved (may be NULL) is that
 * answer, valid until the labels change again; session_answer_of() returns the current one.
 * UNDO_ELSEWHERE: done, but the item is not in this catalog. *name is its title. */
enum undo_result session_undo(struct session *s, struct buf *name, struct annotation *moved,
                              struct error *err);
enum undo_result session_redo(struct session *s, struct buf *name, struct annotation *moved,
                              struct error *err);

/* True if the last undo or redo changed only whether an answer is checked. */
bool session_changed_check(const struct session *s);

/* How many predictions the last undo or redo took back or gave again. */
size_t session_predictions_moved(const struct session *s);

/* True if the last undo or redo changed only a note. */
bool session_changed_note(const struct session *s);

/* The picture answered last but i in this session: the one that i + 1 undos lead to.
 * CATALOG_NO_ID: none, or no longer remembered. */
uint32_t session_last_answered(const struct session *s, size_t i);

enum session_move {
    MOVE_NEXT,      /* in file order the neighbour; else forward in the trail of visited
                       pictures, then the next one without an answer */
    MOVE_PREVIOUS,  /* in file order the neighbour; else the picture visited before */
    MOVE_NEXT_OPEN, /* without an answer, wrapping around; then each skipped one once */
    MOVE_PREVIOUS_OPEN,
    MOVE_FORWARD, /* ten pictures */
    MOVE_BACK,
    MOVE_FIRST,
    MOVE_LAST,
};

/* False when there is no picture in that direction. */
bool session_move(struct session *s, enum session_move move);

/* To the position (from 0); false when it does not exist. */
bool session_go(struct session *s, size_t position);

/* To the next item whose title or note contains the text, wrapping around. */
enum session_match { MATCH_NOTHING, MATCH_NAME, MATCH_NOTE };
enum session_match session_find(struct session *s, const char *text);

/* Review of suspects: what is known of them, among those that pass the filter. They come first, in
 * file order, as soon as they are known; the other answers follow, least sure first. */
struct session_suspects {
    bool known;     /* there is an order, maybe not of all pictures yet */
    bool looking;   /* more pictures are being looked at */
    size_t looked;  /* pictures with an embedding, or that failed, */
    size_t all;     /* of so many, whatever the filter */
    size_t total;   /* labels that what was learned from the others disagrees with, not checked */
    size_t seen;    /* of these, those that were on the screen */
    size_t changed; /* answers that this review has changed */
};

/* False if this is not a review of suspects. */
bool session_suspects(struct session *s, struct session_suspects *state);

/* Whether the current picture is one. */
bool session_is_suspect(const struct session *s);

/* Agrees with the answer of the current picture, whoever gave it: it is marked as checked, on the
 * disk, and the next picture is current. */
bool session_check(struct session *s, struct error *err);

/* The answers that a review has changed, each with what it was before the review. Start with
 * *cursor = 0; false at the end. The strings are valid until the labels are closed. */
struct session_change {
    uint32_t id;
    struct annotation before, now;
};
bool session_next_change(struct session *s, size_t *cursor, struct session_change *change);

/* Review: which pictures are shown, as flags. session_set_filter() keeps the current picture
 * if it passes. */
enum session_want { WANT_EITHER, WANT_HAS, WANT_HAS_NOT };

struct session_filter {
    bool statuses[STATUS_COUNT]; /* by enum label_status */
    bool noted;                  /* only pictures with a note */
    bool *classes;               /* for STATUS_LABELED: one per class of the session, and one
                                    more for labels that are not; NULL: all */
    uint8_t *wanted;             /* where pictures may have several classes, instead: of each of
                                    these an enum session_want, all of which must hold; NULL:
                                    all pictures */
};
bool session_set_filter(struct session *s, const struct session_filter *filter);
bool session_shows(const struct session *s, uint32_t id);

/* The filter in force, whose lists are valid until it changes; false if there is none. */
bool session_filter_of(const struct session *s, struct session_filter *filter);

/* The order in use. Setting the active order returns false when the assistant has none. */
enum session_order session_order(const struct session *s);
bool session_set_order(struct session *s, enum session_order order);

/* Whether the file order is that of options.below. */
bool session_is_doubtful(const struct session *s);

/* Fixes which pictures come next, at most `ahead` of them; session_ahead() then returns
 * them. To be called before each drawing. True when they have changed. */
bool session_look_ahead(struct session *s, size_t ahead);

#define SESSION_ANY_MIN 12

struct session_stats {
    size_t total, answered; /* pictures listed; of those, with an answer */
    bool listing;           /* more are still being found */
    size_t by_status[STATUS_COUNT];
    size_t given;                         /* answers in this session */
    float per_minute;                     /* recent answers per minute; 0: unknown */
    float seconds_left;                   /* < 0: unknown */
    size_t guesses_judged, guesses_right; /* accuracy on the pictures shown: of the last 100
                                             answers with a prediction */
    /* Accuracy on any picture: on the most recent third of the random sample, at most 200
     * pictures. Estimates the accuracy on pictures without an answer; meaningful if
     * any_judged >= SESSION_ANY_MIN. */
    size_t any_judged, any_right;
};
void session_stats(struct session *s, struct session_stats *stats);

/* The random sample (session/sample.h) in the order of ranks: pictures that were drawn and
 * answered, without those skipped or unsure. If every picture has an answer, the chosen
 * ones are included. Only the last max of them; returns their number. */
size_t session_sample(struct session *s, uint32_t *ids, size_t max);

/* Number of pictures in the CSV labelled with a class, and with labels that are not a class
 * of the session. */
size_t session_class_count(const struct session *s, size_t class_index);
size_t session_other_count(const struct session *s);

/* Ids of the pictures that will be needed soon, most urgent first: the current one, those
 * that come next, those behind … Returns their number, at most max. */
size_t session_ahead(const struct session *s, uint32_t *ids, size_t ahead, size_t max);

#endif
