/* The current picture in the screen's viewer: in which style and view it is shown, and which
 * frames are requested. */
#include <assert.h>

#include "app.h"
#include "term/frame_settings.h"

#define WANT_MAX 160

static_assert(CATALOG_NO_ID == VIEWER_NO_ITEM, "no picture is no item");

/* The level that the user chose, or the one that suits the link. */
static void choose_level(const struct ui *ui, enum level *level, size_t *max_bytes)
{
    const struct link *link = screen_link(ui->screen);
    bool given = frame_settings_level(ui->options.settings, level);
    *level = given ? *level : link->level;
    *max_bytes = given ? 0 : link->max_bytes;
}

/* The smaller of two limits; 0 means unlimited. */
static size_t least_limit(size_t a, size_t b)
{
    return !a || (b && b < a) ? b : a;
}

static struct frame_style make_style(const struct ui *ui)
{
    const struct term_caps *caps = screen_caps(ui->screen);
    struct cells p = ui->layout.pane;
    size_t max_bytes;
    struct frame_style style = { .protocol = ui->protocol,
                                 .enlarge = ui->enlarge,
                                 .levels = ui->levels,
                                 .paper = ui->theme->paper };
    protocol_pane(ui->protocol, caps, &style.pane, &style.most_bytes);
    style.pane.cols = p.cols > 0 ? p.cols : 1;
    style.pane.rows = p.rows > 0 ? p.rows : 1;
    choose_level(ui, &style.pane.level, &max_bytes);
    style.pieces_most = protocol_pieces(ui->protocol, caps);
    style.max_bytes = least_limit(style.most_bytes, max_bytes);
    return style;
}

void picture_style(struct ui *ui)
{
    struct frame_style style = make_style(ui);
    viewer_set_style(&ui->viewer, &style, ui->layout.pane);
}

void picture_adapt(struct ui *ui)
{
    struct frame_style style = make_style(ui);
    if (!frame_style_same(&style, &ui->viewer.style)) {
        viewer_adapt(&ui->viewer, &style);
    }
}

void picture_start(struct ui *ui)
{
    if (page_is_on(ui)) {
        page_show(ui);
        return;
    }
    viewer_show(&ui->viewer, session_current(ui->session), viewer_next_view(&ui->viewer));
}

void picture_follow(struct ui *ui)
{
    if (!page_is_on(ui) && session_current(ui->session) != ui->viewer.item) {
        picture_start(ui);
    }
}

void picture_view(struct ui *ui, struct frame_view view)
{
    viewer_show(&ui->viewer, session_current(ui->session), view);
    if (viewer_is_stale(&ui->viewer)) {
        picture_want(ui);
    }
}

void picture_want(struct ui *ui)
{
    if (page_is_on(ui)) {
        page_request(ui);
        return;
    }
    if (session_current(ui->session) == CATALOG_NO_ID) {
        return;
    }
    uint32_t ids[WANT_MAX];
    struct viewer_item items[WANT_MAX];
    struct frame_request frames[WANT_MAX + 1];
    struct guess_request guesses[WANT_MAX];
    struct buf paths[WANT_MAX];
    size_t ahead = (size_t)settings_number(ui->options.settings, OPTION_AHEAD);
    size_t count = session_ahead(ui->session, ids, ahead, WANT_MAX);
    for (size_t i = 0; i < count; i++) {
        buf_init(&paths[i]);
        session_path(ui->session, ids[i], &paths[i]);
        const char *path = buf_text(&paths[i]);
        struct region region = session_region(ui->session, ids[i]);
        items[i] = (struct viewer_item){ ids[i], path, region, NULL };
        guesses[i] = (struct guess_request){ ids[i], path, region };
    }
    frames_want(ui->frames, frames, viewer_requests(&ui->viewer, items, count, frames));
    session_want_guesses(ui->session, guesses, count);
    for (size_t i = 0; i < count; i++) {
        buf_release(&paths[i]);
    }
}

bool picture_settled(const struct ui *ui)
{
    return viewer_is_settled(&ui->viewer);
}

bool picture_cannot_be_shown(const struct ui *ui)
{
    const struct viewer *v = &ui->viewer;
    return ui->protocol && viewer_state(v) >= VIEWER_READY && v->up.frame->failed;
}

void picture_refine(struct ui *ui)
{
    if (viewer_refine(&ui->viewer, screen_now_ns(ui->screen))) {
        picture_want(ui);
    }
}

void picture_refine_fully(struct ui *ui)
{
    if (!ui->protocol || ui->viewer.item == VIEWER_NO_ITEM) {
        return;
    }
    viewer_refine_fully(&ui->viewer);
    picture_want(ui);
    ui_message(ui, STYLE_DIM, "Sending the picture in full quality; any key interrupts.");
}

void picture_sharp(struct ui *ui)
{
    ui->enlarge = ui->enlarge == ENLARGE_SHARP ? ENLARGE_SMOOTH : ENLARGE_SHARP;
    ui_message(ui, STYLE_DIM, "Small pictures are enlarged %s.",
               ui->enlarge == ENLARGE_SHARP ? "with sharp pixels" : "smoothly");
    picture_style(ui);
}

void picture_levels(struct ui *ui)
{
    static const char *const says[IMAGE_LEVELS_COUNT] = {
        [IMAGE_LEVELS_AUTO] = "stretched only where a picture would be invisible",
        [IMAGE_LEVELS_FULL] = "stretched from black to white",
        [IMAGE_LEVELS_PLAIN] = "shown as they are",
    };
    ui->levels = (enum image_levels)((ui->levels + 1) % IMAGE_LEVELS_COUNT);
    ui_message(ui, STYLE_DIM, "Brightness levels are %s.", says[ui->levels]);
    picture_style(ui);
}

void picture_redraw(struct ui *ui)
{
    screen_redraw(ui->screen);
    viewer_reload(&ui->viewer);
}
