/* What follows when the classes have changed, and how that is told. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

#define NAME_COLS 24 /* of a class within a message */

void ui_take_classes(struct ui *ui, const struct session_reclass *done)
{
    for (size_t i = 0; i < VIEWS_COUNT; i++) {
        const struct view *view = ui->views.all[i].view;
        if (view->reclass) {
            view->reclass(ui, done);
        }
    }
    ui_lay_out(ui);
}

static void shorten(const char *name, char *out, size_t size)
{
    text_elide(out, size, name, strlen(name), NAME_COLS);
}

void reclass_words(const struct session_reclass *done, char *out, size_t size)
{
    struct buf text = BUF_INIT;
    struct class_change change = done->change;
    shorten(done->change.before.name, change.before.name, sizeof change.before.name);
    shorten(done->change.after.name, change.after.name, sizeof change.after.name);
    shorten(done->change.into, change.into, sizeof change.into);
    class_change_tell(&change, done->rows, &text);
    snprintf(out, size, "%s", buf_text(&text));
    buf_release(&text);
}
