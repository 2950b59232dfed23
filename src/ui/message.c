/* The message on the bottom line, until the next key. */
#include <stdarg.h>
#include <stdio.h>

#include "app.h"

void ui_message(struct ui *ui, enum style style, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(ui->message, sizeof ui->message, format, args);
    va_end(args);
    ui->message_style = style;
}

void ui_not_saved(struct ui *ui, const struct error *err)
{
    ui_message(ui, STYLE_ERROR, "Not saved: %s", err->message);
    screen_bell(ui->screen);
}

bool ui_may_change(struct ui *ui)
{
    if (ui->options.read_only) {
        ui_message(ui, STYLE_WARN, "Read-only: nothing is changed.");
    }
    return !ui->options.read_only;
}
