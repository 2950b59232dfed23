/* What the files screen_*.c share. */
#ifndef TERM_SCREEN_PRIVATE_H
#define TERM_SCREEN_PRIVATE_H

#include <ncurses.h>
#include <stdio.h>

#include "term/link.h"
#include "term/screen.h"
#include "term/tty.h"

#define FENCE "\033[5n"

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
    int64_t listened_ns; /* there was no input then */
    int64_t came_ns;     /* the latest input came between that and its reading */
    bool keyboard; /* kitty's keyboard protocol is on */

    /* Fences: one behind each picture and each question for the size, answered
     * in order. */
    uint64_t drawn, shown;
    bool fence_outer;    /* the latest was sent through tmux */
    int64_t drawn_at_ns; /* of the last one drawn */
    size_t flight_bytes; /* of a picture on its way to the terminal */
    int64_t flight_ns;   /* when its writing began; 0: there is none to be measured */
    struct link link;
    int64_t asked_ns; /* when the terminal was asked what it can do */

    int pieces;         /* the latest fences that are of pieces of a frame */
    int64_t piece_ns;   /* when the last one was written, */
    size_t piece_bytes; /* and how long it was */

    struct buf wipe; /* what takes the picture off again; empty: text does */
    bool wipe_outer;

    /* A picture that goes through tmux: where it is in the pane, and whether it is
     * not to be seen although it should be. */
    bool outer, owed;
    bool pane_dim;     /* how its blanks are: bold, or bold and dim */
    struct cells pane; /* filled for the next flush; no rows: none */
    struct cells outer_at;
    int64_t around_ns; /* when caps.around was asked */

    struct buf placement; /* of the last picture, for dumps */
};

/* What is written next is in that style: in another foreground colour (COLOR_DEFAULT:
 * the style's), with more of curses' attributes. */
void screen_style(struct screen *s, enum style style, int32_t color, unsigned long more);

/* Of the filled part of a bar on the background of that style. */
int32_t screen_bar_color(const struct screen *s, enum style style);

/* Sends what curses has written since. False: the terminal is gone. */
bool screen_send(struct screen *s);

/* To be called before curses writes, so that it moves no rows on the terminal; moves
 * the cursor. */
void screen_keep_rows(const struct screen *s);

/* Writes a string of the terminal's (DCS … ST) as fast as the line takes it, and listens
 * meanwhile: where a key comes it is ended behind the next `cut`. *written: how much of it
 * was. False: the terminal is gone. */
bool screen_write_paced(struct screen *s, const char *bytes, size_t len, char cut, size_t *written);

/* Tries the link, if there is doubt of it and nothing is on its way. */
void screen_try_link(struct screen *s);

/* Has key repeat told where the terminal can. */
void screen_take_keyboard(struct screen *s);

/* After the window or the modes have changed. */
void screen_resume(struct screen *s);

/* Takes the picture off that text does not take off. False: the terminal is gone. */
bool screen_wipe(struct screen *s);

/* Bytes to the terminal around tmux. */
bool screen_send_outer(struct screen *s, const void *bytes, size_t len);

/* The bytes of a picture that goes through tmux, to be drawn at these cells of the
 * pane, whose text has just been sent; `question` is on its way. Nothing is drawn
 * where the pane is not to be seen: the picture is owed then. False: the terminal is
 * gone. */
bool screen_outer_picture(struct screen *s, struct tmux_question *question,
                          const struct buf *picture, struct cells at);

/* Milliseconds until tmux is to be asked whether the picture is still there; -1:
 * there is none. */
int screen_outer_due(const struct screen *s);

/* Asks. True when the picture must be drawn again. */
bool screen_outer_look(struct screen *s);

/* Leaves the terminal to others, stops, and comes back. */
void screen_suspend(struct screen *s);

#endif
