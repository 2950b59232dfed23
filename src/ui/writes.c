/* Whether a key that writes counts, and what is said of keys that mean nothing. */
#include "app.h"

/* Undoes what the key before this one did, as it was a repeat, too. */
static void take_back(struct ui *ui)
{
    struct written done = ui->written;
    ui->written.action = ACTION_NO_ACTION;
    if (done.action == ACTION_PICK) {
        session_toggle(ui->session, done.class_index);
    } else if (done.action == ACTION_UNDO) {
        label_redo(ui);
    } else if (done.action != ACTION_NO_ACTION) {
        label_undo(ui);
    }
}

bool write_counts(struct ui *ui, keycode key)
{
    char symbol[KEY_NAME_SIZE];
    if (ui->guard.verdict == KEY_HELD_BEFORE) {
        take_back(ui);
    }
    switch (ui->guard.verdict) {
    case KEY_HELD_BEFORE:
    case KEY_HELD:
        keycode_symbol(key, symbol);
        ui_message(ui, STYLE_WARN, "The key %s is held down: it counts once.", symbol);
        return false;
    case KEY_TOO_SOON:
        ui_message(ui, STYLE_WARN,
                   "Ignored: too soon after an ignored key. Pause, then press the key again.");
        return false;
    default:
        ui->written.action = ACTION_NO_ACTION;
        return true;
    }
}

static void tell_no_meaning(struct ui *ui, keycode key)
{
    char name[KEY_NAME_SIZE];
    char help[KEYS_SYMBOL_SIZE];
    bool of_a_class = key > ' ' && key < KEYCODE_UP && key != KEYCODE_BACKSPACE;
    keycode_symbol(key, name);
    keys_symbol(ui, ACTION_HELP, help);
    ui_message(ui, STYLE_DIM,
               of_a_class ? "No class has the key '%s'; %s shows all keys."
                          : "The key %s does nothing here; %s shows all keys.",
               name, help);
}

void key_means_nothing(struct ui *ui, const struct screen_event *event)
{
    if (event->pasted) { /* a paste into the wrong window must not label anything */
        ui_message(ui, STYLE_WARN, "Pasted text is ignored.");
        return;
    }
    tell_no_meaning(ui, event->key);
}
