/* Sixel by our own quantiser and encoder. */
#include <stdlib.h>
#include <string.h>

#include "protocols/pixels.h"
#include "sixel/encode.h"
#include "sixel/grid.h"
#include "sixel/indexed.h"
#include "term/protocol.h"

/* Measured with `make bench`: the default level beats libsixel's best quality in PSNR,
 * SSIM and PSNR after a slight blur with about 70 % of its bytes; the slow level takes
 * 40 % and is smoother than libsixel without dither. */
static const struct quantize_options levels[LEVEL_COUNT] = {
    [LEVEL_BEST] = { .colors = 256, .diffusion = 192, .byte = 0, .percent = true },
    [LEVEL_DEFAULT] = { .colors = 256, .diffusion = 160, .byte = 8, .share = 15, .percent = true },
    [LEVEL_SLOW] = { .colors = 128, .diffusion = 144, .byte = 35, .share = 40, .percent = true },
    [LEVEL_LEAST] = { .colors = 64, .diffusion = 144, .byte = 80, .share = 60, .percent = true },
};

static int distance(const uint8_t *a, const uint8_t *b)
{
    int sum = 0;
    for (int c = 0; c < 3; c++) {
        sum += (a[c] - b[c]) * (a[c] - b[c]);
    }
    return sum;
}

#define GROUND_NEAR 600 /* squared distance within which a colour was made of the ground's */

/* The colour that stands for the ground becomes it. */
static void keep_ground(struct palette *palette, int32_t ground)
{
    const uint8_t want[3] = { (uint8_t)(ground >> 16), (uint8_t)(ground >> 8), (uint8_t)ground };
    int best = 0;
    for (int i = 1; i < palette->count; i++) {
        if (distance(palette->rgb[i], want) < distance(palette->rgb[best], want)) {
            best = i;
        }
    }
    if (distance(palette->rgb[best], want) < GROUND_NEAR) {
        memcpy(palette->rgb[best], want, sizeof want);
    }
}

static bool make_indexed(const struct image *picture, const struct pane *pane, struct indexed *out,
                         struct error *err)
{
    struct quantize_options options = levels[pane->level];
    options.colors = options.colors < pane->registers ? options.colors : pane->registers;
    if (!indexed_make(picture, &options, out, err)) {
        return false;
    }
    if (pane->grounded) {
        keep_ground(&out->palette, pane->ground);
    }
    return true;
}

static bool put(const struct indexed *p, struct buf *out, struct error *err)
{
    return sixel_encode_indexed(p->indices, p->width, p->height, &p->palette, out, err);
}

static bool sixel_draw(const struct image *picture, const struct pane *pane, int w, int h,
                       struct buf *out, struct error *err)
{
    (void)w;
    (void)h;
    struct indexed indexed;
    if (!make_indexed(picture, pane, &indexed, err)) {
        return false;
    }
    bool ok = put(&indexed, out, err);
    indexed_release(&indexed);
    return ok;
}

static bool pieces_begin(struct pieces *pieces, struct error *err)
{
    struct indexed *all = calloc(1, sizeof *all);
    pieces->shared = all;
    return all ? make_indexed(pieces->picture, pieces->pane, all, err)
               : error_nomem(err, sizeof *all, "a sixel picture");
}

/* Whatever the terminal draws in the unused rows of a piece's last band is overwritten by
 * the piece below. */
static bool piece(const struct pieces *pieces, const struct piece *piece, struct buf *out,
                  struct error *err)
{
    const struct indexed *all = pieces->shared;
    struct indexed part;
    struct image_rect r = pixels_of_piece(pieces, piece);
    if (!indexed_crop(all, r, &part, err)) {
        return false;
    }
    bool ok = put(&part, out, err);
    indexed_release(&part);
    return ok;
}

static void pieces_end(struct pieces *pieces)
{
    if (pieces->shared) {
        indexed_release(pieces->shared);
    }
    free(pieces->shared);
}

const struct protocol protocol_sixel = {
    .name = "sixel",
    .text = "sixel pictures",
    .pixels = true,
    .outer = true,
    .grid = sixel_grid,
    .encode = sixel_draw,
    .pieces_begin = pieces_begin,
    .piece = piece,
    .pieces_end = pieces_end,
    .cut = '-', /* the end of a band */
    .cells = sixel_cells,
};
