#include "sixel/grid.h"

#include "protocols/pixels.h"

/* A multiple of six rows, as six pixel rows make a band: terminals differ in how they draw
 * the rest of an incomplete band, and libsixel 1.10 draws a picture of fewer than six rows
 * one band too low. */
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
    *cols = pixels_touch(grid_w, pane->cell_w);
    *rows = pixels_touch(grid_h, pane->cell_h);
}
