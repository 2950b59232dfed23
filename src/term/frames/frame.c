/* Renders a frame: decode, crop, scale, encode; smaller when over budget. */
#include "term/frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frames/outline.h"
#include "frames/pieces.h"
#include "frames/sheet.h"
#include "image/scale.h"

/* A field that is added must be compared below. */
_Static_assert(sizeof(struct pane) == 13 * sizeof(int), "the fields of struct pane");
_Static_assert(sizeof(void *) != 8 ||
                   sizeof(struct frame_style) == sizeof(struct pane) + 11 * sizeof(int),
               "the fields of struct frame_style");

static bool same_pane(const struct pane *a, const struct pane *b)
{
    return a->cols == b->cols && a->rows == b->rows && a->cell_w == b->cell_w &&
           a->cell_h == b->cell_h && a->max_w == b->max_w && a->max_h == b->max_h &&
           a->colors == b->colors && a->registers == b->registers && a->level == b->level &&
           a->tmux == b->tmux && a->image_id == b->image_id && a->grounded == b->grounded &&
           a->ground == b->ground;
}

bool frame_style_same(const struct frame_style *a, const struct frame_style *b)
{
    return a->protocol == b->protocol && same_pane(&a->pane, &b->pane) &&
           a->enlarge == b->enlarge && a->levels == b->levels && a->paper == b->paper &&
           a->pieces_most == b->pieces_most && a->max_bytes == b->max_bytes &&
           a->most_bytes == b->most_bytes;
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
#define SHRINK_LEAST 16  /* least samples on a side: smaller pictures show nothing */
#define STRETCH_LEAST 96 /* the same, for pictures that the terminal enlarges */

/* What to draw, at which size and level. */
struct drawing {
    const struct image *source; /* the visible part, decoded */
    int w, h;                   /* screen pixels that it covers */
    int grid_w, grid_h;         /* samples */
    struct pane pane;
    size_t max_bytes;          /* 0: no limit */
    struct image_rect rect;    /* the visible part, and the region to outline (width 0: none), */
    struct image_rect outline; /* in the picture's pixels */
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
    /* Samples need not be square, so a picture may grow one way and shrink the other. */
    return shrinks ? IMAGE_FILTER_AREA : IMAGE_FILTER_NEAREST;
}

static bool scale(struct frame *frame, const struct drawing *d, const struct frame_style *style,
                  struct image *scaled)
{
    enum image_filter filter = choose_filter(d, style->enlarge);
    if (!image_scale(d->source, d->grid_w, d->grid_h, filter, scaled, &frame->error)) {
        return false;
    }
    flatten(scaled, style->paper);
    if (d->outline.width) {
        outline_draw(scaled, d->outline, d->rect, style->protocol->pixels);
    }
    return true;
}

static bool encode(struct frame *frame, const struct drawing *d, const struct frame_style *style)
{
    struct image scaled = IMAGE_INIT;
    if (!scale(frame, d, style, &scaled)) {
        return false;
    }
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

/* Reduces the drawing, which took `bytes`, to its limit: to the next level, and to fewer
 * samples if that is not expected to suffice. */
static void draw_smaller(struct drawing *d, const struct frame_style *style, size_t bytes)
{
    /* Measured ratio of the bytes at the next level to those at this one. */
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

static bool draw_at_once(struct frame *frame, struct drawing *d, const struct frame_style *style)
{
    bool ok = encode(frame, d, style);
    for (int i = 0; ok && i < SMALLER_TRIES && d->max_bytes && frame->bytes.len > d->max_bytes;
         i++) {
        draw_smaller(d, style, frame->bytes.len);
        ok = encode(frame, d, style);
        frame->limited = true;
    }
    return ok;
}

static bool draw_in_pieces(struct frame *frame, const struct drawing *d,
                           const struct frame_style *style)
{
    struct image scaled = IMAGE_INIT;
    bool ok = scale(frame, d, style, &scaled) &&
              frame_draw_pieces(frame, &scaled, style->protocol, &d->pane, style->max_bytes,
                                style->pieces_most);
    image_release(&scaled);
    return ok;
}

static void add_wipe(struct frame *frame, const struct protocol *protocol, const struct pane *pane)
{
    char text[64];
    if (protocol->wipe) {
        protocol->wipe(pane, text, sizeof text);
        buf_adds(&frame->wipe, text);
    }
    for (int i = 0; protocol->wipe_piece && i < frame->piece_count; i++) {
        protocol->wipe_piece(pane, i, text, sizeof text);
        buf_adds(&frame->wipe, text);
    }
}

size_t frame_limit(const struct frame_style *style, int effort)
{
    size_t most = style->max_bytes;
    for (int i = 0; i < effort; i++) {
        most = most < SIZE_MAX / 4 ? most * 4 : most;
    }
    return effort >= EFFORT_QUALITY || !most || (style->most_bytes && most > style->most_bytes)
               ? style->most_bytes
               : most;
}

static bool draw_part(struct frame *frame, const struct image *source, struct image_rect outline,
                      const struct frame_style *style, const struct frame_part *part, int effort)
{
    const struct protocol *protocol = style->protocol;
    bool in_pieces =
        effort >= EFFORT_FULL && style->pieces_most && protocol->piece && !style->pane.tmux;
    struct drawing d = { .source = source,
                         .pane = style->pane,
                         .w = part->w,
                         .h = part->h,
                         .max_bytes = frame_limit(style, effort),
                         .rect = part->rect,
                         .outline = outline };
    if (effort >= EFFORT_QUALITY) {
        d.pane.level = LEVEL_BEST;
    }
    protocol->grid(&d.pane, d.w, d.h, &d.grid_w, &d.grid_h);
    protocol->cells(&d.pane, d.w, d.h, d.grid_w, d.grid_h, &frame->full_cols, &frame->full_rows);
    frame->cols = frame->full_cols;
    frame->rows = frame->full_rows;
    bool ok = in_pieces ? draw_in_pieces(frame, &d, style) : draw_at_once(frame, &d, style);
    protocol->cells(&d.pane, d.w, d.h, d.grid_w, d.grid_h, &frame->cols, &frame->rows);
    frame->grid_w = d.grid_w;
    frame->grid_h = d.grid_h;
    frame->outer = protocol->outer && d.pane.tmux;
    frame->cut = protocol->cut;
    add_wipe(frame, protocol, &d.pane);
    return ok;
}

/* At 1:1 nothing may be scaled: where the protocol's grid has a few rows fewer than the
 * part (sixel bands), crops these rows instead. */
static void fit_grid(const struct protocol *protocol, const struct pane *pane, int height,
                     struct frame_part *part)
{
    int grid_w, grid_h;
    protocol->grid(pane, part->w, part->h, &grid_w, &grid_h);
    if (protocol->pixels && part->rect.height < height && grid_h < part->h) {
        part->rect.height = part->h = grid_h;
    }
}

/* Converts a rectangle of the original picture to pixels of `whole`, which may be a
 * smaller copy of it. */
static struct image_rect rect_within(struct image_rect r, const struct image_info *info,
                                     const struct image *whole)
{
    double x = (double)whole->width / (double)info->width;
    double y = (double)whole->height / (double)info->height;
    struct image_rect in = { (int)(r.x * x), (int)(r.y * y), (int)(r.width * x + 0.5),
                             (int)(r.height * y + 0.5) };
    in.width += in.width < 1;
    in.height += in.height < 1;
    in.x -= in.x >= whole->width;
    in.y -= in.y >= whole->height;
    return in;
}

static struct image_rect outline_of(const struct region *region, const struct image_info *info)
{
    struct region r;
    return region_is_whole(region) || !region_within(region, info->width, info->height, &r)
               ? (struct image_rect){ 0 }
               : (struct image_rect){ r.x, r.y, r.width, r.height };
}

static bool draw_view(struct frame *frame, const struct image *whole, const struct region *region,
                      const struct frame_style *style, struct frame_view view)
{
    struct image cropped = IMAGE_INIT;
    struct frame_part part;
    const struct image_info *info = &frame->info;
    struct image_rect outline = outline_of(region, info);
    frame_part(style, view, region, info->width, info->height, &part);
    if (view.actual) {
        fit_grid(style->protocol, &style->pane, info->height, &part);
    }
    if (part.rect.width == info->width && part.rect.height == info->height) {
        return draw_part(frame, whole, outline, style, &part, view.effort);
    }
    bool ok = image_crop(whole, rect_within(part.rect, info, whole), &cropped, &frame->error) &&
              draw_part(frame, &cropped, outline, style, &part, view.effort);
    image_release(&cropped);
    return ok;
}

bool frame_scale_part(struct frame *frame, const struct image *whole, const struct region *region,
                      const struct frame_style *style, const struct frame_part *part, int grid_w,
                      int grid_h, struct image *out)
{
    struct image cropped = IMAGE_INIT;
    const struct image_info *info = &frame->info;
    struct drawing d = { .source = whole,
                         .grid_w = grid_w,
                         .grid_h = grid_h,
                         .rect = part->rect,
                         .outline = outline_of(region, info) };
    if (part->rect.width != info->width || part->rect.height != info->height) {
        d.source = &cropped;
        if (!image_crop(whole, rect_within(part->rect, info, whole), &cropped, &frame->error)) {
            return false;
        }
    }
    bool ok = scale(frame, &d, style, out);
    image_release(&cropped);
    return ok;
}

static bool is_inside(struct frame *frame, const char *path, const struct region *region)
{
    struct region part;
    const struct image_info *info = &frame->info;
    if (region_within(region, info->width, info->height, &part)) {
        return true;
    }
    struct buf text = BUF_INIT;
    region_add_text(&text, region);
    error_set(&frame->error, ERROR_DATA, "%s: the region%s is outside the picture of %dx%d pixels",
              path, buf_text(&text), info->width, info->height);
    buf_release(&text);
    return false;
}

void frame_box(const struct frame_style *style, int *width, int *height)
{
    *width = style->pane.cols * style->pane.cell_w;
    *height = style->pane.rows * style->pane.cell_h;
}

/* Decodes to at least the pane's size times the zoom: a decoder scales only in coarse
 * steps, the rest is scaled later. If that takes too much memory, decodes to the pane's
 * size, to be enlarged. The same for a region, which takes more of the picture. */
const struct picture *frame_decode(struct frame *frame, const char *path,
                                   const struct file_stamp *stamp, const struct region *region,
                                   const struct frame_style *style, struct frame_view view,
                                   struct picture_cache *pictures, unsigned rank)
{
    struct picture_request request = { .path = path,
                                       .stamp = *stamp,
                                       .use = PICTURE_FOR_SCREEN,
                                       .levels = style->levels,
                                       .part_width = region->width,
                                       .part_height = region->height,
                                       .rank = rank };
    memset(frame, 0, sizeof *frame);
    buf_init(&frame->bytes);
    buf_init(&frame->wipe);
    float zoom = view.zoom < 1.0f ? 1.0f : view.zoom;
    int pane_w, pane_h;
    frame_box(style, &pane_w, &pane_h);
    request.want_width = view.actual ? 0 : (int)((float)pane_w * zoom); /* 0: full size */
    request.want_height = view.actual ? 0 : (int)((float)pane_h * zoom);
    const struct picture *picture = picture_cache_get(pictures, &request, &frame->error);
    if (!picture && (view.actual || zoom > 1.0f || request.part_width)) {
        request.part_width = request.part_height = 0;
        request.want_width = pane_w;
        request.want_height = pane_h;
        picture = picture_cache_get(pictures, &request, &frame->error);
    }
    if (picture) {
        frame->info = picture->info;
    }
    if (picture && !is_inside(frame, path, region)) {
        picture_cache_put(pictures, picture);
        picture = NULL;
    }
    frame->failed = !picture;
    return picture;
}

/* Memory per pixel of the pane while a picture is drawn: the scaled picture, its colour
 * indices, the encoded bytes. */
#define DRAWING_BYTES 8

static uint64_t drawing_bytes(const struct image *whole, const struct pane *pane)
{
    uint64_t drawn = (uint64_t)pane->cols * (uint64_t)pane->cell_w * (uint64_t)pane->rows *
                     (uint64_t)pane->cell_h;
    return image_stride(whole) * (uint64_t)whole->height + drawn * DRAWING_BYTES;
}

/* Takes its memory with the most urgent rank, as it frees more when it has finished. */
void frame_draw(struct frame *frame, const struct image *whole, const struct region *region,
                const struct frame_style *style, struct frame_view view)
{
    struct budget_lease lease = { 0 };
    if (frame->failed || !style->protocol) {
        return;
    }
    image_budget_take(&lease, drawing_bytes(whole, &style->pane), 0);
    frame->failed = !draw_view(frame, whole, region, style, view);
    image_budget_give(&lease);
}

void frame_render(struct frame *frame, const char *path, const struct frame_style *style,
                  struct frame_view view)
{
    static const struct region all;
    static const struct file_stamp none;
    const struct picture *picture = frame_decode(frame, path, &none, &all, style, view, NULL, 0);
    frame_draw(frame, picture ? &picture->image : NULL, &all, style, view);
    picture_cache_put(NULL, picture);
}

void frame_release(struct frame *frame)
{
    buf_release(&frame->bytes);
    buf_release(&frame->wipe);
    free(frame->pieces);
    frame->pieces = NULL;
    frame->piece_count = 0;
}
