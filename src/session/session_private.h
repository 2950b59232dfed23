/* What the files of the session share. */
#ifndef SESSION_PRIVATE_H
#define SESSION_PRIVATE_H

#include "session/sample.h"
#include "session/session.h"
#include "store/names.h"

#define QUEUE_MAX 64    /* pictures fixed ahead */
#define TRAIL_MAX 256   /* pictures that the way back leads to */
#define DONE_MAX 64     /* answers of this session whose pictures are known */
#define RATE_ANSWERS 32 /* answers that the rate is worked out from */
#define JUDGED_GUESSES 100
#define CLASS_NONE 0xFFFFu    /* no answer with a class */
#define CLASS_FOREIGN 0xFFFEu /* a label that is no class of this session */

/* What is known of a picture without asking the labels. */
struct mark {
    uint8_t status; /* enum label_status */
    bool shown;     /* the filter took it when it was set: a picture must not
                       vanish from under the reviewer's eyes when relabelled */
    bool passed;    /* it was its turn, and it was left without an answer */
    uint16_t class_index;
};

struct folder_prefix {
    char *prefix; /* of the names of its pictures in the CSV, up to the '/' */
};

/* A picture that was up. */
struct step {
    uint32_t id;
    bool away; /* reached by a jump: it was not its turn */
};

/* The guess for the current picture, as it is on the screen. */
struct guess_up {
    uint32_t id;
    bool there;
    struct guess guess;
    float *classes; /* of the guess */
};

struct session {
    struct session_options options;
    struct catalog *catalog;
    struct labels *labels;
    const struct classes *classes;
    struct guesser *guesser;
    struct names names;

    struct mark *marks; /* by id */
    size_t marked, marks_cap;
    struct folder_prefix *prefixes; /* by folder */
    size_t prefix_count, prefix_cap;
    struct buf name, path; /* scratch */

    struct sample sample;
    bool measured; /* the next two are of the answers as they are now */
    size_t any_judged, any_right;

    uint32_t current;
    bool at_end;    /* gone past the last one; then nothing is current */
    uint32_t shown; /* picture that shown_at is of */
    int64_t shown_at_ns;
    int64_t clock_ms; /* of scripts */

    size_t by_status[STATUS_COUNT]; /* of the catalog's pictures */
    bool filtered;
    bool status_shown[STATUS_COUNT];
    bool *class_shown; /* classes->count + 1 */
    size_t shown_total;

    enum session_order order;
    uint32_t queue[QUEUE_MAX]; /* what comes next; not in the order of the files */
    size_t queued;
    struct step trail[TRAIL_MAX]; /* what was up; trail[trail_at] is the current one */
    size_t trail_len, trail_at;
    uint32_t done[DONE_MAX]; /* the pictures answered last, a ring */
    size_t done_count;       /* all of them, less what was undone */

    struct guess_up up;
    size_t fed_labeled, fed; /* given to the guesser: ids up to there, steps of its own order */
    bool fed_all;

    bool class_trouble; /* the class list could not be kept; why */
    struct error class_why;

    size_t given;
    int64_t times_ms[RATE_ANSWERS]; /* of the last answers, a ring */
    bool judged[JUDGED_GUESSES];    /* was the guess right, a ring */
    size_t judged_count;
};

/* The clocks of the session: fixed ones in scripts. */
int64_t session_now_ms(const struct session *s);
int64_t session_now_ns(const struct session *s);

/* Reads the picture's answer anew and keeps the sums. */
void session_update_mark(struct session *s, uint32_t id);

/* Does the filter in force take the mark? */
bool session_filter_takes(const struct session *s, struct mark m);

/* Makes the first picture current, where there is none yet: the first without
 * an answer, or in review the first that the filter shows. */
void session_choose_first(struct session *s);

/* After an answer to the current picture: what is next. before: what it was. */
void session_advance(struct session *s, enum label_status before);

/* order.c: what the queue has next, CATALOG_NO_ID when nothing is open. */
uint32_t session_next_in_queue(struct session *s);

/* How another picture becomes current. */
enum visit {
    VISIT_IN_TURN, /* it is next: the one before, where it is open, was passed over */
    VISIT_AGAIN,   /* back to one whose turn it was; where that before is open, it is next */
    VISIT_AWAY,    /* to any picture, which leaves what comes next as it is */
};
void session_visit(struct session *s, uint32_t id, enum visit how);

/* Past the last picture. True. */
bool session_go_past_end(struct session *s);

/* Where steps and searches start from: the current picture, or the one that was;
 * CATALOG_NO_ID: there was none. */
uint32_t session_here(const struct session *s);

/* What lies so many steps on (or back, < 0) on the trail; CATALOG_NO_ID: nothing. */
uint32_t session_trail(const struct session *s, int steps);
bool session_step_back(struct session *s);

/* accuracy.c: any_judged and any_right, where the answers have changed */
void session_measure(struct session *s);

/* guessing.c */
bool session_guessing_init(struct session *s, struct error *err);
void session_guessing_release(struct session *s);

/* Tells the guesser what the mark of that picture says. */
void session_tell_answer(struct session *s, uint32_t id);

/* Gives the guesser more pictures to look at, as many as it takes. */
void session_feed(struct session *s);

#endif
