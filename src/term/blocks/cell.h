/* What there is to know of a cell's samples. */
#ifndef TERM_BLOCKS_CELL_H
#define TERM_BLOCKS_CELL_H

#include <stdbool.h>

#include "blocks/symbols.h"
#include "image/image.h"

/* Sums over the samples, by channel. */
struct cell {
    float a[SPLITS][3]; /* of part A of each split */
    float all[3];
    float squares; /* of the samples' squares, all channels together */
};

/* Measures the cell whose upper left sample is x, y, which lies within the
 * picture of 3 channels; what is beyond its edge is as the edge. grey: all
 * channels are the luma. */
void cell_measure(struct cell *cell, const struct image *picture, int x, int y, bool grey);

#endif
