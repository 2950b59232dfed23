/* Review: which statuses and classes are shown. */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/mem.h"

#define STATUS_LINES ((size_t)STATUS_COUNT - 1) /* all but STATUS_UNANSWERED */

/* Lines: the statuses, the classes, then labels that are no class. */
static size_t line_count(const struct ui *ui)
{
    return STATUS_LINES + ui->options.classes->count + 1;
}

static bool *line_flag(struct ui *ui, size_t line)
{
    return line < STATUS_LINES ? &ui->filter.statuses[line + 1]
                               : &ui->filter.classes[line - STATUS_LINES];
}

static const char *line_text(const struct ui *ui, size_t line)
{
    if (line < STATUS_LINES) {
        return label_status_name((enum label_status)(line + 1));
    }
    line -= STATUS_LINES;
    return line < ui->options.classes->count ? ui->options.classes->items[line].name
                                             : "(other labels)";
}

/* Lines that there is room for. */
static size_t page(const struct ui *ui)
{
    int rows = ui->layout.panel.rows;
    return rows > 3 ? (size_t)rows - 2 : 1;
}

static void draw_line(struct ui *ui, int row, size_t line)
{
    struct cells p = ui->layout.panel;
    enum style style = line == ui->filter_line ? STYLE_GUESS : STYLE_CLASS;
    screen_fill(ui->screen, (struct cells){ row, p.col, 1, p.cols }, style);
    screen_put(ui->screen, row, p.col + 1, 4, style, *line_flag(ui, line) ? "[x]" : "[ ]");
    screen_put(ui->screen, row, p.col + (line < STATUS_LINES ? 5 : 7), p.cols - 8, style,
               line_text(ui, line));
}

static void draw(struct ui *ui)
{
    struct cells p = ui->layout.panel;
    size_t rows = page(ui);
    size_t first = ui->filter_line < rows ? 0 : ui->filter_line - rows + 1;
    status_draw(ui);
    screen_fill(ui->screen, (struct cells){ p.row, p.col - 1, p.rows, p.cols + 1 }, STYLE_TEXT);
    int at = 1 + screen_put(ui->screen, p.row, p.col + 1, p.cols - 1, STYLE_HEADING,
                            "Show in this review");
    list_tell_more(ui, at, first, rows, line_count(ui));
    for (size_t i = first; i < line_count(ui) && i < first + rows; i++) {
        draw_line(ui, p.row + 2 + (int)(i - first), i);
    }
    struct cells h = ui->layout.hints;
    screen_fill(ui->screen, h, STYLE_PROMPT);
    screen_put(ui->screen, h.row, 1, h.cols - 2, STYLE_PROMPT,
               "↵ show   Space on/off   o only this   a all   Esc leave   ↑ ↓ move");
    screen_cursor(ui->screen, -1, 0);
    picture_draw(ui);
}

static void move_line(struct ui *ui, size_t steps, bool down)
{
    size_t last = line_count(ui) - 1;
    if (down) {
        ui->filter_line = last - ui->filter_line > steps ? ui->filter_line + steps : last;
    } else {
        ui->filter_line = ui->filter_line > steps ? ui->filter_line - steps : 0;
    }
}

static void filter_up(struct ui *ui)
{
    move_line(ui, 1, false);
}

static void filter_down(struct ui *ui)
{
    move_line(ui, 1, true);
}

static void filter_page_up(struct ui *ui)
{
    move_line(ui, page(ui), false);
}

static void filter_page_down(struct ui *ui)
{
    move_line(ui, page(ui), true);
}

static void filter_toggle(struct ui *ui)
{
    *line_flag(ui, ui->filter_line) = !*line_flag(ui, ui->filter_line);
}

static void filter_all(struct ui *ui)
{
    for (size_t i = 0; i < line_count(ui); i++) {
        *line_flag(ui, i) = true;
    }
}

static void filter_only(struct ui *ui)
{
    size_t line = ui->filter_line;
    bool class_line = line >= STATUS_LINES;
    for (size_t i = 0; i < line_count(ui); i++) {
        bool other_kind = (i >= STATUS_LINES) != class_line;
        *line_flag(ui, i) = i == line || (other_kind && !class_line);
    }
    if (class_line) {
        ui->filter.statuses[STATUS_LABELED] = true;
    }
}

static void filter_show(struct ui *ui)
{
    session_set_filter(ui->session, &ui->filter);
    ui_pop(ui);
    ui_message(ui, STYLE_DIM, "Pictures shown: %zu.", session_total(ui->session));
}

static void copy_filter(const struct ui *ui, struct session_filter *to,
                        const struct session_filter *from)
{
    memcpy(to->statuses, from->statuses, sizeof to->statuses);
    memcpy(to->classes, from->classes, (ui->options.classes->count + 1) * sizeof *to->classes);
}

static void filter_leave(struct ui *ui)
{
    copy_filter(ui, &ui->filter, &ui->filter_before);
    ui_pop(ui);
    ui_message(ui, STYLE_DIM, "Shown as before.");
}

void filter_start(struct ui *ui)
{
    copy_filter(ui, &ui->filter_before, &ui->filter);
    ui_push(ui, &view_filter);
}

static const struct view_key keys[] = {
#define FILTER_KEY(function, keys, text) { function, keys },
#include "config/view_keys.def"
};

static void key(struct ui *ui, const struct screen_event *event)
{
    if (!event->pasted) {
        view_key_run(ui, keys, ARRAY_LEN(keys), event->key);
    }
}

const struct view view_filter = { "filter", false, draw, key };
