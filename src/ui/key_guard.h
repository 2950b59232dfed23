/* Which keys may act: not those that a held key repeats, and not those behind a key
 * that was refused, until there is a pause. A key that answers by mistake labels a
 * picture that nobody has looked at.
 *
 * Some terminals tell a repeat from a press. Of the others only the times are known:
 * a held key comes again after the keyboard's delay, some 200 to 700 ms, and then
 * every 15 to 92 ms; who taps one key as fast as can be, every 110 ms and more. The
 * first repeat is like a second press until the next one follows: it counts, and is
 * to be taken back then. */
#ifndef UI_KEY_GUARD_H
#define UI_KEY_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "config/key.h"

enum key_verdict {
    KEY_COUNTS,
    KEY_HELD,        /* it is a repeat */
    KEY_HELD_BEFORE, /* so it is, and so was the one before, which counted */
    KEY_TOO_SOON,    /* no pause since one was refused */
};

/* All zero at the start. */
struct key_guard {
    keycode key;              /* the latest one, whatever it did */
    int64_t at_ns;            /* when it came */
    bool held;                /* it repeats */
    bool doubtful;            /* it counted, and may have been the first repeat */
    bool refused;             /* wait for a pause */
    enum key_verdict verdict; /* on the latest key, if it is one that acts */
};

/* To be told of every key, which came between these times: where they are apart, so
 * soon after the one before as can be. repeated: the terminal says so; `told`: it
 * would. */
void key_guard_take(struct key_guard *g, keycode key, int64_t from_ns, int64_t at_ns, bool repeated,
                    bool told);

/* The latest key was refused: those that follow without a pause are no better. */
void key_guard_refuse(struct key_guard *g);

#endif
