/* Text blocks: each cell in the symbol and the two colours that come nearest to
 * its 8x8 samples. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "blocks/painter.h"
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

/* The sums of a cell from those of its rows and columns. */
static void add_up(struct cell *cell, const int rows[BLOCK_SIDE][2][3],
                   const int columns[BLOCK_SIDE][3])
{
    for (int c = 0; c < 3; c++) {
        int quarters[4] = { 0 };
        int down = 0;
        int across = 0;
        for (int i = 0; i < BLOCK_SIDE; i++) {
            down += rows[i][0][c] + rows[i][1][c];
            across += columns[i][c];
            quarters[i / 4 * 2] += rows[i][0][c];
            quarters[i / 4 * 2 + 1] += rows[i][1][c];
            if (i < BLOCK_SIDE - 1) {
                cell->a[SPLIT_ROWS + i][c] = (float)down;
                cell->a[SPLIT_COLUMNS + i][c] = (float)across;
            }
        }
        for (int i = 0; i < 4; i++) {
            cell->a[SPLIT_QUARTERS + i][c] = (float)quarters[i];
        }
        cell->a[SPLIT_DIAGONAL][c] = (float)(quarters[0] + quarters[3]);
        cell->all[c] = (float)down;
    }
}

static int grey_of(const uint8_t *p)
{
    return (299 * p[0] + 587 * p[1] + 114 * p[2] + 500) / 1000;
}

/* Samples beyond the picture's edge are as those at it. */
static void measure(const struct image *picture, int x0, int y0, bool grey, struct cell *cell)
{
    int rows[BLOCK_SIDE][2][3] = { 0 };
    int columns[BLOCK_SIDE][3] = { 0 };
    int squares = 0;
    for (int y = 0; y < BLOCK_SIDE; y++) {
        int at = y0 + y < picture->height ? y0 + y : picture->height - 1;
        for (int x = 0; x < BLOCK_SIDE; x++) {
            const uint8_t *p =
                image_at(picture, x0 + x < picture->width ? x0 + x : picture->width - 1, at);
            int level = grey ? grey_of(p) : 0;
            for (int c = 0; c < 3; c++) {
                int v = grey ? level : p[c];
                rows[y][x / 4][c] += v;
                columns[x][c] += v;
                squares += v * v;
            }
        }
    }
    add_up(cell, (const int(*)[2][3])rows, (const int(*)[3])columns);
    cell->squares = (float)squares;
}

/* Squared error of a cell that a byte is worth. */
static float byte_worth(const struct pane *pane)
{
    static const float worth[LEVEL_COUNT] = { 0.01f, 10.0f, 300.0f };
    if (e)
        return (float)atof(e);
    return worth[pane->level];
}

/* Floyd and Steinberg, by cells: what a cell is off is made good by the ones to
 * its right and below. Only so much, lest an edge casts a shadow. */
#define OWED_MOST 48.0f

struct owed {
    float (*here)[3], (*below)[3]; /* a cell of margin on both sides */
};

static float limit(float v)
{
    return v < -OWED_MOST ? -OWED_MOST : v > OWED_MOST ? OWED_MOST : v;
}

static void pass_on(struct owed *owed, int x, const struct cell *cell, const struct stroke *stroke)
{
    for (int c = 0; c < 3; c++) {
        float off = cell->all[c] / BLOCK_SAMPLES + owed->here[x][c] - stroke->mean[c];
        off = limit(off) / 16.0f;
        owed->here[x + 1][c] += 7.0f * off;
        owed->below[x - 1][c] += 3.0f * off;
        owed->below[x][c] += 5.0f * off;
        owed->below[x + 1][c] += off;
    }
}

static void draw_row(const struct painter *painter, const struct image *picture, int y0, int cols,
                     struct owed *owed, struct buf *out)
{
    struct pen pen;
    struct cell cell;
    struct stroke stroke;
    pen_init(&pen, painter->colors);
    for (int x = 1; x <= cols; x++) {
        measure(picture, (x - 1) * BLOCK_SIDE, y0, painter->colors == 1, &cell);
        painter_choose(painter, &pen, &cell, owed->here[x], &stroke);
        pass_on(owed, x, &cell, &stroke);
        if (painter->colors == 1) {
            buf_adds(out, stroke.symbol);
        } else {
            pen_put(&pen, stroke.uses_fg ? &stroke.fg : NULL, stroke.uses_bg ? &stroke.bg : NULL,
                    stroke.symbol, out);
        }
    }
    buf_addf(out, "\033[0m\033[%dD\033[B", cols);
}

static bool blocks_draw(const struct image *picture, const struct pane *pane, int w, int h,
                        struct buf *out, struct error *err)
{
    int cols, rows;
    struct painter painter;
    int colors = pane->level == LEVEL_SLOW && pane->colors > 256 ? 256 : pane->colors;
    blocks_cells(pane, w, h, picture->width, picture->height, &cols, &rows);
    size_t margin = (size_t)cols + 2;
    float(*sums)[3] = mem_array(2 * margin, sizeof *sums);
    if (!sums) {
        return error_nomem(err, 2 * margin * sizeof *sums, "text blocks");
    }
    struct owed owed = { sums, sums + margin };
    painter_init(&painter, colors, byte_worth(pane));
    for (int y = 0; y < rows; y++) {
        draw_row(&painter, picture, y * BLOCK_SIDE, cols, &owed, out);
        float(*done)[3] = owed.here;
        owed.here = owed.below;
        owed.below = done;
        memset(done, 0, margin * sizeof *done);
    }
    free(sums);
    return !out->failed || error_nomem(err, out->len, "text blocks");
}

const struct protocol protocol_blocks = {
    .name = "blocks",
    .text = "block symbols in two colours a cell",
    .grid = blocks_grid,
    .encode = blocks_draw,
    .cells = blocks_cells,
};
