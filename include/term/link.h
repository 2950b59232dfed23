/* Estimates the bandwidth of the connection to the terminal and derives the level and
 * the byte budget of pictures from it.
 *
 * The time from writing a picture to the reply to the fence behind it includes, besides
 * transmission, the terminal's drawing and the load on the processors at both ends, all
 * of which only add. So the estimate uses the shortest of the latest times, and a link is
 * considered slow only after a trial with bytes that cost the terminal nothing to process.
 * Without that proof pictures have full size. */
#ifndef TERM_LINK_H
#define TERM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "term/protocol.h"

#define LINK_RECENT 3 /* pictures that must agree before quality is reduced */

/* The state of a trial: see link_try(). */
struct link_trial {
    size_t bytes;       /* of each half of the next round; 0: no trial in progress */
    int tries;          /* rounds so far */
    int rounds;         /* those of them in which the link was slow */
    double ns_per_byte; /* least so far; 0: none */
};

struct link {
    int64_t round_trip_ns; /* least seen; < 0: not known */
    double ns_per_byte;    /* least of the recent pictures, or the trial's; 0: not known */
    enum level level;      /* suitable level of pictures */
    size_t max_bytes;      /* budget of a picture, 0: no limit */

    bool local; /* no sign of a network: see link_is_local() */
    bool slow;  /* proved by a trial */
    bool doubt; /* seems slow: a trial should be run */
    struct link_trial trial;
    double recent[LINK_RECENT]; /* ns per byte of the latest pictures, a ring buffer */
    int samples;                /* pictures measured so far */
    int calm, calm_next;        /* pictures until doubt is possible again after a trial has
                                   shown a fast link; and how many after the next trial */
};

/* round_trip_ns: of a query and its reply, < 0 if there was none; a long one raises
 * doubt. local: as link_is_local(). */
void link_init(struct link *link, int64_t round_trip_ns, bool local);

/* True when no environment variable of ssh is set. */
bool link_is_local(void);

/* Time-out of the terminal's first replies, in milliseconds: `ms`, which is enough for a
 * terminal on this machine, or more over a network. said: the user chose ms, return it. */
int link_patience_ms(int ms, bool said);

/* Records that `bytes` were written and the reply came after `ns`. True when level or
 * max_bytes have changed. */
bool link_answered(struct link *link, size_t bytes, int64_t ns);

/* A trial consists of rounds. Each writes a fence, link_trial() bytes that show nothing, a
 * fence, as many bytes again, and a fence. link_try() begins a trial; link_tried() records
 * a round: the first reply's round trip, and the times between the replies less the pauses
 * made in writing. Repeat until link_trial() is 0, usually one or two rounds; the doubt is
 * settled then. */
void link_try(struct link *link);
size_t link_trial(const struct link *link);
void link_tried(struct link *link, int64_t round_trip_ns, int64_t first_ns, int64_t second_ns);

/* Ends a trial without a result, as a reply is missing: the estimate stays as it was. */
void link_give_up_trial(struct link *link);

/* Bytes per second; 0 while unknown. */
double link_speed(const struct link *link);

const char *level_name(enum level level);

#endif
