/* Protocols that draw pixel for pixel. */
#ifndef TERM_PROTOCOLS_PIXELS_H
#define TERM_PROTOCOLS_PIXELS_H

#include "term/protocol.h"

/* Cells that so many pixels touch; at least one. */
static inline int pixels_touch(int pixels, int cell)
{
    return pixels < 1 ? 1 : (pixels - 1) / cell + 1;
}

/* For struct protocol: a sample a pixel, and the cells that w x h pixels touch. */
void pixels_grid(const struct pane *pane, int w, int h, int *grid_w, int *grid_h);
void pixels_cells(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                  int *rows);

/* The samples of a piece: those of its cells. */
struct image_rect pixels_of_piece(const struct pieces *pieces, const struct piece *piece);

#endif
