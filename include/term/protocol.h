/* Ways of drawing a picture on a terminal: a file and a row in a table each. */
#ifndef TERM_PROTOCOL_H
#define TERM_PROTOCOL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "image/image.h"
#include "term/probe.h"

/* Where a picture goes: a box of cells and what a cell is made of. */
struct pane {
    int cols, rows;     /* >= 1 */
    int cell_w, cell_h; /* pixels */
    int max_w, max_h;   /* largest picture in pixels, 0: no limit */
    int colors;         /* of text: 1, 16, 256 or 1 << 24 */
    int registers;      /* of sixel, 2 to 256 */
};

struct protocol {
    const char *name; /* as in --protocol */
    const char *text; /* what it is, for doctor */

    /* Samples to scale a picture of w x h screen pixels to, both at least 1;
     * a sample need not be square nor a pixel. */
    void (*grid)(const struct pane *pane, int w, int h, int *grid_w, int *grid_h);

    /* Bytes that draw the picture (3 channels, of the grid's size) with its
     * upper left corner at the cursor, wherever that is. The cursor ends up
     * anywhere, attributes are reset. */
    bool (*encode)(const struct image *picture, const struct pane *pane, struct buf *out,
                   struct error *err);

    /* Cells that a grid of that size covers. */
    void (*cells)(const struct pane *pane, int grid_w, int grid_h, int *cols, int *rows);
};

extern const struct protocol protocol_sixel;
extern const struct protocol protocol_blocks;

/* Row `index` of the table of protocols, best first; NULL behind the last. */
const struct protocol *protocol_at(size_t index);

/* By name; NULL for "none" and unknown ones. */
const struct protocol *protocol_by_name(const char *name);

/* The best one for what the terminal answered, and why, in words. */
const struct protocol *protocol_choose(const struct term_caps *caps, const char **why);

/* The version of libsixel that is linked. */
const char *protocol_sixel_version(void);

#endif
