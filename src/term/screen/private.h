/* Private to term/screen: the state of the screen. */
#ifndef TERM_SCREEN_PRIVATE_H
#define TERM_SCREEN_PRIVATE_H

#include <ncurses.h>
#include <stdio.h>

#include "term/link.h"
#include "term/screen.h"
#include "term/tty.h"

#define FENCE "\033[5n"

struct screen {
    struct tty tty;
    FILE *out, *in; /* streams of curses */
    SCREEN *curses;
    struct theme theme;
    int timeout_ms;
    int user_cell[2];
    int user_colors; /* 0: not given */
    struct input input;
    struct term_caps caps;
    int cursor_row, cursor_col;
    int64_t listened_ns; /* last time the input was checked */
    int64_t came_ns;     /* earliest time at which the latest input can have come */
    bool keyboard;       /* kitty's keyboard protocol is on */

    /* Fences: one after each picture, each piece and each query of the size; answered in
     * order. */
    uint64_t drawn, shown; /* fences sent, fences answered */
    bool fence_outer;      /* the latest was sent through tmux */
    int64_t drawn_at_ns;   /* when the latest was sent */
    size_t flight_bytes;   /* bytes on their way to the terminal, being measured */
    int64_t flight_ns;     /* when their writing began; 0: nothing is being measured */
    struct link link;
    int64_t asked_ns; /* when the terminal was probed */

    int pieces;         /* number of the latest fences that belong to pieces of a frame */
    int64_t piece_ns;   /* when the latest piece was written, */
    size_t piece_bytes; /* and its length */

    struct buf wipe; /* bytes that erase the picture; empty: text erases it */
    bool wipe_outer; /* they go to the outer terminal */

    bool outer;            /* the picture goes through tmux to the outer terminal */
    bool owed;             /* it is pending: not drawn, or overwritten by tmux */
    bool pane_dim;         /* the pane's blanks are bold and dim, else bold */
    struct cells pane;     /* filled for the next flush; no rows: none */
    struct cells outer_at; /* the picture's cells in the tmux pane */
    int64_t around_ns;     /* when caps.around was queried */

    struct buf placement; /* of the last picture, for dumps */
};

/* Sets curses' attributes for the text written next: those of the style, with another
 * foreground colour (COLOR_DEFAULT: the style's) and additional attributes `more`. */
void screen_style(struct screen *s, enum style style, int32_t color, unsigned long more);

/* Colour of the filled part of a bar on the background of this style. */
int32_t screen_bar_color(const struct screen *s, enum style style);

/* Sends the output that curses has written. False: the terminal is gone. */
bool screen_send(struct screen *s);

/* Keeps curses from scrolling rows on the terminal; call before refresh(). Moves curses'
 * cursor. */
void screen_keep_rows(const struct screen *s);

/* Writes a control string (DCS … ST) no faster than the link transmits it; if a key comes,
 * ends it early, after the next byte `cut`. *written: bytes of it that were written.
 * False: the terminal is gone. */
bool screen_write_paced(struct screen *s, const char *bytes, size_t len, char cut, size_t *written);

/* Runs a trial of the link if link.doubt is set and nothing is on its way. */
void screen_try_link(struct screen *s);

/* No network lies between: see link_is_local(). */
bool screen_is_local(const struct screen *s);

/* Turns kitty's keyboard protocol on, if the terminal has it. */
void screen_take_keyboard(struct screen *s);

/* Asks for the sizes again and redraws, after the window or the modes have changed. */
void screen_resume(struct screen *s);

/* Erases a picture that text does not erase. False: the terminal is gone. */
bool screen_wipe(struct screen *s);

/* Writes bytes through tmux to the outer terminal. False: the terminal is gone. */
bool screen_send_outer(struct screen *s, const void *bytes, size_t len);

/* Draws a picture through tmux at these cells of the pane, after its text was sent;
 * `question` is a query in progress. If the pane is not visible nothing is drawn and the
 * picture stays pending (s->owed). False: the terminal is gone. */
bool screen_outer_picture(struct screen *s, struct tmux_question *question,
                          const struct frame *frame, struct cells at);

/* Milliseconds until tmux should be asked whether the picture is still visible; -1:
 * never. */
int screen_outer_due(const struct screen *s);

/* Asks tmux. True when the picture must be drawn again. */
bool screen_outer_look(struct screen *s);

/* Restores the terminal, stops the process, and takes the terminal over again. */
void screen_suspend(struct screen *s);

#endif
