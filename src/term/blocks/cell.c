#include "blocks/cell.h"

/* Sums of a cell's rows (left half, right half) and columns. */
struct lines {
    int rows[BLOCK_SIDE][2][3];
    int columns[BLOCK_SIDE][3];
};

static void add_up(struct cell *cell, const struct lines *lines, int c)
{
    int quarters[4] = { 0 };
    int down = 0;
    int across = 0;
    for (int i = 0; i < BLOCK_SIDE; i++) {
        const int *left = lines->rows[i][0];
        const int *right = lines->rows[i][1];
        down += left[c] + right[c];
        across += lines->columns[i][c];
        quarters[i / 4 * 2] += left[c];
        quarters[i / 4 * 2 + 1] += right[c];
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

static int luma(const uint8_t *p)
{
    return (299 * p[0] + 587 * p[1] + 114 * p[2] + 500) / 1000;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

void cell_measure(struct cell *cell, const struct image *picture, int x, int y, bool grey)
{
    struct lines lines = { 0 };
    int squares = 0; /* at most 64 * 3 * 255 * 255: exact in a float */
    for (int i = 0; i < BLOCK_SIDE; i++) {
        int row = smaller(y + i, picture->height - 1);
        for (int k = 0; k < BLOCK_SIDE; k++) {
            const uint8_t *p = image_at(picture, smaller(x + k, picture->width - 1), row);
            int level = grey ? luma(p) : 0;
            for (int c = 0; c < 3; c++) {
                int v = grey ? level : p[c];
                lines.rows[i][k / 4][c] += v;
                lines.columns[k][c] += v;
                squares += v * v;
            }
        }
    }
    for (int c = 0; c < 3; c++) {
        add_up(cell, &lines, c);
    }
    cell->squares = (float)squares;
}
