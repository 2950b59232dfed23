/* The symbols that text blocks are made of, U+2580 to U+259F.
 *
 * A cell is 8x8 samples. A split divides it into part A and part B; a shade
 * mixes two colours all over it. Either may be drawn with A in the foreground
 * colour or, where there is a symbol for it, with B. */
#ifndef TERM_BLOCKS_SYMBOLS_H
#define TERM_BLOCKS_SYMBOLS_H

#define BLOCK_SIDE 8 /* samples of a cell across and down */
#define BLOCK_SAMPLES (BLOCK_SIDE * BLOCK_SIDE)

/* A is the upper 1 to 7 rows; the left 1 to 7 columns; the upper left, upper
 * right, lower left, lower right quarter; the upper left and lower right one. */
enum { SPLIT_ROWS = 0, SPLIT_COLUMNS = 7, SPLIT_QUARTERS = 14, SPLIT_DIAGONAL = 18, SPLITS };

enum { SHADE_QUARTER, SHADE_HALF, SHADES }; /* what A covers */

struct block_symbol {
    float share;   /* of the cell that A covers */
    const char *a; /* A in the foreground, UTF-8; NULL: there is none */
    const char *b; /* B in the foreground */
};

extern const struct block_symbol block_splits[SPLITS];
extern const struct block_symbol block_shades[SHADES];

#define BLOCK_EMPTY " "
#define BLOCK_FULL "\xE2\x96\x88"

#endif
