/* The prompt for a part of a picture's name or note, and the search for it. */
#include <string.h>

#include "app.h"

struct find_state {
    struct prompt prompt;
    char text[PROMPT_MAX]; /* last searched for; "": nothing yet */
};

static struct find_state *state_of(const struct ui *ui)
{
    return view_state(ui, &view_find);
}

static struct prompt *find_prompt(struct ui *ui)
{
    return &state_of(ui)->prompt;
}

void find_start(struct ui *ui)
{
    prompt_start(find_prompt(ui), "Find in names and notes:", "");
    ui_push(ui, &view_find);
}

/* To the next picture whose name or note contains the text. */
static void find_next(struct ui *ui)
{
    const char *text = state_of(ui)->text;
    uint32_t id = session_current(ui->session);
    enum session_match found = session_find(ui->session, text);
    if (found == MATCH_NOTHING) {
        ui_message(ui, STYLE_WARN, "No file name or note contains '%s'.", text);
    } else if (session_current(ui->session) == id) {
        ui_message(ui, STYLE_DIM, "No other file name or note contains '%s'.", text);
    } else {
        picture_start(ui);
        if (found == MATCH_NOTE) {
            ui_message(ui, STYLE_DIM, "The note of this picture contains '%s'.", text);
        }
    }
}

/* Asks what to find if nothing has been searched for yet. */
void find_again(struct ui *ui)
{
    if (state_of(ui)->text[0]) {
        find_next(ui);
    } else {
        find_start(ui);
    }
}

static void find_enter(struct ui *ui)
{
    struct find_state *state = state_of(ui);
    ui_pop(ui);
    if (state->prompt.len) { /* nothing typed: search for the same text again */
        memcpy(state->text, state->prompt.text, state->prompt.len + 1);
    }
    if (state->text[0]) {
        find_next(ui);
    }
}

const struct view view_find = { .name = "find",
                                .state_size = sizeof(struct find_state),
                                .tables = { &prompt_keys },
                                .draw = prompt_draw_below,
                                .other = prompt_type,
                                .prompt = find_prompt,
                                .enter = find_enter,
                                .leave = ui_pop };
