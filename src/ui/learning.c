/* Why there are no predictions yet. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

void status_learning(const struct ui *ui, char *out, size_t size)
{
    struct assist_status st;
    char name[64];
    out[0] = '\0';
    if (!session_assist_status(ui->session, &st) || st.state == ASSIST_PREDICTING) {
        return;
    }
    if (!st.answers) {
        snprintf(out, size, "no prediction yet: it learns from your answers");
        return;
    }
    if (multi_is_on(ui)) {
        snprintf(out, size, "no prediction yet: %s",
                 st.state == ASSIST_NEEDS_CLASSES ? "all answers are alike"
                                                  : "no better than chance");
        return;
    }
    const char *majority = ui->options.classes->items[st.majority].name;
    text_elide(name, sizeof name, majority, strlen(majority), 16);
    snprintf(out, size,
             st.state == ASSIST_NEEDS_CLASSES ? "no prediction yet: all answers are '%s'"
                                              : "no prediction yet: no better than always '%s'",
             name);
}
