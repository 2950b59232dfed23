/* The link to the terminal: how long pictures take over it, and what they may cost.
 *
 * The time between writing a picture and the terminal's answer to the fence behind
 * it holds more than the line's share: the terminal's own drawing, and whatever else
 * keeps the processor busy at either end. All of that only ever adds. So the least of
 * the latest times counts; and that a line is slow is believed only after a trial of
 * it with bytes that cost a terminal nothing to read. Without such proof pictures are
 * as large as there is room for. */
#ifndef TERM_LINK_H
#define TERM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "term/protocol.h"

#define LINK_RECENT 3 /* pictures that must agree before anything is made worse */

/* What is known of a trial: see link_trial(). */
struct link_trial {
    size_t bytes;       /* of the next, 0: no more are needed */
    int tries;          /* so far, */
    int rounds;         /* and those of them that say: the line is slow */
    double ns_per_byte; /* the least so far; 0: none */
};

struct link {
    int64_t round_trip_ns; /* the least seen; < 0: not known */
    double ns_per_byte;    /* of pictures, all in all; of the trial while there are none;
                              0: not known */
    enum level level;      /* what suits it */
    size_t max_bytes;      /* that a picture may take, 0: no limit */

    bool local; /* nothing says that there is a network in between */
    bool slow;  /* shown by a trial */
    bool doubt; /* it seems slow: a trial is called for */
    struct link_trial trial;
    double recent[LINK_RECENT]; /* ns a byte, a ring */
    int samples;                /* that were put in it */
    int calm, calm_next;        /* samples without doubt, as a trial has just shown that the
                                   line is fast; and how many the next time */
};

/* round_trip_ns: of a question and its answer, < 0 where there was none; a long one
 * raises doubt. local: as link_is_local(). */
void link_init(struct link *link, int64_t round_trip_ns, bool local);

/* True where the environment tells of no ssh. */
bool link_is_local(void);

/* How long to wait for a terminal's first answers, unless the user has said it: longer
 * over a network than `ms`, which is enough for a terminal of this machine. */
int link_patience_ms(int ms, bool said);

/* `bytes` were written, and answered after so long. True when level or max_bytes
 * have changed. */
bool link_answered(struct link *link, size_t bytes, int64_t ns);

/* A trial: a fence, so many bytes that show nothing, a fence, as many again, a
 * fence. link_tried() takes the times between the answers, less what was waited between
 * writing them. To be
 * gone on with until link_trial() is 0, which it is after a round or two, and which
 * settles the doubt. link_try() begins one. */
void link_try(struct link *link);
size_t link_trial(const struct link *link);
void link_tried(struct link *link, int64_t round_trip_ns, int64_t first_ns, int64_t second_ns);

/* The trial came to nothing, as there was no answer: all stays as it was. */
void link_give_up_trial(struct link *link);

/* Bytes a second; 0 while unknown. */
double link_speed(const struct link *link);

const char *level_name(enum level level);

#endif
