/* Pictures that may have several classes: keys switch them, Enter confirms. */
#include <stdio.h>
#include <string.h>

#include "app.h"

bool multi_is_on(const struct ui *ui)
{
    return ui->options.classes->multi;
}

void multi_toggle(struct ui *ui, size_t class_index)
{
    session_toggle(ui->session, class_index);
    ui->written = (struct written){ ACTION_PICK, class_index };
}

bool multi_has_typed(struct ui *ui)
{
    const bool *on;
    return multi_is_on(ui) && session_draft(ui->session, &on) == DRAFT_TYPED;
}

bool multi_cancel(struct ui *ui)
{
    if (!multi_has_typed(ui)) {
        return false;
    }
    session_drop_draft(ui->session);
    ui_message(ui, STYLE_DIM, "The classes that you switched are as before: nothing was written.");
    return true;
}

void multi_tell_replaced(struct ui *ui, enum label_status status)
{
    char undo[KEYS_SYMBOL_SIZE];
    keys_symbol(ui, ACTION_UNDO, undo);
    ui_message(ui, STYLE_WARN, "The answer is '%s', without the classes switched on. %s undoes it.",
               label_status_name(status), undo);
}

void multi_tell_left(struct ui *ui)
{
    if (!session_left_draft(ui->session)) {
        return;
    }
    if (ui->message[0]) {
        size_t at = strlen(ui->message);
        snprintf(ui->message + at, sizeof ui->message - at,
                 " Switched classes were not confirmed.");
    } else {
        char key[KEYS_SYMBOL_SIZE];
        keys_symbol(ui, ACTION_ACCEPT, key);
        ui_message(ui, STYLE_WARN,
                   "The classes switched on the picture before were not confirmed with %s: not "
                   "written.",
                   key);
    }
}

bool multi_has_others(const struct ui *ui, const char *label)
{
    size_t len = 0;
    for (const char *at = NULL; (at = label_class(true, label, at, &len));) {
        char name[CLASS_NAME_MAX + 1] = "";
        snprintf(name, sizeof name, "%.*s", (int)len, at);
        if (classes_find(ui->options.classes, name) == ui->options.classes->count) {
            return true;
        }
    }
    return false;
}

static bool any_is_on(const struct ui *ui, const bool *on)
{
    for (size_t i = 0; i < ui->options.classes->count; i++) {
        if (on[i]) {
            return true;
        }
    }
    return false;
}

bool multi_has_proposal(struct ui *ui)
{
    const bool *on;
    return session_draft(ui->session, &on) == DRAFT_PREDICTION && any_is_on(ui, on);
}

/* What Enter does: "none of these" if nothing is switched on. */
const char *multi_enter_hint(struct ui *ui)
{
    const bool *on;
    enum session_draft draft = session_draft(ui->session, &on);
    return draft == DRAFT_ANSWER ? "agree" : any_is_on(ui, on) ? "confirm" : "none of these";
}
