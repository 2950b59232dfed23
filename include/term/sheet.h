/* A sheet: many pictures as one frame, each fitted into its box of a grid. Below each box lie
 * rows of cells that the frame leaves alone, for text. */
#ifndef TERM_SHEET_H
#define TERM_SHEET_H

#include <stddef.h>
#include <stdint.h>

#include "base/region.h"

#define SHEET_MAX 48 /* most pictures */

/* Where the boxes are, in cells from the upper left corner of the pane. */
struct sheet_grid {
    int across, down;         /* boxes */
    int row, col;             /* of the first */
    int box_rows, box_cols;   /* of each */
    int row_pitch, col_pitch; /* from one to the next below, and to the right */
};

struct sheet_item {
    const char *path;
    struct region region; /* of that picture */
};

struct sheet {
    struct sheet_grid grid;
    int32_t background; /* around the pictures, where the protocol needs one; 0xRRGGBB */
    size_t count;       /* at most SHEET_MAX, and across * down */
    const struct sheet_item *items;
};

#endif
