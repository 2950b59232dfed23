/* Text blocks: U+2580, the upper half block, gives two samples a cell, one in
 * the foreground and one in the background colour. */
#include <stdlib.h>

#include "image/scale.h"
#include "term/color.h"
#include "term/protocol.h"

static void blocks_grid(const struct pane *pane, int w, int h, int *grid_w, int *grid_h)
{
    int cols = (w + pane->cell_w / 2) / pane->cell_w;
    int halves = (2 * h + pane->cell_h / 2) / pane->cell_h;
    *grid_w = cols < 1 ? 1 : cols > pane->cols ? pane->cols : cols;
    *grid_h = halves < 1 ? 1 : halves > 2 * pane->rows ? 2 * pane->rows : halves;
}

static void blocks_cells(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                         int *rows)
{
    (void)pane;
    (void)w;
    (void)h;
    *cols = grid_w;
    *rows = (grid_h + 1) / 2;
}

static void put_color(struct buf *out, const uint8_t *rgb, int base, int colors)
{
    int32_t color = rgb[0] << 16 | rgb[1] << 8 | rgb[2];
    if (colors >= 1 << 24) {
        buf_addf(out, "\033[%d;2;%d;%d;%dm", base + 8, rgb[0], rgb[1], rgb[2]);
    } else if (colors >= 256) {
        buf_addf(out, "\033[%d;5;%dm", base + 8, color_nearest(color, 256));
    } else {
        int c = color_nearest(color, 16);
        buf_addf(out, "\033[%dm", c < 8 ? base + c : base + 60 + c - 8);
    }
}

static int clamp_byte(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : v;
}

/* Floyd and Steinberg: what a sample loses to the palette is made good by its
 * neighbours. Replaces each sample by the palette's colour. */
static void diffuse(struct image *picture, int colors)
{
    static const struct {
        int dx, dy, weight; /* sixteenths */
    } shares[] = { { 1, 0, 7 }, { -1, 1, 3 }, { 0, 1, 5 }, { 1, 1, 1 } };
    for (int y = 0; y < picture->height; y++) {
        for (int x = 0; x < picture->width; x++) {
            uint8_t *p = image_at(picture, x, y);
            int32_t drawn = color_value(
                color_nearest(p[0] << 16 | p[1] << 8 | p[2], colors), colors);
            for (int c = 0; c < 3; c++) {
                int level = drawn >> (16 - 8 * c) & 255;
                int lost = (p[c] - level) / 2; /* all of it looks like noise at this size */
                p[c] = (uint8_t)level;
                for (size_t i = 0; i < 4; i++) {
                    int nx = x + shares[i].dx;
                    int ny = y + shares[i].dy;
                    if (nx >= 0 && nx < picture->width && ny < picture->height) {
                        uint8_t *n = image_at(picture, nx, ny) + c;
                        *n = (uint8_t)clamp_byte(*n + lost * shares[i].weight / 16);
                    }
                }
            }
        }
    }
}

static bool same(const uint8_t *a, const uint8_t *b)
{
    return a && a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

static void put_row(struct buf *out, const struct image *picture, int y, int colors)
{
    const uint8_t *fg = NULL;
    const uint8_t *bg = NULL;
    bool single = y + 1 >= picture->height;
    for (int x = 0; x < picture->width; x++) {
        const uint8_t *top = image_at(picture, x, y);
        if (!same(fg, top)) {
            put_color(out, top, 30, colors);
            fg = top;
        }
        if (!single) {
            const uint8_t *bottom = image_at(picture, x, y + 1);
            if (!same(bg, bottom)) {
                put_color(out, bottom, 40, colors);
                bg = bottom;
            }
        }
        buf_adds(out, "\xE2\x96\x80");
    }
}

/* Without colour, darkness is told by shades, dark on light paper or not. */
static void put_mono_row(struct buf *out, const struct image *picture, int y)
{
    static const char *const shades[] = { " ", "\xE2\x96\x91", "\xE2\x96\x92", "\xE2\x96\x93",
                                          "\xE2\x96\x88" };
    for (int x = 0; x < picture->width; x++) {
        int light = 0;
        for (int row = 0; row < 2; row++) {
            int at = y + row < picture->height ? y + row : y;
            const uint8_t *p = image_at(picture, x, at);
            light += 299 * p[0] + 587 * p[1] + 114 * p[2];
        }
        buf_adds(out, shades[light / 2 * 5 / 255001]);
    }
}

static bool copy_image(const struct image *from, struct image *to, struct error *err)
{
    struct image_rect all = { 0, 0, from->width, from->height };
    return image_crop(from, all, to, err);
}

static bool blocks_draw(const struct image *source, const struct pane *pane, int w, int h,
                        struct buf *out, struct error *err)
{
    (void)w;
    (void)h;
    struct image dithered = IMAGE_INIT;
    const struct image *picture = source;
    if (pane->colors > 1 && pane->colors < 1 << 24) {
        if (!copy_image(source, &dithered, err)) {
            return false;
        }
        diffuse(&dithered, pane->colors);
        picture = &dithered;
    }
    for (int y = 0; y < picture->height; y += 2) {
        if (pane->colors > 1) {
            put_row(out, picture, y, pane->colors);
        } else {
            put_mono_row(out, picture, y);
        }
        buf_addf(out, "\033[0m\033[%dD\033[B", picture->width);
    }
    image_release(&dithered);
    if (out->failed) {
        return error_nomem(err, out->len, "text blocks");
    }
    return true;
}

const struct protocol protocol_blocks = {
    .name = "blocks",
    .text = "half blocks, two samples a cell",
    .grid = blocks_grid,
    .encode = blocks_draw,
    .cells = blocks_cells,
};
