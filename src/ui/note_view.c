/* The prompt that edits the note of the current picture. */
#include <string.h>

#include "app.h"

void note_start(struct ui *ui)
{
    uint32_t id = session_current(ui->session);
    if (ui->options.read_only) {
        ui_message(ui, STYLE_WARN, "Read-only: nothing is changed.");
    } else if (id == CATALOG_NO_ID) {
        ui_message(ui, STYLE_WARN, "There is no picture to write about.");
    } else if (strlen(session_note(ui->session, id)) >= PROMPT_MAX) {
        ui_message(ui, STYLE_WARN,
                   "This note is too long to be edited here (%d bytes are the most).",
                   PROMPT_MAX - 1);
    } else {
        prompt_start(&ui->prompt, "Note:", session_note(ui->session, id));
        ui_push(ui, &view_note);
    }
}

static void draw_note(struct ui *ui)
{
    panel_draw(ui);
    status_draw(ui);
    prompt_draw(ui, "↵ write (empty: none)   Esc cancel");
    pane_draw(ui);
}

static void write_note(struct ui *ui)
{
    struct error err;
    uint32_t id = session_current(ui->session);
    const char *text = ui->prompt.text;
    text += strspn(text, " ");
    if (id != CATALOG_NO_ID && strcmp(session_note(ui->session, id), text) == 0) {
        ui_message(ui, STYLE_DIM, "The note is unchanged.");
    } else if (!session_write_note(ui->session, text, &err)) {
        ui_message(ui, STYLE_ERROR, "Not saved: %s", err.message);
        screen_bell(ui->screen);
    } else {
        ui_message(ui, STYLE_GOOD, text[0] ? "The note is saved." : "The note is removed.");
    }
}

static void note_key(struct ui *ui, const struct screen_event *event)
{
    enum prompt_result result = prompt_key(ui, event);
    if (result == PROMPT_GOES_ON) {
        return;
    }
    ui_pop(ui);
    if (result == PROMPT_ACCEPTED) {
        write_note(ui);
    }
}

const struct view view_note = { "note", false, draw_note, note_key };
