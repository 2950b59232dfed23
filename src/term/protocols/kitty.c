/* kitty's graphics protocol, directly: the picture lies above the text, which does not
 * erase it. */
#include <stdio.h>

#include "protocols/kitty_picture.h"
#include "protocols/pixels.h"

static int whole_cells(int pixels, int cell)
{
    int n = (pixels + cell / 2) / cell;
    return n < 1 ? 1 : n;
}

/* Pixel for pixel, or fewer samples, which the terminal stretches over whole cells: the
 * size is wrong by up to half a cell then. C=1 keeps the cursor where it is; otherwise
 * the terminal may scroll. */
static bool kitty_draw(const struct image *picture, const struct pane *pane, int w, int h,
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

static void remove_picture(const struct pane *pane, uint32_t id, char *out, size_t size)
{
    struct pane plain = *pane;
    plain.tmux = false;
    kitty_delete(&plain, id, out, size);
}

static void wipe(const struct pane *pane, char *out, size_t size)
{
    remove_picture(pane, pane->image_id, out, size);
}

/* Each piece is a picture of its own; a greater id is drawn above smaller ones. */
static uint32_t name_of_piece(const struct pane *pane, int number)
{
    return pane->image_id + 1 + (uint32_t)number;
}

static bool kitty_piece(const struct pieces *pieces, const struct piece *piece, struct buf *out,
                        struct error *err)
{
    struct pane plain = *pieces->pane;
    plain.tmux = false;
    return kitty_send_part(pieces, pixels_of_piece(pieces, piece), &plain,
                           name_of_piece(pieces->pane, piece->number), "a=T,C=1,p=1", out, err);
}

static void wipe_piece(const struct pane *pane, int number, char *out, size_t size)
{
    remove_picture(pane, name_of_piece(pane, number), out, size);
}

const struct protocol protocol_kitty = {
    .name = "kitty",
    .text = "kitty's graphics, as PNG",
    .pixels = true,
    .outer = true,
    .scales = true,
    .grid = pixels_grid,
    .encode = kitty_draw,
    .pieces_begin = kitty_begin,
    .piece = kitty_piece,
    .pieces_end = kitty_end,
    .wipe_piece = wipe_piece,
    .cells = pixels_cells,
    .wipe = wipe,
};
