/* Sixel by libsixel: the reference for our own encoder. */
#include <pthread.h>
#include <sixel.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sixel/grid.h"
#include "term/protocol.h"

static int write_buf(char *data, int size, void *context)
{
    struct buf *out = context;
    buf_add(out, data, (size_t)size);
    return out->failed ? -1 : size;
}

/* libsixel's quantiser is not thread-safe: it sorts by a channel kept in a static
 * variable. */
static pthread_mutex_t quantizer = PTHREAD_MUTEX_INITIALIZER;

struct encoder {
    sixel_allocator_t *allocator;
    sixel_output_t *output;
    sixel_dither_t *dither;
};

static void encoder_release(struct encoder *e)
{
    if (e->dither) {
        sixel_dither_unref(e->dither);
    }
    if (e->output) {
        sixel_output_unref(e->output);
    }
    if (e->allocator) {
        sixel_allocator_unref(e->allocator);
    }
}

static SIXELSTATUS encode(struct encoder *e, unsigned char *pixels, const struct image *picture,
                          int colors, struct buf *out)
{
    SIXELSTATUS status = sixel_allocator_new(&e->allocator, malloc, calloc, realloc, free);
    if (SIXEL_SUCCEEDED(status)) {
        status = sixel_output_new(&e->output, write_buf, out, e->allocator);
    }
    if (SIXEL_SUCCEEDED(status)) {
        status = sixel_dither_new(&e->dither, colors, e->allocator);
    }
    if (SIXEL_FAILED(status)) {
        return status;
    }
    pthread_mutex_lock(&quantizer);
    status = sixel_dither_initialize(e->dither, pixels, picture->width, picture->height,
                                     SIXEL_PIXELFORMAT_RGB888, SIXEL_LARGE_NORM,
                                     SIXEL_REP_CENTER_BOX, SIXEL_QUALITY_HIGH);
    pthread_mutex_unlock(&quantizer);
    if (SIXEL_SUCCEEDED(status)) {
        /* About 8 % fewer bytes for the same pixels: colours are painted over each other. */
        sixel_output_set_encode_policy(e->output, SIXEL_ENCODEPOLICY_SIZE);
        sixel_dither_set_diffusion_type(e->dither, SIXEL_DIFFUSE_FS);
        status = sixel_encode(pixels, picture->width, picture->height, 3, e->dither, e->output);
    }
    return status;
}

static bool libsixel_draw(const struct image *picture, const struct pane *pane, int w, int h,
                          struct buf *out, struct error *err)
{
    (void)w;
    (void)h;
    /* sixel_encode() diffuses errors into the pixels it is given. */
    size_t bytes = image_stride(picture) * (size_t)picture->height;
    unsigned char *pixels = malloc(bytes);
    if (!pixels) {
        return error_nomem(err, bytes, "a sixel picture");
    }
    memcpy(pixels, picture->pixels, bytes);
    struct encoder e = { 0 };
    SIXELSTATUS status = encode(&e, pixels, picture, pane->registers, out);
    encoder_release(&e);
    free(pixels);
    if (SIXEL_FAILED(status) || out->failed) {
        return error_set(err, ERROR_IO, "libsixel cannot encode %dx%d pixels: %s", picture->width,
                         picture->height, sixel_helper_format_error(status));
    }
    return true;
}

const char *protocol_sixel_version(void)
{
    return LIBSIXEL_VERSION;
}

const struct protocol protocol_libsixel = {
    .name = "libsixel",
    .text = "sixel pictures, by libsixel",
    .pixels = true,
    .outer = true,
    .grid = sixel_grid,
    .encode = libsixel_draw,
    .cells = sixel_cells,
};
