#include "image/encode.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "encoder.h"

#ifdef HAVE_LIBPNG
#define PNG_ENCODER encoder_png
#else
#define PNG_ENCODER encoder_stb
#endif
#ifdef HAVE_LIBJPEG
#define JPEG_ENCODER encoder_jpeg_turbo
#else
#define JPEG_ENCODER encoder_stb
#endif

#define MAX_SIDE 65500 /* libjpeg's limit for JPEG; enough for any terminal */

static bool check(const char *format, int width, int height, int channels, struct error *err)
{
    if (channels != 3) {
        return error_set(err, ERROR_USAGE, "%s: the picture has %d channels, must have 3", format,
                         channels);
    }
    if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: cannot write %dx%d pixels, each side must be 1 to %d", format, width,
                         height, MAX_SIDE);
    }
    return true;
}

/* On failure truncates *out to `start`, its length before. */
static bool finish(bool ok, struct buf *out, size_t start, const char *format, struct error *err)
{
    if (ok && out->failed) {
        ok = error_nomem(err, out->len, format);
    }
    if (!ok && out->data) {
        out->len = start;
        out->data[start] = '\0';
    }
    return ok;
}

bool image_encode_png(const struct image *picture, struct buf *out, struct error *err)
{
    struct png_rows rows = {
        .width = picture->width,
        .height = picture->height,
        .depth = 8,
        .bytes = picture->pixels,
        .stride = image_stride(picture),
    };
    size_t start = out->len;
    return check("PNG", picture->width, picture->height, picture->channels, err) &&
           finish(PNG_ENCODER.png(&rows, out, err), out, start, "a PNG", err);
}

static int depth_for(int colors)
{
    return colors <= 2 ? 1 : colors <= 4 ? 2 : colors <= 16 ? 4 : 8;
}

/* Packs indices into `depth` bits each; each row starts at a byte. */
static void pack(const uint8_t *indices, const struct png_rows *rows, uint8_t *packed)
{
    int per_byte = 8 / rows->depth;
    for (int y = 0; y < rows->height; y++) {
        const uint8_t *from = indices + (size_t)y * (size_t)rows->width;
        uint8_t *to = packed + (size_t)y * rows->stride;
        for (int x = 0; x < rows->width; x++) {
            int shift = 8 - rows->depth * (x % per_byte + 1);
            to[x / per_byte] |= (uint8_t)(from[x] << shift);
        }
    }
}

bool image_encode_png_indexed(const uint8_t *indices, int width, int height,
                              const uint8_t (*palette)[3], int colors, struct buf *out,
                              struct error *err)
{
    if (!check("PNG", width, height, 3, err)) {
        return false;
    }
    if (colors < 1 || colors > 256) {
        return error_set(err, ERROR_USAGE, "PNG: a palette of %d colours, must be 1 to 256",
                         colors);
    }
    int depth = depth_for(colors);
    struct png_rows rows = {
        .width = width,
        .height = height,
        .depth = depth,
        .bytes = indices,
        .stride = ((size_t)width * (size_t)depth + 7) / 8,
        .palette = palette,
        .colors = colors,
    };
    uint8_t *packed = NULL;
    if (depth < 8) {
        packed = mem_array((size_t)height, rows.stride);
        if (!packed) {
            return error_nomem(err, (size_t)height * rows.stride, "a PNG");
        }
        pack(indices, &rows, packed);
        rows.bytes = packed;
    }
    size_t start = out->len;
    bool ok = finish(PNG_ENCODER.png(&rows, out, err), out, start, "a PNG", err);
    free(packed);
    return ok;
}

bool image_encode_jpeg(const struct image *picture, int quality, struct buf *out, struct error *err)
{
    if (quality < 1 || quality > 100) {
        return error_set(err, ERROR_USAGE, "JPEG: quality %d, must be 1 to 100", quality);
    }
    size_t start = out->len;
    return check("JPEG", picture->width, picture->height, picture->channels, err) &&
           finish(JPEG_ENCODER.jpeg(picture, quality, out, err), out, start, "a JPEG", err);
}
