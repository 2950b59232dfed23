/* Decides which keys may act: no repeats of a held key, and no keys that follow a refused
 * key without a pause. A key that answers by mistake would label a picture that nobody
 * has looked at.
 *
 * Some terminals report repeats. For the others only the times are known: a held key
 * repeats after the keyboard's delay, about 200 to 700 ms, and then every 15 to 92 ms;
 * somebody who taps one key as fast as possible takes 110 ms or more. The first repeat
 * looks like a second press until the next repeat follows: it counts at first, and must
 * be undone then. */
#ifndef UI_KEY_GUARD_H
#define UI_KEY_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "config/key.h"

enum key_verdict {
    KEY_COUNTS,
    KEY_HELD,        /* a repeat */
    KEY_HELD_BEFORE, /* a repeat, and so was the key before, which counted: undo that */
    KEY_TOO_SOON,    /* no pause since a key was refused */
};

/* Initially all zero. */
struct key_guard {
    keycode key;              /* the latest key */
    int64_t at_ns;            /* when it came */
    bool held;                /* it is being repeated */
    bool doubtful;            /* it counted, but may have been the first repeat */
    bool refused;             /* ignore keys until a pause */
    enum key_verdict verdict; /* on the latest key */
};

/* Call for every key; sets g->verdict. from_ns, at_ns: the key came between these times;
 * the gap after the key before is measured to from_ns, which is the shortest possible.
 * repeated: the terminal reports a repeat; told: the terminal reports repeats at all. */
void key_guard_take(struct key_guard *g, keycode key, int64_t from_ns, int64_t at_ns, bool repeated,
                    bool told);

/* The latest key was refused: refuse those that follow without a pause, too. */
void key_guard_refuse(struct key_guard *g);

#endif
