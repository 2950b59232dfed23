#include "terminal/modes.h"

/* Reports of the mouse: X10, normal, highlight, with motion; in UTF-8, SGR, urxvt's
 * form, pixels. And of the focus. */
#define REPORTS_OFF                                                                                \
    "\033[?9l\033[?1000l\033[?1001l\033[?1002l\033[?1003l\033[?1005l\033[?1006l\033[?1015l"        \
    "\033[?1016l\033[?1004l"

/* The wheel as arrow keys on the alternate screen is a matter of taste: saved. */
#define WHEEL_OFF "\033[?1007s\033[?1007l"
#define WHEEL_BACK "\033[?1007r"

/* xterm's modifyOtherKeys, and as the terminal had it at its start. */
#define OTHER_KEYS_OFF "\033[>4;0m"
#define OTHER_KEYS_BACK "\033[>4m"

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define KEYS_NORMAL "\033[?1l\033>" /* of the cursor, and the keypad */
#define SYNC_OFF "\033[?2026l"
#define STRING_END "\033\\" /* of a picture, say, that is on its way */

/* Origin mode, margins, the scrolling region, inserting, line feed as a new line,
 * reverse video off; wrapping on; ASCII for G0, which is in use. */
#define TEXT_NORMAL "\033[?6l\033[?69l\033[r\033[4l\033[20l\033[?5l\033[?7h\033(B\017\033[m"

/* 1 keys in sequences of their own, 2 press, repeat and release, 8 in such sequences
 * those with text too, 16 with that text. */
#define KEYBOARD_FLAGS "27"

const char modes_begin[] =
    STRING_END SYNC_OFF REPORTS_OFF WHEEL_OFF OTHER_KEYS_OFF KEYS_NORMAL TEXT_NORMAL PASTE_ON;
const char modes_end[] = PASTE_OFF REPORTS_OFF WHEEL_BACK OTHER_KEYS_BACK;
const char modes_keyboard_on[] = "\033[>" KEYBOARD_FLAGS "u";
const char modes_keyboard_off[] = "\033[<u";
const char modes_crash[] =
    STRING_END SYNC_OFF "\033[m" PASTE_OFF REPORTS_OFF WHEEL_BACK OTHER_KEYS_BACK
                        "\033[<u\033[?1049l\033[?25h" KEYS_NORMAL;
