/* The bytes that a terminal sends for a key. */
#ifndef TERM_SCRIPTED_KEYBOARD_H
#define TERM_SCRIPTED_KEYBOARD_H

#include "base/buf.h"
#include "config/key.h"

/* coded: by kitty's keyboard protocol, else as xterm. */
void keyboard_add(struct buf *out, keycode key, bool coded);

#endif
