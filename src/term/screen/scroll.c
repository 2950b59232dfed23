/* Keeps curses from scrolling. Where rows of text have moved, curses would let the terminal
 * scroll whole rows, and the picture with them; idlok() and scrollok() do not keep it from
 * setting a scrolling region, and its terminal description cannot be changed after
 * newterm(). It finds moved rows by a hash of what it believes to be on each row: with one
 * cell of each row marked unknown, no row matches another. That cell is written again, at
 * about seven bytes a row, and only if two or more rows have changed, as fewer cannot have
 * moved. */
#include "screen/private.h"

#include <stdlib.h>
#include <string.h>

/* True when the row differs from what is on the terminal. want, have: cols + 1 cells of
 * scratch space. */
static bool row_differs(int row, int cols, cchar_t *want, cchar_t *have)
{
    memset(want, 0, (size_t)(cols + 1) * sizeof *want);
    memset(have, 0, (size_t)(cols + 1) * sizeof *have);
    mvwin_wchnstr(stdscr, row, 0, want, cols);
    mvwin_wchnstr(curscr, row, 0, have, cols);
    return memcmp(want, have, (size_t)cols * sizeof *want) != 0;
}

static bool may_move(int rows, int cols)
{
    cchar_t *cells = calloc(2 * ((size_t)cols + 1), sizeof *cells);
    int differ = cells ? 0 : 2;
    for (int row = 0; row < rows && differ < 2; row++) {
        differ += row_differs(row, cols, cells, cells + cols + 1);
    }
    free(cells);
    return differ >= 2;
}

/* Marks cells of one column as unknown. */
static void forget(int row, int rows, int col)
{
    WINDOW *column = rows > 0 ? newwin(rows, 1, row, col) : NULL;
    if (column) {
        wredrawln(column, 0, rows);
        delwin(column);
    }
}

void screen_keep_rows(const struct screen *s)
{
    int rows = getmaxy(stdscr);
    int cols = getmaxx(stdscr);
    int top = s->pane.row;
    int bottom = s->pane.row + s->pane.rows;
    int beside = s->pane.col + s->pane.cols;
    bool pane = s->pane.rows > 0 && bottom <= rows && beside < cols;
    if (!may_move(rows, cols)) {
        return;
    }
    forget(0, pane ? top : rows, 0);
    if (pane) { /* column 0 is under the picture there */
        forget(top, bottom - top, beside);
        forget(bottom, rows - bottom, 0);
    }
}
