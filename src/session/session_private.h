/* Shared by the source files of the session. */
#ifndef SESSION_PRIVATE_H
#define SESSION_PRIVATE_H

#include "class_sets.h"
#include "session/page.h"
#include "session/sample.h"
#include "session/session.h"
#include "store/names.h"

#define QUEUE_MAX 64    /* pictures fixed ahead */
#define TRAIL_MAX 256   /* visited pictures remembered for going back */
#define DONE_MAX 64     /* last answers whose pictures are remembered */
#define RATE_ANSWERS 32 /* answers from which the rate is computed */
#define JUDGED_GUESSES 100
#define SCRIPT_STEP_MS 1000            /* advance of the fixed clock per answer */
#define CLASS_NONE UINT32_MAX          /* not labelled with a class */
#define CLASS_FOREIGN (UINT32_MAX - 1) /* labelled, but not with a class of this session */

/* State of a picture, so that the labels need not be asked. */
struct mark {
    uint8_t status;       /* enum label_status */
    bool shown;           /* passed the filter when the filter was set: a picture must not
                             disappear from a review when it is re-labelled */
    bool passed;          /* came up in its turn and was left without an answer */
    bool noted;           /* has a note */
    bool checked;         /* the answer was looked at again, and stands */
    bool seen;            /* was on the screen in this review of suspects */
    bool remembered;      /* what its answer was before this review (changes.c) */
    bool predicted;       /* the labels have a prediction of it; open while labelling */
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

#define PAGES_AHEAD 2 /* pages fixed: the next one, and the one behind it */
#define PAGES_BACK 8  /* pages remembered, for undo */

struct pages {
    enum page_kind kind;
    size_t size;                        /* 0: none are wanted */
    struct page queue[PAGES_AHEAD + 1]; /* queue[0] is the next; one more after an undo */
    size_t queued;
    struct page done[PAGES_BACK]; /* answered last, a ring buffer */
    size_t done_count;
    uint32_t *left; /* items left open on a page: not proposed again */
    size_t left_count, left_cap;
    uint32_t *taken; /* what the last wish left out: scratch */
    size_t taken_cap;
    bool second; /* a letter alone gives an exception its second class */
    bool asked;  /* for a page that has not come yet */
    bool none;   /* the answer was that there is none */
    bool shown;  /* the next page is on the screen since */
    int64_t shown_at_ns;
    float expected, surprised; /* exceptions on the pages answered: as predicted, as found */
};

/* An order of the items in the place of the catalog's. */
struct sequence {
    uint32_t *ids;    /* of all items */
    uint32_t *places; /* of each id */
    size_t count;     /* 0: the catalog's order is in force */
};

/* A review of suspects: what its sequence is made of. */
struct suspects {
    size_t first, end;  /* they are at these places */
    unsigned version;   /* of the assistant's list */
    uint32_t waited_at; /* the picture that the review began with, while it is current */
};

struct change;

struct session {
    struct session_options options;
    struct catalog *catalog;
    struct labels *labels;
    struct classes *classes;
    const struct assist *assist; /* NULL: none */
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
    size_t fed_labeled; /* next id to test for a label and give to the assistant */
    size_t fed;         /* strided steps given to the assistant (stride_of()) */
    bool fed_all;

    struct pages pages;
    size_t moved;             /* items that the last undo or redo answered or opened */
    size_t predictions_moved; /* by the last undo or redo */
    bool note_changed;        /* by the last undo or redo, and only a note */

    struct sequence sequence;
    struct suspects suspects;
    struct change *changes; /* of a review, in the order in which they were made */
    size_t change_count, change_cap;
    bool check_changed; /* by the last undo or redo: only whether an answer is checked */

    bool class_trouble; /* the class list could not be saved, because of class_why */
    struct error class_why;
    bool reclassed; /* by the last undo or redo: */
    struct session_reclass reclass;

    size_t given;
    int64_t times_ms[RATE_ANSWERS]; /* of the last answers, a ring buffer */
    bool judged[JUDGED_GUESSES];    /* whether the last predictions were right, a ring buffer */
    size_t judged_count;
};

/* ---- items.c: names of the items, and what the labels say of each (session.h) */

/* The clocks of the session; in scripts both are the fixed clock. */
int64_t session_now_ms(const struct session *s);
int64_t session_now_ns(const struct session *s);

/* The current annotation of a picture, be it an answer or a prediction; false if there is none. */
bool session_row_of(struct session *s, uint32_t id, struct annotation *row);

/* ---- marks.c */

/* Reads the picture's mark from the labels and updates the counts. */
void session_read_mark(struct session *s, uint32_t id);

/* True if the mark passes the filter. */
bool session_filter_takes(const struct session *s, struct mark m);

/* The classes of a picture that may have several, empty for "none of these"; NULL: it is not
 * answered so, or pictures have one class. */
const struct class_set *session_set_of(const struct session *s, struct mark m);

/* Whether two labels stand for the same classes, in any order. */
bool session_same_classes(struct session *s, const char *label, const char *other);

/* ---- assistance.c */

bool session_assistance_init(struct session *s, struct error *err);
void session_assistance_release(struct session *s);

/* Reports the picture's answer to the assistant. */
void session_tell_answer(struct session *s, uint32_t id);

/* Reads the picture's mark anew and tells the assistant; session_check_mark(): only if the
 * answer has changed. */
void session_update_mark(struct session *s, uint32_t id);
void session_check_mark(struct session *s, uint32_t id);

/* Gives the assistant more pictures to embed, as many as it accepts. */
void session_feed(struct session *s);

/* ---- class_list.c */

/* Saves the class list before an answer, so that every label in the CSV is in the list. If
 * that fails the answer is saved nevertheless, and the next answer tries again. */
void session_keep_classes(struct session *s);

/* ---- order.c */

/* The next picture of the queue; CATALOG_NO_ID when none is open. */
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

/* Remembers that the picture was answered, and forgets the last one that was. */
void session_note_done(struct session *s, uint32_t id);
void session_forget_done(struct session *s);

/* ---- moves.c */

/* If there is no current picture yet, makes the first one without an answer current; in a
 * review the first one that passes the filter. */
void session_choose_first(struct session *s);

/* Moves on after an answer to the current picture. before: its status before. */
void session_advance(struct session *s, enum label_status before);

/* ---- sequence.c */

/* The file order: session_at(s, session_place(s, id)) == id. It is the catalog's until another one
 * is set. */
uint32_t session_at(const struct session *s, size_t place);
size_t session_place(const struct session *s, uint32_t id);

/* Sets the order of all items, which are marked; takes the list, also when it fails. */
bool session_set_sequence(struct session *s, uint32_t *ids);
void session_sequence_release(struct session *s);

/* With options.below: what the labels have a doubtful prediction of comes first, least sure first,
 * once the listing is complete. */
void session_sort_doubtful(struct session *s);

/* ---- suspects.c */

/* Takes over a new list of suspects; true if the order has changed. */
bool session_take_suspects(struct session *s);

/* The picture was on the screen. */
void session_note_seen(struct session *s, uint32_t id);

/* ---- changes.c */

/* Before the answer of an item is changed in a review; false when out of memory. */
bool session_remember(struct session *s, uint32_t id);

/* The number of answers that the review has changed. */
size_t session_changes(struct session *s);

/* ---- drafts.c */

bool session_drafts_init(struct session *s, struct error *err);
void session_drafts_release(struct session *s);

/* Keeps switched on what is, where the classes have changed; the new list is there. */
void session_shift_draft(struct session *s, const struct session_reclass *done);

/* What is switched on for the current picture as a label, "" for none. */
void session_draft_label(struct session *s, struct buf *label);

/* The predicted classes as a label, "" for none of them; false when out of memory. */
bool session_predicted_label(const struct session *s, const struct guess *guess, struct buf *label);

/* ---- session_classes.c */

struct class_owner session_owner(const struct session *s);

/* Adapts marks, filter and predictions to the list, which has changed. */
void session_take_classes(struct session *s, const struct session_reclass *done);

/* Does the list's part of an undo or redo; the rows are written. */
bool session_move_classes(struct session *s, const struct labels_step *step, bool undo,
                          struct error *err);

/* ---- accuracy.c: updates any_judged and any_right if the answers have changed */
void session_measure(struct session *s);

/* ---- stats.c */

/* Counts an answer; takes back the last one, whose annotation was `a`. */
void session_count_answer(struct session *s);
void session_uncount(struct session *s, const struct annotation *a);

/* Counts whether the prediction that the annotation records is right. */
void session_judge_guess(struct session *s, const struct annotation *a);

/* ---- page.c */

void session_pages_release(struct session *s);

/* The classes have changed places: pages are made anew. */
void session_forget_pages(struct session *s);

/* After an undo: the page answered last is the next one again, if the item is on it. After a
 * redo: that one is answered again. */
void session_reopen_page(struct session *s, uint32_t id);
void session_reclose_page(struct session *s, uint32_t id);

/* ---- notes.c: whether an operation changed only a note */
bool session_is_note(const struct labels_step *step);

#endif
