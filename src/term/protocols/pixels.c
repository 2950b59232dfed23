/* Grid and cells of protocols that draw pixel for pixel. */
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

struct image_rect pixels_of_piece(const struct pieces *pieces, const struct piece *piece)
{
    const struct pane *pane = pieces->pane;
    struct image_rect r = { piece->col * pane->cell_w, piece->row * pane->cell_h,
                            piece->cols * pane->cell_w, piece->rows * pane->cell_h };
    int width = pieces->picture->width - r.x;
    int height = pieces->picture->height - r.y;
    r.width = r.width > width ? width : r.width;
    r.height = r.height > height ? height : r.height;
    return r;
}
