/* How a page of thumbnails is divided, and which keys they have: pure arithmetic. */
#ifndef UI_PAGE_PLAN_H
#define UI_PAGE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "config/classes.h"
#include "config/keymap.h"
#include "term/sheet.h"

#define PAGE_LEAST 12 /* least thumbnails of a page; the most are SHEET_MAX */

/* The cells of the pane, and their size in pixels. */
struct page_room {
    int cols, rows, cell_w, cell_h;
    bool coarse; /* text blocks: a thumbnail needs more cells to show anything */
};

/* As many thumbnails, PAGE_LEAST to SHEET_MAX, as can be of a comfortable size; where none can,
 * PAGE_LEAST as large as possible. A row of cells below each is free for its caption. False:
 * they would be too small to see anything. */
bool page_plan_make(struct sheet_grid *grid, const struct page_room *room);

/* The grid for a page that has only `count` of them, 1 to SHEET_MAX, as large as possible. */
void page_plan_few(struct sheet_grid *grid, const struct page_room *room, size_t count);

/* A key for each of `count` thumbnails, at most SHEET_MAX: small letters, then capital ones, in
 * their order, then digits, without those that a class or, of capitals, a command has. If that
 * is not enough, all small and capital letters but the commands': then keys are class keys, too,
 * and the result is false. */
bool page_plan_keys(const struct keymap *map, const struct classes *classes, keycode *keys,
                    size_t count);

#endif
