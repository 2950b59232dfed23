/* Computes which part of a picture a view shows, and at which size. */
#include "term/frame.h"

#include "image/scale.h"

#define SURROUNDINGS 0.15 /* shown around a region: share of its longer side */

/* Screen pixels that a picture may take. */
static void room(const struct pane *pane, int *w, int *h)
{
    *w = pane->cols * pane->cell_w;
    *h = pane->rows * pane->cell_h;
    *w = pane->max_w > 0 && *w > pane->max_w ? pane->max_w : *w;
    *h = pane->max_h > 0 && *h > pane->max_h ? pane->max_h : *h;
}

/* Screen pixels per picture pixel when width x height are fitted into the box. *w, *h: the
 * screen pixels that they then cover. */
static double scale_to_fit(int width, int height, int box_w, int box_h, bool allow_up, int *w,
                           int *h)
{
    image_fit(width, height, box_w, box_h, allow_up, w, h);
    double across = (double)*w / (double)width;
    double down = (double)*h / (double)height;
    return across > down ? across : down; /* of the side with the smaller rounding error */
}

/* fit: the scale of zoom 1; all: the scale that shows all of the picture. */
static double scale_of(struct frame_view view, double fit, double all)
{
    double most = fit > FRAME_SCALE_MOST ? fit : FRAME_SCALE_MOST;
    double least = all < fit ? all : fit;
    double scale = view.actual ? 1.0 : fit * (double)view.zoom;
    return scale > most ? most : scale < least && !view.actual ? least : scale;
}

/* Along one side: crops `length` pixels to what fits into `box` screen pixels at a scale,
 * around `centre`, a pixel. *start, *shown: in picture pixels; *drawn: in screen pixels. */
static void cut(int length, int box, double scale, int centre, int *start, int *shown, int *drawn)
{
    double fits = (double)box / scale;
    *shown = fits < (double)length ? (int)(fits + 0.5) : length;
    *shown = *shown < 1 ? 1 : *shown;
    *start = centre - *shown / 2;
    *start = *start > length - *shown ? length - *shown : *start;
    *start = *start < 0 ? 0 : *start;
    *drawn = (int)((double)*shown * scale + 0.5);
    *drawn = *drawn < 1 ? 1 : *drawn > box ? box : *drawn;
}

/* Grows a side of a region by the margin, within the picture. */
static void grow(int32_t *start, int32_t *length, int margin, int most)
{
    int end = *start + *length;
    *start = *start > margin ? *start - margin : 0;
    end = end < most - margin ? end + margin : most;
    *length = end - *start;
}

struct region frame_surroundings(const struct region *region, int width, int height)
{
    struct region r;
    if (region_is_whole(region) || !region_within(region, width, height, &r)) {
        return (struct region){ 0, 0, width, height };
    }
    int longer = r.width > r.height ? r.width : r.height;
    int margin = (int)((double)longer * SURROUNDINGS + 0.5) + 1;
    grow(&r.x, &r.width, margin, width);
    grow(&r.y, &r.height, margin, height);
    return r;
}

void frame_part(const struct frame_style *style, struct frame_view view,
                const struct region *region, int width, int height, struct frame_part *part)
{
    int box_w, box_h, all_w, all_h;
    bool up = style->enlarge != ENLARGE_NO;
    struct region item = frame_surroundings(region, width, height);
    room(&style->pane, &box_w, &box_h);
    double fit = scale_to_fit(item.width, item.height, box_w, box_h, up, &part->w, &part->h);
    double all = scale_to_fit(width, height, box_w, box_h, up, &all_w, &all_h);
    part->rect = (struct image_rect){ item.x, item.y, item.width, item.height };
    part->scale = scale_of(view, fit, all);
    if (view.actual || part->scale != fit) {
        int x = (int)((float)item.x + view.x * (float)item.width);
        int y = (int)((float)item.y + view.y * (float)item.height);
        cut(width, box_w, part->scale, x, &part->rect.x, &part->rect.width, &part->w);
        cut(height, box_h, part->scale, y, &part->rect.y, &part->rect.height, &part->h);
    }
}
