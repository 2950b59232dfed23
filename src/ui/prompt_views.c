/* Views that are a prompt at the bottom of the label screen. */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

static void draw_below(struct ui *ui)
{
    panel_draw(ui);
    status_draw(ui);
    prompt_draw(ui);
    picture_draw(ui);
}

static void go_to_key(struct ui *ui, const struct screen_event *event)
{
    enum prompt_result result = prompt_key(&ui->prompt, event);
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
    enum prompt_result result = prompt_key(&ui->prompt, event);
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

/* Index of the n-th class whose name holds what was typed; count: none. */
static size_t nth_match(const struct ui *ui, size_t n)
{
    const struct classes *c = ui->options.classes;
    for (size_t i = 0; i < c->count; i++) {
        if (text_contains(c->items[i].name, strlen(c->items[i].name), ui->prompt.text) &&
            n-- == 0) {
            return i;
        }
    }
    return c->count;
}

static void pick_draw(struct ui *ui)
{
    struct cells p = ui->layout.panel;
    size_t rows = p.rows > 3 ? (size_t)p.rows - 2 : 1;
    size_t first = ui->pick_line < rows ? 0 : ui->pick_line - rows + 1;
    status_draw(ui);
    screen_fill(ui->screen, (struct cells){ p.row, p.col - 1, p.rows, p.cols + 1 }, STYLE_TEXT);
    screen_put(ui->screen, p.row, p.col + 1, p.cols - 1, STYLE_HEADING, "Pick a class");
    for (size_t line = 0; line < rows; line++) {
        size_t i = nth_match(ui, first + line);
        if (i == ui->options.classes->count) {
            break;
        }
        bool chosen = first + line == ui->pick_line;
        int row = p.row + 2 + (int)line;
        enum style style = chosen ? STYLE_GUESS : STYLE_CLASS;
        screen_fill(ui->screen, (struct cells){ row, p.col, 1, p.cols }, style);
        char key[KEY_NAME_SIZE] = "";
        if (ui->options.classes->items[i].key != KEYCODE_NONE) {
            keycode_symbol(ui->options.classes->items[i].key, key);
        }
        screen_put(ui->screen, row, p.col + 1, 2, style, key);
        screen_put(ui->screen, row, p.col + 4, p.cols - 5, style, ui->options.classes->items[i].name);
    }
    prompt_draw(ui);
    picture_draw(ui);
}

static void pick_key(struct ui *ui, const struct screen_event *event)
{
    size_t count = ui->options.classes->count;
    if (event->key == KEYCODE_DOWN) {
        ui->pick_line += nth_match(ui, ui->pick_line + 1) < count;
        return;
    }
    if (event->key == KEYCODE_UP) {
        ui->pick_line -= ui->pick_line > 0;
        return;
    }
    size_t len = ui->prompt.len;
    enum prompt_result result = prompt_key(&ui->prompt, event);
    if (ui->prompt.len != len) {
        ui->pick_line = 0;
    }
    if (result == PROMPT_GOES_ON) {
        return;
    }
    ui_pop(ui);
    if (result == PROMPT_CANCELLED) {
        return;
    }
    size_t i = nth_match(ui, ui->pick_line);
    if (i == count) {
        ui_message(ui, STYLE_WARN, "No class holds '%s'.", ui->prompt.text);
    } else {
        label_answer(ui, STATUS_LABELED, i);
    }
}

const struct view view_pick = { "pick", false, pick_draw, pick_key };
