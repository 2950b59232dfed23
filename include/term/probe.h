/* Finds out what the terminal can do by asking it, with a time limit; never from TERM
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

/* A terminal's replies; 0 or false where there was none. */
struct term_replies {
    bool fence;                 /* CSI 5 n was answered */
    int due;                    /* CSI 5 n sent and not answered yet, pictures' included */
    bool da1, da1_sixel;        /* CSI c; it lists 4 */
    int window_w, window_h;     /* CSI 14 t, pixels */
    int cell_w, cell_h;         /* CSI 16 t, pixels */
    int graphics_w, graphics_h; /* XTSMGRAPHICS geometry, pixels */
    int registers;              /* XTSMGRAPHICS colour registers */
    bool sync;                  /* synchronised output, mode 2026 */
    bool keyboard;              /* kitty's keyboard protocol, which reports repeats */
    bool rgb;                   /* accepted a 24-bit colour (DECRQSS) */
    bool kitty;                 /* accepted a picture in kitty's protocol */
    bool iterm2;                /* reported its cell size as iTerm2 does */
    bool background_told;       /* OSC 11 was answered */
    int32_t background;         /* 0xRRGGBB */
    char name[64];              /* XTVERSION */
    int64_t round_trip_ns;      /* first query to fence */
};

struct term_caps {
    const struct tty_backend *backend; /* whose environment counts: see tty_variable() */
    struct term_replies replies;       /* inside tmux: tmux's own replies */
    struct term_replies outer;         /* of the outer terminal, the one that tmux runs in, if it
                                          could be asked; fence and due are unused: DA1 is last */
    bool outer_due;                    /* the outer terminal has not answered DA1 yet */
    struct tmux_state around;          /* what tmux says of itself and of the outer terminal */
    struct tty_size size;
    int cell_w, cell_h; /* pixels, 1 to 200 */
    enum cell_source cell_source;
    bool tmux;  /* $TMUX is set, and no other terminal has answered */
    bool late;  /* some replies were missing at the time limit */
    int colors; /* of text: 1 (mono), 16, 256 or 1 << 24 */
};

/* Asks everything in one batch: a terminal, or tmux and, through it, the outer terminal.
 * Keys that arrive meanwhile stay in `in`. user_cell: pixels, {0,0} unless the user gave
 * them. Waits at most timeout_ms. */
void probe_terminal(struct tty *tty, struct input *in, int timeout_ms, const int user_cell[2],
                    struct term_caps *caps);

/* Waits at most timeout_ms more for missing replies. For use before the terminal is given
 * back, as late replies would appear as input of the shell. Returns at once if none is
 * missing. */
void probe_rest(struct tty *tty, struct input *in, int timeout_ms, const int user_cell[2],
                struct term_caps *caps);

/* Takes a reply that came after the time limit, over a slow link or from a busy
 * terminal. True when it is the last one, the fence: caps is then computed again, as
 * probe_terminal() does. */
bool probe_late(struct term_caps *caps, const struct input_event *reply, const int user_cell[2]);

/* Takes a reply of the outer terminal, while outer_due. True when it is the last one. */
bool probe_outer(struct term_caps *caps, const struct input_event *reply);

/* Asks the outer terminal if it has not been asked yet and can be reached now; pass the
 * replies to probe_outer(). False when nothing was asked. */
bool probe_ask_outer(struct tty *tty, struct term_caps *caps);

/* The replies of the terminal that draws the pictures: those of the outer one if `outer`
 * and known, else those of the terminal or tmux itself. */
const struct term_replies *probe_display(const struct term_caps *caps, bool outer);

/* True when tmux blocks pictures: allow-passthrough is off, and tmux draws none itself. */
bool probe_is_kept(const struct term_caps *caps);

/* The terminal's background colour, 0xRRGGBB; false where it is not known. */
bool probe_background(const struct term_caps *caps, int32_t *rgb);

/* True when the background is light: by the terminal's reply, else by COLORFGBG. */
bool probe_is_light(const struct term_caps *caps);

/* The terminal's own name (XTVERSION), "" if not known; inside tmux, that of the outer
 * terminal. */
const char *probe_name(const struct term_caps *caps);

/* Asks for the sizes again, after SIGWINCH; caps comes from probe_terminal().
 * replies.due must count the pictures' fences that are not answered yet: the probe adds
 * its own and subtracts those that were answered. */
void probe_size(struct tty *tty, struct input *in, int timeout_ms, const int user_cell[2],
                struct term_caps *caps);

/* Runs a trial of the link (term/link.h); outer: through tmux, to the outer terminal.
 * caps comes from probe_terminal(); keys that arrive meanwhile stay in `in`. Sends about
 * 8 KB or 16 KB over a slow link, and more only while that takes no time; gives up after
 * a few seconds. Fences that are not answered by then stay in replies.due. */
struct link;
void probe_link(struct tty *tty, struct input *in, struct term_caps *caps, bool outer,
                struct link *link);

/* Computes the cell size from caps->size and the replies; the first plausible value in
 * the order of enum cell_source wins. Replies are not trusted: a cell has 1 to 200 pixels
 * a side, and all cells together must make a window of a possible size. */
void probe_cell(struct term_caps *caps, const int user_cell[2]);

const char *cell_source_text(enum cell_source source);

#endif
