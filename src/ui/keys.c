/* Keys as the screen shows them, and what a key does in a view. */
#include <stdio.h>
#include <string.h>

#include "app.h"

/* By a table of the view on top whose keys change. */
static bool is_taken(const struct ui *ui, keycode key)
{
    const struct view *view = ui_top(ui);
    bool taken = false;
    for (size_t i = 0; !taken && i < KEY_TABLES_MAX && view->tables[i]; i++) {
        taken = view->tables[i]->find && view->tables[i]->find(ui, key);
    }
    return taken;
}

/* A capital letter is shown as "Shift+Q" if the small one means something else. */
static void symbol_of(const struct ui *ui, enum action action, keycode key,
                      char out[KEYS_SYMBOL_SIZE])
{
    char symbol[KEY_NAME_SIZE];
    size_t index;
    keycode_symbol(key, symbol);
    bool capital = key >= 'A' && key <= 'Z';
    keycode small = key - 'A' + 'a';
    bool alone = capital && (is_taken(ui, small) ||
                             keymap_action(&ui->options.settings->keymap, ui->options.classes,
                                           small, &index) != action);
    snprintf(out, KEYS_SYMBOL_SIZE, "%s%s", alone ? "Shift+" : "", symbol);
}

void keys_symbol(const struct ui *ui, enum action action, char out[KEYS_SYMBOL_SIZE])
{
    keycode keys[KEYMAP_IN_FORCE];
    size_t count =
        keymap_in_force(&ui->options.settings->keymap, ui->options.classes, action, keys);
    out[0] = '\0';
    for (size_t i = 0; i < count && !out[0]; i++) {
        if (!is_taken(ui, keys[i])) {
            symbol_of(ui, action, keys[i], out);
        }
    }
}

void keys_symbols(const struct ui *ui, enum action action, char *out, size_t size)
{
    keycode keys[KEYMAP_IN_FORCE];
    size_t count =
        keymap_in_force(&ui->options.settings->keymap, ui->options.classes, action, keys);
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count && at < size; i++) {
        char symbol[KEYS_SYMBOL_SIZE];
        symbol_of(ui, action, keys[i], symbol);
        at += (size_t)snprintf(out + at, size - at, "%s%s", i ? " " : "", symbol);
    }
}

static bool has_key(const char *keys, keycode key)
{
    for (const char *s = keys; *s; s += strspn(s, " ")) {
        char word[KEY_NAME_SIZE];
        keycode code;
        size_t len = strcspn(s, " ");
        snprintf(word, sizeof word, "%.*s", (int)len, s);
        s += len;
        if (keycode_parse(word, &code) && code == key) {
            return true;
        }
    }
    return false;
}

static const struct view_key *row_of(const struct ui *ui, const struct key_table *table,
                                     keycode key)
{
    if (table->find) {
        return table->find(ui, key);
    }
    if (table->by_action) {
        size_t index;
        enum action action =
            keymap_action(&ui->options.settings->keymap, ui->options.classes, key, &index);
        bool there = action != ACTION_NO_ACTION && table->rows[action].run;
        return there ? &table->rows[action] : NULL;
    }
    for (size_t i = 0; i < table->count; i++) {
        if (has_key(table->rows[i].keys, key)) {
            return &table->rows[i];
        }
    }
    return NULL;
}

const struct view_key *keys_find(const struct ui *ui, const struct view *view, keycode key)
{
    const struct view_key *row = NULL;
    for (size_t i = 0; !row && i < KEY_TABLES_MAX && view->tables[i]; i++) {
        if (!view->in_force || view->in_force(ui, i)) {
            row = row_of(ui, view->tables[i], key);
        }
    }
    return row;
}

static bool allows(struct ui *ui, const struct view *view, const struct view_key *row,
                   const struct screen_event *event)
{
    return view->allows ? view->allows(ui, row, event)
                        : row->effect < EFFECT_EDITS || ui_may_change(ui);
}

void keys_handle(struct ui *ui, const struct screen_event *event)
{
    const struct view *view = ui_top(ui);
    const struct view_key *row = event->pasted ? NULL : keys_find(ui, view, event->key);
    if (row && allows(ui, view, row, event)) {
        row->run(ui);
    } else if (!row && view->other) {
        view->other(ui, event);
    }
}
