/* Encodes pictures as PNG in kitty's graphics protocol, in chunks. */
#include "protocols/kitty_picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "image/encode.h"
#include "image/scale.h"
#include "sixel/indexed.h"
#include "terminal/passthrough.h"

#define CHUNK 4096 /* characters, a multiple of 4 */

/* Chosen by bytes, PSNR and PSNR after a slight blur. Mean of five photographs of 480x360
 * pixels, before base64 (which adds a third): default 54 KB, 37 and 45 dB; slow 36 KB, 33
 * and 40 dB; 24 bits 175 KB. */
static const struct quantize_options levels[LEVEL_COUNT] = {
    [LEVEL_BEST] = { .colors = 0 }, /* 24 bits */
    [LEVEL_DEFAULT] = { .colors = 256, .diffusion = 128, .byte = 25 },
    [LEVEL_SLOW] = { .colors = 64, .diffusion = 128, .byte = 100 },
    [LEVEL_LEAST] = { .colors = 32, .diffusion = 112, .byte = 250 },
};

static bool encode_indexed(const struct indexed *p, struct buf *png, struct error *err)
{
    return image_encode_png_indexed(p->indices, p->width, p->height,
                                    (const uint8_t(*)[3])p->palette.rgb, p->palette.count, png,
                                    err);
}

static void add(struct buf *out, const struct pane *pane, const struct buf *sequence)
{
    if (pane->tmux) {
        passthrough_add(out, sequence->data, sequence->len);
    } else {
        buf_add(out, sequence->data, sequence->len);
    }
    out->failed |= sequence->failed;
}

/* Sends base64 text in chunks: the first has the keys; m=1 if more chunks follow. */
static bool send(const struct buf *text, const struct pane *pane, uint32_t id, const char *keys,
                 struct buf *out, struct error *err)
{
    struct buf sequence = BUF_INIT;
    buf_reserve(out, text->len + text->len / 64 + 256);
    for (size_t at = 0; at < text->len; at += CHUNK) {
        size_t len = text->len - at < CHUNK ? text->len - at : CHUNK;
        buf_clear(&sequence);
        buf_adds(&sequence, "\033_G");
        if (at == 0) {
            buf_addf(&sequence, "%s,f=100,q=2,i=%u,", keys, (unsigned)id);
        }
        buf_addf(&sequence, "m=%d;", at + len < text->len);
        buf_add(&sequence, text->data + at, len);
        buf_adds(&sequence, "\033\\");
        add(out, pane, &sequence);
    }
    buf_release(&sequence);
    return !out->failed || error_nomem(err, text->len, "a picture for the terminal");
}

static bool send_png(const struct buf *png, const struct pane *pane, uint32_t id, const char *keys,
                     struct buf *out, struct error *err)
{
    struct buf text = BUF_INIT;
    base64_add(&text, png->data, png->len);
    bool ok = !text.failed || error_nomem(err, BASE64_LEN(png->len), "a picture for the terminal");
    ok = ok && send(&text, pane, id, keys, out, err);
    buf_release(&text);
    return ok;
}

bool kitty_send(const struct image *picture, const struct pane *pane, uint32_t id, const char *keys,
                struct buf *out, struct error *err)
{
    struct pieces all = { .picture = picture, .pane = pane };
    struct image_rect rect = { 0, 0, picture->width, picture->height };
    bool ok = kitty_begin(&all, err) && kitty_send_part(&all, rect, pane, id, keys, out, err);
    kitty_end(&all);
    return ok;
}

bool kitty_begin(struct pieces *pieces, struct error *err)
{
    const struct quantize_options *options = &levels[pieces->pane->level];
    if (!options->colors) {
        return true;
    }
    struct indexed *all = calloc(1, sizeof *all);
    pieces->shared = all;
    return all ? indexed_make(pieces->picture, options, all, err)
               : error_nomem(err, sizeof *all, "a picture");
}

static bool encode_part(const struct pieces *pieces, struct image_rect rect, struct buf *png,
                        struct error *err)
{
    bool ok;
    if (pieces->shared) {
        struct indexed part;
        ok = indexed_crop(pieces->shared, rect, &part, err);
        if (ok) {
            ok = encode_indexed(&part, png, err);
            indexed_release(&part);
        }
    } else {
        struct image part;
        ok = image_crop(pieces->picture, rect, &part, err) && image_encode_png(&part, png, err);
        image_release(&part);
    }
    return ok;
}

bool kitty_send_part(const struct pieces *pieces, struct image_rect rect, const struct pane *pane,
                     uint32_t id, const char *keys, struct buf *out, struct error *err)
{
    struct buf png = BUF_INIT;
    bool ok = encode_part(pieces, rect, &png, err) && send_png(&png, pane, id, keys, out, err);
    buf_release(&png);
    return ok;
}

void kitty_end(struct pieces *pieces)
{
    if (pieces->shared) {
        indexed_release(pieces->shared);
    }
    free(pieces->shared);
}

void kitty_delete(const struct pane *pane, uint32_t id, char *out, size_t size)
{
    struct buf bytes = BUF_INIT;
    struct buf sequence = BUF_INIT;
    buf_addf(&sequence, "\033_Ga=d,d=I,q=2,i=%u\033\\", (unsigned)id);
    add(&bytes, pane, &sequence);
    snprintf(out, size, "%s", bytes.len < size ? buf_text(&bytes) : "");
    buf_release(&sequence);
    buf_release(&bytes);
}
