/* Ways of drawing a picture on a terminal: a file and a row in a table each. */
#ifndef TERM_PROTOCOL_H
#define TERM_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "image/image.h"
#include "term/probe.h"

/* What a picture may cost on the way to the terminal: as good as it gets, good,
 * for slow links, or as few bytes as still show what is on it. The last one is
 * nobody's choice: it is taken where a limit of bytes is set, before a picture is
 * drawn smaller than there is room for. */
enum level { LEVEL_BEST, LEVEL_DEFAULT, LEVEL_SLOW, LEVEL_LEAST, LEVEL_COUNT };

/* Where a picture goes: a box of cells and what a cell is made of. */
struct pane {
    int cols, rows;     /* >= 1 */
    int cell_w, cell_h; /* pixels */
    int max_w, max_h;   /* largest picture in pixels, 0: no limit */
    int colors;         /* of text: 1, 16, 256 or 1 << 24 */
    int registers;      /* of sixel, 2 to 256 */
    enum level level;
    bool tmux;          /* inside tmux, which does not draw this protocol itself */
    uint32_t image_id;  /* kitty's name of the picture, 256 to 0xFFFFFF */
};

/* A picture that is drawn in pieces, one after the other, each over some of its cells
 * and by a sequence of its own. All together show what encode() shows. */
struct pieces {
    const struct image *picture; /* as for encode(), of the grid's size */
    const struct pane *pane;
    void *shared; /* the protocol's */
};

#define PIECES_MOST 96

struct piece {
    int number;               /* from 0, below PIECES_MOST */
    int col, row, cols, rows; /* cells, from the picture's upper left corner */
};

struct protocol {
    const char *name; /* as in --protocol */
    const char *text; /* what it is, for doctor */

    bool pixels; /* a sample is a screen pixel, unless fewer are drawn */

    /* Where pane.tmux, the bytes go to the terminal around: the screen passes them
     * through, with the place of the pane in front. */
    bool outer;

    /* The terminal enlarges the samples to the size wanted, so that fewer may
     * stand for a picture where bytes are dear. */
    bool scales;

    /* Samples to scale a picture of w x h screen pixels to, both at least 1;
     * a sample need not be square nor a pixel. */
    void (*grid)(const struct pane *pane, int w, int h, int *grid_w, int *grid_h);

    /* Bytes that draw the picture (3 channels, of the grid's size or, where the
     * terminal scales, smaller) over w x h screen pixels with its upper left
     * corner at the cursor, wherever that is. The cursor ends up anywhere,
     * attributes are reset. */
    bool (*encode)(const struct image *picture, const struct pane *pane, int w, int h,
                   struct buf *out, struct error *err);

    /* Pieces; pieces_begin is NULL where they cannot be had. piece() draws one with its
     * upper left corner at the cursor, and may spoil what is less than a cell below it:
     * the piece there comes later. What comes of pieces_begin(), also when it fails, is for
     * pieces_end(). */
    bool (*pieces_begin)(struct pieces *pieces, struct error *err);
    bool (*piece)(const struct pieces *pieces, const struct piece *piece, struct buf *out,
                  struct error *err);
    void (*pieces_end)(struct pieces *pieces);

    /* A piece may be ended early, by ST behind any of these bytes; 0: it may not. */
    char cut;

    /* Bytes that take piece `number` off the screen, as wipe(); NULL as there. */
    void (*wipe_piece)(const struct pane *pane, int number, char *out, size_t size);

    /* Cells that a picture of w x h screen pixels with such a grid covers. */
    void (*cells)(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                  int *rows);

    /* Bytes that take the picture off the screen again, at most size - 1 and a
     * NUL; NULL where text written over it does so. */
    void (*wipe)(const struct pane *pane, char *out, size_t size);
};

extern const struct protocol protocol_kitty;
extern const struct protocol protocol_placeholders;
extern const struct protocol protocol_iterm2;
extern const struct protocol protocol_sixel;
extern const struct protocol protocol_libsixel;
extern const struct protocol protocol_blocks;

/* Row `index` of the table of protocols, best first; NULL behind the last. */
const struct protocol *protocol_at(size_t index);

/* By name; NULL for "none" and unknown ones. */
const struct protocol *protocol_by_name(const char *name);

/* The best one for what the terminal answered, and why, in words. */
const struct protocol *protocol_choose(const struct term_caps *caps, const char **why);

/* What a picture has tmux in its way: pane.tmux. Not where tmux draws it itself. */
bool protocol_meets_tmux(const struct protocol *protocol, const struct term_caps *caps);

/* In how many pieces a picture may be drawn: xterm keeps no more than 16 of sixel on
 * the screen. */
int protocol_pieces(const struct protocol *protocol, const struct term_caps *caps);

/* The version of libsixel that is linked. */
const char *protocol_sixel_version(void);

/* What is known of the terminal for a pane, all but its size and level, and how
 * many bytes a frame may have there (0: no limit). protocol may be NULL. */
void protocol_pane(const struct protocol *protocol, const struct term_caps *caps,
                   struct pane *pane, size_t *max_bytes);

#endif
