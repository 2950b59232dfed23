/* A frame: a picture file rendered as the bytes that draw it on the terminal. */
#ifndef TERM_FRAME_H
#define TERM_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/region.h"
#include "image/decode.h"
#include "image/picture_cache.h"
#include "term/protocol.h"

enum enlarge { ENLARGE_NO, ENLARGE_SHARP, ENLARGE_SMOOTH };

/* Parameters that all frames share. frame_style_same() compares every field. */
struct frame_style {
    const struct protocol *protocol; /* NULL: draw nothing, only read the picture's facts */
    struct pane pane;
    enum enlarge enlarge;
    enum image_levels levels;
    int32_t paper;     /* background of transparent pixels, 0xRRGGBB */
    int pieces_most;   /* most pieces that a frame may be split into; 0: never split */
    size_t max_bytes;  /* budget of a quick frame and of a piece; a frame that needs more is
                          drawn smaller. 0: no limit */
    size_t most_bytes; /* longest sequence that can reach the terminal; 0: no limit */
};

/* True when frames rendered in one style are valid in the other. */
bool frame_style_same(const struct frame_style *a, const struct frame_style *b);

/* Which part of the picture is shown, and how large. zoom 1 fits the item into the pane: the
 * whole picture, or a region with its surroundings (frame_surroundings()). zoom z is z times
 * as large, centred on x, y (0 to 1 of the width and height of what zoom 1 shows) and cropped
 * to the pane; below 1 it shows more of the picture around a region, at most all of it. */
struct frame_view {
    float zoom, x, y;
    int effort;  /* enum frame_effort, or a number between FULL and QUALITY */
    bool actual; /* 1:1 instead of zoom: one screen pixel per picture pixel */
};

/* How many bytes a frame may take. EFFORT_NONE: at most max_bytes, drawn coarser or
 * smaller where needed, so that it appears soon. From EFFORT_FULL on: full size, in
 * pieces of at most max_bytes, if the protocol can draw pieces; otherwise each step
 * multiplies the budget by four. EFFORT_QUALITY: also at the best level, without a
 * budget (but within most_bytes). */
enum frame_effort { EFFORT_NONE, EFFORT_FULL, EFFORT_QUALITY = 6 };

#define FRAME_VIEW_ALL ((struct frame_view){ 1.0f, 0.5f, 0.5f, EFFORT_NONE, false })

/* Largest scale, in screen pixels per picture pixel along a side. A picture that needs
 * more to fill the pane is still scaled to fit. */
#define FRAME_SCALE_MOST 16.0

/* What a view shows of a picture. */
struct frame_part {
    struct image_rect rect; /* visible part, in the picture's pixels */
    int w, h;               /* screen pixels that it covers */
    double scale;           /* screen pixels per picture pixel along a side */
};

/* width, height: of the picture, in pixels. */
void frame_part(const struct frame_style *style, struct frame_view view,
                const struct region *region, int width, int height, struct frame_part *part);

/* What zoom 1 shows of a picture: a region and 15 % of its longer side around it, as far as
 * the picture goes; all of it for the whole, or for a region outside. */
struct region frame_surroundings(const struct region *region, int width, int height);

/* A part of a frame with a sequence of its own. */
struct frame_piece {
    size_t end;   /* its bytes end here; they begin at the end of the piece before */
    int row, col; /* upper left cell, relative to the frame */
};

struct frame {
    struct buf bytes; /* draw the frame at the cursor; empty when there is nothing to draw */
    struct frame_piece *pieces; /* in which to draw the bytes, over an earlier frame of the
                                   same view; NULL: all bytes at once */
    int piece_count;
    bool together;            /* the pieces are all written at once: they are a sheet's */
    uint64_t missing;         /* of a sheet: a bit for each picture that cannot be shown */
    char cut;                 /* a piece may be cut short after this byte; 0: never */
    bool outer;               /* the bytes go through tmux to the outer terminal */
    struct buf wipe;          /* bytes that erase the frame; empty where text erases it */
    int cols, rows;           /* cells that the frame covers, within the pane */
    int full_cols, full_rows; /* cells that it would cover without a byte limit */
    int grid_w, grid_h;       /* samples drawn */
    bool limited;             /* coarser or smaller than the style asks for, to save bytes */
    struct image_info info;   /* valid when not failed */
    bool failed;
    struct error error; /* valid when failed */
};

/* Decodes, scales and encodes. Always fills *frame, for frame_release(); on failure
 * frame->failed and frame->error are set. */
void frame_render(struct frame *frame, const char *path, const struct frame_style *style,
                  struct frame_view view);

/* The same of a region of the picture, which is outlined, in two steps, for a caller that also
 * uses the decoded picture, which it gives back by picture_cache_put(); NULL on failure. stamp: of
 * the file, as in struct picture_request. pictures may be NULL. rank: order among the decodes that
 * wait for memory, lowest first. A region outside the picture is a failure. */
const struct picture *frame_decode(struct frame *frame, const char *path,
                                   const struct file_stamp *stamp, const struct region *region,
                                   const struct frame_style *style, struct frame_view view,
                                   struct picture_cache *pictures, unsigned rank);
void frame_draw(struct frame *frame, const struct image *whole, const struct region *region,
                const struct frame_style *style, struct frame_view view);

/* True when the frame is drawn piece by piece, over an earlier one. */
static inline bool frame_in_pieces(const struct frame *frame)
{
    return frame->piece_count && !frame->together;
}

/* The size at which a frame of that style needs its picture, in pixels. */
void frame_box(const struct frame_style *style, int *width, int *height);

void frame_release(struct frame *frame);

#endif
