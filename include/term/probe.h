/* What this terminal can do: asked, with a time limit, never guessed from TERM
 * alone. */
#ifndef TERM_PROBE_H
#define TERM_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "term/input.h"
#include "term/tmux.h"
#include "term/tty.h"

enum cell_source {
    CELL_FROM_USER,     /* --cell or the ini */
    CELL_FROM_GRAPHICS, /* XTSMGRAPHICS geometry divided by the cells */
    CELL_FROM_CELL,     /* CSI 16 t */
    CELL_FROM_WINDOW,   /* CSI 14 t divided by the cells */
    CELL_FROM_TTY,      /* TIOCGWINSZ pixels divided by the cells */
    CELL_FROM_DEFAULT,  /* 10x20 */
};

/* The replies, as they came; 0 or false where nothing came. */
struct term_replies {
    bool fence;                 /* CSI 5 n was answered */
    int due;                    /* CSI 5 n sent and not answered yet, by whomever */
    bool da1, da1_sixel;        /* CSI c; it lists 4 */
    int window_w, window_h;     /* CSI 14 t, pixels */
    int cell_w, cell_h;         /* CSI 16 t, pixels */
    int graphics_w, graphics_h; /* XTSMGRAPHICS geometry, pixels */
    int registers;              /* XTSMGRAPHICS colour registers */
    bool sync;                  /* synchronised output, mode 2026 */
    bool keyboard;              /* kitty's keyboard protocol: tells repeats from presses */
    bool rgb;                   /* took a 24-bit colour (DECRQSS) */
    bool kitty;                 /* said OK to a picture of kitty's protocol */
    bool iterm2;                /* told a cell's size as iTerm2 does */
    bool background_told;       /* OSC 11 */
    int32_t background;         /* 0xRRGGBB */
    char name[64];              /* XTVERSION */
    int64_t round_trip_ns;      /* first query to fence */
};

struct term_caps {
    struct term_replies replies; /* inside tmux they are tmux's */
    struct term_replies outer;   /* of the terminal around tmux, where it could be asked;
                                    of it, fence and due are unused: DA1 comes last */
    bool outer_due;              /* it has been asked and has not answered DA1 yet */
    struct tmux_state around;    /* what tmux tells of itself and of that terminal */
    struct tty_size size;
    int cell_w, cell_h; /* pixels, 1 to 200 */
    enum cell_source cell_source;
    bool tmux;  /* $TMUX is set, and no other terminal has answered */
    bool late;  /* the answers had not all come when the time was over */
    int colors; /* of text: 1 (mono), 16, 256 or 1 << 24 */
};

/* Asks everything, in one batch: of a terminal, or of tmux and, through it, of
 * the terminal around. Keys that arrive meanwhile stay in `in`. user_cell is {0,0}
 * unless the user gave one. Never waits longer than timeout_ms. */
void probe_terminal(struct tty *tty, struct input *in, int timeout_ms, const int user_cell[2],
                    struct term_caps *caps);

/* Waits longer for what has not come, for somebody who is about to give the terminal
 * back: the replies would be typed into the shell. Returns at once where all is here. */
void probe_rest(struct tty *tty, struct input *in, int timeout_ms, const int user_cell[2],
                struct term_caps *caps);

/* Takes a reply that comes after that, over a slow link or from a busy
 * terminal. True when it is the last one, the fence: caps is then worked out
 * anew, as probe_terminal() does. */
bool probe_late(struct term_caps *caps, const struct input_event *reply, const int user_cell[2]);

/* Takes a reply of the terminal around tmux, while outer_due. True when it is the
 * last one. */
bool probe_outer(struct term_caps *caps, const struct input_event *reply);

/* Asks the terminal around tmux what it has not been asked yet, if it is to be
 * reached now; the replies are for probe_outer(). False when nothing was asked. */
bool probe_ask_outer(struct tty *tty, struct term_caps *caps);

/* What the terminal that pictures reach in the end said: the one around tmux, if
 * they go there, else whoever answers. */
const struct term_replies *probe_display(const struct term_caps *caps, bool outer);

/* tmux lets no pictures through and draws none itself: allow-passthrough is off. */
bool probe_is_kept(const struct term_caps *caps);

/* The background of text, 0xRRGGBB; false where the terminal has not told. */
bool probe_background(const struct term_caps *caps, int32_t *rgb);

/* It is light: by what the terminal has told, else by COLORFGBG. */
bool probe_is_light(const struct term_caps *caps);

/* The name that the terminal has for itself, "" where it does not tell; around
 * tmux, where there is one. */
const char *probe_name(const struct term_caps *caps);

/* Asks only for sizes, after SIGWINCH; caps comes from probe_terminal(). Fences
 * of pictures that are still to be answered (replies.due) come first: the probe
 * adds its own and takes off those that came. */
void probe_size(struct tty *tty, struct input *in, int timeout_ms, const int user_cell[2],
                struct term_caps *caps);

/* A trial of the link (term/link.h), through tmux where that is asked for and can
 * be. caps comes from probe_terminal(); keys that arrive meanwhile stay in `in`. It
 * takes no longer than a terminal on this machine needs, or what a slow line needs for
 * some 8 KB or 16 KB; at most some seconds. Fences that got no answer by then are left
 * in replies.due. */
struct link;
void probe_link(struct tty *tty, struct input *in, struct term_caps *caps, bool outer,
                struct link *link);

/* Works the cell size out of size and replies, by the order of cell_source.
 * Replies are not trusted: a cell is 1 to 200 pixels on either side, and all cells
 * together are a window that there can be. */
void probe_cell(struct term_caps *caps, const int user_cell[2]);

const char *cell_source_text(enum cell_source source);

#endif
