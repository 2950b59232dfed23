/* Which part of the picture is shown, and how large. A factor is relative to the size at
 * which the picture, or a region with its surroundings, fits into the pane; a scale is in screen
 * pixels per picture pixel along a side. */
#include <stdio.h>

#include "app.h"
#include "base/mem.h"

#define FACTOR_MOST 64.0f /* while the picture's size is not known */
#define NEARLY 1.01       /* ratio of scales that look the same */
#define TOGGLE_LEAST 2.0f

bool zoom_is_on(const struct ui *ui)
{
    return ui->viewer.view.zoom != 1.0f || ui->viewer.view.actual;
}

/* Computes what a view shows of the current picture. False while its size is not known. */
static bool part_of(const struct ui *ui, struct frame_view view, struct frame_part *part)
{
    const struct viewer *v = &ui->viewer;
    const struct frame *f = v->up.frame;
    if (!f || f->failed || !ui->protocol || v->up.item != v->item) {
        return false;
    }
    struct region region = session_region(ui->session, v->item);
    frame_part(&v->style, view, &region, f->info.width, f->info.height, part);
    return true;
}

static void show(struct ui *ui, struct frame_view view)
{
    if (ui->protocol && !viewer_same_view(view, ui->viewer.view)) {
        picture_view(ui, view);
    }
}

static struct frame_view with_factor(struct frame_view view, double factor)
{
    float most = factor > (double)FACTOR_MOST ? FACTOR_MOST : (float)factor;
    bool one = factor < NEARLY && factor > 1.0 / NEARLY;
    return one ? FRAME_VIEW_ALL : (struct frame_view){ most, view.x, view.y, EFFORT_NONE, false };
}

void zoom_off(struct ui *ui)
{
    show(ui, FRAME_VIEW_ALL);
}

void zoom_actual(struct ui *ui)
{
    struct frame_view view = { 1.0f, ui->viewer.view.x, ui->viewer.view.y, EFFORT_NONE, true };
    show(ui, view);
}

/* The view that shows all of the picture: for a region the smallest scale. */
static struct frame_view outermost(void)
{
    struct frame_view view = FRAME_VIEW_ALL;
    view.zoom = 0.0f;
    return view;
}

/* Multiplies the current scale by `factor`, within what the picture allows. */
static void go_to_scale(struct ui *ui, float factor)
{
    struct frame_part now, fit, all;
    if (!part_of(ui, ui->viewer.view, &now) || !part_of(ui, FRAME_VIEW_ALL, &fit) ||
        !part_of(ui, outermost(), &all)) {
        float wanted = ui->viewer.view.zoom * factor;
        show(ui, with_factor(ui->viewer.view, wanted < 1.0f ? 1.0 : (double)wanted));
        return;
    }
    double most = fit.scale > FRAME_SCALE_MOST ? fit.scale : FRAME_SCALE_MOST;
    double scale = now.scale * (double)factor;
    scale = scale < all.scale ? all.scale : scale;
    bool passes = (now.scale * NEARLY < fit.scale && scale > fit.scale) ||
                  (now.scale > fit.scale * NEARLY && scale < fit.scale);
    if (passes && all.scale < fit.scale) { /* a region */
        zoom_off(ui);
        return;
    }
    if (now.scale >= most && factor > 1.0f) {
        ui_message(ui, STYLE_DIM, "This is the largest zoom.");
    } else {
        show(ui, with_factor(ui->viewer.view, (scale > most ? most : scale) / fit.scale));
    }
}

/* Like go_to_scale(), which stops at a region with its surroundings, but stops at 1:1 as well
 * instead of passing it. */
static void step(struct ui *ui, float factor)
{
    struct frame_part now, all;
    bool known = part_of(ui, ui->viewer.view, &now) && part_of(ui, outermost(), &all);
    double scale = known ? now.scale * (double)factor : 1.0;
    bool passes = known && ((now.scale < 1.0 / NEARLY && scale > 1.0 / NEARLY) ||
                            (now.scale > NEARLY && scale < NEARLY));
    if (passes && all.scale < 1.0) {
        zoom_actual(ui);
    } else {
        go_to_scale(ui, factor);
    }
}

void zoom_in(struct ui *ui)
{
    step(ui, 1.5f);
}

void zoom_out(struct ui *ui)
{
    step(ui, 1.0f / 1.5f);
}

void zoom_toggle(struct ui *ui)
{
    struct frame_part fit;
    if (zoom_is_on(ui)) {
        zoom_off(ui);
    } else if (part_of(ui, FRAME_VIEW_ALL, &fit) && fit.scale * (double)TOGGLE_LEAST <= 1.0) {
        zoom_actual(ui);
    } else {
        go_to_scale(ui, TOGGLE_LEAST);
    }
}

void zoom_keep(struct ui *ui)
{
    bool keep = !ui->viewer.keep_view;
    viewer_keep_view(&ui->viewer, keep);
    ui_message(ui, STYLE_DIM,
               keep ? "The zoom is kept for the next pictures."
                    : "The next pictures are shown whole.");
}

/* Moves the centre of the view by a quarter of the visible length; way: 1 or -1. */
static float move(float centre, int whole, int shown, float way)
{
    float half = 0.5f * (float)shown / (float)whole;
    float least = half, most = 1.0f - half;
    centre = centre < least ? least : centre > most ? most : centre;
    centre += way * 0.5f * half;
    return centre < least ? least : centre > most ? most : centre;
}

/* The same for a centre relative to the part of the picture that zoom 1 shows, `length`
 * pixels from `start` on. */
static float pan(float centre, int start, int length, int whole, int shown, float way)
{
    float from = (float)start / (float)whole;
    float share = (float)length / (float)whole;
    return (move(from + centre * share, whole, shown, way) - from) / share;
}

bool zoom_pans(const struct ui *ui)
{
    const struct viewer *v = &ui->viewer;
    struct frame_part part;
    return zoom_is_on(ui) &&
           (!part_of(ui, v->view, &part) || part.rect.width != v->up.frame->info.width ||
            part.rect.height != v->up.frame->info.height);
}

/* way: 1 to the right or down, -1 to the left or up. */
static void pan_view(struct ui *ui, bool across, float way)
{
    const struct viewer *v = &ui->viewer;
    struct frame_view view = v->view;
    struct frame_part part;
    if (!part_of(ui, view, &part)) {
        return; /* the picture is not displayed yet */
    }
    const struct image_info *info = &v->up.frame->info;
    struct region region = session_region(ui->session, v->item);
    struct region item = frame_surroundings(&region, info->width, info->height);
    if (across) {
        view.x = pan(view.x, item.x, item.width, info->width, part.rect.width, way);
    } else {
        view.y = pan(view.y, item.y, item.height, info->height, part.rect.height, way);
    }
    show(ui, view);
}

static void pan_left(struct ui *ui)
{
    pan_view(ui, true, -1.0f);
}

static void pan_right(struct ui *ui)
{
    pan_view(ui, true, 1.0f);
}

static void pan_up(struct ui *ui)
{
    pan_view(ui, false, -1.0f);
}

static void pan_down(struct ui *ui)
{
    pan_view(ui, false, 1.0f);
}

static const struct view_key rows[] = {
#define PAN_KEY VIEW_KEY
#include "config/view_keys.def"
};

const struct key_table pan_keys = { rows, ARRAY_LEN(rows), false, NULL };

void zoom_note(const struct ui *ui, char *out, size_t size)
{
    struct frame_part now, fit;
    size_t at = 0;
    out[0] = '\0';
    if (zoom_is_on(ui) && part_of(ui, ui->viewer.view, &now) && part_of(ui, FRAME_VIEW_ALL, &fit)) {
        int percent = (int)(now.scale * 100.0 + 0.5);
        at = (size_t)snprintf(out, size, "zoom %.1f×, ", now.scale / fit.scale);
        at += (size_t)(percent == 100 ? snprintf(out + at, size - at, "1:1")
                                      : snprintf(out + at, size - at, "%d %%", percent));
    }
    if (ui->viewer.keep_view) {
        snprintf(out + at, size - at, at ? ", kept" : "zoom kept");
    }
}
