/* Picking a class by typing some letters of its name. */
#include <string.h>
#include <wctype.h>

#include "app.h"
#include "base/mem.h"
#include "base/text.h"

struct pick_state {
    struct prompt prompt;
    size_t len;       /* of the text when the list was made */
    struct list list; /* of the classes that match it */
};

/* The list begins anew when the text has changed. */
static struct pick_state *state_of(const struct ui *ui)
{
    struct pick_state *state = view_state(ui, &view_pick);
    if (state->prompt.len != state->len) {
        state->len = state->prompt.len;
        state->list = (struct list){ 0 };
    }
    return state;
}

static struct prompt *pick_prompt(struct ui *ui)
{
    return &state_of(ui)->prompt;
}

void pick_start(struct ui *ui)
{
    prompt_start(pick_prompt(ui), "Class name or part:", "");
    state_of(ui)->list = (struct list){ 0 };
    ui_push(ui, &view_pick);
}

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
    while (i < c->count && !matches(c->items[i].name, state_of(ui)->prompt.text)) {
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
    bool chosen = line == state_of(ui)->list.line;
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
    list_draw(ui, &state_of(ui)->list, count ? "Pick a class" : "No such class", count, draw_match);
    prompt_draw(ui, !count            ? "↵ add it   Esc cancel"
                    : multi_is_on(ui) ? "↑ ↓ choose   ↵ switch   Esc cancel"
                                      : "↑ ↓ choose   ↵ answer   Esc cancel");
    pane_draw(ui);
}

static void pick_up(struct ui *ui)
{
    list_move(&state_of(ui)->list, 1, false, match_count(ui));
}

static void pick_down(struct ui *ui)
{
    list_move(&state_of(ui)->list, 1, true, match_count(ui));
}

static void pick_page_up(struct ui *ui)
{
    list_move(&state_of(ui)->list, list_rows(ui), false, match_count(ui));
}

static void pick_page_down(struct ui *ui)
{
    list_move(&state_of(ui)->list, list_rows(ui), true, match_count(ui));
}

static void pick_leave(struct ui *ui)
{
    ui_pop(ui);
}

static void pick_enter(struct ui *ui)
{
    size_t i = nth_match(ui, state_of(ui)->list.line);
    ui_pop(ui);
    if (i == ui->options.classes->count && page_is_on(ui)) {
        ui_message(ui, STYLE_WARN, "No such class. New ones come with single pictures, or by C.");
    } else if (i == ui->options.classes->count) {
        new_class_start(ui, state_of(ui)->prompt.text);
    } else {
        label_answer(ui, STATUS_LABELED, i);
    }
}

static const struct view_key rows[] = {
#define PICK_KEY VIEW_KEY
#include "config/view_keys.def"
};

static const struct key_table keys = { rows, ARRAY_LEN(rows), false, NULL };

const struct view view_pick = { .name = "pick",
                                .state_size = sizeof(struct pick_state),
                                .tables = { &keys, &prompt_keys },
                                .draw = pick_draw,
                                .other = prompt_type,
                                .prompt = pick_prompt };
