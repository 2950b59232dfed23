/* The menu of classes, and the question whether to add one while picking. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/theme.h"

#define NAME_COLS 24 /* of a class within a question */
#define NAME_COLS_LEAST 8

static const struct class *class_at(const struct ui *ui, size_t i)
{
    return &ui->options.classes->items[i];
}

static const char *short_name(const char *name, char *out, size_t size)
{
    text_elide(out, size, name, strlen(name), NAME_COLS);
    return out;
}

/* --------------------------------------------------------------- messages */

void reclass_words(const struct session_reclass *done, char *out, size_t size)
{
    struct buf text = BUF_INIT;
    struct class_change change = done->change;
    short_name(done->change.before.name, change.before.name, sizeof change.before.name);
    short_name(done->change.after.name, change.after.name, sizeof change.after.name);
    short_name(done->change.into, change.into, sizeof change.into);
    class_change_tell(&change, done->rows, &text);
    snprintf(out, size, "%s", buf_text(&text));
    buf_release(&text);
}

/* "Renamed 'skrt' to 'skirt' in 24 answers. Bksp undoes it." */
static void tell_done(struct ui *ui, const struct session_reclass *done)
{
    char words[MESSAGE_MAX / 2], undo[KEYS_SYMBOL_SIZE];
    reclass_words(done, words, sizeof words);
    words[0] = (char)(words[0] >= 'a' && words[0] <= 'z' ? words[0] - 'a' + 'A' : words[0]);
    keys_symbol(ui, ACTION_UNDO, undo);
    ui_message(ui, STYLE_GOOD, "%s. %s undoes it.", words, undo);
}

static void refuse(struct ui *ui, const struct error *err)
{
    ui_message(ui, STYLE_WARN, "Not changed: %s.", err->message);
}

/* Puts the class's name between two texts, as much of it as leaves them room. */
static void ask(const struct ui *ui, char *text, size_t size, const char *before, const char *class,
                const char *after)
{
    char name[NAME_COLS * 4 + 8];
    int room = ui->layout.hints.cols - 2 - text_width(before, strlen(before)) -
               text_width(after, strlen(after));
    room = room > NAME_COLS ? NAME_COLS : room < NAME_COLS_LEAST ? NAME_COLS_LEAST : room;
    text_elide(name, sizeof name, class, strlen(class), room);
    snprintf(text, size, "%s%s%s", before, name, after);
}

static void hint(struct ui *ui, const char *text)
{
    struct cells h = ui->layout.hints;
    screen_fill(ui->screen, h, STYLE_PROMPT);
    screen_put(ui->screen, h.row, 1, h.cols - 2, STYLE_PROMPT, text);
    screen_cursor(ui->screen, -1, 0);
}

/* --------------------------------------------------- adding while picking */

void new_class_start(struct ui *ui, const char *name)
{
    struct error err;
    if (class_change_add(&ui->new_class, ui->options.classes, &ui->options.settings->keymap, name,
                         KEYCODE_NONE, &err)) {
        ui_push(ui, &view_new_class);
    } else {
        refuse(ui, &err);
    }
}

static void new_class_draw(struct ui *ui)
{
    const struct class_state *class = &ui->new_class.after;
    char text[MESSAGE_MAX], after[MESSAGE_MAX / 2], key[KEY_NAME_SIZE];
    keycode_symbol(class->key, key);
    snprintf(after, sizeof after, "' (%s%s)? ↵ add it and %s   Esc cancel",
             class->key == KEYCODE_NONE ? "" : "key ", class->key == KEYCODE_NONE ? "no key" : key,
             multi_is_on(ui) ? "switch it on" : "answer");
    ask(ui, text, sizeof text, "New class '", class->name, after);
    panel_draw(ui);
    status_draw(ui);
    hint(ui, text);
    pane_draw(ui);
}

static void new_class_enter(struct ui *ui)
{
    ui_pop(ui);
    label_answer_new(ui, &ui->new_class);
}

static void new_class_leave(struct ui *ui)
{
    ui_pop(ui);
}

static const struct view_key new_class_keys[] = {
#define NEW_CLASS_KEY(function, keys, text) { function, keys },
#include "config/view_keys.def"
};

static void new_class_key(struct ui *ui, const struct screen_event *event)
{
    if (!event->pasted) {
        view_key_run(ui, new_class_keys, ARRAY_LEN(new_class_keys), event->key);
    }
}

const struct view view_new_class = { "new-class", false, new_class_draw, new_class_key };

/* --------------------------------------------------------------- the menu */

static size_t marked(const struct ui *ui)
{
    size_t count = ui->options.classes->count;
    return ui->menu.list.line < count ? ui->menu.list.line : count - 1;
}

static void draw_line(struct ui *ui, struct cells at, size_t line)
{
    const struct class *class = class_at(ui, line);
    bool chosen = line == ui->menu.list.line;
    enum style style = chosen ? STYLE_GUESS : STYLE_CLASS;
    char key[KEY_NAME_SIZE] = "", count[24], name[CLASS_NAME_MAX * 2];
    if (class->key != KEYCODE_NONE) {
        keycode_symbol(class->key, key);
    }
    int cols = snprintf(count, sizeof count, "%zu", session_class_count(ui->session, line));
    text_elide(name, sizeof name, class->name, strlen(class->name), at.cols - cols - 7);
    screen_put(ui->screen, at.row, at.col + 1, 3, chosen ? style : STYLE_KEY, key);
    screen_put_colored(ui->screen, at.row, at.col + 5, at.cols - cols - 7, style,
                       chosen ? COLOR_DEFAULT : panel_class_color(ui, line), name);
    screen_put(ui->screen, at.row, at.col + at.cols - cols - 1, cols, style, count);
}

static void question(const struct ui *ui, char *text, size_t size)
{
    const char *name = class_at(ui, ui->menu.class_index)->name;
    char after[MESSAGE_MAX / 2];
    switch (ui->menu.task) {
    case TASK_MERGE:
        ask(ui, text, size, "Merge '", name,
            "' into which class? ↑ ↓ choose   ↵ merge   Esc cancel");
        break;
    case TASK_KEY:
        ask(ui, text, size, "Press the new key of '", name, "'   ↵ none   Esc cancel");
        break;
    case TASK_REMOVE:
        snprintf(after, sizeof after,
                 "'? Pictures that are open again: %zu   ↵ remove   Esc cancel", ui->menu.opens);
        ask(ui, text, size, "Remove '", name, after);
        break;
    default:
        snprintf(text, size, "%s",
                 ui->options.read_only
                     ? "Read-only   Esc back"
                     : "a add   r rename   m merge   k key   c colour   d remove   Esc back");
    }
}

static bool is_typing(const struct ui *ui)
{
    return ui->menu.task == TASK_ADD || ui->menu.task == TASK_RENAME || ui->menu.task == TASK_COLOR;
}

static void classes_draw(struct ui *ui)
{
    char text[MESSAGE_MAX];
    status_draw(ui);
    list_draw(ui, &ui->menu.list, ui->menu.task == TASK_MERGE ? "Merge into" : "Classes",
              ui->options.classes->count, draw_line);
    if (is_typing(ui)) {
        prompt_draw(ui, "↵ done   Esc cancel");
    } else if (ui->message[0]) {
        hints_draw(ui);
    } else {
        question(ui, text, sizeof text);
        hint(ui, text);
    }
    pane_draw(ui);
}

void classes_start(struct ui *ui)
{
    ui->menu = (struct class_menu){ .task = TASK_LIST };
    if (ui->options.classes->count) {
        ui_push(ui, &view_classes);
    }
}

/* Makes the change that has been prepared, if it could be, and goes back to the list. */
static void finish(struct ui *ui, bool prepared, const struct class_change *change,
                   struct error *err)
{
    struct session_reclass done;
    ui->menu.task = TASK_LIST;
    if (!prepared) {
        refuse(ui, err);
    } else if (!session_change_classes(ui->session, change, &done, err)) {
        ui_message(ui, STYLE_ERROR, "Not saved: %s", err->message);
        screen_bell(ui->screen);
    } else {
        ui_take_classes(ui, &done);
        tell_done(ui, &done);
        ui->menu.list.line = change->after.there ? change->after.at : marked(ui);
    }
}

static void move_line(struct ui *ui, size_t steps, bool down)
{
    list_move(&ui->menu.list, steps, down, ui->options.classes->count);
}

static void menu_up(struct ui *ui)
{
    move_line(ui, 1, false);
}

static void menu_down(struct ui *ui)
{
    move_line(ui, 1, true);
}

static void menu_page_up(struct ui *ui)
{
    move_line(ui, list_rows(ui), false);
}

static void menu_page_down(struct ui *ui)
{
    move_line(ui, list_rows(ui), true);
}

/* Begins what is to be done with the marked class; not while another task goes on. */
static bool begin(struct ui *ui, enum class_task task)
{
    if (ui->options.read_only) {
        ui_message(ui, STYLE_WARN, "Read-only: nothing is changed.");
        return false;
    }
    if (ui->menu.task != TASK_LIST) {
        return false;
    }
    ui->menu.task = task;
    ui->menu.class_index = marked(ui);
    return true;
}

static void menu_add(struct ui *ui)
{
    if (begin(ui, TASK_ADD)) {
        prompt_start(&ui->prompt, "Name of the new class:", "");
    }
}

static void menu_rename(struct ui *ui)
{
    if (begin(ui, TASK_RENAME)) {
        prompt_start(&ui->prompt, "New name:", class_at(ui, ui->menu.class_index)->name);
    }
}

static void menu_merge(struct ui *ui)
{
    begin(ui, TASK_MERGE);
}

static void menu_other_key(struct ui *ui)
{
    begin(ui, TASK_KEY);
}

static void menu_color(struct ui *ui)
{
    char text[16] = "";
    if (begin(ui, TASK_COLOR)) {
        int32_t color = class_at(ui, ui->menu.class_index)->color;
        if (color != CLASS_COLOR_NONE) {
            snprintf(text, sizeof text, "#%06x", (unsigned)color);
        }
        prompt_start(&ui->prompt, "Colour (#rrggbb, or none):", text);
    }
}

static void menu_remove(struct ui *ui)
{
    struct error err;
    if (begin(ui, TASK_REMOVE) &&
        !session_class_opens(ui->session, class_at(ui, ui->menu.class_index)->name, &ui->menu.opens,
                             &err)) {
        ui->menu.task = TASK_LIST;
        refuse(ui, &err);
    }
}

static void menu_enter(struct ui *ui)
{
    const struct classes *c = ui->options.classes;
    const char *name = class_at(ui, ui->menu.class_index)->name;
    struct class_change change;
    struct error err;
    if (ui->menu.task == TASK_MERGE) {
        finish(ui, class_change_merge(&change, c, name, class_at(ui, marked(ui))->name, &err),
               &change, &err);
    } else if (ui->menu.task == TASK_REMOVE) {
        finish(ui, class_change_remove(&change, c, name, &err), &change, &err);
    }
}

static void menu_undo(struct ui *ui)
{
    if (ui->menu.task == TASK_LIST) {
        label_undo_or_redo(ui, true);
        ui->menu.list.line = marked(ui);
    }
}

static void menu_leave(struct ui *ui)
{
    if (ui->menu.task == TASK_LIST) {
        ui_pop(ui);
    }
    ui->menu.task = TASK_LIST;
}

static const struct view_key keys[] = {
#define CLASSES_KEY(function, keys, text) { function, keys },
#include "config/view_keys.def"
};

/* The key itself is what was asked for. */
static void take_key(struct ui *ui, keycode key)
{
    struct class_change change;
    struct error err;
    const char *name = class_at(ui, ui->menu.class_index)->name;
    if (key == KEYCODE_ESC) {
        ui->menu.task = TASK_LIST;
        return;
    }
    finish(ui,
           class_change_key(&change, ui->options.classes, &ui->options.settings->keymap, name,
                            key == KEYCODE_ENTER ? KEYCODE_NONE : key, &err),
           &change, &err);
}

static bool prepare_color(struct ui *ui, struct class_change *change, const char *name,
                          struct error *err)
{
    const char *text = ui->prompt.text;
    int32_t color = CLASS_COLOR_NONE;
    if (text[0] && strcmp(text, "none") != 0 && !theme_parse_color(text, &color)) {
        return error_set(err, ERROR_USAGE, "'%s' is not a colour such as #ff8000", text);
    }
    return class_change_color(change, ui->options.classes, name, color, err);
}

static void take_text(struct ui *ui, const struct screen_event *event)
{
    const struct classes *c = ui->options.classes;
    const char *name = class_at(ui, ui->menu.class_index)->name;
    struct class_change change;
    struct error err;
    enum prompt_result result = prompt_key(ui, event);
    bool ok;
    if (result == PROMPT_CANCELLED) {
        ui->menu.task = TASK_LIST;
    }
    if (result != PROMPT_ACCEPTED) {
        return;
    }
    switch (ui->menu.task) {
    case TASK_ADD:
        ok = class_change_add(&change, c, &ui->options.settings->keymap, ui->prompt.text,
                              KEYCODE_NONE, &err);
        break;
    case TASK_RENAME:
        ok = class_change_rename(&change, c, name, ui->prompt.text, &err);
        break;
    default:
        ok = prepare_color(ui, &change, name, &err);
    }
    finish(ui, ok, &change, &err);
}

static void classes_key(struct ui *ui, const struct screen_event *event)
{
    if (is_typing(ui)) {
        take_text(ui, event);
    } else if (event->pasted) {
        return;
    } else if (ui->menu.task == TASK_KEY) {
        take_key(ui, event->key);
    } else {
        view_key_run(ui, keys, ARRAY_LEN(keys), event->key);
    }
}

const struct view view_classes = { "classes", false, classes_draw, classes_key };
