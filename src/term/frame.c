#include "term/frame.h"

#include <string.h>

#include "image/scale.h"

/* Size in screen pixels at which a picture is shown in the pane. */
static void fit_pane(const struct frame_style *style, int width, int height, int *w, int *h)
{
    const struct pane *pane = &style->pane;
    int box_w = pane->cols * pane->cell_w;
    int box_h = pane->rows * pane->cell_h;
    if (pane->max_w > 0 && box_w > pane->max_w) {
        box_w = pane->max_w;
    }
    if (pane->max_h > 0 && box_h > pane->max_h) {
        box_h = pane->max_h;
    }
    image_fit(width, height, box_w, box_h, style->enlarge != ENLARGE_NO, w, h);
}

static struct image_rect view_rect(struct frame_view view, int width, int height)
{
    struct image_rect r;
    r.width = (int)((float)width / view.zoom + 0.5f);
    r.height = (int)((float)height / view.zoom + 0.5f);
    r.width = r.width < 1 ? 1 : r.width > width ? width : r.width;
    r.height = r.height < 1 ? 1 : r.height > height ? height : r.height;
    r.x = (int)(view.x * (float)width) - r.width / 2;
    r.y = (int)(view.y * (float)height) - r.height / 2;
    r.x = r.x < 0 ? 0 : r.x > width - r.width ? width - r.width : r.x;
    r.y = r.y < 0 ? 0 : r.y > height - r.height ? height - r.height : r.y;
    return r;
}

static void flatten(struct image *picture, int32_t paper)
{
    uint8_t even[3] = { (uint8_t)(paper >> 16), (uint8_t)(paper >> 8), (uint8_t)paper };
    struct image_background background = { .square = 8 };
    for (int i = 0; i < 3; i++) {
        background.even[i] = even[i];
        background.odd[i] = (uint8_t)(even[i] < 128 ? even[i] + 26 : even[i] - 26);
    }
    image_flatten(picture, &background);
}

/* The visible part of the decoded picture at the size of the grid. */
static bool scale_part(struct frame *frame, const struct image *whole,
                       const struct frame_style *style, struct frame_view view,
                       struct image *scaled)
{
    struct image part = IMAGE_INIT;
    bool zoomed = view.zoom > 1.0f;
    if (zoomed && !image_crop(whole, view_rect(view, whole->width, whole->height), &part,
                              &frame->error)) {
        return false;
    }
    const struct image *source = zoomed ? &part : whole;
    struct image_rect shown = view_rect(view, frame->info.width, frame->info.height);
    int w, h;
    fit_pane(style, shown.width, shown.height, &w, &h);
    style->protocol->grid(&style->pane, w, h, &frame->grid_w, &frame->grid_h);
    enum image_filter filter = IMAGE_FILTER_LANCZOS;
    if (frame->grid_w > source->width || frame->grid_h > source->height) {
        filter = style->enlarge == ENLARGE_SHARP ? IMAGE_FILTER_NEAREST : IMAGE_FILTER_CUBIC;
    }
    bool ok = image_scale(source, frame->grid_w, frame->grid_h, filter, scaled, &frame->error);
    image_release(&part);
    return ok;
}

static bool draw(struct frame *frame, const struct image *whole, const struct frame_style *style,
                 struct frame_view view)
{
    struct image scaled = IMAGE_INIT;
    if (!scale_part(frame, whole, style, view, &scaled)) {
        return false;
    }
    flatten(&scaled, style->paper);
    bool ok = style->protocol->encode(&scaled, &style->pane, &frame->bytes, &frame->error);
    style->protocol->cells(&style->pane, frame->grid_w, frame->grid_h, &frame->cols, &frame->rows);
    image_release(&scaled);
    return ok;
}

void frame_render(struct frame *frame, const char *path, const struct frame_style *style,
                  struct frame_view view)
{
    memset(frame, 0, sizeof *frame);
    buf_init(&frame->bytes);
    struct image whole = IMAGE_INIT;
    float zoom = view.zoom < 1.0f ? 1.0f : view.zoom;
    int want_w = (int)((float)(style->pane.cols * style->pane.cell_w) * zoom);
    int want_h = (int)((float)(style->pane.rows * style->pane.cell_h) * zoom);
    /* The picture may touch the pane on one axis only, and is then decoded
     * larger than shown: the coarse scaling of a decoder needs that room. */
    frame->failed = !image_decode_file(path, NULL, want_w, want_h, &whole, &frame->info,
                                       &frame->error);
    if (!frame->failed && style->protocol) {
        frame->failed = !draw(frame, &whole, style, view);
    }
    image_release(&whole);
}

void frame_release(struct frame *frame)
{
    buf_release(&frame->bytes);
}
