/* Chooses the symbol and the two colours that draw a cell best. */
#ifndef TERM_BLOCKS_PAINTER_H
#define TERM_BLOCKS_PAINTER_H

#include <stdbool.h>

#include "blocks/cell.h"
#include "blocks/palette.h"
#include "blocks/pen.h"

/* A symbol with its colours. */
struct stroke {
    const char *symbol;
    bool has_fg, has_bg; /* the symbol shows this colour */
    struct ink fg, bg;
    float mean[3]; /* mean colour of the cell as drawn */
    float cost;    /* squared error of the samples, plus the price of the bytes */
};

/* Finds the best stroke for a cell. owed: diffused error to add to all samples, 3
 * channels. pen: the terminal's current colours. byte: price of a byte, as a squared
 * error. */
void painter_choose(const struct palette *palette, const struct pen *pen, float byte,
                    const struct cell *cell, const float *owed, struct stroke *best);

/* The same without colours, light on dark. */
void painter_choose_mono(const struct cell *cell, const float *owed, struct stroke *best);

#endif
