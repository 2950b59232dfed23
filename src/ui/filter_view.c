/* Review: which statuses and classes are shown. */
#include <stdlib.h>
#include <string.h>

#include "app.h"

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

static void draw(struct ui *ui)
{
    struct cells p = ui->layout.panel;
    size_t rows = p.rows > 3 ? (size_t)p.rows - 2 : 1;
    size_t first = ui->filter_line < rows ? 0 : ui->filter_line - rows + 1;
    status_draw(ui);
    screen_fill(ui->screen, (struct cells){ p.row, p.col - 1, p.rows, p.cols + 1 }, STYLE_TEXT);
    screen_put(ui->screen, p.row, p.col + 1, p.cols - 1, STYLE_HEADING, "Show");
    for (size_t i = first; i < line_count(ui) && i < first + rows; i++) {
        int row = p.row + 2 + (int)(i - first);
        enum style style = i == ui->filter_line ? STYLE_GUESS : STYLE_CLASS;
        screen_fill(ui->screen, (struct cells){ row, p.col, 1, p.cols }, style);
        screen_put(ui->screen, row, p.col + 1, 4, style, *line_flag(ui, i) ? "[x]" : "[ ]");
        screen_put(ui->screen, row, p.col + (i < STATUS_LINES ? 5 : 7), p.cols - 8, style,
                   line_text(ui, i));
    }
    struct cells h = ui->layout.hints;
    screen_fill(ui->screen, h, STYLE_PROMPT);
    screen_put(ui->screen, h.row, 1, h.cols - 2, STYLE_PROMPT,
               "↑ ↓ move   Space on or off   o only this   a all   ↵ show");
    picture_draw(ui);
}

static void set_all(struct ui *ui, bool on)
{
    for (size_t i = 0; i < line_count(ui); i++) {
        *line_flag(ui, i) = on;
    }
}

static void only(struct ui *ui, size_t line)
{
    bool class_line = line >= STATUS_LINES;
    for (size_t i = 0; i < line_count(ui); i++) {
        bool other_kind = (i >= STATUS_LINES) != class_line;
        *line_flag(ui, i) = i == line || (other_kind && !class_line);
    }
    if (class_line) {
        ui->filter.statuses[STATUS_LABELED] = true;
    }
}

static void key(struct ui *ui, const struct screen_event *event)
{
    switch (event->key) {
    case KEYCODE_UP:
        ui->filter_line -= ui->filter_line > 0;
        break;
    case KEYCODE_DOWN:
        ui->filter_line += ui->filter_line + 1 < line_count(ui);
        break;
    case ' ':
        *line_flag(ui, ui->filter_line) = !*line_flag(ui, ui->filter_line);
        break;
    case 'o':
        only(ui, ui->filter_line);
        break;
    case 'a':
        set_all(ui, true);
        break;
    case KEYCODE_ESC:
    case KEYCODE_ENTER:
        session_set_filter(ui->session, &ui->filter);
        ui_pop(ui);
        ui_message(ui, STYLE_DIM, "Pictures shown: %zu.", session_total(ui->session));
        break;
    default:
        break;
    }
}

const struct view view_filter = { "filter", false, draw, key };
