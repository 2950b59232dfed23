/* Which symbol and which two colours draw a cell best. */
#ifndef TERM_BLOCKS_PAINTER_H
#define TERM_BLOCKS_PAINTER_H

#include <stdint.h>

#include "blocks/pen.h"
#include "blocks/symbols.h"

/* Sums over the samples of a cell, by channel. */
struct cell {
    float a[SPLITS][3]; /* of part A of each split */
    float all[3];
    float squares; /* of the samples, all channels together */
};

/* What a cell is drawn with. */
struct stroke {
    const char *symbol;
    struct ink fg, bg;
    bool uses_fg, uses_bg;
    float mean[3]; /* of the cell as drawn */
    float cost;    /* squared error, and what the bytes are worth */
};

#define PALETTE_MAX 16
#define MIXES (PALETTE_MAX * (PALETTE_MAX - 1) / 2 * 3)

/* Two inks of a palette mixed. */
struct mix {
    uint8_t a, b; /* inks */
    uint8_t shade;
    float grain; /* how unquiet it looks, as a squared error of one sample */
    float rgb[3];
};

struct painter {
    int colors;
    float byte; /* squared error that a byte is worth */
    struct ink inks[PALETTE_MAX];
    struct mix mixes[MIXES]; /* of 16 colours */
    int mix_count;
};

/* colors: as in struct pane; 1 for light ink on dark paper. */
void painter_init(struct painter *painter, int colors, float byte);

/* The best stroke for a cell whose samples are all off by `owed` (3 channels),
 * given the colours that stand. */
void painter_choose(const struct painter *painter, const struct pen *pen, const struct cell *cell,
                    const float *owed, struct stroke *best);

#endif
