/* iTerm2's inline images: an image file in an OSC 1337 sequence.
 *
 * Always one sequence, however long: MultipartFile, which splits it, is newer and only
 * needed in tmux's control mode, which thumbtag does not draw in. */
#include <stdio.h>

#include "base/base64.h"
#include "image/encode.h"
#include "image/scale.h"
#include "protocols/pixels.h"

static const int qualities[LEVEL_COUNT] = {
    [LEVEL_BEST] = 95,
    [LEVEL_DEFAULT] = 85,
    [LEVEL_SLOW] = 60,
    [LEVEL_LEAST] = 40,
};

/* JPEG; at the best level PNG if it is not larger, as for drawings. */
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

static bool iterm2_draw(const struct image *picture, const struct pane *pane, int w, int h,
                        struct buf *out, struct error *err)
{
    struct buf file = BUF_INIT;
    bool ok = encode_file(picture, pane->level, &file, err);
    if (ok) {
        /* Both sides are given in pixels, so the aspect ratio need not be preserved. */
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

static bool piece(const struct pieces *pieces, const struct piece *piece, struct buf *out,
                  struct error *err)
{
    struct image part;
    struct image_rect r = pixels_of_piece(pieces, piece);
    bool ok = image_crop(pieces->picture, r, &part, err) &&
              iterm2_draw(&part, pieces->pane, r.width, r.height, out, err);
    image_release(&part);
    return ok;
}

const struct protocol protocol_iterm2 = {
    .name = "iterm2",
    .text = "iTerm2's inline images, as JPEG",
    .pixels = true,
    .outer = true,
    .scales = true,
    .grid = pixels_grid,
    .encode = iterm2_draw,
    .piece = piece,
    .cells = pixels_cells,
};
