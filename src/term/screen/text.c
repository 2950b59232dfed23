/* Text on the screen, through curses. */
#include "screen/private.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"

#define LINE_BYTES 2048 /* longest text of one call */

int screen_put_colored(struct screen *s, int row, int col, int columns, enum style style,
                       int32_t color, const char *text)
{
    char line[LINE_BYTES];
    int room = screen_cols(s) - col;
    if (row < 0 || col < 0 || row >= screen_rows(s) || room <= 0) {
        return 0;
    }
    if (columns < 0 || columns > room) {
        columns = room;
    }
    int used = text_printable(line, sizeof line, text, strlen(text), columns);
    screen_style(s, style, color, A_NORMAL);
    mvaddstr(row, col, line);
    return used;
}

int screen_put(struct screen *s, int row, int col, int columns, enum style style, const char *text)
{
    return screen_put_colored(s, row, col, columns, style, COLOR_DEFAULT, text);
}

int screen_put_name(struct screen *s, int row, int col, int columns, enum style style,
                    const char *bytes, size_t len)
{
    char line[LINE_BYTES];
    int room = screen_cols(s) - col;
    if (columns < 0 || columns > room) {
        columns = room;
    }
    if (columns <= 0) {
        return 0;
    }
    text_elide(line, sizeof line, bytes, len, columns);
    return screen_put(s, row, col, columns, style, line);
}

void screen_put_bar(struct screen *s, int row, int col, int columns, enum style style, float share)
{
    static const char *const parts[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
    char bar[LINE_BYTES] = "";
    size_t at = 0;
    int eighths = (int)(share * (float)columns * 8.0f + 0.5f);
    eighths = eighths < 0 ? 0 : eighths > columns * 8 ? columns * 8 : eighths;
    if (columns * 3 >= LINE_BYTES) {
        return;
    }
    for (int i = 0; i < eighths / 8; i++, at += 3) {
        memcpy(bar + at, "█", 3);
    }
    strcpy(bar + at, parts[eighths % 8]);
    int32_t full = screen_bar_color(s, style);
    int32_t empty = s->theme.styles[STYLE_BAR_EMPTY].fg;
    int used = screen_put_colored(s, row, col, columns, style, full, bar);
    at = 0;
    bar[0] = '\0';
    for (int i = used; i < columns; i++, at += 2) {
        memcpy(bar + at, "·", 2);
    }
    bar[at] = '\0';
    screen_put_colored(s, row, col + used, columns - used, style, empty, bar);
}

void screen_fill(struct screen *s, struct cells cells, enum style style)
{
    screen_style(s, style, COLOR_DEFAULT, A_NORMAL);
    for (int row = cells.row; row < cells.row + cells.rows && row < screen_rows(s); row++) {
        mvhline(row, cells.col, ' ', cells.cols);
    }
}

void screen_fill_pane(struct screen *s, struct cells pane, bool wipe)
{
    /* A bold blank is a character that curses has to write: it never replaces it by an
     * erase command, which would also erase the picture. Toggling dim, invisible as well,
     * makes it a different character, so that curses writes these cells again, and only
     * these. */
    s->pane_dim ^= wipe;
    screen_style(s, STYLE_TEXT, COLOR_DEFAULT, s->pane_dim ? A_BOLD | A_DIM : A_BOLD);
    for (int row = pane.row; row < pane.row + pane.rows && row < screen_rows(s); row++) {
        mvprintw(row, pane.col, "%*s", pane.cols, "");
    }
    s->pane = pane;
}

void screen_cursor(struct screen *s, int row, int col)
{
    s->cursor_row = row;
    s->cursor_col = col;
}

void screen_flush(struct screen *s)
{
    /* Hide the cursor: a terminal may draw it wherever it moves, which erases the pixels
     * of a picture there. */
    curs_set(0);
    screen_keep_rows(s);
    s->pane = (struct cells){ 0 };
    if (s->cursor_row >= 0) {
        move(s->cursor_row, s->cursor_col);
    }
    refresh();
    if (s->cursor_row >= 0) {
        curs_set(1);
    }
    screen_send(s);
}
