/* The picture in the pane: which frame is displayed, which are requested, and when the
 * terminal has drawn it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/text.h"

#define WANT_MAX 160

/* The level that the user chose, or the one that suits the link. */
static void choose_level(const struct ui *ui, enum level *level, size_t *max_bytes)
{
    int given = settings_number(ui->options.settings, OPTION_LEVEL); /* auto, then the levels */
    const struct link *link = screen_link(ui->screen);
    *level = given ? (enum level)(given - 1) : link->level;
    *max_bytes = given ? 0 : link->max_bytes;
}

/* The smaller of two limits; 0 means unlimited. */
static size_t least_limit(size_t a, size_t b)
{
    return !a || (b && b < a) ? b : a;
}

static void set_style(struct ui *ui)
{
    const struct term_caps *caps = screen_caps(ui->screen);
    struct cells p = ui->layout.pane;
    struct frame_style style = { .protocol = ui->protocol,
                                 .enlarge = ui->enlarge,
                                 .levels = ui->levels,
                                 .paper = ui->theme->paper };
    protocol_pane(ui->protocol, caps, &style.pane, &style.most_bytes);
    style.pane.cols = p.cols > 0 ? p.cols : 1;
    style.pane.rows = p.rows > 0 ? p.rows : 1;
    style.pane.level = ui->level;
    style.pieces_most = protocol_pieces(ui->protocol, caps);
    style.max_bytes = least_limit(style.most_bytes, ui->max_bytes);
    ui->frame_style = style;
    frames_set_style(ui->frames, &style);
    ui->wanted_id = CATALOG_NO_ID;
}

void picture_style(struct ui *ui)
{
    frames_unpin(ui->frames, ui->frame);
    ui->frame = NULL;
    ui->frame_id = CATALOG_NO_ID;
    ui->repaint = true;
    choose_level(ui, &ui->level, &ui->max_bytes);
    set_style(ui);
}

void picture_adapt(struct ui *ui)
{
    enum level level;
    size_t max_bytes;
    choose_level(ui, &level, &max_bytes);
    if (level != ui->level || max_bytes != ui->max_bytes) {
        ui->level = level;
        ui->max_bytes = max_bytes;
        set_style(ui);
    }
}

void picture_reload(struct ui *ui)
{
    frames_unpin(ui->frames, ui->frame);
    ui->frame = NULL;
    ui->frame_id = CATALOG_NO_ID;
    ui->repaint = true;
    ui->wanted_id = CATALOG_NO_ID;
    frames_forget(ui->frames, session_current(ui->session));
    refine_restart(ui);
}

void picture_want(struct ui *ui)
{
    uint32_t id = session_current(ui->session);
    if (id == CATALOG_NO_ID) {
        return;
    }
    uint32_t ids[WANT_MAX];
    struct frame_request frames[WANT_MAX + 1];
    struct guess_request guesses[WANT_MAX];
    struct buf paths[WANT_MAX];
    size_t ahead = (size_t)settings_number(ui->options.settings, OPTION_AHEAD);
    size_t count = session_ahead(ui->session, ids, ahead, WANT_MAX);
    struct frame_view next = zoom_of_next(ui);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        buf_init(&paths[i]);
        session_path(ui->session, ids[i], &paths[i]);
        const char *path = buf_text(&paths[i]);
        struct region region = session_region(ui->session, ids[i]);
        if (i == 0 && (!zoom_same(ui->zoom, next) || ui->zoom.effort)) {
            frames[n++] = (struct frame_request){ ids[i], path, region, ui->zoom };
        }
        frames[n++] = (struct frame_request){ ids[i], path, region, next };
        guesses[i] = (struct guess_request){ ids[i], path, region };
    }
    frames_want(ui->frames, frames, n);
    session_want_guesses(ui->session, guesses, count);
    for (size_t i = 0; i < count; i++) {
        buf_release(&paths[i]);
    }
    ui->wanted_id = id;
}

bool picture_ready(struct ui *ui)
{
    uint32_t id = session_current(ui->session);
    return id != CATALOG_NO_ID && ui->frame_id == id && zoom_same(ui->frame_view, ui->zoom);
}

bool picture_settled(struct ui *ui)
{
    return picture_ready(ui) && ui->frame_view.effort >= ui->zoom.effort;
}

bool picture_seen(const struct ui *ui, const struct screen_event *event)
{
    return ui->frame_id != CATALOG_NO_ID && ui->frame_id == session_current(ui->session) &&
           event->shown >= ui->frame_serial;
}

bool picture_cannot_be_shown(struct ui *ui)
{
    return ui->protocol && picture_ready(ui) && ui->frame && ui->frame->failed;
}

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

/* The current picture's frame, pinned; NULL while it is not finished. */
static const struct frame *take_frame(struct ui *ui)
{
    uint32_t id = session_current(ui->session);
    return id == CATALOG_NO_ID ? NULL : frames_get(ui->frames, id, ui->zoom);
}

/* Makes `frame` (pinned, or NULL) the displayed one; picture_draw() sends it. */
static void put_up(struct ui *ui, const struct frame *frame)
{
    frames_unpin(ui->frames, ui->frame);
    ui->frame = frame;
    ui->frame_id = frame ? session_current(ui->session) : CATALOG_NO_ID;
    ui->frame_view = ui->zoom;
    ui->piece_at = 0;
}

/* Handles another frame of the displayed view: draws it over or instead of the displayed
 * one, or drops it if it is no better. */
static void improve(struct ui *ui, const struct frame *frame)
{
    if (!refine_serves(ui, frame)) {
        frames_unpin(ui->frames, frame);
        ui->frame_view = ui->zoom;
        return;
    }
    put_up(ui, frame);
    ui->seen_before = true;
    ui->repaint |= !frame->piece_count;
}

void picture_update(struct ui *ui)
{
    bool covered = ui->views[ui->view_count - 1]->covers_picture;
    refine_settle(ui);
    if (ui->frame && !covered && !ui->repaint && picture_settled(ui)) {
        return; /* it stays, even if the style has changed meanwhile */
    }
    const struct frame *frame = covered ? NULL : take_frame(ui);
    bool same = ui->frame && ui->frame_id == session_current(ui->session);
    if (same && !frame && !covered) {
        return; /* its new view or refinement is still being rendered */
    }
    if (same && frame && frame != ui->frame && zoom_same(ui->frame_view, ui->zoom)) {
        improve(ui, frame);
        return;
    }
    ui->seen_before = same && frame && ui->zoom.effort;
    ui->repaint |= frame != ui->frame;
    put_up(ui, frame);
}

void picture_draw(struct ui *ui)
{
    if (!ui->views[ui->view_count - 1]->covers_picture) {
        screen_fill_pane(ui->screen, ui->layout.pane, ui->repaint);
        draw_facts(ui, ui->frame);
    }
    if (!ui->repaint) {
        screen_flush(ui->screen);
        refine_draw(ui);
        return;
    }
    uint64_t serial = screen_picture(ui->screen, ui->frame, ui->layout.pane);
    ui->repaint = false;
    ui->piece_at = 1;
    if (!serial) { /* the next event says why: a hang-up, or the user quits */
        ui->frame_serial = UINT64_MAX;
    } else if (!ui->seen_before) {
        ui->frame_serial = serial; /* for a refinement keys are accepted already */
    }
    ui->seen_before = false;
}
