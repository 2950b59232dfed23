/* Computes which part of a picture a view shows, and at which size. */
#include "term/frame.h"

#include "image/scale.h"

/* Screen pixels that a picture may take. */
static void room(const struct pane *pane, int *w, int *h)
{
    *w = pane->cols * pane->cell_w;
    *h = pane->rows * pane->cell_h;
    *w = pane->max_w > 0 && *w > pane->max_w ? pane->max_w : *w;
    *h = pane->max_h > 0 && *h > pane->max_h ? pane->max_h : *h;
}

static double scale_of(struct frame_view view, double fit)
{
    double most = fit > FRAME_SCALE_MOST ? fit : FRAME_SCALE_MOST;
    double scale = view.actual ? 1.0 : fit * (view.zoom > 1.0f ? (double)view.zoom : 1.0);
    return scale > most ? most : scale;
}

/* Along one side: crops `length` pixels to what fits into `box` screen pixels at a scale,
 * around `centre` (0 to 1). *start, *shown: in picture pixels; *drawn: in screen pixels. */
static void cut(int length, int box, double scale, float centre, int *start, int *shown, int *drawn)
{
    double fits = (double)box / scale;
    *shown = fits < (double)length ? (int)(fits + 0.5) : length;
    *shown = *shown < 1 ? 1 : *shown;
    *start = (int)(centre * (float)length) - *shown / 2;
    *start = *start > length - *shown ? length - *shown : *start;
    *start = *start < 0 ? 0 : *start;
    *drawn = (int)((double)*shown * scale + 0.5);
    *drawn = *drawn < 1 ? 1 : *drawn > box ? box : *drawn;
}

void frame_part(const struct frame_style *style, struct frame_view view, int width, int height,
                struct frame_part *part)
{
    int box_w, box_h;
    room(&style->pane, &box_w, &box_h);
    image_fit(width, height, box_w, box_h, style->enlarge != ENLARGE_NO, &part->w, &part->h);
    part->rect = (struct image_rect){ 0, 0, width, height };
    double across = (double)part->w / (double)width;
    double down = (double)part->h / (double)height;
    double fit = across > down ? across : down; /* of the side with the smaller rounding error */
    part->scale = scale_of(view, fit);
    if (view.actual || part->scale > fit) {
        cut(width, box_w, part->scale, view.x, &part->rect.x, &part->rect.width, &part->w);
        cut(height, box_h, part->scale, view.y, &part->rect.y, &part->rect.height, &part->h);
    }
}
