/* The block characters, U+2580 to U+259F.
 *
 * A cell has 8x8 samples. A split divides it into part A and part B; a shade mixes two
 * colours, A and B, all over it. Either is drawn with A in the foreground colour or, if
 * there is a symbol for it, with B. */
#ifndef TERM_BLOCKS_SYMBOLS_H
#define TERM_BLOCKS_SYMBOLS_H

#define BLOCK_SIDE 8 /* samples of a cell across and down */
#define BLOCK_SAMPLES (BLOCK_SIDE * BLOCK_SIDE)

/* Part A is: the upper 1 to 7 rows; the left 1 to 7 columns; the upper left, upper right,
 * lower left or lower right quarter; the upper left and lower right quarters. */
enum { SPLIT_ROWS = 0, SPLIT_COLUMNS = 7, SPLIT_QUARTERS = 14, SPLIT_DIAGONAL = 18, SPLITS };

enum { SHADE_QUARTER, SHADE_HALF, SHADES }; /* share that A covers */

struct block_symbol {
    float share;   /* share of the cell that A covers */
    const char *a; /* symbol with A in the foreground, UTF-8; NULL: none */
    const char *b; /* the same with B in the foreground */
};

extern const struct block_symbol block_splits[SPLITS];
extern const struct block_symbol block_shades[SHADES];

#define BLOCK_EMPTY " "
#define BLOCK_FULL "\xE2\x96\x88"

#endif
