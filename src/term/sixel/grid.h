/* Grid and cells of sixel pictures, for both encoders. */
#ifndef TERM_SIXEL_GRID_H
#define TERM_SIXEL_GRID_H

#include "term/protocol.h"

/* For struct protocol. */
void sixel_grid(const struct pane *pane, int w, int h, int *grid_w, int *grid_h);
void sixel_cells(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                 int *rows);

#endif
