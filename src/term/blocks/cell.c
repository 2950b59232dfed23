#include "blocks/cell.h"

#include <string.h>

#define LINE (3 * BLOCK_SIDE) /* bytes of a row of samples */

static int luma(const uint8_t *p)
{
    return (299 * p[0] + 587 * p[1] + 114 * p[2] + 500) / 1000;
}

/* Copies a row of samples; missing ones repeat the last one. */
static void copy_row(uint8_t line[LINE], const uint8_t *from, int count)
{
    if (count >= BLOCK_SIDE) {
        memcpy(line, from, LINE);
        return;
    }
    for (int x = 0; x < BLOCK_SIDE; x++) {
        memcpy(line + (size_t)x * 3, from + (size_t)(x < count ? x : count - 1) * 3, 3);
    }
}

static void make_grey(uint8_t line[LINE])
{
    for (int i = 0; i < LINE; i += 3) {
        line[i] = line[i + 1] = line[i + 2] = (uint8_t)luma(line + i);
    }
}

/* Fills the cell's sums of channel c. halves: sums of the left and the right half of each
 * row, 3 channels each; columns: sums of the columns, 3 channels each. */
static void add_up(struct cell *cell, const int halves[BLOCK_SIDE][6], const int columns[LINE],
                   int c)
{
    int quarters[4] = { 0 };
    int down = 0;
    int across = 0;
    for (int i = 0; i < BLOCK_SIDE; i++) {
        down += halves[i][c] + halves[i][3 + c];
        across += columns[3 * i + c];
        quarters[i / 4 * 2] += halves[i][c];
        quarters[i / 4 * 2 + 1] += halves[i][3 + c];
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

void cell_measure(struct cell *cell, const struct image *picture, int x, int y, bool grey)
{
    int halves[BLOCK_SIDE][6];
    int columns[LINE] = { 0 };
    int squares = 0; /* at most 64 * 3 * 255 * 255: exact in a float */
    for (int i = 0; i < BLOCK_SIDE; i++) {
        uint8_t line[LINE];
        int row = y + i < picture->height ? y + i : picture->height - 1;
        copy_row(line, image_at(picture, x, row), picture->width - x);
        if (grey) {
            make_grey(line);
        }
        for (int k = 0; k < LINE; k++) {
            columns[k] += line[k];
            squares += line[k] * line[k];
        }
        for (int c = 0; c < 3; c++) {
            halves[i][c] = line[c] + line[3 + c] + line[6 + c] + line[9 + c];
            halves[i][3 + c] = line[12 + c] + line[15 + c] + line[18 + c] + line[21 + c];
        }
    }
    for (int c = 0; c < 3; c++) {
        add_up(cell, (const int(*)[6])halves, columns, c);
    }
    cell->squares = (float)squares;
}
