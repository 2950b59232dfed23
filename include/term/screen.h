/* The screen: text through curses, pictures as raw bytes, keys and signals as events.
 * No other module uses curses.
 *
 * Positions are in cells from 0,0 at the upper left. The screen_put functions make text
 * safe with text_printable() and truncate it to fit. */
#ifndef TERM_SCREEN_H
#define TERM_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "config/key.h"
#include "config/theme.h"
#include "term/frame.h"
#include "term/link.h"
#include "term/probe.h"

struct screen;

/* A rectangle of cells. */
struct cells {
    int row, col, rows, cols;
};

struct screen_options {
    const struct theme *theme;
    int timeout_ms; /* for the terminal's replies */
    int cell[2];    /* size of a cell in pixels; 0,0: ask the terminal */
    int colors;     /* 1, 16, 256 or 1 << 24; 0: ask the terminal */
    bool plain;     /* text without colours (NO_COLOR) */
    /* A terminal within the program, borrowed, in place of /dev/tty; NULL: none. */
    const struct tty_backend *backend;
    void *backend_self;
};

/* Takes the terminal over. On failure the terminal is unchanged. */
struct screen *screen_open(const struct screen_options *options, struct error *err);

/* Restores the terminal. s may be NULL. */
void screen_close(struct screen *s);

/* The terminal's features, valid until screen_close(). They change with EVENT_RESIZE. */
const struct term_caps *screen_caps(const struct screen *s);

/* True when the terminal's background is light, as far as is known. */
bool screen_is_light(const struct screen *s);

/* Sets the theme (copied) of the text written from now on. */
void screen_set_theme(struct screen *s, const struct theme *theme);
int screen_rows(const struct screen *s);
int screen_cols(const struct screen *s);

/* Writes text into at most `columns` columns, -1: up to the edge. Returns the columns
 * used. */
int screen_put(struct screen *s, int row, int col, int columns, enum style style, const char *text);
/* The same in another foreground colour: 0xRRGGBB, or COLOR_DEFAULT for the style's. */
int screen_put_colored(struct screen *s, int row, int col, int columns, enum style style,
                       int32_t color, const char *text);
/* The same for arbitrary bytes, such as a file name; elided in the middle. */
int screen_put_name(struct screen *s, int row, int col, int columns, enum style style,
                    const char *bytes, size_t len);
/* A bar of `columns` cells, filled up to share (0 to 1) in steps of an eighth of a cell,
 * in the bar's colours on the background of `style`. */
void screen_put_bar(struct screen *s, int row, int col, int columns, enum style style, float share);
/* Fills cells with blanks in a style. */
void screen_fill(struct screen *s, struct cells cells, enum style style);

/* Shows the cursor, where the user types; row < 0: hides it. */
void screen_cursor(struct screen *s, int row, int col);

/* Sends the text to the terminal. Cells under a picture must contain what
 * screen_fill_pane() put there, or the text erases the picture. */
void screen_flush(struct screen *s);

/* Fills a picture's pane with blanks that curses treats as text. wipe: the next flush
 * writes them again and so erases the picture under them. */
void screen_fill_pane(struct screen *s, struct cells pane, bool wipe);

/* Flushes the text, in which the pane was filled with wipe, and draws the frame in the
 * middle of the pane; frame NULL: only the text. Returns the serial number of this
 * picture, for screen_shown(); 0 when the terminal is gone. */
uint64_t screen_picture(struct screen *s, const struct frame *frame, struct cells pane);

/* Draws piece `number` of a frame over an earlier frame of the same view. Pieces must be
 * drawn in order; screen_picture() draws piece 0 itself. A piece does not count as a
 * picture for screen_shown() and screen_busy(). *complete is false when a key came while
 * the piece was written: draw it again. Returns false when the terminal is gone. */
bool screen_piece(struct screen *s, const struct frame *frame, int number, struct cells pane,
                  bool *complete);

/* Milliseconds until the next piece may be written, so that at most one waits on the way
 * to the terminal. -1: only after the next reply. */
int screen_piece_due(const struct screen *s);

/* Serial number of the latest picture that the terminal has drawn: keys that came before
 * its reply were pressed while it was not visible yet. */
uint64_t screen_shown(const struct screen *s);

/* True when the terminal reports screen_event.repeated; otherwise a held key cannot be
 * told from one that is pressed again and again. */
bool screen_tells_repeats(const struct screen *s);

/* True while the terminal has not drawn the latest picture. Output written meanwhile
 * queues up behind it: better wait for EVENT_SHOWN. */
bool screen_busy(const struct screen *s);

/* The current estimate of the link. */
const struct link *screen_link(const struct screen *s);

/* Marks every cell as unknown: the next flush draws all of them. */
void screen_redraw(struct screen *s);

void screen_bell(struct screen *s);

enum screen_event_kind {
    EVENT_KEY,
    EVENT_SHOWN,     /* screen_shown() has grown */
    EVENT_WAKE,      /* screen_wake() was called */
    EVENT_RESIZE,    /* also after ^Z and fg: draw everything */
    EVENT_EXPOSED,   /* the picture may have been overwritten: draw it again */
    EVENT_QUIT,      /* SIGHUP, SIGTERM, or the terminal is gone */
    EVENT_INTERRUPT, /* ^C */
    EVENT_TIMEOUT,
};

struct screen_event {
    enum screen_event_kind kind;
    keycode key;
    bool pasted;   /* the key was part of a paste */
    bool repeated; /* the terminal reports that the key is held down */
    /* When the key came, by screen_now_ns(): between these two, as input is not read
     * while a picture is written. */
    int64_t from_ns, at_ns;
    uint64_t shown; /* screen_shown() when the key was pressed */
};

/* Waits for the next event, at most timeout_ms (-1: no limit), then EVENT_TIMEOUT. */
void screen_wait(struct screen *s, int timeout_ms, struct screen_event *event);

/* Makes screen_wait() return EVENT_WAKE; from any thread. */
void screen_wake(struct screen *s);

/* The time by which the events are measured: see tty_now_ns(). */
int64_t screen_now_ns(const struct screen *s);

/* A line that says where the latest picture was drawn, and of what it was made; "": it was
 * text alone. Valid until the next one. */
const char *screen_placement(const struct screen *s);

#endif
