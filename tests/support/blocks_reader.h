/* A terminal's eye for text blocks. As strict as what the screen relies on:
 * anything else fails the test. */
#ifndef SUPPORT_BLOCKS_READER_H
#define SUPPORT_BLOCKS_READER_H

#include <stdbool.h>

#define BLOCKS_SIDE 8 /* samples of a cell across and down */

/* How much of sample x, y of a cell the symbol U+2500 + `low` covers. */
float blocks_coverage(int low, int x, int y);

struct blocks_screen {
    int cols, rows; /* as drawn */
    float *rgb;     /* cols * 8 x rows * 8 samples; the caller's to free */
    int sequences;  /* that change colours */
    bool shades;    /* there are some */
};

/* Reads all bytes, text of so many colours in cols x rows cells. */
void blocks_read(const char *bytes, int colors, int cols, int rows, struct blocks_screen *screen);

#endif
