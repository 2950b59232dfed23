/* The prompt that edits the note of the current picture. */
#include <string.h>

#include "app.h"

struct note_state {
    struct prompt prompt;
};

static struct prompt *note_prompt(struct ui *ui)
{
    struct note_state *state = view_state(ui, &view_note);
    return &state->prompt;
}

void note_start(struct ui *ui)
{
    uint32_t id = session_current(ui->session);
    if (id == CATALOG_NO_ID) {
        ui_message(ui, STYLE_WARN, "There is no picture to write about.");
    } else if (strlen(session_note(ui->session, id)) >= PROMPT_MAX) {
        ui_message(ui, STYLE_WARN,
                   "This note is too long to be edited here (%d bytes are the most).",
                   PROMPT_MAX - 1);
    } else {
        prompt_start(note_prompt(ui), "Note:", session_note(ui->session, id));
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

static void note_enter(struct ui *ui)
{
    struct error err;
    uint32_t id = session_current(ui->session);
    const char *text = note_prompt(ui)->text;
    text += strspn(text, " ");
    ui_pop(ui);
    if (id != CATALOG_NO_ID && strcmp(session_note(ui->session, id), text) == 0) {
        ui_message(ui, STYLE_DIM, "The note is unchanged.");
    } else if (!session_write_note(ui->session, text, &err)) {
        ui_not_saved(ui, &err);
    } else {
        ui_message(ui, STYLE_GOOD, text[0] ? "The note is saved." : "The note is removed.");
    }
}

const struct view view_note = { .name = "note",
                                .state_size = sizeof(struct note_state),
                                .tables = { &prompt_keys },
                                .draw = draw_note,
                                .other = prompt_type,
                                .prompt = note_prompt,
                                .enter = note_enter,
                                .leave = ui_pop };
