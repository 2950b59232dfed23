/* The link to the terminal, as fast as pictures have shown it to be: from the
 * time between writing one and the terminal's answer to the fence behind it.
 * The terminal's own drawing is part of that, as a person waits for it too. */
#ifndef TERM_LINK_H
#define TERM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "term/protocol.h"

struct link {
    int64_t round_trip_ns; /* the least seen; < 0: not known */
    double ns_per_byte;    /* 0: not known */
    enum level level;      /* what suits it */
    size_t max_bytes;      /* that a picture may take, 0: no limit */
};

/* round_trip_ns: of a question and its answer, < 0 where there was none. */
void link_init(struct link *link, int64_t round_trip_ns);

/* `bytes` were written, and answered after so long. True when level or
 * max_bytes have changed. */
bool link_answered(struct link *link, size_t bytes, int64_t ns);

/* Bytes a second; 0 while unknown. */
double link_speed(const struct link *link);

const char *level_name(enum level level);

#endif
