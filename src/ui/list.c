/* A scrolling list in the panel with one marked line. */
#include <stdio.h>

#include "app.h"

size_t list_rows(const struct ui *ui)
{
    int rows = ui->layout.panel.rows;
    return rows > 3 ? (size_t)rows - 2 : 1;
}

void list_move(struct list *l, size_t steps, bool down, size_t count)
{
    if (!count || !down) {
        l->line -= steps < l->line ? steps : l->line;
    } else {
        l->line = count - 1 - l->line > steps ? l->line + steps : count - 1;
    }
}

/* Scrolls only as far as needed to show the marked line. */
static void fit(struct list *l, size_t rows, size_t count)
{
    size_t last_top = count > rows ? count - rows : 0;
    if (l->line < l->top) {
        l->top = l->line;
    } else if (l->line >= l->top + rows) {
        l->top = l->line - rows + 1;
    }
    l->top = l->top > last_top ? last_top : l->top;
}

void list_draw(struct ui *ui, struct list *l, const char *heading, size_t count,
               void (*draw_line)(struct ui *ui, struct cells at, size_t line))
{
    struct cells p = ui->layout.panel;
    size_t rows = list_rows(ui);
    fit(l, rows, count);
    screen_fill(ui->screen, (struct cells){ p.row, p.col - 1, p.rows, p.cols + 1 }, STYLE_TEXT);
    int at = 1 + screen_put(ui->screen, p.row, p.col + 1, p.cols - 1, STYLE_HEADING, heading);
    if (rows < count) {
        char text[64];
        snprintf(text, sizeof text, "%zu–%zu of %zu", l->top + 1, l->top + rows, count);
        screen_put(ui->screen, p.row, p.col + at + 2, p.cols - at - 2, STYLE_DIM, text);
    }
    for (size_t line = l->top; line < count && line < l->top + rows; line++) {
        struct cells cells = { p.row + 2 + (int)(line - l->top), p.col, 1, p.cols };
        screen_fill(ui->screen, cells, line == l->line ? STYLE_GUESS : STYLE_CLASS);
        draw_line(ui, cells, line);
    }
}
