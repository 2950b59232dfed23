/* The key that an escape sequence stands for: by tables, and by the keyboard protocols that
 * report a key's code and modifiers. */
#ifndef TERM_INPUT_KEYS_H
#define TERM_INPUT_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/key.h"

/* A CSI sequence without prefix and intermediate bytes. params: the bytes between the '['
 * and the final byte. */
struct csi {
    const unsigned char *params;
    size_t len;
    char final;
};

struct pressed {
    keycode key;   /* KEYCODE_NONE: an unknown key, or a release */
    bool repeated; /* the key is held down */
};

/* ESC O final. */
keycode keys_of_ss3(int final);

/* ESC [ [ final: F1 to F5 of the Linux console. */
keycode keys_of_console(int final);

/* False: the sequence is no key, whatever its parameters. Knows the keys of xterm, rxvt, the
 * Linux console and the VT220, with modifiers; `CSI 27 ; modifiers ; code ~` and
 * `CSI code ; modifiers u` of xterm's modifyOtherKeys; and kitty's keyboard protocol. */
bool keys_of_csi(const struct csi *csi, struct pressed *pressed);

#endif
