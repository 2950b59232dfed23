/* iTerm2's inline images: a picture file in an OSC 1337, in the cells it covers.
 *
 * In one sequence, however long. MultipartFile, which cuts it up, is newer and
 * only needed in tmux's control mode, where nothing here is drawn. */
#include <stdio.h>

#include "base/base64.h"
#include "image/encode.h"
#include "term/protocol.h"

static const int qualities[LEVEL_COUNT] = {
    [LEVEL_BEST] = 95,
    [LEVEL_DEFAULT] = 85,
    [LEVEL_SLOW] = 60,
    [LEVEL_LEAST] = 40,
};

static void iterm2_grid(const struct pane *pane, int w, int h, int *grid_w, int *grid_h)
{
    (void)pane;
    *grid_w = w;
    *grid_h = h;
}

static void cells(const struct pane *pane, int w, int h, int grid_w, int grid_h, int *cols,
                  int *rows)
{
    (void)grid_w;
    (void)grid_h;
    *cols = (w + pane->cell_w - 1) / pane->cell_w;
    *rows = (h + pane->cell_h - 1) / pane->cell_h;
}

/* At the best level PNG where that is no larger, as of drawings. */
static bool encode_file(const struct image *picture, enum level level, struct buf *file,
                        struct error *err)
{
    if (!image_encode_jpeg(picture, qualities[level], file, err)) {
        return false;
    }
    if (level == LEVEL_BEST) {
        struct buf png = BUF_INIT;
        if (image_encode_png(picture, &png, NULL) && png.len <= file->len) {
            buf_clear(file);
            buf_add(file, png.data, png.len);
        }
        buf_release(&png);
    }
    return !file->failed || error_nomem(err, file->len, "a picture for the terminal");
}

static bool draw(const struct image *picture, const struct pane *pane, int w, int h,
                 struct buf *out, struct error *err)
{
    struct buf file = BUF_INIT;
    bool ok = encode_file(picture, pane->level, &file, err);
    if (ok) {
        /* Both sides are given in pixels: there is no aspect left to preserve. */
        buf_addf(out,
                 "\033]1337;File=inline=1;size=%zu;width=%dpx;height=%dpx;"
                 "preserveAspectRatio=0;doNotMoveCursor=1:",
                 file.len, w, h);
        base64_add(out, file.data, file.len);
        buf_addc(out, '\a');
        ok = !out->failed || error_nomem(err, out->len, "a picture for the terminal");
    }
    buf_release(&file);
    return ok;
}

const struct protocol protocol_iterm2 = {
    .name = "iterm2",
    .text = "iTerm2's inline images, as JPEG",
    .pixels = true,
    .outer = true,
    .scales = true,
    .grid = iterm2_grid,
    .encode = draw,
    .cells = cells,
};
