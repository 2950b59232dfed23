/* The question whether to add a class that was typed while picking. */
#include <stdio.h>

#include "app.h"
#include "base/mem.h"

struct new_class_state {
    struct class_change change; /* adds it */
};

static struct new_class_state *state_of(const struct ui *ui)
{
    return view_state(ui, &view_new_class);
}

void new_class_start(struct ui *ui, const char *name)
{
    struct error err;
    if (class_change_add(&state_of(ui)->change, ui->options.classes, &ui->options.settings->keymap,
                         name, KEYCODE_NONE, &err)) {
        ui_push(ui, &view_new_class);
    } else {
        ui_message(ui, STYLE_WARN, "Not changed: %s.", err.message);
    }
}

static void new_class_draw(struct ui *ui)
{
    const struct class_state *class = &state_of(ui)->change.after;
    char text[MESSAGE_MAX], after[MESSAGE_MAX / 2], key[KEY_NAME_SIZE];
    keycode_symbol(class->key, key);
    snprintf(after, sizeof after, "' (%s%s)? ↵ add it and %s   Esc cancel",
             class->key == KEYCODE_NONE ? "" : "key ", class->key == KEYCODE_NONE ? "no key" : key,
             multi_is_on(ui) ? "switch it on" : "answer");
    question_text(ui, text, sizeof text, "New class '", class->name, after);
    panel_draw(ui);
    status_draw(ui);
    question_draw(ui, text);
    pane_draw(ui);
}

static void new_class_enter(struct ui *ui)
{
    ui_pop(ui);
    label_answer_new(ui, &state_of(ui)->change);
}

static void new_class_leave(struct ui *ui)
{
    ui_pop(ui);
}

static const struct view_key rows[] = {
#define NEW_CLASS_KEY VIEW_KEY
#include "config/view_keys.def"
};

static const struct key_table keys = { rows, ARRAY_LEN(rows), false, NULL };

const struct view view_new_class = { .name = "new-class",
                                     .state_size = sizeof(struct new_class_state),
                                     .tables = { &keys },
                                     .draw = new_class_draw };
