/* Keys as thumbtag names them: a Unicode code point, or a special key. No
 * terminal knowledge here; term turns bytes into keys. */
#ifndef CONFIG_KEY_H
#define CONFIG_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

typedef uint32_t keycode;

enum {
    KEYCODE_NONE = 0,
    /* Control keys are their code points: ctrl-a is 1, tab 9, enter 13, esc 27. */
    KEYCODE_TAB = 9,
    KEYCODE_ENTER = 13,
    KEYCODE_ESC = 27,
    KEYCODE_BACKSPACE = 127,
    KEYCODE_UP = 0x110000,
    KEYCODE_DOWN,
    KEYCODE_LEFT,
    KEYCODE_RIGHT,
    KEYCODE_HOME,
    KEYCODE_END,
    KEYCODE_PAGE_UP,
    KEYCODE_PAGE_DOWN,
    KEYCODE_INSERT,
    KEYCODE_DELETE,
    KEYCODE_BACKTAB,
    KEYCODE_F1,
    KEYCODE_F12 = KEYCODE_F1 + 11,
};

#define KEY_NAME_SIZE 16

/* "enter", "ctrl-r", "f1", "page-up", "x", "é", ... (names in any case), and
 * "semicolon", "hash", "equals" for the keys that an ini file cannot contain. False
 * for anything else. */
bool keycode_parse(const char *name, keycode *key);

/* The key's name, as keycode_parse() accepts it. */
void keycode_name(keycode key, char out[KEY_NAME_SIZE]);

/* Appends it; "none" for KEYCODE_NONE. */
void keycode_add_name(struct buf *out, keycode key);

/* The short form for the screen: "↵", "Bksp", "^R", "←", else the name. */
void keycode_symbol(keycode key, char out[KEY_NAME_SIZE]);

#endif
