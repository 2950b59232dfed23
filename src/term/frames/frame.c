#include "term/frame.h"

#include <math.h>
#include <string.h>

#include "image/scale.h"

/* Whoever adds a field compares it below. */
_Static_assert(sizeof(struct pane) == 11 * sizeof(int), "the fields of struct pane");
_Static_assert(sizeof(void *) != 8 ||
                   sizeof(struct frame_style) == sizeof(struct pane) + 9 * sizeof(int),
               "the fields of struct frame_style");

static bool same_pane(const struct pane *a, const struct pane *b)
{
    return a->cols == b->cols && a->rows == b->rows && a->cell_w == b->cell_w &&
           a->cell_h == b->cell_h && a->max_w == b->max_w && a->max_h == b->max_h &&
           a->colors == b->colors && a->registers == b->registers && a->level == b->level &&
           a->tmux == b->tmux && a->image_id == b->image_id;
}

bool frame_style_same(const struct frame_style *a, const struct frame_style *b)
{
    return a->protocol == b->protocol && same_pane(&a->pane, &b->pane) &&
           a->enlarge == b->enlarge && a->paper == b->paper && a->max_bytes == b->max_bytes &&
           a->patient_bytes == b->patient_bytes;
}

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

#define SMALLER_TRIES 6
#define SHRINK_LEAST 16  /* samples on a side, below which nothing is to be seen */
#define STRETCH_LEAST 96 /* the same, for what is stretched over the whole of its place */

/* What is drawn, how large and how well. */
struct drawing {
    const struct image *source; /* the visible part, decoded */
    int w, h;                   /* screen pixels that it covers */
    int grid_w, grid_h;         /* samples */
    struct pane pane;
    size_t max_bytes; /* 0: no limit */
};

static enum image_filter choose_filter(const struct drawing *d, enum enlarge enlarge)
{
    bool grows = d->grid_w > d->source->width || d->grid_h > d->source->height;
    bool shrinks = d->grid_w < d->source->width || d->grid_h < d->source->height;
    if (!grows) {
        return IMAGE_FILTER_LANCZOS;
    }
    if (enlarge != ENLARGE_SHARP) {
        return IMAGE_FILTER_CUBIC;
    }
    /* Samples need not be square: what grows one way may shrink the other. */
    return shrinks ? IMAGE_FILTER_AREA : IMAGE_FILTER_NEAREST;
}

static bool encode(struct frame *frame, const struct drawing *d, const struct frame_style *style)
{
    struct image scaled = IMAGE_INIT;
    enum image_filter filter = choose_filter(d, style->enlarge);
    if (!image_scale(d->source, d->grid_w, d->grid_h, filter, &scaled, &frame->error)) {
        return false;
    }
    flatten(&scaled, style->paper);
    buf_clear(&frame->bytes);
    bool ok = style->protocol->encode(&scaled, &d->pane, d->w, d->h, &frame->bytes, &frame->error);
    image_release(&scaled);
    return ok;
}

static int shrink(int length, double factor, int least)
{
    int less = (int)(length * factor);
    return less < least ? least < length ? least : length : less;
}

/* So that some `bytes` come down to the limit: the next level, and fewer samples
 * where that alone will not do. */
static void draw_smaller(struct drawing *d, const struct frame_style *style, size_t bytes)
{
    /* What is about left of a level's bytes at the next one. */
    static const double left[LEVEL_COUNT] = { 0.8, 0.55, 0.65, 1.0 };
    double expected = (double)bytes * left[d->pane.level];
    d->pane.level += d->pane.level < LEVEL_LEAST;
    if (expected <= (double)d->max_bytes) {
        return;
    }
    double factor = 0.95 * sqrt((double)d->max_bytes / expected);
    if (style->protocol->scales) {
        d->grid_w = shrink(d->grid_w, factor, STRETCH_LEAST);
        d->grid_h = shrink(d->grid_h, factor, STRETCH_LEAST);
    } else {
        d->w = shrink(d->w, factor, SHRINK_LEAST);
        d->h = shrink(d->h, factor, SHRINK_LEAST);
        style->protocol->grid(&d->pane, d->w, d->h, &d->grid_w, &d->grid_h);
    }
}

static bool draw_part(struct frame *frame, const struct image *part,
                      const struct frame_style *style, struct frame_view view)
{
    const struct protocol *protocol = style->protocol;
    struct image_rect shown = view_rect(view, frame->info.width, frame->info.height);
    struct drawing d = { .source = part,
                         .pane = style->pane,
                         .max_bytes = view.patient ? style->patient_bytes : style->max_bytes };
    fit_pane(style, shown.width, shown.height, &d.w, &d.h);
    protocol->grid(&d.pane, d.w, d.h, &d.grid_w, &d.grid_h);
    bool ok = encode(frame, &d, style);
    for (int i = 0; ok && i < SMALLER_TRIES && d.max_bytes && frame->bytes.len > d.max_bytes; i++) {
        draw_smaller(&d, style, frame->bytes.len);
        ok = encode(frame, &d, style);
        frame->limited = true;
    }
    protocol->cells(&d.pane, d.w, d.h, d.grid_w, d.grid_h, &frame->cols, &frame->rows);
    frame->grid_w = d.grid_w;
    frame->grid_h = d.grid_h;
    frame->outer = protocol->outer && d.pane.tmux;
    if (protocol->wipe) {
        protocol->wipe(&d.pane, frame->wipe, sizeof frame->wipe);
    }
    return ok;
}

static bool draw(struct frame *frame, const struct image *whole, const struct frame_style *style,
                 struct frame_view view)
{
    struct image part = IMAGE_INIT;
    if (view.zoom <= 1.0f) {
        return draw_part(frame, whole, style, view);
    }
    struct image_rect rect = view_rect(view, whole->width, whole->height);
    bool ok = image_crop(whole, rect, &part, &frame->error) && draw_part(frame, &part, style, view);
    image_release(&part);
    return ok;
}

void frame_decode(struct frame *frame, const char *path, const struct frame_style *style,
                  struct frame_view view, struct thumbnails *thumbnails, struct image *whole,
                  struct thumbnail_key *key)
{
    memset(frame, 0, sizeof *frame);
    buf_init(&frame->bytes);
    float zoom = view.zoom < 1.0f ? 1.0f : view.zoom;
    int want_w = (int)((float)(style->pane.cols * style->pane.cell_w) * zoom);
    int want_h = (int)((float)(style->pane.rows * style->pane.cell_h) * zoom);
    /* The picture may touch the pane on one axis only, and is then decoded
     * larger than shown: the coarse scaling of a decoder needs that room. */
    frame->failed = !thumbnails_decode(thumbnails, path, want_w, want_h, whole, &frame->info, key,
                                       &frame->error);
}

void frame_draw(struct frame *frame, const struct image *whole, const struct frame_style *style,
                struct frame_view view)
{
    if (!frame->failed && style->protocol) {
        frame->failed = !draw(frame, whole, style, view);
    }
}

void frame_render(struct frame *frame, const char *path, const struct frame_style *style,
                  struct frame_view view)
{
    struct image whole;
    struct thumbnail_key key;
    frame_decode(frame, path, style, view, NULL, &whole, &key);
    frame_draw(frame, &whole, style, view);
    image_release(&whole);
}

void frame_release(struct frame *frame)
{
    buf_release(&frame->bytes);
}
