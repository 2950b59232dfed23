/* The colours that stand in the terminal, and what changing them costs. */
#ifndef TERM_BLOCKS_PEN_H
#define TERM_BLOCKS_PEN_H

#include "base/buf.h"
#include "blocks/palette.h"

struct pen {
    int colors; /* as in struct pane */
    struct ink fg, bg;
};

/* Both inks are the terminal's own, as after a reset. */
void pen_init(struct pen *pen, int colors);

/* Bytes of the sequence that makes ink the fore- or background colour. */
int pen_cost(const struct pen *pen, const struct ink *ink);

/* Writes the symbol in these colours; NULL: whichever stands will do. */
void pen_put(struct pen *pen, const struct ink *fg, const struct ink *bg, const char *symbol,
             struct buf *out);

#endif
