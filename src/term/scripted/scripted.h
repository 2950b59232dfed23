/* Private to term/scripted: the state of the terminal. */
#ifndef TERM_SCRIPTED_SCRIPTED_H
#define TERM_SCRIPTED_SCRIPTED_H

#include "scripted/vt.h"
#include "term/scripted.h"

#define ARRIVAL_BYTES 96
#define ARRIVALS_MAX 64 /* more than the program ever waits for; what comes behind is lost */

/* Bytes on their way to the program. */
struct arrival {
    int64_t due_ns;
    size_t len;
    char bytes[ARRIVAL_BYTES];
};

struct scripted {
    struct scripted_options options;
    struct scripted_host host; /* act NULL: nobody types */
    struct vt vt;
    int64_t now_ns;
    int64_t line_ns; /* when the line has taken all that was written */
    int64_t ns_per_byte;
    size_t written; /* bytes since scripted_written() */
    int64_t pace_ns;
    int64_t key_ns;                        /* the latest key, */
    int64_t act_ns;                        /* and when the host may act again */
    struct arrival arrivals[ARRIVALS_MAX]; /* by time */
    size_t arrival_count;
    enum scripted_fence fence;
    int late;         /* fences to be answered */
    unsigned signals; /* for the next wait */
    bool told;        /* the program was woken since the latest act */
    bool gone;
};

#endif
