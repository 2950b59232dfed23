#include "page_plan.h"

#include <string.h>

#include "base/mem.h"

#define GAP 1     /* columns between thumbnails */
#define CAPTION 1 /* rows below each */

/* Rows of cells that the largest square in a box covers. */
#define GOOD_ROWS 6
#define GOOD_ROWS_COARSE 8
#define LEAST_ROWS 2

/* Side of the largest square in a box, in pixels. */
static int square(const struct page_room *r, int across, int down)
{
    int w = (r->cols / across - GAP) * r->cell_w;
    int h = (r->rows / down - CAPTION) * r->cell_h;
    return w < h ? w : h;
}

/* True if a x b boxes are better than those chosen so far, of which each shows a square of
 * `best`: as long as that is good, the more boxes the better. */
static bool is_better(int count, int side, int best_count, int best, int good)
{
    if (side >= good && best >= good) {
        return count > best_count || (count == best_count && side > best);
    }
    return side > best || (side == best && count > best_count);
}

static void choose(const struct page_room *r, int good, struct sheet_grid *g, int *best)
{
    for (int across = 1; across <= SHEET_MAX; across++) {
        for (int down = 1; across * down <= SHEET_MAX; down++) {
            int side = square(r, across, down);
            if (across * down >= PAGE_LEAST &&
                is_better(across * down, side, g->across * g->down, *best, good)) {
                g->across = across;
                g->down = down;
                *best = side;
            }
        }
    }
}

/* r: with the column behind the last thumbnail. */
static void place(const struct page_room *r, struct sheet_grid *g)
{
    g->col_pitch = r->cols / g->across;
    g->row_pitch = r->rows / g->down;
    g->box_cols = g->col_pitch - GAP;
    g->box_rows = g->row_pitch - CAPTION;
    g->col = (r->cols - g->across * g->col_pitch) / 2;
    g->row = (r->rows - g->down * g->row_pitch) / 2;
}

bool page_plan_make(struct sheet_grid *grid, const struct page_room *room)
{
    struct page_room r = *room;
    int best = 0;
    *grid = (struct sheet_grid){ 0 };
    r.cols += GAP; /* the last needs none */
    choose(&r, (r.coarse ? GOOD_ROWS_COARSE : GOOD_ROWS) * r.cell_h, grid, &best);
    if (best < LEAST_ROWS * r.cell_h) {
        return false;
    }
    place(&r, grid);
    return true;
}

void page_plan_few(struct sheet_grid *grid, const struct page_room *room, size_t count)
{
    struct page_room r = *room;
    int best = 0;
    *grid = (struct sheet_grid){ .across = 1, .down = (int)count };
    r.cols += GAP;
    for (int across = 1; across <= (int)count; across++) {
        int down = ((int)count + across - 1) / across;
        int side = square(&r, across, down);
        if (side > best) {
            grid->across = across;
            grid->down = down;
            best = side;
        }
    }
    place(&r, grid);
}

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "1234567890";

/* Small letters that are only spare keys of commands are free here. */
static bool is_command(const struct keymap *map, const struct classes *classes, keycode key)
{
    size_t index;
    if (key < 'A' || key > 'Z') {
        return keymap_command(map, key) != ACTION_NO_ACTION;
    }
    enum action action = keymap_action(map, classes, key, &index);
    return action != ACTION_NO_ACTION && action != ACTION_CLASS;
}

/* apart: no class keys. */
static size_t take(const struct keymap *map, const struct classes *classes, bool apart,
                   const char *from, keycode *keys, size_t at, size_t count)
{
    for (; *from && at < count; from++) {
        keycode key = (keycode)*from;
        if (!is_command(map, classes, key) &&
            (!apart || classes_find_key(classes, key) == classes->count)) {
            keys[at++] = key;
        }
    }
    return at;
}

bool page_plan_keys(const struct keymap *map, const struct classes *classes, keycode *keys,
                    size_t count)
{
    size_t at = take(map, classes, true, letters, keys, 0, count);
    at = take(map, classes, true, digits, keys, at, count);
    if (at == count) {
        return true;
    }
    for (at = take(map, classes, false, letters, keys, 0, count); at < count; at++) {
        keys[at] = KEYCODE_NONE; /* the arrow keys lead there */
    }
    return false;
}
