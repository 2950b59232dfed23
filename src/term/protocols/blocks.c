/* Text blocks: draws each cell with the symbol and the two colours nearest to its 8x8
 * samples. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "blocks/painter.h"
#include "image/scale.h"
#include "term/protocol.h"

static int cells_for(int pixels, int cell, int most)
{
    int n = (pixels + cell / 2) / cell;
    return n < 1 ? 1 : n > most ? most : n;
}

static void blocks_grid(const struct pane *pane, int w, int h, int *grid_w, int *grid_h)
{
    *grid_w = BLOCK_SIDE * cells_for(w, pane->cell_w, pane->cols);
    *grid_h = BLOCK_SIDE * cells_for(h, pane->cell_h, pane->rows);
}

static void blocks_cells(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                         int *rows)
{
    (void)pane;
    (void)w;
    (void)h;
    *cols = (grid_w + BLOCK_SIDE - 1) / BLOCK_SIDE;
    *rows = (grid_h + BLOCK_SIDE - 1) / BLOCK_SIDE;
}

/* Price of a byte, as a squared error of a cell, by level. */
static const float byte_worth[LEVEL_COUNT] = { 0.01f, 30.0f, 1200.0f, 1200.0f };

/* Floyd-Steinberg error diffusion between cells. Only a part of a cell's error is diffused,
 * as all of it looks like noise, and at most `most` levels, as a larger error is an edge,
 * which would cast a shadow. Errors are larger without colours. */
struct diffusion {
    float part, most;
};

static const struct diffusion in_colors = { 0.75f, 48.0f };
static const struct diffusion in_mono = { 0.90f, 96.0f };

struct owed {
    float (*here)[3], (*below)[3]; /* errors for this row and the next; one cell of margin on
                                      both sides */
};

static float limit(float v, float most)
{
    return v < -most ? -most : v > most ? most : v;
}

static void pass_on(const struct diffusion *how, struct owed *owed, int x, const struct cell *cell,
                    const struct stroke *stroke)
{
    for (int c = 0; c < 3; c++) {
        float off = cell->all[c] / BLOCK_SAMPLES + owed->here[x][c] - stroke->mean[c];
        float sixteenth = how->part * limit(off, how->most) / 16.0f;
        owed->here[x + 1][c] += 7.0f * sixteenth;
        owed->below[x - 1][c] += 3.0f * sixteenth;
        owed->below[x][c] += 5.0f * sixteenth;
        owed->below[x + 1][c] += sixteenth;
    }
}

static void draw_row(const struct palette *palette, float byte, const struct image *picture, int y,
                     int cols, struct owed *owed, struct buf *out)
{
    bool mono = palette->colors == 1;
    struct pen pen;
    struct cell cell;
    struct stroke stroke;
    pen_init(&pen, palette->colors);
    for (int x = 1; x <= cols; x++) {
        cell_measure(&cell, picture, (x - 1) * BLOCK_SIDE, y, mono);
        if (mono) {
            painter_choose_mono(&cell, owed->here[x], &stroke);
            buf_adds(out, stroke.symbol);
        } else {
            painter_choose(palette, &pen, byte, &cell, owed->here[x], &stroke);
            pen_put(&pen, stroke.has_fg ? &stroke.fg : NULL, stroke.has_bg ? &stroke.bg : NULL,
                    stroke.symbol, out);
        }
        pass_on(mono ? &in_mono : &in_colors, owed, x, &cell, &stroke);
    }
    buf_addf(out, "\033[0m\033[%dD\033[B", cols);
}

static bool blocks_draw(const struct image *picture, const struct pane *pane, int w, int h,
                        struct buf *out, struct error *err)
{
    int cols, rows;
    struct palette palette;
    blocks_cells(pane, w, h, picture->width, picture->height, &cols, &rows);
    size_t line = (size_t)cols + 2;
    float(*sums)[3] = mem_array(2 * line, sizeof *sums);
    if (!sums) {
        return error_nomem(err, 2 * line * sizeof *sums, "text blocks");
    }
    struct owed owed = { sums, sums + line };
    palette_init(&palette, pane->colors);
    for (int y = 0; y < rows; y++) {
        draw_row(&palette, byte_worth[pane->level], picture, y * BLOCK_SIDE, cols, &owed, out);
        float(*done)[3] = owed.here;
        owed.here = owed.below;
        owed.below = done;
        memset(done, 0, line * sizeof *done);
    }
    free(sums);
    return !out->failed || error_nomem(err, out->len, "text blocks");
}

static bool piece(const struct pieces *pieces, const struct piece *piece, struct buf *out,
                  struct error *err)
{
    struct image part;
    struct image_rect r = { piece->col * BLOCK_SIDE, piece->row * BLOCK_SIDE,
                            piece->cols * BLOCK_SIDE, piece->rows * BLOCK_SIDE };
    bool ok = image_crop(pieces->picture, r, &part, err) &&
              blocks_draw(&part, pieces->pane, 0, 0, out, err);
    image_release(&part);
    return ok;
}

const struct protocol protocol_blocks = {
    .name = "blocks",
    .text = "block characters, two colours per cell",
    .grid = blocks_grid,
    .encode = blocks_draw,
    .piece = piece,
    .cells = blocks_cells,
};
