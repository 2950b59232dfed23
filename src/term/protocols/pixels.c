#include "protocols/pixels.h"

void pixels_grid(const struct pane *pane, int w, int h, int *grid_w, int *grid_h)
{
    (void)pane;
    *grid_w = w;
    *grid_h = h;
}

void pixels_cells(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                  int *rows)
{
    (void)grid_w;
    (void)grid_h;
    *cols = pixels_touch(w, pane->cell_w);
    *rows = pixels_touch(h, pane->cell_h);
}
