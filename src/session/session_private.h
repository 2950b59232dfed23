/* Shared by the source files of the session. */
#ifndef SESSION_PRIVATE_H
#define SESSION_PRIVATE_H

#include "class_sets.h"
#include "session/sample.h"
#include "session/session.h"
#include "store/names.h"

#define QUEUE_MAX 64    /* pictures fixed ahead */
#define TRAIL_MAX 256   /* visited pictures remembered for going back */
#define DONE_MAX 64     /* last answers whose pictures are remembered */
#define RATE_ANSWERS 32 /* answers from which the rate is computed */
#define JUDGED_GUESSES 100
#define CLASS_NONE UINT32_MAX          /* not labelled with a class */
#define CLASS_FOREIGN (UINT32_MAX - 1) /* labelled, but not with a class of this session */

/* State of a picture, so that the labels need not be asked. */
struct mark {
    uint8_t status; /* enum label_status */
    bool shown;     /* passed the filter when the filter was set: a picture must not
                       disappear from a review when it is re-labelled */
    bool passed;    /* came up in its turn and was left without an answer */
    bool noted;     /* has a note */
    uint32_t class_index; /* where pictures may have several: the number of their set */
};

struct folder_prefix {
    char *prefix; /* of its pictures' file_names in the CSV, including the '/' */
};

/* A visited picture. */
struct step {
    uint32_t id;
    bool away; /* reached by a jump, not in its turn */
};

/* The prediction for the current picture, as shown on the screen. */
struct guess_up {
    uint32_t id;
    bool there;
    struct guess guess;
    float *classes;   /* buffer of guess.classes, of CLASSES_MAX */
    struct buf label; /* scratch */
};

/* The classes switched on for a picture, which are not written yet. */
struct draft {
    uint32_t id;      /* CATALOG_NO_ID: none were switched */
    bool *on;         /* one per class, of CLASSES_MAX */
    struct buf label; /* scratch */
};

struct session {
    struct session_options options;
    struct catalog *catalog;
    struct labels *labels;
    struct classes *classes;
    struct guesser *guesser;
    struct names names;

    struct mark *marks; /* by id */
    size_t marked, marks_cap;
    struct folder_prefix *prefixes; /* by folder */
    size_t prefix_count, prefix_cap;
    struct buf name, path; /* scratch */

    struct sample sample;
    bool measured; /* the next two members are up to date */
    size_t any_judged, any_right;

    uint32_t current;
    bool at_end;    /* past the last picture: current is CATALOG_NO_ID */
    uint32_t shown; /* the picture on the screen since shown_at_ns */
    int64_t shown_at_ns;
    int64_t clock_ms; /* fixed clock of scripts; 0: the real one */

    size_t by_status[STATUS_COUNT]; /* of the catalog's pictures */
    bool filtered;
    bool status_shown[STATUS_COUNT];
    bool *class_shown;     /* classes->count + 1; room for CLASSES_MAX + 1 */
    uint8_t *class_wanted; /* the same, where pictures may have several: enum session_want */
    bool noted_only;
    size_t shown_total;

    enum session_order order;
    uint32_t queue[QUEUE_MAX]; /* pictures that come next; unused in file order */
    size_t queued;
    struct step trail[TRAIL_MAX]; /* visited pictures; trail[trail_at] is the current one */
    size_t trail_len, trail_at;
    uint32_t done[DONE_MAX]; /* the pictures answered last, a ring buffer */
    size_t done_count;       /* answers in all, less those undone */

    struct class_sets sets; /* of the labels in use, where pictures may have several classes */
    struct draft draft;

    struct guess_up up;
    size_t fed_labeled; /* next id to test for a label and give to the guesser */
    size_t fed;         /* strided steps given to the guesser (stride_of()) */
    bool fed_all;

    bool note_changed; /* by the last undo or redo, and only a note */

    bool class_trouble; /* the class list could not be saved, because of class_why */
    struct error class_why;
    bool reclassed; /* by the last undo or redo: */
    struct session_reclass reclass;

    size_t given;
    int64_t times_ms[RATE_ANSWERS]; /* of the last answers, a ring buffer */
    bool judged[JUDGED_GUESSES];    /* whether the last predictions were right, a ring buffer */
    size_t judged_count;
};

/* The clocks of the session; in scripts both are the fixed clock. */
int64_t session_now_ms(const struct session *s);
int64_t session_now_ns(const struct session *s);

/* Reads the picture's answer from the labels, updates the counts and tells the guesser. */
void session_update_mark(struct session *s, uint32_t id);

/* The same, telling the guesser only if the answer has changed. */
void session_check_mark(struct session *s, uint32_t id);

/* True if the mark passes the filter. */
bool session_filter_takes(const struct session *s, struct mark m);

/* If there is no current picture yet, makes the first one without an answer current; in a
 * review the first one that passes the filter. */
void session_choose_first(struct session *s);

/* Moves on after an answer to the current picture. before: its status before. */
void session_advance(struct session *s, enum label_status before);

/* order.c: the next picture of the queue; CATALOG_NO_ID when none is open. */
uint32_t session_next_in_queue(struct session *s);

/* How another picture becomes current. */
enum visit {
    VISIT_IN_TURN, /* the next picture: one left without an answer is passed over */
    VISIT_AGAIN,   /* back to an earlier one: an open picture left becomes the next */
    VISIT_AWAY,    /* a jump to any picture, which does not change what comes next */
};
void session_visit(struct session *s, uint32_t id, enum visit how);

/* Goes past the last picture. Returns true. */
bool session_go_past_end(struct session *s);

/* The picture from which steps and searches start: the current one, or at the end the last
 * one visited; CATALOG_NO_ID: none. */
uint32_t session_here(const struct session *s);

/* The picture `steps` forward (or back, < 0) in the trail; CATALOG_NO_ID: none. */
uint32_t session_trail(const struct session *s, int steps);
bool session_step_back(struct session *s);

/* session_classes.c */
struct class_owner session_owner(const struct session *s);

/* Adapts marks, filter and predictions to the list, which has changed. */
void session_take_classes(struct session *s, const struct session_reclass *done);

/* Does the list's part of an undo or redo; the rows are written. */
bool session_move_classes(struct session *s, const struct labels_step *step, bool undo,
                          struct error *err);

/* accuracy.c: updates any_judged and any_right if the answers have changed */
void session_measure(struct session *s);

/* guessing.c */
bool session_guessing_init(struct session *s, struct error *err);
void session_guessing_release(struct session *s);

/* notes.c: whether an operation changed only a note */
bool session_is_note(const struct labels_step *step);

/* multi.c */
bool session_multi_init(struct session *s, struct error *err);
void session_multi_release(struct session *s);

/* The number of a label's set; CLASS_FOREIGN when out of memory. */
uint32_t session_set_number(struct session *s, const char *label);

/* The classes of a picture that may have several, empty for "none of these"; NULL: it is not
 * answered so, or pictures have one class. */
const struct class_set *session_set_of(const struct session *s, struct mark m);

/* Whether the picture has the classes that the filter wants, and none that it does not. */
bool session_has_wanted(const struct session *s, struct mark m);

/* Whether two labels stand for the same classes, in any order. */
bool session_same_classes(struct session *s, const char *label, const char *other);

/* Keeps switched on what is, where the classes have changed; the new list is there. */
void session_shift_draft(struct session *s, const struct session_reclass *done);

/* The predicted classes as a label, "" for none of them; false when out of memory. */
bool session_predicted_label(const struct session *s, const struct guess *guess, struct buf *label);

/* answers.c: answers the current picture; label is used for STATUS_LABELED only. */
bool session_write_answer(struct session *s, enum label_status status, const char *label,
                          struct error *err);

/* Reports the picture's answer to the guesser. */
void session_tell_answer(struct session *s, uint32_t id);

/* Gives the guesser more pictures to embed, as many as it accepts. */
void session_feed(struct session *s);

#endif
