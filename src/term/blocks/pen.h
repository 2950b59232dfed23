/* The terminal's current colours, and how many bytes changing them takes. */
#ifndef TERM_BLOCKS_PEN_H
#define TERM_BLOCKS_PEN_H

#include "base/buf.h"
#include "blocks/palette.h"

struct pen {
    int colors; /* as in struct pane */
    struct ink fg, bg;
};

/* Sets both inks to the terminal's default colours, as after a reset. */
void pen_init(struct pen *pen, int colors);

/* Length of the sequence that sets the ink as fore- or background colour, in bytes. */
int pen_cost(const struct pen *pen, const struct ink *ink);

/* Appends the symbol in these colours; fg or bg NULL: keep the current one. */
void pen_put(struct pen *pen, const struct ink *fg, const struct ink *bg, const char *symbol,
             struct buf *out);

#endif
