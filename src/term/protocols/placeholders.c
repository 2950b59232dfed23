/* kitty's graphics inside tmux: the picture is sent through tmux with an id, and text
 * cells say where each part of it goes. Each cell is U+10EEEE with the row and the column
 * as combining characters and the id as its colour; tmux moves, hides and redraws these
 * cells like any text. */
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "protocols/kitty_picture.h"
#include "protocols/pixels.h"

#define PLACEHOLDER 0x10EEEE

/* The combining characters that stand for the numbers from 0 on: those of class 230 in
 * Unicode 6.0, without decomposable ones and those that normalisation may fuse with their
 * base (kitty's rowcolumn-diacritics.txt). Runs of code points: the first, how many. */
/* clang-format off */
static const struct {
    uint32_t first;
    int count;
} diacritics[] = {
    { 0x305, 1 }, { 0x30D, 2 }, { 0x310, 1 }, { 0x312, 1 }, { 0x33D, 3 }, { 0x346, 1 },
    { 0x34A, 3 }, { 0x350, 3 }, { 0x357, 1 }, { 0x35B, 1 }, { 0x363, 13 }, { 0x483, 5 },
    { 0x592, 4 }, { 0x597, 3 }, { 0x59C, 6 }, { 0x5A8, 2 }, { 0x5AB, 2 }, { 0x5AF, 1 },
    { 0x5C4, 1 }, { 0x610, 8 }, { 0x657, 5 }, { 0x65D, 2 }, { 0x6D6, 7 }, { 0x6DF, 4 },
    { 0x6E4, 1 }, { 0x6E7, 2 }, { 0x6EB, 2 }, { 0x730, 1 }, { 0x732, 2 }, { 0x735, 2 },
    { 0x73A, 1 }, { 0x73D, 1 }, { 0x73F, 3 }, { 0x743, 1 }, { 0x745, 1 }, { 0x747, 1 },
    { 0x749, 2 }, { 0x7EB, 7 }, { 0x7F3, 1 }, { 0x816, 4 }, { 0x81B, 9 }, { 0x825, 3 },
    { 0x829, 5 }, { 0x951, 1 }, { 0x953, 2 }, { 0xF82, 2 }, { 0xF86, 2 }, { 0x135D, 3 },
    { 0x17DD, 1 }, { 0x193A, 1 }, { 0x1A17, 1 }, { 0x1A75, 8 }, { 0x1B6B, 1 }, { 0x1B6D, 7 },
    { 0x1CD0, 3 }, { 0x1CDA, 2 }, { 0x1CE0, 1 }, { 0x1DC0, 2 }, { 0x1DC3, 7 }, { 0x1DCB, 2 },
    { 0x1DD1, 22 }, { 0x1DFE, 1 }, { 0x20D0, 2 }, { 0x20D4, 4 }, { 0x20DB, 2 }, { 0x20E1, 1 },
    { 0x20E7, 1 }, { 0x20E9, 1 }, { 0x20F0, 1 }, { 0x2CEF, 3 }, { 0x2DE0, 32 }, { 0xA66F, 1 },
    { 0xA67C, 2 }, { 0xA6F0, 2 }, { 0xA8E0, 18 }, { 0xAAB0, 1 }, { 0xAAB2, 2 }, { 0xAAB7, 2 },
    { 0xAABE, 2 }, { 0xAAC1, 1 }, { 0xFE20, 7 }, { 0x10A0F, 1 }, { 0x10A38, 1 }, { 0x1D185, 5 },
    { 0x1D1AA, 4 }, { 0x1D242, 3 },
};
/* clang-format on */

#define NUMBERS 297 /* their sum */

static void list_numbers(uint32_t codes[NUMBERS])
{
    int n = 0;
    for (size_t i = 0; i < ARRAY_LEN(diacritics); i++) {
        for (int k = 0; k < diacritics[i].count && n < NUMBERS; k++) {
            codes[n++] = diacritics[i].first + (uint32_t)k;
        }
    }
}

/* With 24-bit colours the colour encodes the whole id. tmux, however, maps these to the
 * nearest of 256 colours unless it knows that the outer terminal has more (its feature
 * RGB); it does not change the 256. */
static bool full_name(const struct pane *pane)
{
    return pane->colors >= 1 << 24 && !pane->tmux;
}

/* Without the first 16 colours, for which tmux may write other sequences. */
static uint32_t name_of(const struct pane *pane)
{
    return full_name(pane) ? pane->image_id : 16 + pane->image_id % 240;
}

/* Cells for w x h pixels, limited to NUMBERS a side with the aspect ratio kept. */
static void box(const struct pane *pane, int w, int h, int *cols, int *rows)
{
    int max_w = NUMBERS * pane->cell_w;
    int max_h = NUMBERS * pane->cell_h;
    if (w > max_w) {
        h = (int)((int64_t)h * max_w / w);
        w = max_w;
    }
    if (h > max_h) {
        w = (int)((int64_t)w * max_h / h);
        h = max_h;
    }
    *cols = pixels_touch(w, pane->cell_w);
    *rows = pixels_touch(h, pane->cell_h);
}

static void cells(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                  int *rows)
{
    (void)grid_w;
    (void)grid_h;
    box(pane, w, h, cols, rows);
}

/* As many samples as fill the box of cells, so that the terminal does not enlarge the
 * picture. */
static void grid(const struct pane *pane, int w, int h, int *grid_w, int *grid_h)
{
    int cols, rows;
    box(pane, w, h, &cols, &rows);
    int64_t box_w = (int64_t)cols * pane->cell_w;
    int64_t box_h = (int64_t)rows * pane->cell_h;
    if (w * box_h >= h * box_w) {
        box_h = (h * box_w + w / 2) / w;
    } else {
        box_w = (w * box_h + h / 2) / h;
    }
    *grid_w = box_w < 1 ? 1 : (int)box_w;
    *grid_h = box_h < 1 ? 1 : (int)box_h;
}

static void add_code(struct buf *out, uint32_t code)
{
    char utf8[4];
    buf_add(out, utf8, text_encode(code, utf8));
}

/* Every cell has its row and column, though the protocol lets a cell inherit them from its
 * left neighbour: tmux may leave any cell out. */
static void add_cells(const struct pane *pane, int cols, int rows, struct buf *out)
{
    uint32_t numbers[NUMBERS];
    uint32_t id = name_of(pane);
    list_numbers(numbers);
    for (int row = 0; row < rows; row++) {
        if (full_name(pane)) {
            buf_addf(out, "\033[38;2;%u;%u;%um", (unsigned)(id >> 16), (unsigned)(id >> 8 & 255),
                     (unsigned)(id & 255));
        } else {
            buf_addf(out, "\033[38;5;%um", (unsigned)id);
        }
        for (int col = 0; col < cols; col++) {
            add_code(out, PLACEHOLDER);
            add_code(out, numbers[row]);
            add_code(out, numbers[col]);
        }
        buf_addf(out, "\033[0m\033[%dD\033[B", cols);
    }
}

static bool placeholders_draw(const struct image *picture, const struct pane *pane, int w, int h,
                              struct buf *out, struct error *err)
{
    char keys[64];
    int cols, rows;
    box(pane, w, h, &cols, &rows);
    snprintf(keys, sizeof keys, "a=T,U=1,c=%d,r=%d", cols, rows);
    if (!kitty_send(picture, pane, name_of(pane), keys, out, err)) {
        return false;
    }
    add_cells(pane, cols, rows, out);
    return !out->failed || error_nomem(err, out->len, "a picture for the terminal");
}

/* Text over the cells hides the picture; this also frees the terminal's memory. */
static void wipe(const struct pane *pane, char *out, size_t size)
{
    kitty_delete(pane, name_of(pane), out, size);
}

const struct protocol protocol_placeholders = {
    .name = "placeholders",
    .text = "kitty's graphics inside tmux, placed by text cells",
    .pixels = true,
    .scales = true,
    .grid = grid,
    .encode = placeholders_draw,
    .cells = cells,
    .wipe = wipe,
};
