/* Statistics of a cell's samples, from which the error of each symbol is computed. */
#ifndef TERM_BLOCKS_CELL_H
#define TERM_BLOCKS_CELL_H

#include <stdbool.h>

#include "blocks/symbols.h"
#include "image/image.h"

/* Sums over the samples, by channel. */
struct cell {
    float a[SPLITS][3]; /* of part A of each split */
    float all[3];
    float squares; /* sum of the squared samples, over all channels */
};

/* Measures the cell with its upper left sample at x, y within the picture (3 channels);
 * samples beyond the picture's edge repeat the edge. grey: use the luma for all
 * channels. */
void cell_measure(struct cell *cell, const struct image *picture, int x, int y, bool grey);

#endif
