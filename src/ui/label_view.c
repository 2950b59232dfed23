/* The label and review screen: the picture and the classes. Its keys are those of the
 * actions, and of the zoom while that is on; it decides whether they may act. */
#include "app.h"
#include "base/mem.h"

struct label_state {
    size_t class_index; /* of the class key that is handled */
    uint32_t asked_id;  /* picture that cannot be shown: the user was asked to confirm the */
    keycode asked_key;  /* answer by pressing this key again; KEYCODE_NONE: was not asked */
    bool asked_to_quit; /* whether to quit without the classes that are not confirmed */
};

static struct label_state *state_of(const struct ui *ui)
{
    return view_state(ui, &view_label);
}

static void label_draw(struct ui *ui)
{
    compare_draw(ui);
    panel_draw(ui);
    status_draw(ui);
    hints_draw(ui);
    pane_draw(ui);
}

/* ---------------------------------------------------------------- the actions */

/* An existing answer stays: agreeing writes nothing, but in a review of suspects, where it is then
 * checked. */
static bool checks(const struct ui *ui)
{
    return ui->options.suspects && !ui->options.read_only;
}

static bool agrees(struct ui *ui)
{
    return label_is_settled(ui) && !multi_has_typed(ui);
}

void label_accept(struct ui *ui)
{
    if (agrees(ui) && checks(ui)) {
        label_check(ui);
    } else if (agrees(ui)) {
        move_next(ui);
    } else if (multi_is_on(ui)) {
        label_confirm(ui);
    } else {
        label_take_guess(ui);
    }
}

void label_skip(struct ui *ui)
{
    label_answer(ui, STATUS_SKIPPED, 0);
}

void label_unsure(struct ui *ui)
{
    label_answer(ui, STATUS_UNSURE, 0);
}

void label_none(struct ui *ui)
{
    label_answer(ui, STATUS_NONE, 0);
}

static void label_class_key(struct ui *ui)
{
    label_answer(ui, STATUS_LABELED, state_of(ui)->class_index);
}

/* Ends the wait for the listing, forgets the classes that were switched, or turns the zoom
 * off. */
void label_cancel(struct ui *ui)
{
    if (session_waits_for(ui->session)) {
        session_begin_now(ui->session);
    } else if (!multi_cancel(ui)) {
        zoom_off(ui);
    }
}

/* Asks once if there are classes that were switched and not confirmed. */
void label_quit(struct ui *ui)
{
    char enter[KEYS_SYMBOL_SIZE], quit[KEYS_SYMBOL_SIZE];
    if (!state_of(ui)->asked_to_quit && multi_has_typed(ui)) {
        state_of(ui)->asked_to_quit = true;
        keys_symbol(ui, ACTION_ACCEPT, enter);
        keys_symbol(ui, ACTION_QUIT, quit);
        ui_message(ui, STYLE_WARN,
                   "The classes switched are not confirmed: %s writes them, %s again quits.", enter,
                   quit);
        return;
    }
    ui->done = true;
    ui->end = UI_QUIT;
}

static const struct view_key rows[ACTION_COUNT] = {
#define ACTION(id, function, effect, name, keys, spare, group, text)                               \
    [ACTION_##id] = { function, NULL, ACTION_##id, EFFECT_##effect },
#include "config/actions.def"
#undef ACTION
    [ACTION_CLASS] = { label_class_key, NULL, ACTION_CLASS, EFFECT_CLAIMS },
};

static const struct key_table keys = { rows, ARRAY_LEN(rows), true, NULL };

static bool label_in_force(const struct ui *ui, size_t table)
{
    return table != 0 || zoom_pans(ui);
}

/* ------------------------------------------------------- whether they may act */

/* Asks once before answering a picture that cannot be shown; the same key again
 * confirms. True: asked, do not answer yet. */
static bool asks_first(struct ui *ui, const struct view_key *row, keycode key)
{
    struct label_state *state = state_of(ui);
    enum action action = row->action;
    char symbol[KEY_NAME_SIZE];
    uint32_t id = session_current(ui->session);
    bool again = state->asked_id == id && state->asked_key == key;
    bool switches = multi_is_on(ui) && (action == ACTION_CLASS || action == ACTION_PICK ||
                                        action == ACTION_TAKE_PREDICTION);
    if (row->effect != EFFECT_CLAIMS || switches || !picture_cannot_be_shown(ui) || again) {
        return false;
    }
    state->asked_id = id;
    state->asked_key = key;
    keycode_symbol(key, symbol);
    if (action == ACTION_CLASS) {
        ui_message(ui, STYLE_WARN,
                   "This picture cannot be shown. Press %s again to label it '%s' anyway.", symbol,
                   ui->options.classes->items[state->class_index].name);
    } else {
        ui_message(ui, STYLE_WARN, "This picture cannot be shown. Press %s again to answer anyway.",
                   symbol);
    }
    return true;
}

static bool may_answer(struct ui *ui, const struct view_key *row, const struct screen_event *event)
{
    bool stays = row->action == ACTION_ACCEPT && agrees(ui) && !checks(ui);
    if (!stays && !ui_may_change(ui)) {
        return false;
    }
    if (session_at_end(ui->session)) {
        ui_message(ui, STYLE_WARN, "This is the end: there is no picture to answer.");
        return false;
    }
    if (session_current(ui->session) == CATALOG_NO_ID) {
        ui_message(ui, STYLE_WARN, "There is no picture to answer.");
        return false;
    }
    if (!viewer_was_seen(&ui->viewer, event->shown)) {
        key_guard_refuse(&ui->guard);
        ui_message(ui, STYLE_WARN,
                   "Ignored: the picture was not visible yet. Pause, then press the key again.");
        return false;
    }
    return stays || !asks_first(ui, row, event->key);
}

/* What was asked is only answered by the next key. */
static void forget_questions(struct ui *ui, keycode key, enum action action)
{
    struct label_state *state = state_of(ui);
    if (key != state->asked_key) {
        state->asked_key = KEYCODE_NONE;
    }
    state->asked_to_quit &= action == ACTION_QUIT;
}

static bool label_allows(struct ui *ui, const struct view_key *row,
                         const struct screen_event *event)
{
    keymap_action(&ui->options.settings->keymap, ui->options.classes, event->key,
                  &state_of(ui)->class_index);
    forget_questions(ui, event->key, row->action);
    if (row->effect >= EFFECT_WRITES && !write_counts(ui, event->key)) {
        return false;
    }
    return row->effect >= EFFECT_ANSWERS ? may_answer(ui, row, event)
                                         : row->effect < EFFECT_EDITS || ui_may_change(ui);
}

static void label_other(struct ui *ui, const struct screen_event *event)
{
    if (!event->pasted) {
        forget_questions(ui, event->key, ACTION_NO_ACTION);
    }
    key_means_nothing(ui, event);
}

const struct view view_label = { .name = "label",
                                 .state_size = sizeof(struct label_state),
                                 .tables = { &pan_keys, &keys },
                                 .in_force = label_in_force,
                                 .draw = label_draw,
                                 .allows = label_allows,
                                 .other = label_other };
