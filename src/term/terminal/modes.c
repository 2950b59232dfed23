/* The sequences that set and restore the terminal's modes. */
#include "terminal/modes.h"

/* Mouse reports off: X10, normal, highlight, with motion; formats UTF-8, SGR, urxvt,
 * pixels. And focus reports. */
#define REPORTS_OFF                                                                                \
    "\033[?9l\033[?1000l\033[?1001l\033[?1002l\033[?1003l\033[?1005l\033[?1006l\033[?1015l"        \
    "\033[?1016l\033[?1004l"

/* The mouse wheel as arrow keys on the alternate screen: a user's setting, so saved and
 * restored. */
#define WHEEL_OFF "\033[?1007s\033[?1007l"
#define WHEEL_BACK "\033[?1007r"

/* xterm's modifyOtherKeys: off, and back to the terminal's initial value. */
#define OTHER_KEYS_OFF "\033[>4;0m"
#define OTHER_KEYS_BACK "\033[>4m"

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define KEYS_NORMAL "\033[?1l\033>" /* cursor keys and keypad */
#define SYNC_OFF "\033[?2026l"
#define STRING_END "\033\\" /* ends an unfinished control string, such as a picture */

/* Off: origin mode, margins, scrolling region, insert mode, line feed as new line, reverse
 * video. On: wrapping. Selects G0 and makes it ASCII. */
#define TEXT_NORMAL "\033[?6l\033[?69l\033[r\033[4l\033[20l\033[?5l\033[?7h\033(B\017\033[m"

/* 1: unambiguous escape sequences, 2: report press, repeat and release, 8: keys with text
 * also as escape sequences, 16: with their text. */
#define KEYBOARD_FLAGS "27"

const char modes_begin[] =
    STRING_END SYNC_OFF REPORTS_OFF WHEEL_OFF OTHER_KEYS_OFF KEYS_NORMAL TEXT_NORMAL PASTE_ON;
const char modes_end[] = PASTE_OFF REPORTS_OFF WHEEL_BACK OTHER_KEYS_BACK;
const char modes_keyboard_on[] = "\033[>" KEYBOARD_FLAGS "u";
const char modes_keyboard_off[] = "\033[<u";
const char modes_crash[] =
    STRING_END SYNC_OFF "\033[m" PASTE_OFF REPORTS_OFF WHEEL_BACK OTHER_KEYS_BACK
                        "\033[<u\033[?1049l\033[?25h" KEYS_NORMAL;
