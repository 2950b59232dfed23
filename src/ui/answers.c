/* Gives, undoes and redoes answers, and reports them on the screen. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"
#include "session/page.h"

#define NAME_COLS 32 /* of a file name within a message */

bool label_is_settled(const struct ui *ui)
{
    struct annotation a;
    uint32_t id = session_current(ui->session);
    bool review = ui->options.mode == SESSION_REVIEW;
    return id != CATALOG_NO_ID && session_answer_of(ui->session, id, &a) &&
           (a.status == STATUS_LABELED || a.status == STATUS_UNSURE || a.status == STATUS_NONE ||
            review);
}

static void tell_answer(struct ui *ui, bool saved, const struct error *err)
{
    const char *trouble;
    if (!saved) {
        ui_not_saved(ui, err);
        return;
    }
    ui->written.action = ACTION_CLASS;
    picture_start(ui);
    if ((trouble = session_class_trouble(ui->session))) {
        ui_message(ui, STYLE_WARN, "The class list is not saved (the answer is): %s", trouble);
    }
}

void label_answer(struct ui *ui, enum label_status status, size_t class_index)
{
    struct error err;
    if (page_is_on(ui)) {
        page_answer_one(ui, status, class_index);
        return;
    }
    if (status == STATUS_LABELED && multi_is_on(ui)) {
        multi_toggle(ui, class_index);
        return;
    }
    bool typed = multi_has_typed(ui);
    bool saved = session_answer(ui->session, status, class_index, &err);
    tell_answer(ui, saved, &err);
    if (saved && typed && !ui->message[0]) {
        multi_tell_replaced(ui, status);
    }
}

void label_check(struct ui *ui)
{
    struct error err;
    tell_answer(ui, session_check(ui->session, &err), &err);
}

void label_confirm(struct ui *ui)
{
    struct error err;
    tell_answer(ui, session_confirm(ui->session, &err), &err);
}

/* Where pictures may have several classes, the new one is only switched on. */
static void switch_new(struct ui *ui, const struct class_change *added)
{
    struct error err;
    struct session_reclass done;
    char words[MESSAGE_MAX / 2], symbol[KEYS_SYMBOL_SIZE];
    if (!session_change_classes(ui->session, added, &done, &err)) {
        ui_not_saved(ui, &err);
        return;
    }
    ui_take_classes(ui, &done);
    multi_toggle(ui, done.shift.at);
    keys_symbol(ui, ACTION_UNDO, symbol);
    reclass_words(&done, words, sizeof words);
    ui_message(ui, STYLE_GOOD, "Switched on, and %s. %s removes the class.", words, symbol);
}

void label_answer_new(struct ui *ui, const struct class_change *added)
{
    struct error err;
    struct session_reclass done;
    char words[MESSAGE_MAX / 2], symbol[KEYS_SYMBOL_SIZE];
    if (multi_is_on(ui)) {
        switch_new(ui, added);
        return;
    }
    if (!session_answer_new(ui->session, added, &done, &err)) {
        ui_not_saved(ui, &err);
        return;
    }
    ui->written.action = ACTION_CLASS;
    ui_take_classes(ui, &done);
    keys_symbol(ui, ACTION_UNDO, symbol);
    done.rows = 0;
    reclass_words(&done, words, sizeof words);
    ui_message(ui, STYLE_GOOD, "Answered, and %s. %s undoes both.", words, symbol);
}

void label_take_guess(struct ui *ui)
{
    struct guess guess;
    char why[STATUS_MAX];
    if (!ui->options.guesses) {
        ui_message(ui, STYLE_WARN, "There is no model for predictions. Press a class key.");
    } else if (!session_guess(ui->session, &guess)) {
        ui_message(ui, STYLE_WARN, "The prediction is not ready yet.");
    } else if (guess.failed) {
        ui_message(ui, STYLE_WARN, "There is no prediction for this picture.");
    } else if (guess.best >= ui->options.classes->count) {
        status_learning(ui, why, sizeof why);
        ui_message(ui, STYLE_WARN, "There is %s. Press a class key.", why);
    } else if (multi_is_on(ui)) {
        session_switch_predicted(ui->session);
    } else {
        label_answer(ui, STATUS_LABELED, guess.best);
    }
}

/* An answer as part of a sentence: "'dress'", "skipped", "none", …. */
static const char *answer_words(const struct annotation *a, char *out, size_t size)
{
    if (a->status == STATUS_LABELED) {
        snprintf(out, size, "'%s'", a->label);
    } else {
        snprintf(out, size, "%s",
                 a->status == STATUS_UNANSWERED ? "without an answer"
                                                : label_status_name(a->status));
    }
    return out;
}

/* The same for a page. */
static void tell_page(struct ui *ui, bool undo, size_t count)
{
    ui_message(ui, STYLE_GOOD,
               undo ? "Undone: %zu pictures are as they were."
                    : "Redone: %zu pictures are answered again.",
               count);
}

/* Reports what an undo or a redo has done to which picture. here: the picture is in this
 * session's list. moved: the answer that was undone or redone. */
static void tell_change(struct ui *ui, bool undo, const char *file, bool here,
                        const struct annotation *moved)
{
    char name[NAME_COLS * 4];
    char words[2][CLASS_NAME_MAX + 32];
    struct annotation now = { 0 };
    text_elide(name, sizeof name, file, strlen(file), NAME_COLS);
    const char *old = answer_words(moved, words[0], sizeof words[0]);
    if (!here) {
        ui_message(ui, STYLE_WARN, "%s: %s (%s; not in this list of pictures)",
                   undo ? "Undone" : "Redone", name, old);
    } else if (!undo) {
        ui_message(ui, STYLE_GOOD, "Redone: %s is %s again.", name, old);
    } else if (session_answer_of(ui->session, session_current(ui->session), &now) &&
               now.status != STATUS_UNANSWERED) {
        ui_message(ui, STYLE_GOOD, "Undone: %s was %s, is %s again.", name, old,
                   answer_words(&now, words[1], sizeof words[1]));
    } else {
        ui_message(ui, STYLE_GOOD, "Undone: %s was %s, is open again.", name, old);
    }
}

/* The same for a note. */
static void tell_note(struct ui *ui, bool undo, const char *file, bool here)
{
    char name[NAME_COLS * 4];
    const char *note = here ? session_note(ui->session, session_current(ui->session)) : "";
    const char *done = undo ? "Undone" : "Redone";
    text_elide(name, sizeof name, file, strlen(file), NAME_COLS);
    if (!here) {
        ui_message(ui, STYLE_WARN, "%s: the note of %s (not in this list of pictures)", done, name);
    } else if (note[0]) {
        ui_message(ui, STYLE_GOOD, "%s: the note of %s is '%s' again.", done, name, note);
    } else {
        ui_message(ui, STYLE_GOOD, "%s: %s has no note again.", done, name);
    }
}

/* The same for whether an answer is checked. */
static void tell_check(struct ui *ui, bool undo, const char *file)
{
    char name[NAME_COLS * 4];
    text_elide(name, sizeof name, file, strlen(file), NAME_COLS);
    ui_message(ui, STYLE_GOOD, undo ? "Undone: %s is not checked." : "Redone: %s is checked.",
               name);
}

static void tell_reclass(struct ui *ui, bool undo, const struct session_reclass *done)
{
    char words[MESSAGE_MAX / 2];
    reclass_words(done, words, sizeof words);
    ui_message(ui, STYLE_GOOD, "%s: %s.", undo ? "Undone" : "Redone", words);
}

static void undo_or_redo(struct ui *ui, bool undo)
{
    struct buf name = BUF_INIT;
    struct error err = { ERROR_NONE, "" };
    struct annotation moved;
    enum undo_result result = undo ? session_undo(ui->session, &name, &moved, &err)
                                   : session_redo(ui->session, &name, &moved, &err);
    const struct session_reclass *done = session_reclassed(ui->session);
    if (done) {
        ui_take_classes(ui, done);
    }
    picture_start(ui);
    if (result == UNDO_NOTHING) {
        ui_message(ui, STYLE_WARN, "You have nothing to %s.", undo ? "undo" : "redo");
    } else if (result == UNDO_FAILED) {
        ui_not_saved(ui, &err);
    } else if (result == UNDO_CLASSES) {
        ui->written.action = undo ? ACTION_UNDO : ACTION_REDO;
        tell_reclass(ui, undo, done);
    } else if (result == UNDO_PREDICTIONS) {
        ui->written.action = undo ? ACTION_UNDO : ACTION_REDO;
        size_t count = session_predictions_moved(ui->session);
        ui_message(ui, STYLE_GOOD, "%s: %zu prediction%s of pictures without an answer.",
                   undo ? "Undone" : "Redone", count, count == 1 ? "" : "s");
    } else {
        ui->written.action = undo ? ACTION_UNDO : ACTION_REDO;
        if (session_changed_check(ui->session)) {
            tell_check(ui, undo, buf_text(&name));
        } else if (session_moved(ui->session) > 1) {
            tell_page(ui, undo, session_moved(ui->session));
        } else if (session_changed_note(ui->session)) {
            tell_note(ui, undo, buf_text(&name), result == UNDO_DONE);
        } else {
            tell_change(ui, undo, buf_text(&name), result == UNDO_DONE, &moved);
        }
        if (done && done->shift.kind == CLASSES_SHRANK) {
            size_t len = strlen(ui->message);
            snprintf(ui->message + len, sizeof ui->message - len, " Its class is gone too.");
        }
    }
    buf_release(&name);
}

void label_undo(struct ui *ui)
{
    undo_or_redo(ui, true);
}

void label_redo(struct ui *ui)
{
    undo_or_redo(ui, false);
}
