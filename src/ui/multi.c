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
    ui->done_action = ACTION_PICK;
    ui->done_class = class_index;
}

void multi_confirm(struct ui *ui)
{
    struct error err;
    label_tell_answer(ui, session_confirm(ui->session, &err), &err);
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

/* What Enter does: "none of these" if nothing is switched on. */
const char *multi_enter_hint(struct ui *ui)
{
    const bool *on;
    enum session_draft draft = session_draft(ui->session, &on);
    if (draft == DRAFT_ANSWER) {
        return "agree";
    }
    for (size_t i = 0; i < ui->options.classes->count; i++) {
        if (on[i]) {
            return "confirm";
        }
    }
    return "none of these";
}
