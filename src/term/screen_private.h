/* What the files screen_*.c share. */
#ifndef TERM_SCREEN_PRIVATE_H
#define TERM_SCREEN_PRIVATE_H

#include <ncurses.h>
#include <stdio.h>

#include "term/screen.h"
#include "term/tty.h"

struct screen {
    bool script;
    struct tty tty;
    FILE *out, *in; /* curses' */
    SCREEN *curses;
    struct theme theme;
    int timeout_ms;
    int user_cell[2];
    int user_colors; /* 0: ask */
    struct input input;
    struct term_caps caps;
    int cursor_row, cursor_col;

    /* Fences: one behind each picture and each question for the size, answered
     * in order. */
    uint64_t drawn, shown;
    int64_t drawn_at_ns; /* of the last one drawn */

    char wipe[64]; /* what takes the last picture off the screen, "": text does */
    struct buf placement; /* of the last picture, for dumps */
};

/* Sends what curses has written since. False: the terminal is gone. */
bool screen_send(struct screen *s);

/* Takes the picture off the screen where text would not. */
bool screen_wipe(struct screen *s);

/* After the window or the modes have changed. */
void screen_resume(struct screen *s);

/* Leaves the terminal to others, stops, and comes back. */
void screen_suspend(struct screen *s);

#endif
