/* kitty's graphics protocol, directly: the picture lies above the text, which
 * does not wipe it. */
#include <stdio.h>

#include "kitty.h"
#include "term/protocol.h"

static void kitty_grid(const struct pane *pane, int w, int h, int *grid_w, int *grid_h)
{
    (void)pane;
    *grid_w = w;
    *grid_h = h;
}

static void cells(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                  int *rows)
{
    (void)grid_w;
    (void)grid_h;
    *cols = kitty_cells(w, pane->cell_w);
    *rows = kitty_cells(h, pane->cell_h);
}

static int whole_cells(int pixels, int cell)
{
    int n = (pixels + cell / 2) / cell;
    return n < 1 ? 1 : n;
}

/* Pixel for pixel; or fewer samples, which the terminal stretches over whole
 * cells: half a cell at most is missing or too much then. C=1 leaves the cursor
 * where it is, or the terminal may scroll. */
static bool draw(const struct image *picture, const struct pane *pane, int w, int h,
                 struct buf *out, struct error *err)
{
    char keys[64] = "a=T,C=1,p=1";
    if (picture->width != w || picture->height != h) {
        snprintf(keys, sizeof keys, "a=T,C=1,p=1,c=%d,r=%d", whole_cells(w, pane->cell_w),
                 whole_cells(h, pane->cell_h));
    }
    struct pane plain = *pane;
    plain.tmux = false; /* the screen passes it through */
    return kitty_send(picture, &plain, pane->image_id, keys, out, err);
}

static void wipe(const struct pane *pane, char *out, size_t size)
{
    struct pane plain = *pane;
    plain.tmux = false;
    kitty_delete(&plain, pane->image_id, out, size);
}

const struct protocol protocol_kitty = {
    .name = "kitty",
    .text = "kitty's graphics, as PNG",
    .pixels = true,
    .outer = true,
    .scales = true,
    .grid = kitty_grid,
    .encode = draw,
    .cells = cells,
    .wipe = wipe,
};
