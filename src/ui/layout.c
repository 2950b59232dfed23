/* Divides the screen into its areas, and has the picture rendered for its pane. */
#include "app.h"

#define ROWS_MIN 10
#define COLS_MIN 48

static void divide(struct layout *l, int rows, int cols, const struct panel_wants *wants)
{
    int above = panel_plan_compare(wants, rows - 4);
    int panel = panel_plan_cols(wants, rows - 4 - above, cols);
    int pane_cols = cols - panel - 1;
    l->wants = *wants;
    l->too_small = rows < ROWS_MIN || cols < COLS_MIN;
    l->title = (struct cells){ 0, 0, 1, cols };
    l->pane = (struct cells){ 1, 0, rows - 4, pane_cols };
    l->compare = (struct cells){ 1, pane_cols + 1, above, panel };
    l->panel = (struct cells){ 1 + above, pane_cols + 1, rows - 4 - above, panel };
    l->name = (struct cells){ rows - 3, 0, 1, cols };
    l->status = (struct cells){ rows - 2, 0, 1, cols };
    l->hints = (struct cells){ rows - 1, 0, 1, cols };
}

void ui_lay_out(struct ui *ui)
{
    struct panel_wants wants = panel_wants(ui);
    divide(&ui->layout, screen_rows(ui->screen), screen_cols(ui->screen), &wants);
    ui->paging.laid_out = false;
    picture_start(ui);
    picture_style(ui);
}
