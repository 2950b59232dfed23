/* The pane of the current picture: the picture, or what is said in its place. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

/* A heading and text in the middle of the pane, wrapped at spaces and slashes. */
static void draw_tile(struct ui *ui, const char *heading, const char *text)
{
    struct cells p = ui->layout.pane;
    int width = p.cols - 4 < 60 ? p.cols - 4 : 60;
    int row = p.row + p.rows / 2 - 2;
    int col = p.col + (p.cols - width) / 2;
    screen_put(ui->screen, row, col, width, STYLE_WARN, heading);
    for (row += 1; *text && row < p.row + p.rows; row++) {
        char line[256];
        text_printable(line, sizeof line, text, strlen(text), width);
        size_t len = strlen(line);
        if (text[len]) {
            size_t cut = len;
            while (cut > 1 && text[cut] != ' ' && text[cut - 1] != '/') {
                cut--;
            }
            len = cut > 1 ? cut : len;
        }
        line[len] = '\0';
        screen_put(ui->screen, row, col, width, STYLE_TEXT, line);
        text += len;
        text += strspn(text, " ");
        if (!len) {
            break;
        }
    }
}

/* There is no current picture: says why, and what to do. */
static void draw_waiting(struct ui *ui, bool listing)
{
    char text[200] = "";
    char key[KEY_NAME_SIZE];
    size_t found = session_waits_for(ui->session);
    keycode_symbol(ui->options.settings->keymap.keys[ACTION_CANCEL][0], key);
    if (found && ui->options.mode == SESSION_LABEL) {
        snprintf(text, sizeof text,
                 "%zu found so far. The first one is known once the whole folder has been "
                 "read; %s starts now, at random.",
                 found, key);
    }
    draw_tile(ui, listing ? "Looking for pictures…" : "There is nothing to show", text);
}

static void draw_facts(struct ui *ui, const struct frame *frame)
{
    if (frame && frame->failed) {
        draw_tile(ui, "This picture cannot be shown", frame->error.message);
    } else if (frame && !ui->protocol) {
        char text[128];
        snprintf(text, sizeof text, "%s, %d x %d pixels (pictures are off: protocol none)",
                 frame->info.format, frame->info.width, frame->info.height);
        draw_tile(ui, "A picture", text);
    } else if (session_at_end(ui->session)) {
        end_card_draw(ui);
    } else if (!frame && session_current(ui->session) == CATALOG_NO_ID) {
        struct session_stats stats;
        session_stats(ui->session, &stats);
        draw_waiting(ui, stats.listing);
    }
}

void pane_draw(struct ui *ui)
{
    struct viewer *v = &ui->viewer;
    if (!v->covered) {
        screen_fill_pane(ui->screen, ui->layout.pane, viewer_wipes(v));
        draw_facts(ui, v->up.frame);
    }
    viewer_draw(v, screen_now_ns(ui->screen));
}
