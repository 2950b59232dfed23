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
    int32_t paper; /* 0xRRGGBB behind transparent pixels */
    size_t max_bytes; /* of a frame; what needs more is drawn smaller. 0: no limit */
    size_t patient_bytes; /* the same, for a view that is patient */
};

/* By value: frames of one style serve for the other. */
bool frame_style_same(const struct frame_style *a, const struct frame_style *b);

/* Which part of the picture, and how large: zoom 1 is all of it, as it fits into the
 * pane; z is so many times as large, as much of it as the pane has room for, about
 * x, y (0 to 1 of the picture). */
struct frame_view {
    float zoom, x, y;
    bool patient; /* somebody looks at it for long: better it takes longer */
    bool actual;  /* instead of zoom: a pixel of the picture is one of the screen */
};

#define FRAME_VIEW_ALL ((struct frame_view){ 1.0f, 0.5f, 0.5f, false, false })

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

struct frame {
    struct buf bytes; /* drawn at the cursor; empty when there is nothing to draw */
    bool outer;       /* they go to the terminal around tmux */
    char wipe[64];    /* what takes them off the screen, "" where text does */
    int cols, rows;   /* cells that they cover, within the pane */
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
 * caller's, empty on failure. thumbnails: see image/thumbnails.h, may be NULL. */
void frame_decode(struct frame *frame, const char *path, const struct frame_style *style,
                  struct frame_view view, struct thumbnails *thumbnails, struct image *whole,
                  struct thumbnail_key *key);
void frame_draw(struct frame *frame, const struct image *whole, const struct frame_style *style,
                struct frame_view view);

void frame_release(struct frame *frame);

#endif
