/* The prompt for the number of the picture to go to. */
#include <stdlib.h>

#include "app.h"

struct go_to_state {
    struct prompt prompt;
};

static struct prompt *go_to_prompt(struct ui *ui)
{
    struct go_to_state *state = view_state(ui, &view_go_to);
    return &state->prompt;
}

void go_to_start(struct ui *ui)
{
    prompt_start(go_to_prompt(ui), "Go to picture number:", "");
    ui_push(ui, &view_go_to);
}

static void go_to_enter(struct ui *ui)
{
    char *end;
    const char *text = go_to_prompt(ui)->text;
    unsigned long long n = strtoull(text, &end, 10);
    ui_pop(ui);
    if (*end || end == text || !n || !session_go(ui->session, (size_t)n - 1)) {
        ui_message(ui, STYLE_WARN, "There is no picture '%s'; numbers go from 1 to %zu.", text,
                   session_total(ui->session));
        return;
    }
    picture_start(ui);
}

const struct view view_go_to = { .name = "go-to",
                                 .state_size = sizeof(struct go_to_state),
                                 .tables = { &prompt_keys },
                                 .draw = prompt_draw_below,
                                 .other = prompt_type,
                                 .prompt = go_to_prompt,
                                 .enter = go_to_enter,
                                 .leave = ui_pop };
