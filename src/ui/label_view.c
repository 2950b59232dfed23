/* The label and review screen: the picture, the classes, and the table of what each
 * action does. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

static void label_draw(struct ui *ui)
{
    panel_draw(ui);
    status_draw(ui);
    hints_draw(ui);
    pane_draw(ui);
}

static void move(struct ui *ui, enum session_move where)
{
    if (session_move(ui->session, where)) {
        picture_start(ui);
    } else {
        ui_message(ui, STYLE_DIM, "There are no more pictures in that direction.");
    }
}

/* An existing answer stays: agreeing writes nothing. */
static void accept(struct ui *ui)
{
    if (multi_has_typed(ui)) {
        multi_confirm(ui);
    } else if (label_is_settled(ui)) {
        move(ui, MOVE_NEXT);
    } else if (multi_is_on(ui)) {
        multi_confirm(ui);
    } else {
        label_take_guess(ui);
    }
}

void label_find(struct ui *ui)
{
    uint32_t id = session_current(ui->session);
    enum session_match found = session_find(ui->session, ui->find_text);
    if (found == MATCH_NOTHING) {
        ui_message(ui, STYLE_WARN, "No file name or note contains '%s'.", ui->find_text);
    } else if (session_current(ui->session) == id) {
        ui_message(ui, STYLE_DIM, "No other file name or note contains '%s'.", ui->find_text);
    } else {
        picture_start(ui);
        if (found == MATCH_NOTE) {
            ui_message(ui, STYLE_DIM, "The note of this picture contains '%s'.", ui->find_text);
        }
    }
}

static void start_find(struct ui *ui)
{
    prompt_start(&ui->prompt, "Find in names and notes:", "");
    ui_push(ui, &view_find);
}

/* Asks what to find if nothing has been searched for yet. */
static void find_again(struct ui *ui)
{
    if (!ui->find_text[0]) {
        start_find(ui);
    } else {
        label_find(ui);
    }
}

static void toggle_sharp(struct ui *ui)
{
    ui->enlarge = ui->enlarge == ENLARGE_SHARP ? ENLARGE_SMOOTH : ENLARGE_SHARP;
    ui_message(ui, STYLE_DIM, "Small pictures are enlarged %s.",
               ui->enlarge == ENLARGE_SHARP ? "with sharp pixels" : "smoothly");
    picture_style(ui);
}

static void next_levels(struct ui *ui)
{
    static const char *const says[IMAGE_LEVELS_COUNT] = {
        [IMAGE_LEVELS_AUTO] = "stretched only where a picture would be invisible",
        [IMAGE_LEVELS_FULL] = "stretched from black to white",
        [IMAGE_LEVELS_PLAIN] = "shown as they are",
    };
    ui->levels = (enum image_levels)((ui->levels + 1) % IMAGE_LEVELS_COUNT);
    ui_message(ui, STYLE_DIM, "Brightness levels are %s.", says[ui->levels]);
    picture_style(ui);
}

static void change_order(struct ui *ui)
{
    enum session_order order = session_order(ui->session);
    if (ui->options.mode == SESSION_REVIEW) {
        ui_message(ui, STYLE_DIM, "A review is always in the order of the file names.");
        return;
    }
    do {
        order = (order + 1) % SESSION_ORDERS;
    } while (!session_set_order(ui->session, order));
    ui_message(ui, STYLE_DIM, "What comes next: %s.",
               order == SESSION_ACTIVE ? "the picture that teaches the model most"
               : order == SESSION_FILE ? "the next one, as the files are listed"
               : order == SESSION_NAME ? "the next one by name, whatever its folder"
                                       : "any picture, at random");
}

static void start_go_to(struct ui *ui)
{
    prompt_start(&ui->prompt, "Go to picture number:", "");
    ui_push(ui, &view_go_to);
}

static void start_filter(struct ui *ui)
{
    if (ui->options.mode == SESSION_REVIEW) {
        filter_start(ui);
    } else {
        ui_message(ui, STYLE_DIM, "The filter works only in `thumbtag review`.");
    }
}

static void start_help(struct ui *ui)
{
    ui->help_top = 0;
    ui_push(ui, &view_help);
}

static void start_pick(struct ui *ui)
{
    prompt_start(&ui->prompt, "Class name or part:", "");
    ui->pick = (struct list){ 0 };
    ui_push(ui, &view_pick);
}

static void redraw(struct ui *ui)
{
    screen_redraw(ui->screen);
    viewer_reload(&ui->viewer);
}

static void quit(struct ui *ui)
{
    if (multi_asks_to_quit(ui)) {
        return;
    }
    ui->done = true;
    ui->end = UI_QUIT;
}

static void zoom_in(struct ui *ui)
{
    zoom_step(ui, 1.5f);
}

static void zoom_out(struct ui *ui)
{
    zoom_step(ui, 1.0f / 1.5f);
}

static void undo(struct ui *ui)
{
    label_undo_or_redo(ui, true);
}

static void redo(struct ui *ui)
{
    label_undo_or_redo(ui, false);
}

static void skip(struct ui *ui)
{
    label_answer(ui, STATUS_SKIPPED, 0);
}

static void unsure(struct ui *ui)
{
    label_answer(ui, STATUS_UNSURE, 0);
}

static void none_of_these(struct ui *ui)
{
    label_answer(ui, STATUS_NONE, 0);
}

/* Ends the wait for the listing, forgets the classes that were switched, or turns the zoom
 * off. */
static void cancel(struct ui *ui)
{
    if (session_waits_for(ui->session)) {
        session_begin_now(ui->session);
    } else if (!multi_cancel(ui)) {
        zoom_off(ui);
    }
}

/* What each action does: `run`, or else a move. answer() handles ACTION_CLASS. */
static const struct command {
    void (*run)(struct ui *ui);
    enum session_move move;
    bool answers; /* only if the picture was visible when the key was pressed */
    bool claims;  /* makes a statement on the picture's content */
} commands[ACTION_COUNT] = {
    [ACTION_ACCEPT] = { .run = accept, .answers = true, .claims = true },
    [ACTION_TAKE_PREDICTION] = { .run = label_take_guess, .answers = true, .claims = true },
    [ACTION_SKIP] = { .run = skip, .answers = true },
    [ACTION_UNSURE] = { .run = unsure, .answers = true },
    [ACTION_NONE] = { .run = none_of_these, .answers = true, .claims = true },
    [ACTION_PICK] = { .run = start_pick, .answers = true, .claims = true },
    [ACTION_CLASS] = { .answers = true, .claims = true },
    [ACTION_NOTE] = { .run = note_start },
    [ACTION_UNDO] = { .run = undo },
    [ACTION_REDO] = { .run = redo },
    [ACTION_NEXT] = { .move = MOVE_NEXT },
    [ACTION_PREVIOUS] = { .move = MOVE_PREVIOUS },
    [ACTION_NEXT_OPEN] = { .move = MOVE_NEXT_OPEN },
    [ACTION_PREVIOUS_OPEN] = { .move = MOVE_PREVIOUS_OPEN },
    [ACTION_FORWARD] = { .move = MOVE_FORWARD },
    [ACTION_BACK] = { .move = MOVE_BACK },
    [ACTION_FIRST] = { .move = MOVE_FIRST },
    [ACTION_LAST] = { .move = MOVE_LAST },
    [ACTION_GO_TO] = { .run = start_go_to },
    [ACTION_FIND] = { .run = start_find },
    [ACTION_FIND_NEXT] = { .run = find_again },
    [ACTION_ORDER] = { .run = change_order },
    [ACTION_FILTER] = { .run = start_filter },
    [ACTION_CLASSES] = { .run = classes_start },
    [ACTION_ZOOM] = { .run = zoom_toggle },
    [ACTION_ZOOM_IN] = { .run = zoom_in },
    [ACTION_ZOOM_OUT] = { .run = zoom_out },
    [ACTION_ACTUAL_SIZE] = { .run = zoom_actual },
    [ACTION_KEEP_ZOOM] = { .run = zoom_keep },
    [ACTION_FULL_QUALITY] = { .run = picture_refine_fully },
    [ACTION_SHARP] = { .run = toggle_sharp },
    [ACTION_LEVELS] = { .run = next_levels },
    [ACTION_REDRAW] = { .run = redraw },
    [ACTION_HELP] = { .run = start_help },
    [ACTION_CANCEL] = { .run = cancel },
    [ACTION_QUIT] = { .run = quit },
};

/* Asks once before answering a picture that cannot be shown; the same key again
 * confirms. True: asked, do not answer yet. */
static bool asks_first(struct ui *ui, enum action action, size_t class_index, keycode key)
{
    char symbol[KEY_NAME_SIZE];
    uint32_t id = session_current(ui->session);
    bool again = ui->asked_id == id && ui->asked_key == key;
    bool switches = multi_is_on(ui) && (action == ACTION_CLASS || action == ACTION_PICK ||
                                        action == ACTION_TAKE_PREDICTION);
    if (!commands[action].claims || switches || !picture_cannot_be_shown(ui) || again) {
        return false;
    }
    ui->asked_id = id;
    ui->asked_key = key;
    keycode_symbol(key, symbol);
    if (action == ACTION_CLASS) {
        ui_message(ui, STYLE_WARN,
                   "This picture cannot be shown. Press %s again to label it '%s' anyway.", symbol,
                   ui->options.classes->items[class_index].name);
    } else {
        ui_message(ui, STYLE_WARN, "This picture cannot be shown. Press %s again to answer anyway.",
                   symbol);
    }
    return true;
}

static void answer(struct ui *ui, enum action action, size_t class_index,
                   const struct screen_event *event)
{
    bool agrees = action == ACTION_ACCEPT && label_is_settled(ui) && !multi_has_typed(ui);
    if (ui->options.read_only && !agrees) {
        ui_message(ui, STYLE_WARN, "Read-only: nothing is changed.");
    } else if (session_at_end(ui->session)) {
        ui_message(ui, STYLE_WARN, "This is the end: there is no picture to answer.");
    } else if (session_current(ui->session) == CATALOG_NO_ID) {
        ui_message(ui, STYLE_WARN, "There is no picture to answer.");
    } else if (!viewer_was_seen(&ui->viewer, event->shown)) {
        key_guard_refuse(&ui->guard);
        ui_message(ui, STYLE_WARN,
                   "Ignored: the picture was not visible yet. Pause, then press the key again.");
    } else if (!agrees && asks_first(ui, action, class_index, event->key)) {
        return;
    } else if (action == ACTION_CLASS) {
        label_answer(ui, STATUS_LABELED, class_index);
    } else {
        commands[action].run(ui);
    }
}

/* Undoes what the key before this one did, as it was a repeat, too. */
static void take_back(struct ui *ui)
{
    enum action done = ui->done_action;
    ui->done_action = ACTION_NO_ACTION;
    if (done == ACTION_PICK) {
        session_toggle(ui->session, ui->done_class);
    } else if (done != ACTION_NO_ACTION) {
        label_undo_or_redo(ui, done != ACTION_UNDO);
    }
}

/* For keys that write: false if the key guard refuses the key, with a message. */
static bool counts(struct ui *ui, keycode key)
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
        ui->done_action = ACTION_NO_ACTION;
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

static void label_key(struct ui *ui, const struct screen_event *event)
{
    size_t class_index = 0;
    if (event->pasted) { /* a paste into the wrong window must not label anything */
        ui_message(ui, STYLE_WARN, "Pasted text is ignored.");
        return;
    }
    if (event->key != ui->asked_key) {
        ui->asked_id = CATALOG_NO_ID;
    }
    if (zoom_pan(ui, event->key)) {
        return;
    }
    enum action action =
        keymap_action(&ui->options.settings->keymap, ui->options.classes, event->key, &class_index);
    const struct command *command = &commands[action];
    ui->asked_to_quit &= action == ACTION_QUIT;
    bool writes = command->answers || action == ACTION_UNDO || action == ACTION_REDO;
    if (writes && !counts(ui, event->key)) {
        return;
    }
    if (command->answers) {
        answer(ui, action, class_index, event);
        return;
    }
    if (action == ACTION_NO_ACTION) {
        tell_no_meaning(ui, event->key);
    } else if (command->run) {
        command->run(ui);
    } else {
        move(ui, command->move);
    }
}

const struct view view_label = { "label", false, label_draw, label_key };
