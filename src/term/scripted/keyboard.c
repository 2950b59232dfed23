#include "scripted/keyboard.h"

#include "base/mem.h"
#include "base/text.h"

static const struct {
    keycode key;
    const char *bytes;
} special[] = {
    { KEYCODE_UP, "\033[A" },        { KEYCODE_DOWN, "\033[B" },
    { KEYCODE_RIGHT, "\033[C" },     { KEYCODE_LEFT, "\033[D" },
    { KEYCODE_HOME, "\033[H" },      { KEYCODE_END, "\033[F" },
    { KEYCODE_PAGE_UP, "\033[5~" },  { KEYCODE_PAGE_DOWN, "\033[6~" },
    { KEYCODE_INSERT, "\033[2~" },   { KEYCODE_DELETE, "\033[3~" },
    { KEYCODE_BACKTAB, "\033[Z" },   { KEYCODE_F1, "\033OP" },
    { KEYCODE_F1 + 1, "\033OQ" },    { KEYCODE_F1 + 2, "\033OR" },
    { KEYCODE_F1 + 3, "\033OS" },    { KEYCODE_F1 + 4, "\033[15~" },
    { KEYCODE_F1 + 5, "\033[17~" },  { KEYCODE_F1 + 6, "\033[18~" },
    { KEYCODE_F1 + 7, "\033[19~" },  { KEYCODE_F1 + 8, "\033[20~" },
    { KEYCODE_F1 + 9, "\033[21~" },  { KEYCODE_F1 + 10, "\033[23~" },
    { KEYCODE_F1 + 11, "\033[24~" },
};

/* Ctrl with a letter: the code of the letter, and 5 for Ctrl. */
static void add_coded(struct buf *out, keycode key)
{
    bool control = key < ' ' && key != KEYCODE_TAB && key != KEYCODE_ENTER && key != KEYCODE_ESC;
    if (control) {
        buf_addf(out, "\033[%u;5u", (unsigned)(key <= 26 ? 'a' + key - 1 : '@' + key));
    } else if (key <= ' ' || key == KEYCODE_BACKSPACE) {
        buf_addf(out, "\033[%uu", (unsigned)key);
    } else {
        buf_addf(out, "\033[%u;1;%uu", (unsigned)key, (unsigned)key);
    }
}

void keyboard_add(struct buf *out, keycode key, bool coded)
{
    char utf8[4];
    for (size_t i = 0; i < ARRAY_LEN(special); i++) {
        if (special[i].key == key) {
            buf_adds(out, special[i].bytes);
            return;
        }
    }
    if (coded) {
        add_coded(out, key);
    } else {
        buf_add(out, utf8, text_encode(key, utf8));
    }
}
