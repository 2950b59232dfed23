/* Tables from escape sequences to keys. */
#include "input_keys.h"

#include <string.h>

#include "base/mem.h"

#define SHIFT 1
#define ALT 2
#define CTRL 4
#define CAPS 64
#define COMMANDS (ALT | 8 | 16 | 32) /* Alt, Super, Hyper, Meta: such keys are ignored */

enum { EVENT_PRESS = 1, EVENT_REPEAT, EVENT_RELEASE };

static keycode letter_key(int final)
{
    switch (final) {
    case 'A':
        return KEYCODE_UP;
    case 'B':
        return KEYCODE_DOWN;
    case 'C':
        return KEYCODE_RIGHT;
    case 'D':
        return KEYCODE_LEFT;
    case 'H':
        return KEYCODE_HOME;
    case 'F':
        return KEYCODE_END;
    case 'Z':
        return KEYCODE_BACKTAB;
    case 'P':
        return KEYCODE_F1;
    case 'Q':
        return KEYCODE_F1 + 1;
    case 'R':
        return KEYCODE_F1 + 2;
    case 'S':
        return KEYCODE_F1 + 3;
    default:
        return KEYCODE_NONE;
    }
}

/* CSI n ~ of xterm, rxvt, the Linux console and the VT220. */
static keycode tilde_key(int n)
{
    static const keycode keys[] = {
        [1] = KEYCODE_HOME,     [2] = KEYCODE_INSERT,   [3] = KEYCODE_DELETE,
        [4] = KEYCODE_END,      [5] = KEYCODE_PAGE_UP,  [6] = KEYCODE_PAGE_DOWN,
        [7] = KEYCODE_HOME,     [8] = KEYCODE_END,      [11] = KEYCODE_F1,
        [12] = KEYCODE_F1 + 1,  [13] = KEYCODE_F1 + 2,  [14] = KEYCODE_F1 + 3,
        [15] = KEYCODE_F1 + 4,  [17] = KEYCODE_F1 + 5,  [18] = KEYCODE_F1 + 6,
        [19] = KEYCODE_F1 + 7,  [20] = KEYCODE_F1 + 8,  [21] = KEYCODE_F1 + 9,
        [23] = KEYCODE_F1 + 10, [24] = KEYCODE_F1 + 11,
    };
    return n > 0 && (size_t)n < ARRAY_LEN(keys) ? keys[n] : KEYCODE_NONE;
}

keycode keys_of_ss3(int final)
{
    if (final == 'M') {
        return KEYCODE_ENTER;
    }
    if (final >= 'p' && final <= 'y') {
        return (keycode)('0' + final - 'p');
    }
    if (final >= 'j' && final <= 'o') {
        return (keycode) "*+,-./"[final - 'j'];
    }
    return letter_key(final);
}

keycode keys_of_console(int final)
{
    return final >= 'A' && final <= 'E' ? KEYCODE_F1 + (keycode)(final - 'A') : KEYCODE_NONE;
}

/* Sub-parameter `part` (separated by ':') of parameter `index` (separated by ';');
 * `missing` if it is left out. At most 1e7. */
static int param(const struct csi *csi, int index, int part, int missing)
{
    int value = -1;
    for (size_t i = 0; i < csi->len && index >= 0; i++) {
        int c = csi->params[i];
        if (c == ';') {
            index--;
            part = index < 0 ? -1 : part;
        } else if (index == 0 && c == ':') {
            part--;
        } else if (index == 0 && part == 0 && c >= '0' && c <= '9' && value < 1000000) {
            value = (value < 0 ? 0 : value) * 10 + c - '0';
        }
        if (index == 0 && part < 0) {
            break;
        }
    }
    return value < 0 ? missing : value;
}

/* The keypad's keys, which kitty numbers from 57399 on. */
static keycode keypad_key(int code)
{
    static const keycode keys[] = {
        '0',
        '1',
        '2',
        '3',
        '4',
        '5',
        '6',
        '7',
        '8',
        '9',
        '.',
        '/',
        '*',
        '-',
        '+',
        KEYCODE_ENTER,
        '=',
        ',',
        KEYCODE_LEFT,
        KEYCODE_RIGHT,
        KEYCODE_UP,
        KEYCODE_DOWN,
        KEYCODE_PAGE_UP,
        KEYCODE_PAGE_DOWN,
        KEYCODE_HOME,
        KEYCODE_END,
        KEYCODE_INSERT,
        KEYCODE_DELETE,
    };
    size_t i = (size_t)(code - 57399);
    return code >= 57399 && i < ARRAY_LEN(keys) ? keys[i] : KEYCODE_NONE;
}

static keycode ctrl_key(int code)
{
    if (code >= 'a' && code <= 'z') {
        return (keycode)(code - 'a' + 1);
    }
    return code >= 'A' && code <= '_' ? (keycode)(code - '@') : KEYCODE_NONE;
}

/* The shifted key, if the terminal does not report it: letters for any layout, other keys
 * for the US layout. */
static keycode shift_key(int code, int modifiers)
{
    static const char plain[] = "`1234567890-=[]\\;',./";
    static const char shifted[] = "~!@#$%^&*()_+{}|:\"<>?";
    bool letter = code >= 'a' && code <= 'z';
    if (letter && ((modifiers & SHIFT) != 0) != ((modifiers & CAPS) != 0)) {
        return (keycode)(code - 'a' + 'A');
    }
    const char *at = modifiers & SHIFT && code > ' ' && code < 0x7F ? strchr(plain, code) : NULL;
    return at ? (keycode)shifted[at - plain] : (keycode)code;
}

/* A key by its code, its shifted code and its text; 0: not reported. */
static keycode coded_key(int code, int shifted, int text, int modifiers)
{
    if (modifiers & COMMANDS) {
        return KEYCODE_NONE;
    }
    switch (code) {
    case KEYCODE_TAB:
        return modifiers & SHIFT ? KEYCODE_BACKTAB : KEYCODE_TAB;
    case 8:
        return KEYCODE_BACKSPACE;
    case KEYCODE_ENTER:
    case KEYCODE_ESC:
    case KEYCODE_BACKSPACE:
        return (keycode)code;
    default:
        break;
    }
    if (modifiers & CTRL) {
        return ctrl_key(code);
    }
    if (text >= ' ' && text <= 0x10FFFF) {
        return (keycode)text;
    }
    if (code >= 0xE000 && code <= 0xF8FF) { /* keys without text, and the keypad */
        return keypad_key(code);
    }
    if (code < ' ' || code > 0x10FFFF) {
        return KEYCODE_NONE;
    }
    return shifted > ' ' && shifted <= 0x10FFFF && modifiers & SHIFT ? (keycode)shifted
                                                                     : shift_key(code, modifiers);
}

bool keys_of_csi(const struct csi *csi, struct pressed *pressed)
{
    bool other = csi->final == '~' && param(csi, 0, 0, 0) == 27 && param(csi, 2, 0, 0) > 0;
    int modifiers = param(csi, 1, 0, 1) - 1;
    int event = param(csi, 1, 1, EVENT_PRESS);
    keycode key;
    if (csi->final == 'u') {
        key = coded_key(param(csi, 0, 0, 0), param(csi, 0, 1, 0), param(csi, 2, 0, 0), modifiers);
    } else if (other) {
        int code = param(csi, 2, 0, 0); /* already shifted, except for Tab */
        key = coded_key(code, 0, 0, code == KEYCODE_TAB ? modifiers : modifiers & ~SHIFT);
    } else if (csi->final == '~') {
        key = tilde_key(param(csi, 0, 0, 0));
    } else {
        key = letter_key(csi->final);
        if (key == KEYCODE_NONE) {
            return false;
        }
    }
    bool none = event == EVENT_RELEASE || (key >= 0xD800 && key <= 0xDFFF);
    *pressed =
        (struct pressed){ .key = none ? KEYCODE_NONE : key, .repeated = event == EVENT_REPEAT };
    return true;
}
