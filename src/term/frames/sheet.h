/* Draws a sheet. Private to frames. */
#ifndef TERM_FRAMES_SHEET_H
#define TERM_FRAMES_SHEET_H

#include "base/stamp.h"
#include "term/frame.h"
#include "term/sheet.h"

/* A copy of a sheet that owns what it points to, and what its files were when it was drawn. */
struct kept_sheet {
    struct sheet sheet;
    struct sheet_item items[SHEET_MAX];
    struct file_stamp stamps[SHEET_MAX];
};

/* NULL when out of memory. sheet may be NULL. */
struct kept_sheet *kept_sheet_new(const struct sheet *sheet);

/* s may be NULL. */
void kept_sheet_free(struct kept_sheet *s);

/* One of its files has changed since it was drawn. */
bool kept_sheet_changed(const struct kept_sheet *s);

/* Draws it, like frame_decode() and frame_draw(): a picture that cannot be read is a plain tile,
 * and marked in frame->missing. */
void frame_draw_sheet(struct frame *frame, struct kept_sheet *s, const struct frame_style *style,
                      struct frame_view view, struct picture_cache *pictures, unsigned rank);

/* frame.c: the part of a decoded picture as 3 channels of grid_w x grid_h samples, with the
 * region's outline; info: of the whole picture. */
bool frame_scale_part(struct frame *frame, const struct image *whole, const struct region *region,
                      const struct frame_style *style, const struct frame_part *part, int grid_w,
                      int grid_h, struct image *out);

/* frame.c: byte limit of a frame that is drawn at once; 0: none. */
size_t frame_limit(const struct frame_style *style, int effort);

#endif
