/* The menu of classes. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/theme.h"

struct class_menu {
    struct list list;
    struct prompt prompt;
    enum class_task {
        TASK_LIST,
        TASK_ADD,
        TASK_RENAME,
        TASK_MERGE,
        TASK_KEY,
        TASK_COLOR,
        TASK_REMOVE
    } task;
    size_t class_index; /* what the task is about */
    size_t opens;       /* TASK_REMOVE: pictures that are open again */
};

static struct class_menu *menu_of(const struct ui *ui)
{
    return view_state(ui, &view_classes);
}

static struct prompt *menu_prompt(struct ui *ui)
{
    return &menu_of(ui)->prompt;
}

static const struct class *class_at(const struct ui *ui, size_t i)
{
    return &ui->options.classes->items[i];
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

static size_t marked(const struct ui *ui)
{
    size_t count = ui->options.classes->count;
    return menu_of(ui)->list.line < count ? menu_of(ui)->list.line : count - 1;
}

static void draw_line(struct ui *ui, struct cells at, size_t line)
{
    const struct class *class = class_at(ui, line);
    bool chosen = line == menu_of(ui)->list.line;
    enum style style = chosen ? STYLE_GUESS : STYLE_CLASS;
    char key[KEY_NAME_SIZE] = "", count[24], name[CLASS_NAME_MAX * 2];
    if (class->key != KEYCODE_NONE) {
        keycode_symbol(class->key, key);
    }
    int cols = snprintf(count, sizeof count, "%zu", session_class_count(ui->session, line));
    text_elide(name, sizeof name, class->name, strlen(class->name), at.cols - cols - 7);
    screen_put(ui->screen, at.row, at.col + 1, 3, chosen ? style : STYLE_KEY, key);
    screen_put_colored(ui->screen, at.row, at.col + 5, at.cols - cols - 7, style,
                       chosen ? COLOR_DEFAULT : class_color(ui, line), name);
    screen_put(ui->screen, at.row, at.col + at.cols - cols - 1, cols, style, count);
}

static void question(const struct ui *ui, char *text, size_t size)
{
    const char *name = class_at(ui, menu_of(ui)->class_index)->name;
    char after[MESSAGE_MAX / 2];
    switch (menu_of(ui)->task) {
    case TASK_MERGE:
        question_text(ui, text, size, "Merge '", name,
                      "' into which class? ↑ ↓ choose   ↵ merge   Esc cancel");
        break;
    case TASK_KEY:
        question_text(ui, text, size, "Press the new key of '", name, "'   ↵ none   Esc cancel");
        break;
    case TASK_REMOVE:
        snprintf(after, sizeof after,
                 "'? Pictures that are open again: %zu   ↵ remove   Esc cancel",
                 menu_of(ui)->opens);
        question_text(ui, text, size, "Remove '", name, after);
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
    const struct class_menu *menu = menu_of(ui);
    return menu->task == TASK_ADD || menu->task == TASK_RENAME || menu->task == TASK_COLOR;
}

static void classes_draw(struct ui *ui)
{
    char text[MESSAGE_MAX];
    status_draw(ui);
    list_draw(ui, &menu_of(ui)->list, menu_of(ui)->task == TASK_MERGE ? "Merge into" : "Classes",
              ui->options.classes->count, draw_line);
    if (is_typing(ui)) {
        prompt_draw(ui, "↵ done   Esc cancel");
    } else if (ui->message[0]) {
        hints_draw(ui);
    } else {
        question(ui, text, sizeof text);
        question_draw(ui, text);
    }
    pane_draw(ui);
}

void classes_start(struct ui *ui)
{
    *menu_of(ui) = (struct class_menu){ .task = TASK_LIST };
    if (ui->options.classes->count) {
        ui_push(ui, &view_classes);
    }
}

/* Makes the change that has been prepared, if it could be, and goes back to the list. */
static void finish(struct ui *ui, bool prepared, const struct class_change *change,
                   struct error *err)
{
    struct session_reclass done;
    menu_of(ui)->task = TASK_LIST;
    if (!prepared) {
        refuse(ui, err);
    } else if (!session_change_classes(ui->session, change, &done, err)) {
        ui_not_saved(ui, err);
    } else {
        ui_take_classes(ui, &done);
        tell_done(ui, &done);
        menu_of(ui)->list.line = change->after.there ? change->after.at : marked(ui);
    }
}

static void move_line(struct ui *ui, size_t steps, bool down)
{
    list_move(&menu_of(ui)->list, steps, down, ui->options.classes->count);
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
    if (menu_of(ui)->task != TASK_LIST) {
        return false;
    }
    menu_of(ui)->task = task;
    menu_of(ui)->class_index = marked(ui);
    return true;
}

static void menu_add(struct ui *ui)
{
    if (begin(ui, TASK_ADD)) {
        prompt_start(menu_prompt(ui), "Name of the new class:", "");
    }
}

static void menu_rename(struct ui *ui)
{
    if (begin(ui, TASK_RENAME)) {
        prompt_start(menu_prompt(ui), "New name:", class_at(ui, menu_of(ui)->class_index)->name);
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
        int32_t color = class_at(ui, menu_of(ui)->class_index)->color;
        if (color != CLASS_COLOR_NONE) {
            snprintf(text, sizeof text, "#%06x", (unsigned)color);
        }
        prompt_start(menu_prompt(ui), "Colour (#rrggbb, or none):", text);
    }
}

static void menu_remove(struct ui *ui)
{
    struct error err;
    if (begin(ui, TASK_REMOVE) &&
        !session_class_opens(ui->session, class_at(ui, menu_of(ui)->class_index)->name,
                             &menu_of(ui)->opens, &err)) {
        menu_of(ui)->task = TASK_LIST;
        refuse(ui, &err);
    }
}

static void menu_enter(struct ui *ui)
{
    const struct classes *c = ui->options.classes;
    const char *name = class_at(ui, menu_of(ui)->class_index)->name;
    struct class_change change;
    struct error err;
    if (menu_of(ui)->task == TASK_MERGE) {
        finish(ui, class_change_merge(&change, c, name, class_at(ui, marked(ui))->name, &err),
               &change, &err);
    } else if (menu_of(ui)->task == TASK_REMOVE) {
        finish(ui, class_change_remove(&change, c, name, &err), &change, &err);
    }
}

static void menu_undo(struct ui *ui)
{
    if (menu_of(ui)->task == TASK_LIST) {
        label_undo(ui);
        menu_of(ui)->list.line = marked(ui);
    }
}

static void menu_leave(struct ui *ui)
{
    if (menu_of(ui)->task == TASK_LIST) {
        ui_pop(ui);
    }
    menu_of(ui)->task = TASK_LIST;
}

/* The key itself is what was asked for. */
static void take_key(struct ui *ui, keycode key)
{
    struct class_change change;
    struct error err;
    const char *name = class_at(ui, menu_of(ui)->class_index)->name;
    finish(ui,
           class_change_key(&change, ui->options.classes, &ui->options.settings->keymap, name, key,
                            &err),
           &change, &err);
}

static void new_key_none(struct ui *ui)
{
    take_key(ui, KEYCODE_NONE);
}

static void task_leave(struct ui *ui)
{
    menu_of(ui)->task = TASK_LIST;
}

static bool prepare_color(struct ui *ui, struct class_change *change, const char *name,
                          struct error *err)
{
    const char *text = menu_prompt(ui)->text;
    int32_t color = CLASS_COLOR_NONE;
    if (text[0] && strcmp(text, "none") != 0 && !theme_parse_color(text, &color)) {
        return error_set(err, ERROR_USAGE, "'%s' is not a colour such as #ff8000", text);
    }
    return class_change_color(change, ui->options.classes, name, color, err);
}

/* What was typed is entered. */
static void take_text(struct ui *ui)
{
    const struct classes *c = ui->options.classes;
    const char *name = class_at(ui, menu_of(ui)->class_index)->name;
    struct class_change change;
    struct error err;
    bool ok;
    switch (menu_of(ui)->task) {
    case TASK_ADD:
        ok = class_change_add(&change, c, &ui->options.settings->keymap, menu_prompt(ui)->text,
                              KEYCODE_NONE, &err);
        break;
    case TASK_RENAME:
        ok = class_change_rename(&change, c, name, menu_prompt(ui)->text, &err);
        break;
    default:
        ok = prepare_color(ui, &change, name, &err);
    }
    finish(ui, ok, &change, &err);
}

static void classes_other(struct ui *ui, const struct screen_event *event)
{
    if (is_typing(ui)) {
        prompt_type(ui, event);
    } else if (menu_of(ui)->task == TASK_KEY && !event->pasted) {
        take_key(ui, event->key);
    }
}

static const struct view_key menu_rows[] = {
#define CLASSES_KEY VIEW_KEY
#include "config/view_keys.def"
};

static const struct view_key new_key_rows[] = {
#define NEW_KEY_KEY VIEW_KEY
#include "config/view_keys.def"
};

static const struct key_table menu_keys = { menu_rows, ARRAY_LEN(menu_rows), false, NULL };
static const struct key_table new_key_keys = { new_key_rows, ARRAY_LEN(new_key_rows), false, NULL };

static bool classes_in_force(const struct ui *ui, size_t table)
{
    bool asks_for_key = menu_of(ui)->task == TASK_KEY;
    return table == 0 ? is_typing(ui) : table == 1 ? asks_for_key : !is_typing(ui) && !asks_for_key;
}

const struct view view_classes = { .name = "classes",
                                   .state_size = sizeof(struct class_menu),
                                   .tables = { &prompt_keys, &new_key_keys, &menu_keys },
                                   .in_force = classes_in_force,
                                   .draw = classes_draw,
                                   .other = classes_other,
                                   .prompt = menu_prompt,
                                   .enter = take_text,
                                   .leave = task_leave };
