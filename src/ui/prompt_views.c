/* The views with a prompt at the bottom of the label screen: go to, find, pick. */
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "app.h"
#include "base/mem.h"
#include "base/text.h"

static void draw_below(struct ui *ui)
{
    panel_draw(ui);
    status_draw(ui);
    prompt_draw(ui, "↵ go there   Esc cancel");
    pane_draw(ui);
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
        ui_message(ui, STYLE_WARN, "There is no picture '%s'; numbers go from 1 to %zu.",
                   ui->prompt.text, session_total(ui->session));
        return;
    }
    picture_start(ui);
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
    if (ui->prompt.len) { /* nothing typed: search for the same text again */
        memcpy(ui->find_text, ui->prompt.text, ui->prompt.len + 1);
    }
    if (ui->find_text[0]) {
        label_find(ui);
    }
}

const struct view view_go_to = { "go-to", false, draw_below, go_to_key };
const struct view view_find = { "find", false, draw_below, find_key };

/* ------------------------------------------------- picking a class by typing */

/* True when the name contains the letters of `typed` in that order, case ignored. */
static bool has_letters(const char *name, const char *typed)
{
    size_t name_len = strlen(name);
    size_t typed_len = strlen(typed);
    size_t at = 0;
    for (size_t i = 0; i < typed_len;) {
        uint32_t want;
        uint32_t letter;
        i += text_decode(typed + i, typed_len - i, &want);
        do {
            if (at == name_len) {
                return false;
            }
            at += text_decode(name + at, name_len - at, &letter);
        } while (towlower((wint_t)letter) != towlower((wint_t)want));
    }
    return true;
}

static bool holds(const char *name, const char *typed)
{
    return text_contains(name, strlen(name), typed);
}

typedef bool match_fn(const char *name, const char *typed);

/* Index of the first class from `i` on that matches the typed text; the number of classes
 * if there is none. */
static size_t match_from(const struct ui *ui, match_fn *matches, size_t i)
{
    const struct classes *c = ui->options.classes;
    while (i < c->count && !matches(c->items[i].name, ui->prompt.text)) {
        i++;
    }
    return i;
}

/* Matches the typed text as a substring; if no class contains it, letter by letter. */
static match_fn *matcher(const struct ui *ui)
{
    return match_from(ui, holds, 0) < ui->options.classes->count ? holds : has_letters;
}

static size_t nth_match(const struct ui *ui, size_t n)
{
    match_fn *matches = matcher(ui);
    size_t i = match_from(ui, matches, 0);
    for (; n && i < ui->options.classes->count; n--) {
        i = match_from(ui, matches, i + 1);
    }
    return i;
}

static size_t match_count(const struct ui *ui)
{
    match_fn *matches = matcher(ui);
    size_t n = 0;
    for (size_t i = 0; (i = match_from(ui, matches, i)) < ui->options.classes->count; i++) {
        n++;
    }
    return n;
}

static void draw_match(struct ui *ui, struct cells at, size_t line)
{
    bool chosen = line == ui->pick.line;
    const struct class *class = &ui->options.classes->items[nth_match(ui, line)];
    enum style style = chosen ? STYLE_GUESS : STYLE_CLASS;
    char key[KEY_NAME_SIZE] = "";
    if (class->key != KEYCODE_NONE) {
        keycode_symbol(class->key, key);
    }
    screen_put(ui->screen, at.row, at.col + 1, 2, chosen ? style : STYLE_KEY, key);
    screen_put(ui->screen, at.row, at.col + 4, at.cols - 5, style, class->name);
}

static void pick_draw(struct ui *ui)
{
    size_t count = match_count(ui);
    status_draw(ui);
    list_draw(ui, &ui->pick, count ? "Pick a class" : "No such class", count, draw_match);
    prompt_draw(ui, !count              ? "↵ add it   Esc cancel"
                    : multi_is_on(ui) ? "↑ ↓ choose   ↵ switch   Esc cancel"
                                      : "↑ ↓ choose   ↵ answer   Esc cancel");
    pane_draw(ui);
}

static void pick_up(struct ui *ui)
{
    list_move(&ui->pick, 1, false, match_count(ui));
}

static void pick_down(struct ui *ui)
{
    list_move(&ui->pick, 1, true, match_count(ui));
}

static void pick_page_up(struct ui *ui)
{
    list_move(&ui->pick, list_rows(ui), false, match_count(ui));
}

static void pick_page_down(struct ui *ui)
{
    list_move(&ui->pick, list_rows(ui), true, match_count(ui));
}

static void pick_leave(struct ui *ui)
{
    ui_pop(ui);
}

static void pick_enter(struct ui *ui)
{
    size_t i = nth_match(ui, ui->pick.line);
    ui_pop(ui);
    if (i == ui->options.classes->count) {
        new_class_start(ui, ui->prompt.text);
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
        ui->pick = (struct list){ 0 };
    }
}

const struct view view_pick = { "pick", false, pick_draw, pick_key };
