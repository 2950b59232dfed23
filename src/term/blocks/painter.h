/* Which symbol and which two colours draw a cell best. */
#ifndef TERM_BLOCKS_PAINTER_H
#define TERM_BLOCKS_PAINTER_H

#include <stdbool.h>

#include "blocks/cell.h"
#include "blocks/palette.h"
#include "blocks/pen.h"

/* What a cell is drawn with. */
struct stroke {
    const char *symbol;
    bool has_fg, has_bg; /* the symbol shows that colour */
    struct ink fg, bg;
    float mean[3]; /* of the cell as drawn */
    float cost;    /* squared error of the samples, and what the bytes are worth */
};

/* The best stroke for a cell whose samples are all to be `owed` (3 channels)
 * lighter. pen: the colours that stand. byte: the squared error that a byte is
 * worth. */
void painter_choose(const struct palette *palette, const struct pen *pen, float byte,
                    const struct cell *cell, const float *owed, struct stroke *best);

/* The same without colours, light on dark. */
void painter_choose_mono(const struct cell *cell, const float *owed, struct stroke *best);

#endif
