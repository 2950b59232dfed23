/* Picture protocols of terminals: each has a file and a row in a table. */
#ifndef TERM_PROTOCOL_H
#define TERM_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "image/image.h"
#include "term/probe.h"

/* Quality of a picture against its bytes: best quality, good quality, few bytes for slow
 * links, fewest bytes that still show the content. LEVEL_LEAST cannot be chosen by the
 * user: it is used under a byte limit, before a picture is drawn smaller. */
enum level { LEVEL_BEST, LEVEL_DEFAULT, LEVEL_SLOW, LEVEL_LEAST, LEVEL_COUNT };

/* The cells that a picture may use, and what the terminal can draw in them. */
struct pane {
    int cols, rows;     /* >= 1 */
    int cell_w, cell_h; /* pixels */
    int max_w, max_h;   /* largest picture in pixels, 0: no limit */
    int colors;         /* of text: 1, 16, 256 or 1 << 24 */
    int registers;      /* sixel colour registers, 2 to 256 */
    enum level level;
    bool tmux;         /* inside tmux, which does not draw this protocol itself */
    uint32_t image_id; /* kitty's id of the picture, 256 to 0xFFFFFF */
    bool grounded;     /* the picture has parts of one colour that meet the terminal's own: */
    int32_t ground;    /* this one, 0xRRGGBB, which must not be changed to save colours */
};

/* A picture drawn in pieces, each a rectangle of its cells with a sequence of its own.
 * All pieces together show what encode() shows. */
struct pieces {
    const struct image *picture; /* as for encode(), of the grid's size */
    const struct pane *pane;
    void *shared; /* the protocol's own data, of pieces_begin() */
};

#define PIECES_MOST 96

struct piece {
    int number;               /* 0 to PIECES_MOST - 1 */
    int col, row, cols, rows; /* in cells, from the picture's upper left corner */
};

struct protocol {
    const char *name; /* as in --protocol */
    const char *text; /* description, for doctor */

    bool pixels; /* a sample is a screen pixel, unless fewer are drawn */

    /* With pane.tmux the bytes are for the outer terminal: the screen moves the cursor to
     * the pane there and wraps them for tmux. */
    bool outer;

    /* The terminal can enlarge a picture, so that fewer samples may be sent to save
     * bytes. */
    bool scales;

    /* Number of samples for a picture of w x h screen pixels, both at least 1; a sample
     * need not be square, nor a pixel. */
    void (*grid)(const struct pane *pane, int w, int h, int *grid_w, int *grid_h);

    /* Appends the bytes that draw the picture (3 channels, of the grid's size or, where
     * `scales`, smaller) over w x h screen pixels, with its upper left corner at the
     * cursor. Afterwards the cursor may be anywhere; attributes are reset. */
    bool (*encode)(const struct image *picture, const struct pane *pane, int w, int h,
                   struct buf *out, struct error *err);

    /* Pieces; piece is NULL where the protocol has none. piece() appends the bytes of one,
     * with its upper left corner at the cursor; it may overwrite pixels less than a cell
     * below it, which the next piece draws again. pieces_begin() and pieces_end() make and
     * free `shared`, and are NULL where that is not used; pieces_end() must be called even
     * when pieces_begin() has failed. */
    bool (*pieces_begin)(struct pieces *pieces, struct error *err);
    bool (*piece)(const struct pieces *pieces, const struct piece *piece, struct buf *out,
                  struct error *err);
    void (*pieces_end)(struct pieces *pieces);

    /* A piece may be cut short by ST after any of these bytes; 0: never. */
    char cut;

    /* The same as wipe() for piece `number`. */
    void (*wipe_piece)(const struct pane *pane, int number, char *out, size_t size);

    /* Number of cells that a picture of w x h screen pixels with this grid covers. */
    void (*cells)(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                  int *rows);

    /* Writes the bytes that erase the picture, at most size - 1 and a NUL. NULL: text
     * written over the picture erases it. */
    void (*wipe)(const struct pane *pane, char *out, size_t size);
};

extern const struct protocol protocol_kitty;
extern const struct protocol protocol_placeholders;
extern const struct protocol protocol_iterm2;
extern const struct protocol protocol_sixel;
extern const struct protocol protocol_libsixel;
extern const struct protocol protocol_blocks;

/* Row `index` of the table of protocols, best first; NULL after the last. */
const struct protocol *protocol_at(size_t index);

/* By name; NULL for "none" and unknown names. */
const struct protocol *protocol_by_name(const char *name);

/* The best protocol by the terminal's replies; *why: the reason, as a phrase for
 * messages (static). */
const struct protocol *protocol_choose(const struct term_caps *caps, const char **why);

/* The value for pane.tmux: inside tmux, and tmux does not draw this protocol itself. */
bool protocol_meets_tmux(const struct protocol *protocol, const struct term_caps *caps);

/* Most pieces that a picture may be drawn in: xterm keeps no more than 16 sixel pictures
 * on the screen. */
int protocol_pieces(const struct protocol *protocol, const struct term_caps *caps);

/* Version of the linked libsixel. */
const char *protocol_sixel_version(void);

/* Fills *pane, except for its size and level, and *max_bytes, the most bytes of a frame
 * (0: no limit), from the terminal's replies. protocol may be NULL. */
void protocol_pane(const struct protocol *protocol, const struct term_caps *caps, struct pane *pane,
                   size_t *max_bytes);

#endif
