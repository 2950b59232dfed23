#include "sixel_grid.h"

/* Six pixel rows make a band. Terminals differ in what they do with the rest of a
 * band in which a picture ends, and libsixel 1.10 draws a picture that is lower
 * than a band a band too low. */
void sixel_grid(const struct pane *pane, int w, int h, int *grid_w, int *grid_h)
{
    (void)pane;
    *grid_w = w;
    *grid_h = h >= 6 ? h - h % 6 : 6;
}

void sixel_cells(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                 int *rows)
{
    (void)w;
    (void)h;
    *cols = (grid_w + pane->cell_w - 1) / pane->cell_w;
    *rows = (grid_h + pane->cell_h - 1) / pane->cell_h;
}
