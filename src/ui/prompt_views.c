/* Views that are a prompt at the bottom of the label screen. */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/mem.h"
#include "base/text.h"

static void draw_below(struct ui *ui)
{
    panel_draw(ui);
    status_draw(ui);
    prompt_draw(ui, "↵ go there   Esc leave");
    picture_draw(ui);
}

static void go_to_key(struct ui *ui, const struct screen_event *event)
{
    enum prompt_result result = prompt_key(ui, event);
    if (result == PROMPT_GOES_ON) {
        return;
    }
    ui_pop(ui);
    if (result == PROMPT_CANCELLED) {
        return;
    }
    char *end;
    unsigned long long n = strtoull(ui->prompt.text, &end, 10);
    if (*end || end == ui->prompt.text || !n || !session_go(ui->session, (size_t)n - 1)) {
        ui_message(ui, STYLE_WARN, "There is no picture '%s'; they go from 1 to %zu.",
                   ui->prompt.text, session_total(ui->session));
        return;
    }
    zoom_start(ui);
}

static void find_key(struct ui *ui, const struct screen_event *event)
{
    enum prompt_result result = prompt_key(ui, event);
    if (result == PROMPT_GOES_ON) {
        return;
    }
    ui_pop(ui);
    if (result == PROMPT_CANCELLED) {
        return;
    }
    if (ui->prompt.len) { /* nothing typed: the same again */
        memcpy(ui->find_text, ui->prompt.text, sizeof ui->find_text);
    }
    if (ui->find_text[0]) {
        label_find(ui);
    }
}

const struct view view_go_to = { "go-to", false, draw_below, go_to_key };
const struct view view_find = { "find", false, draw_below, find_key };

/* ------------------------------------------------- picking a class by typing */

/* Index of the first class from `i` on whose name holds what was typed; the count of
 * classes: none. */
static size_t match_from(const struct ui *ui, size_t i)
{
    const struct classes *c = ui->options.classes;
    while (i < c->count &&
           !text_contains(c->items[i].name, strlen(c->items[i].name), ui->prompt.text)) {
        i++;
    }
    return i;
}

static size_t nth_match(const struct ui *ui, size_t n)
{
    size_t i = match_from(ui, 0);
    for (; n && i < ui->options.classes->count; n--) {
        i = match_from(ui, i + 1);
    }
    return i;
}

static size_t match_count(const struct ui *ui)
{
    size_t n = 0;
    for (size_t i = 0; (i = match_from(ui, i)) < ui->options.classes->count; i++) {
        n++;
    }
    return n;
}

static size_t page(const struct ui *ui)
{
    int rows = ui->layout.panel.rows;
    return rows > 3 ? (size_t)rows - 2 : 1;
}

static void draw_match(struct ui *ui, int row, size_t i, bool chosen)
{
    struct cells p = ui->layout.panel;
    const struct class *class = &ui->options.classes->items[i];
    enum style style = chosen ? STYLE_GUESS : STYLE_CLASS;
    char key[KEY_NAME_SIZE] = "";
    screen_fill(ui->screen, (struct cells){ row, p.col, 1, p.cols }, style);
    if (class->key != KEYCODE_NONE) {
        keycode_symbol(class->key, key);
    }
    screen_put(ui->screen, row, p.col + 1, 2, chosen ? style : STYLE_KEY, key);
    screen_put(ui->screen, row, p.col + 4, p.cols - 5, style, class->name);
}

static void pick_draw(struct ui *ui)
{
    struct cells p = ui->layout.panel;
    size_t rows = page(ui);
    size_t count = match_count(ui);
    size_t first = ui->pick_line < rows ? 0 : ui->pick_line - rows + 1;
    status_draw(ui);
    screen_fill(ui->screen, (struct cells){ p.row, p.col - 1, p.rows, p.cols + 1 }, STYLE_TEXT);
    int at = 1 + screen_put(ui->screen, p.row, p.col + 1, p.cols - 1, STYLE_HEADING,
                            count ? "Pick a class" : "No such class");
    list_tell_more(ui, at, first, rows, count);
    size_t i = nth_match(ui, first);
    for (size_t line = first; line < first + rows && line < count; line++) {
        draw_match(ui, p.row + 2 + (int)(line - first), i, line == ui->pick_line);
        i = match_from(ui, i + 1);
    }
    prompt_draw(ui, "↑ ↓ choose   ↵ answer   Esc leave");
    picture_draw(ui);
}

static void move_line(struct ui *ui, size_t steps, bool down)
{
    size_t count = match_count(ui);
    if (!down || !count) {
        ui->pick_line -= steps < ui->pick_line ? steps : ui->pick_line;
    } else {
        ui->pick_line = count - 1 - ui->pick_line > steps ? ui->pick_line + steps : count - 1;
    }
}

static void pick_up(struct ui *ui)
{
    move_line(ui, 1, false);
}

static void pick_down(struct ui *ui)
{
    move_line(ui, 1, true);
}

static void pick_page_up(struct ui *ui)
{
    move_line(ui, page(ui), false);
}

static void pick_page_down(struct ui *ui)
{
    move_line(ui, page(ui), true);
}

static void pick_leave(struct ui *ui)
{
    ui_pop(ui);
}

static void pick_enter(struct ui *ui)
{
    size_t i = nth_match(ui, ui->pick_line);
    ui_pop(ui);
    if (i == ui->options.classes->count) {
        ui_message(ui, STYLE_WARN, "No class has '%s' in its name.", ui->prompt.text);
    } else {
        label_answer(ui, STATUS_LABELED, i);
    }
}

static const struct view_key pick_keys[] = {
#define PICK_KEY(function, keys, text) { function, keys },
#include "config/view_keys.def"
};

static void pick_key(struct ui *ui, const struct screen_event *event)
{
    size_t len = ui->prompt.len;
    if (!event->pasted && view_key_run(ui, pick_keys, ARRAY_LEN(pick_keys), event->key)) {
        return;
    }
    prompt_key(ui, event);
    if (ui->prompt.len != len) {
        ui->pick_line = 0;
    }
}

const struct view view_pick = { "pick", false, pick_draw, pick_key };
