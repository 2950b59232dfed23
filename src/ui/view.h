/* Views: the label screen, and what lies over all or part of it. A view owns its state, which
 * its file alone knows, and the tables of its keys, in which each row is bound to a function:
 * no key is handled outside a table. The topmost view of the stack draws the screen and gets
 * the keys. */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/action.h"
#include "config/key.h"
#include "session/session.h"
#include "term/screen.h"

struct prompt;
struct ui;

struct view_key {
    void (*run)(struct ui *ui);
    const char *keys;   /* their names, separated by spaces; NULL: those that `action` has */
    enum action action; /* in the key map, or ACTION_NO_ACTION */
    enum key_effect effect;
};

/* A row of view_keys.def. */
#define VIEW_KEY(function, effect, keys, text)                                                     \
    { function, keys, ACTION_NO_ACTION, EFFECT_##effect },

/* A row for each key of a view; or, by_action, for each action, in the order of enum action,
 * where a row without a function is none; or what find() returns for keys that change. */
struct key_table {
    const struct view_key *rows;
    size_t count;
    bool by_action;
    const struct view_key *(*find)(const struct ui *ui, keycode key);
};

#define KEY_TABLES_MAX 3

/* All functions but draw() may be NULL. */
struct view {
    const char *name;
    bool covers_picture; /* hides the picture completely */
    size_t state_size;   /* of view_state(), which is zeroed when the screen is made */

    /* The tables, of which the first that has a key counts, and which of them are in force
     * now; NULL: all. */
    const struct key_table *tables[KEY_TABLES_MAX];
    bool (*in_force)(const struct ui *ui, size_t table);

    /* When the screen opens, and when it is freed, whether it was open or not. */
    bool (*open)(struct ui *ui, struct error *err);
    void (*close)(struct ui *ui);

    /* The classes have changed. */
    void (*reclass)(struct ui *ui, const struct session_reclass *done);

    void (*draw)(struct ui *ui);

    /* Whether a key that has a row may act; false: it was said why not. NULL: unless it
     * changes something in a read-only session. */
    bool (*allows)(struct ui *ui, const struct view_key *row, const struct screen_event *event);

    /* A key that is in no table now, or that was pasted. NULL: it is ignored. */
    void (*other)(struct ui *ui, const struct screen_event *event);

    /* Of views that use prompt_keys: what is being typed, and what to do when it is entered
     * or given up. */
    struct prompt *(*prompt)(struct ui *ui);
    void (*enter)(struct ui *ui);
    void (*leave)(struct ui *ui);
};

extern const struct view view_label;
extern const struct view view_help;
extern const struct view view_go_to;
extern const struct view view_find;
extern const struct view view_pick;
extern const struct view view_filter;
extern const struct view view_note;
extern const struct view view_new_class;
extern const struct view view_classes;
extern const struct view view_page;

#define VIEWS_COUNT 10 /* of these */
#define VIEWS_MAX 4    /* most at a time */

/* The views' states and the stack. */
struct views {
    struct {
        const struct view *view;
        void *state;
    } all[VIEWS_COUNT];
    const struct view *stack[VIEWS_MAX];
    size_t count;
};

/* views: VIEWS_COUNT of them. Whatever the result, views_release() must follow. */
bool views_init(struct views *v, const struct view *const *views, struct error *err);
void views_release(struct views *v);

void *view_state(const struct ui *ui, const struct view *view);

const struct view *ui_top(const struct ui *ui);
void ui_push(struct ui *ui, const struct view *view);
void ui_pop(struct ui *ui);

/* keys.c: the row of a key in the tables that are in force, or NULL. */
const struct view_key *keys_find(const struct ui *ui, const struct view *view, keycode key);

/* Gives a key to the topmost view. */
void keys_handle(struct ui *ui, const struct screen_event *event);

#endif
