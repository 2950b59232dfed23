/* Draws a sheet: decodes its pictures one after the other and keeps them scaled to their
 * boxes, then draws them as tiles, coarser or smaller where there is a byte limit.
 *
 * A tile is one picture, drawn where it lies, so that nothing is painted around it. Sixel is
 * different: each picture has a palette of its own, which takes thousands of bytes, and xterm
 * keeps no more than 16 pictures. There a tile is a row of boxes on the background. */
#include "frames/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/scale.h"

#define SMALLER_TRIES 6
#define LEAST_SAMPLES 16 /* on a side: smaller pictures show nothing */
#define CROSS_TONE 96    /* of the tile in place of a picture that cannot be shown */
#define CROSS_LINE 48

struct kept_sheet *kept_sheet_new(const struct sheet *sheet)
{
    struct kept_sheet *s = sheet ? calloc(1, sizeof *s) : NULL;
    if (!s) {
        return NULL;
    }
    s->sheet = *sheet;
    s->sheet.items = s->items;
    for (size_t i = 0; i < sheet->count; i++) {
        const char *path = sheet->items[i].path;
        s->items[i].region = sheet->items[i].region;
        s->items[i].path = mem_string(path, strlen(path));
        if (!s->items[i].path) {
            kept_sheet_free(s);
            return NULL;
        }
    }
    return s;
}

void kept_sheet_free(struct kept_sheet *s)
{
    for (size_t i = 0; s && i < s->sheet.count; i++) {
        free((char *)(uintptr_t)s->items[i].path);
    }
    free(s);
}

bool kept_sheet_changed(const struct kept_sheet *s)
{
    bool same = true;
    for (size_t i = 0; same && i < s->sheet.count; i++) {
        struct file_stamp now;
        file_stamp_of(s->items[i].path, &now);
        same = file_stamp_same(&now, &s->stamps[i]);
    }
    return !same;
}

/* ---------------------------------------------------------------- the pictures */

/* A picture in its box. */
struct thumb {
    struct image picture; /* 3 channels; at its full size */
    int w, h;             /* screen pixels that it covers */
};

struct canvas {
    struct frame *frame;
    const struct sheet *sheet;
    const struct protocol *protocol;
    struct frame_style box; /* whose pane is one box */
    struct thumb thumbs[SHEET_MAX];
    bool in_rows;  /* a tile is a row of boxes */
    int per_tile;  /* boxes side by side */
    double factor; /* at which they are drawn now */
};

static bool has_palettes(const struct protocol *protocol)
{
    return protocol->pixels && !protocol->scales;
}

/* Pixels of a box that a picture may take. */
static void box_pixels(const struct canvas *c, int *w, int *h)
{
    frame_box(&c->box, w, h);
    if (c->in_rows) {
        int all;
        c->protocol->grid(&c->box.pane, *w, *h, &all, h);
    }
}

/* Samples of a picture of w x h screen pixels. In a row all have the size of screen pixels. */
static void samples(const struct canvas *c, int w, int h, int *grid_w, int *grid_h)
{
    *grid_w = w;
    *grid_h = h;
    if (!c->in_rows) {
        c->protocol->grid(&c->box.pane, w, h, grid_w, grid_h);
    }
}

static bool take_thumb(const struct canvas *c, struct frame *one, const struct picture *picture,
                       const struct region *region, struct thumb *thumb)
{
    struct frame_part part;
    int w, h, grid_w, grid_h;
    frame_part(&c->box, FRAME_VIEW_ALL, region, one->info.width, one->info.height, &part);
    box_pixels(c, &w, &h);
    thumb->w = part.w;
    thumb->h = part.h < h ? part.h : h;
    samples(c, thumb->w, thumb->h, &grid_w, &grid_h);
    return frame_scale_part(one, &picture->image, region, &c->box, &part, grid_w, grid_h,
                            &thumb->picture);
}

/* A square with a cross, in place of a picture that cannot be shown. */
static bool draw_cross(const struct canvas *c, struct thumb *thumb, struct error *err)
{
    int w, h, grid_w, grid_h;
    box_pixels(c, &w, &h);
    thumb->w = thumb->h = w < h ? w : h;
    samples(c, thumb->w, thumb->h, &grid_w, &grid_h);
    if (!image_init(&thumb->picture, grid_w, grid_h, 3, err)) {
        return false;
    }
    for (int y = 0; y < grid_h; y++) {
        for (int x = 0; x < grid_w; x++) {
            int across = x * grid_h, down = y * grid_w, near = grid_w * grid_h / 16;
            bool line = abs(across - down) < near || abs(across + down - grid_w * grid_h) < near;
            memset(image_at(&thumb->picture, x, y), line ? CROSS_LINE : CROSS_TONE, 3);
        }
    }
    return true;
}

/* Decodes picture i; one that cannot be shown becomes a cross. */
static bool make_thumb(struct canvas *c, struct kept_sheet *s, size_t i,
                       struct picture_cache *pictures, unsigned rank)
{
    struct frame one;
    const struct sheet_item *item = &s->items[i];
    const struct picture *picture = frame_decode(&one, item->path, &s->stamps[i], &item->region,
                                                 &c->box, FRAME_VIEW_ALL, pictures, rank);
    bool ok = picture && take_thumb(c, &one, picture, &item->region, &c->thumbs[i]);
    picture_cache_put(pictures, picture);
    frame_release(&one);
    if (!ok) {
        c->frame->missing |= UINT64_C(1) << i;
        ok = draw_cross(c, &c->thumbs[i], &c->frame->error);
    }
    return ok;
}

/* ------------------------------------------------------------------- the tiles */

static int shrunk(int length, double factor)
{
    int least = length < LEAST_SAMPLES ? length : LEAST_SAMPLES;
    int less = (int)(length * factor);
    return less < least ? least : less;
}

/* The picture at the present factor: with fewer samples, or smaller where the terminal cannot
 * enlarge it. *w, *h: the screen pixels that it covers. */
static bool reduced(const struct canvas *c, const struct thumb *thumb, struct image *out, int *w,
                    int *h)
{
    int grid_w = shrunk(thumb->picture.width, c->factor);
    int grid_h = shrunk(thumb->picture.height, c->factor);
    *w = thumb->w;
    *h = thumb->h;
    if (!c->protocol->scales) {
        *w = shrunk(*w, c->factor);
        *h = shrunk(*h, c->factor);
        samples(c, *w, *h, &grid_w, &grid_h);
    }
    return image_scale(&thumb->picture, grid_w, grid_h, IMAGE_FILTER_LANCZOS, out,
                       &c->frame->error);
}

/* Encodes a picture as the next tile, with its upper left corner at that cell of the pane. */
static bool add_tile(const struct canvas *c, const struct image *picture, struct pane pane, int w,
                     int h, int row, int col)
{
    struct frame *f = c->frame;
    char text[64];
    pane.image_id += 1 + (uint32_t)f->piece_count; /* each is a picture of its own */
    if (!c->protocol->encode(picture, &pane, w, h, &f->bytes, &f->error)) {
        return false;
    }
    if (c->protocol->wipe) {
        c->protocol->wipe(&pane, text, sizeof text);
        buf_adds(&f->wipe, text);
    }
    f->pieces[f->piece_count++] = (struct frame_piece){ f->bytes.len, row, col };
    return true;
}

/* The upper left cell of box i. */
static void place(const struct sheet_grid *g, size_t i, int *row, int *col)
{
    *row = g->row + (int)i / g->across * g->row_pitch;
    *col = g->col + (int)i % g->across * g->col_pitch;
}

/* A picture alone, at the foot of its box, in the middle. */
static bool draw_alone(const struct canvas *c, size_t i)
{
    struct image picture = IMAGE_INIT;
    const struct sheet_grid *g = &c->sheet->grid;
    int w, h, row, col, rows, cols;
    if (!reduced(c, &c->thumbs[i], &picture, &w, &h)) {
        return false;
    }
    c->protocol->cells(&c->box.pane, w, h, picture.width, picture.height, &cols, &rows);
    place(g, i, &row, &col);
    row += g->box_rows > rows ? g->box_rows - rows : 0;
    col += g->box_cols > cols ? (g->box_cols - cols) / 2 : 0;
    bool ok = add_tile(c, &picture, c->box.pane, w, h, row, col);
    image_release(&picture);
    return ok;
}

static void paste(struct image *onto, const struct image *picture, int x, int y)
{
    for (int row = 0; row < picture->height && y + row < onto->height; row++) {
        int width = picture->width < onto->width - x ? picture->width : onto->width - x;
        memcpy(image_at(onto, x, y + row), image_at(picture, 0, row), (size_t)width * 3);
    }
}

static bool paste_thumb(const struct canvas *c, size_t i, int left, struct image *onto)
{
    struct image picture = IMAGE_INIT;
    int w, h, box_w, box_h;
    if (!reduced(c, &c->thumbs[i], &picture, &w, &h)) {
        return false;
    }
    box_pixels(c, &box_w, &box_h);
    paste(onto, &picture, left + (box_w - w) / 2, box_h - h);
    image_release(&picture);
    return true;
}

static void fill(struct image *picture, int32_t color)
{
    for (int y = 0; y < picture->height; y++) {
        for (int x = 0; x < picture->width; x++) {
            uint8_t *p = image_at(picture, x, y);
            p[0] = (uint8_t)(color >> 16);
            p[1] = (uint8_t)(color >> 8);
            p[2] = (uint8_t)color;
        }
    }
}

/* Boxes side by side, from `first` on, as one picture. */
static bool draw_row(const struct canvas *c, size_t first, size_t count)
{
    struct image picture;
    const struct sheet_grid *g = &c->sheet->grid;
    struct pane pane = c->box.pane;
    int row, col, box_w, box_h;
    pane.grounded = true;
    pane.ground = c->sheet->background;
    pane.cols = ((int)count - 1) * g->col_pitch + g->box_cols;
    box_pixels(c, &box_w, &box_h);
    if (!image_init(&picture, pane.cols * pane.cell_w, box_h, 3, &c->frame->error)) {
        return false;
    }
    fill(&picture, c->sheet->background);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        ok = paste_thumb(c, first + i, (int)i * g->col_pitch * pane.cell_w, &picture);
    }
    place(g, first, &row, &col);
    ok = ok && add_tile(c, &picture, pane, picture.width, picture.height, row, col);
    image_release(&picture);
    return ok;
}

/* Draws all tiles, in place of those before. */
static bool draw_tiles(struct canvas *c)
{
    size_t across = (size_t)c->sheet->grid.across;
    bool ok = true;
    c->frame->piece_count = 0;
    buf_clear(&c->frame->bytes);
    buf_clear(&c->frame->wipe);
    for (size_t i = 0; ok && i < c->sheet->count;) {
        size_t left = c->sheet->count - i, in_row = across - i % across;
        size_t n = left < in_row ? left : in_row;
        n = n < (size_t)c->per_tile ? n : (size_t)c->per_tile;
        ok = c->in_rows ? draw_row(c, i, n) : draw_alone(c, i);
        i += c->in_rows ? n : 1;
    }
    return ok && (!c->frame->bytes.failed ||
                  error_nomem(&c->frame->error, c->frame->bytes.len, "the pictures"));
}

/* As draw_smaller() of a single picture does: the next level, then fewer samples. */
static void be_smaller(struct canvas *c, size_t max_bytes)
{
    enum level *level = &c->box.pane.level;
    bool least = *level == LEVEL_LEAST;
    *level += !least;
    if (least) {
        c->factor *= 0.95 * sqrt((double)max_bytes / (double)c->frame->bytes.len);
    }
}

static bool draw_within(struct canvas *c, size_t max_bytes)
{
    bool ok = draw_tiles(c);
    for (int i = 0; ok && i < SMALLER_TRIES && max_bytes && c->frame->bytes.len > max_bytes; i++) {
        be_smaller(c, max_bytes);
        c->frame->limited = true;
        ok = draw_tiles(c);
    }
    return ok;
}

/* -------------------------------------------------------------------- the frame */

static void describe(const struct canvas *c, const struct pane *pane)
{
    struct frame *f = c->frame;
    f->cols = f->full_cols = pane->cols;
    f->rows = f->full_rows = pane->rows;
    f->grid_w = (int)(c->factor * pane->cols * pane->cell_w);
    f->grid_h = (int)(c->factor * pane->rows * pane->cell_h);
    f->outer = c->protocol->outer && pane->tmux;
    f->cut = c->protocol->cut;
}

static bool draw(struct canvas *c, const struct frame_style *style, int effort)
{
    bool in_pieces =
        effort >= EFFORT_FULL && style->pieces_most && c->protocol->piece && !style->pane.tmux;
    c->frame->pieces = mem_array(SHEET_MAX, sizeof *c->frame->pieces);
    if (!c->frame->pieces) {
        return error_nomem(&c->frame->error, SHEET_MAX * sizeof *c->frame->pieces, "the pictures");
    }
    if (effort >= EFFORT_QUALITY) {
        c->box.pane.level = LEVEL_BEST;
    }
    c->frame->together = !in_pieces;
    return in_pieces ? draw_tiles(c) : draw_within(c, frame_limit(style, effort));
}

static void set_up(struct canvas *c, struct frame *frame, const struct sheet *sheet,
                   const struct frame_style *style)
{
    const struct pane *pane = &style->pane;
    *c = (struct canvas){ .frame = frame,
                          .sheet = sheet,
                          .protocol = style->protocol,
                          .box = *style,
                          .in_rows = has_palettes(style->protocol),
                          .per_tile = sheet->grid.across,
                          .factor = 1.0 };
    c->box.pane.cols = sheet->grid.box_cols;
    c->box.pane.rows = sheet->grid.box_rows;
    int pitch = sheet->grid.col_pitch * pane->cell_w;
    if (pane->max_w > 0 && c->per_tile * pitch > pane->max_w) {
        c->per_tile = pane->max_w > pitch ? pane->max_w / pitch : 1;
    }
}

/* Memory per pixel of the pane: see frame.c. */
#define DRAWING_BYTES 8

void frame_draw_sheet(struct frame *frame, struct kept_sheet *s, const struct frame_style *style,
                      struct frame_view view, struct picture_cache *pictures, unsigned rank)
{
    struct budget_lease lease = { 0 };
    struct canvas c;
    memset(frame, 0, sizeof *frame);
    buf_init(&frame->bytes);
    buf_init(&frame->wipe);
    frame->info.format = "thumbnails";
    frame->info.width = s->sheet.grid.across;
    frame->info.height = s->sheet.grid.down;
    for (size_t i = 0; i < s->sheet.count; i++) { /* before reading: the content is as new */
        file_stamp_of(s->items[i].path, &s->stamps[i]);
    }
    if (!style->protocol) {
        return;
    }
    set_up(&c, frame, &s->sheet, style);
    bool ok = true;
    for (size_t i = 0; ok && i < s->sheet.count; i++) {
        ok = make_thumb(&c, s, i, pictures, rank);
    }
    int w, h;
    frame_box(style, &w, &h);
    image_budget_take(&lease, (uint64_t)w * (uint64_t)h * DRAWING_BYTES, 0);
    frame->failed = !ok || !draw(&c, style, view.effort);
    describe(&c, &style->pane);
    for (size_t i = 0; i < s->sheet.count; i++) {
        image_release(&c.thumbs[i].picture);
    }
    image_budget_give(&lease);
}
