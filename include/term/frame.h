/* From a picture file to the bytes that show it: one frame. */
#ifndef TERM_FRAME_H
#define TERM_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "image/decode.h"
#include "image/thumbnails.h"
#include "term/protocol.h"

enum enlarge { ENLARGE_NO, ENLARGE_SHARP, ENLARGE_SMOOTH };

/* How all frames are drawn at the moment. frame_style_same() compares each field. */
struct frame_style {
    const struct protocol *protocol; /* NULL: none, only facts and errors */
    struct pane pane;
    enum enlarge enlarge;
    enum image_levels levels;
    int32_t paper; /* 0xRRGGBB behind transparent pixels */
    int pieces_most;  /* in how many a frame may be drawn, 0: in none */
    size_t max_bytes; /* of a quick frame, and of a piece; what needs more is drawn smaller.
                         0: no limit */
    size_t most_bytes; /* that the way to the terminal lets through at a time; 0: no limit */
};

/* By value: frames of one style serve for the other. */
bool frame_style_same(const struct frame_style *a, const struct frame_style *b);

/* Which part of the picture, and how large: zoom 1 is all of it, as it fits into the
 * pane; z is so many times as large, as much of it as the pane has room for, about
 * x, y (0 to 1 of the picture). */
struct frame_view {
    float zoom, x, y;
    int effort;   /* how long it may take: see below */
    bool actual;  /* instead of zoom: a pixel of the picture is one of the screen */
};

/* EFFORT_NONE is to be seen soon: drawn coarser or smaller where it would take more than
 * max_bytes. From EFFORT_FULL on a frame is as large as there is room for, in pieces of
 * at most max_bytes where the protocol has them; where not, it has four times as many
 * bytes with each step. EFFORT_QUALITY is the best level as well, whatever it takes. */
enum frame_effort { EFFORT_NONE, EFFORT_FULL, EFFORT_QUALITY = 6 };

#define FRAME_VIEW_ALL ((struct frame_view){ 1.0f, 0.5f, 0.5f, EFFORT_NONE, false })

/* Pixels of the screen a side for one of the picture, at most, but where it takes more
 * to fill the pane. */
#define FRAME_SCALE_MOST 16.0

/* What a view shows of a picture of that size. */
struct frame_part {
    struct image_rect rect; /* of the picture's pixels */
    int w, h;               /* screen pixels that it covers */
    double scale;           /* screen pixels a side for one of the picture */
};

void frame_part(const struct frame_style *style, struct frame_view view, int width, int height,
                struct frame_part *part);

/* Part of a frame that is drawn by itself. */
struct frame_piece {
    size_t end;   /* of its bytes, which begin where the one before it ends */
    int row, col; /* of its upper left cell, from the frame's */
};

struct frame {
    struct buf bytes; /* drawn at the cursor; empty when there is nothing to draw */
    struct frame_piece *pieces; /* how they are drawn over what is there of the same view;
                                   NULL: at once */
    int piece_count;
    char cut;         /* behind which a piece may be ended early; 0: nowhere */
    bool outer;       /* they go to the terminal around tmux */
    struct buf wipe;  /* what takes them off the screen, empty where text does */
    int cols, rows;   /* cells that they cover, within the pane */
    int full_cols, full_rows; /* cells that the view covers without any limit of bytes */
    int grid_w, grid_h; /* samples drawn */
    bool limited;       /* coarser or smaller than the style has it, for want of bytes */
    struct image_info info; /* valid when not failed */
    bool failed;
    struct error error; /* why, when failed */
};

/* Decodes, scales and encodes. Always fills *frame; a failure is told inside. */
void frame_render(struct frame *frame, const char *path, const struct frame_style *style,
                  struct frame_view view);

/* The same in two steps, for who goes on to use what was decoded: *whole is the
 * caller's, empty on failure. thumbnails: see image/thumbnails.h, may be NULL. rank:
 * among those who wait for memory, lower ones first. */
void frame_decode(struct frame *frame, const char *path, const struct frame_style *style,
                  struct frame_view view, struct thumbnails *thumbnails, unsigned rank,
                  struct image *whole, struct thumbnail_key *key);
void frame_draw(struct frame *frame, const struct image *whole, const struct frame_style *style,
                struct frame_view view);

void frame_release(struct frame *frame);

#endif
