/* Protocols that draw pixel for pixel. */
#ifndef TERM_PROTOCOLS_PIXELS_H
#define TERM_PROTOCOLS_PIXELS_H

#include "term/protocol.h"

/* Number of cells that so many pixels touch, at least one. cell: pixels of a cell. */
static inline int pixels_touch(int pixels, int cell)
{
    return pixels < 1 ? 1 : (pixels - 1) / cell + 1;
}

/* For struct protocol: one sample per pixel, and the cells that w x h pixels touch. */
void pixels_grid(const struct pane *pane, int w, int h, int *grid_w, int *grid_h);
void pixels_cells(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                  int *rows);

/* The samples in the cells of a piece, clipped to the picture. */
struct image_rect pixels_of_piece(const struct pieces *pieces, const struct piece *piece);

#endif
