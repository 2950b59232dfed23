/* The screen: text through curses, pictures through raw bytes, keys and
 * signals as events. curses lives in here and nowhere else.
 *
 * Positions are in cells from 0,0 at the upper left. Text given to the
 * screen_put functions is made safe by text_printable() and cut to fit. */
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
    int timeout_ms;   /* for the terminal's answers */
    int cell[2];      /* pixels, 0,0: ask */
    int colors;       /* 0: ask; else 1, 16, 256 or 1 << 24 */
    bool plain;       /* text without colours (NO_COLOR) */
    /* Scripts: a screen of that size without a terminal (0: the real one). */
    int script_cols, script_rows;
};

/* Takes the terminal over. On failure it is as it was. */
struct screen *screen_open(const struct screen_options *options, struct error *err);

/* Gives the terminal back as it was; also on the way out after an error. */
void screen_close(struct screen *s);

const struct term_caps *screen_caps(const struct screen *s);

/* The terminal's own background is light, as far as can be told. */
bool screen_is_light(const struct screen *s);

/* What is written from now on is in that theme, which is copied. */
void screen_set_theme(struct screen *s, const struct theme *theme);
int screen_rows(const struct screen *s);
int screen_cols(const struct screen *s);

/* Text. `columns` is the room, -1: to the edge. Returns the columns used. */
int screen_put(struct screen *s, int row, int col, int columns, enum style style,
               const char *text);
/* The same in another foreground colour (0xRRGGBB, COLOR_DEFAULT: the style's). */
int screen_put_colored(struct screen *s, int row, int col, int columns, enum style style,
                       int32_t color, const char *text);
/* Bytes that may be anything, such as a file name, elided in the middle. */
int screen_put_name(struct screen *s, int row, int col, int columns, enum style style,
                    const char *bytes, size_t len);
/* A bar of `columns` cells of which the share (0 to 1) is filled, in eighths, in
 * the bar's colours on the background of `style`. */
void screen_put_bar(struct screen *s, int row, int col, int columns, enum style style,
                    float share);
/* Blank cells in a style. */
void screen_fill(struct screen *s, struct cells cells, enum style style);

/* A cursor where something is typed; row < 0: none. */
void screen_cursor(struct screen *s, int row, int col);

/* Brings the text to the terminal. Cells under a picture must hold what
 * screen_fill_pane() put there, or the text wipes the picture. */
void screen_flush(struct screen *s);

/* The cells of a picture's pane: blanks that curses takes for text. `wipe`: the next
 * flush writes them again, and so takes away what picture is there. */
void screen_fill_pane(struct screen *s, struct cells pane, bool wipe);

/* Flushes the text, with a pane that was filled to be wiped, and draws the frame in
 * the middle of the pane; frame NULL: only the text. Returns the number of this change, for screen_shown(); 0 when the terminal is gone. */
uint64_t screen_picture(struct screen *s, const struct frame *frame, struct cells pane);

/* Draws a piece of a frame over what is there of the same view; frame->pieces from 0 on,
 * one after the other. screen_picture() draws the first one itself. It is no picture for
 * screen_shown() and screen_busy(). Not complete: a key came while it was being written;
 * it is to be drawn again. False: the terminal is gone. */
bool screen_piece(struct screen *s, const struct frame *frame, int number, struct cells pane,
                  bool *complete);

/* Milliseconds until the next piece may be written: so that no more than one waits on the
 * way to the terminal. -1: not before an answer. */
int screen_piece_due(const struct screen *s);

/* Number of the last picture that the terminal has taken in: keys that came
 * before were pressed when it was not yet to be seen. */
uint64_t screen_shown(const struct screen *s);

/* Whether screen_event.repeated is told; else a held key is like one that is pressed
 * again and again. */
bool screen_tells_repeats(const struct screen *s);

/* True while the terminal has not answered the last picture. What is written
 * meanwhile stands in a queue behind it: best is to wait for EVENT_SHOWN. */
bool screen_busy(const struct screen *s);

/* What the pictures so far tell of the link. */
const struct link *screen_link(const struct screen *s);

/* Forgets what the terminal shows: the next flush draws every cell. */
void screen_redraw(struct screen *s);

void screen_bell(struct screen *s);

enum screen_event_kind {
    EVENT_KEY,
    EVENT_SHOWN,  /* screen_shown() has grown */
    EVENT_WAKE,   /* screen_wake() was called */
    EVENT_RESIZE, /* also after ^Z and fg: draw everything */
    EVENT_EXPOSED, /* the picture may have been written over: draw it again */
    EVENT_QUIT,   /* SIGHUP, SIGTERM, or the terminal is gone */
    EVENT_INTERRUPT, /* ^C */
    EVENT_TIMEOUT,
};

struct screen_event {
    enum screen_event_kind kind;
    keycode key;
    bool pasted;      /* the key was part of a paste */
    bool repeated;    /* the terminal says that it is held down */
    /* When it came, by clock_monotonic_ns(): between these, as nobody listens while a
     * picture is written. */
    int64_t from_ns, at_ns;
    uint64_t shown;   /* the picture that was to be seen when the key was pressed */
};

/* Waits for the next event, at most timeout_ms (-1: for ever). */
void screen_wait(struct screen *s, int timeout_ms, struct screen_event *event);

/* Makes screen_wait() return EVENT_WAKE; from any thread. */
void screen_wake(struct screen *s);

/* What stands on the screen as text, a line a row, spaces at the ends cut, and
 * behind it a line for the picture, if one is shown. */
void screen_dump(struct screen *s, struct buf *out);

#endif
