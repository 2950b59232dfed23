/* PNG and JPEG through stb_image_write, for builds without libpng or libjpeg: larger files,
 * slower. */
#if !defined(HAVE_LIBPNG) || !defined(HAVE_LIBJPEG)

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "encoder.h"
#include "stb_write_quiet.h"

/* stb_image_write computes sizes in int; an eighth leaves room for its tables. */
#define MAX_BYTES ((size_t)INT_MAX / 8)

static bool small_enough(const char *format, int width, int height, size_t stride,
                         struct error *err)
{
    return stride <= MAX_BYTES / (size_t)height ||
           error_set(err, ERROR_UNSUPPORTED, "%s of %dx%d pixels: the limit is %zu MB", format,
                     width, height, MAX_BYTES / 1000000);
}

static void put_be32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        to[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

/* Fills in length and CRC of a chunk whose type and data are in place. */
static void seal_chunk(uint8_t *chunk, size_t len)
{
    put_be32(chunk, (uint32_t)len);
    put_be32(chunk + 8 + len, crc32_of(chunk + 4, len + 4));
}

#define HEADER_AT 8
#define HEADER_LEN 13
#define DATA_AT (HEADER_AT + 12 + HEADER_LEN)

/* stb_image_write does not support palettes: the packed rows are written as grey bytes,
 * which are filtered alike; then the header is corrected and the palette inserted. */
static void add_indexed(const struct png_rows *rows, uint8_t *png, size_t len, struct buf *out)
{
    uint8_t *header = png + HEADER_AT;
    uint8_t chunk[12 + 3 * 256];
    size_t bytes = 3 * (size_t)rows->colors;
    put_be32(header + 8, (uint32_t)rows->width);
    header[16] = (uint8_t)rows->depth;
    header[17] = 3; /* palette */
    seal_chunk(header, HEADER_LEN);
    memcpy(chunk + 4, "PLTE", 4);
    memcpy(chunk + 8, rows->palette, bytes);
    seal_chunk(chunk, bytes);
    buf_add(out, png, DATA_AT);
    buf_add(out, chunk, 12 + bytes);
    buf_add(out, png + DATA_AT, len - DATA_AT);
}

static bool encode_png(const struct png_rows *rows, struct buf *out, struct error *err)
{
    int len = 0;
    if (!small_enough("PNG", rows->width, rows->height, rows->stride, err)) {
        return false;
    }
    uint8_t *png = stbi_write_png_to_mem(rows->bytes, (int)rows->stride,
                                         rows->palette ? (int)rows->stride : rows->width,
                                         rows->height, rows->palette ? 1 : 3, &len);
    if (!png) {
        return error_nomem(err, rows->stride * (size_t)rows->height, "a PNG");
    }
    if (rows->palette) {
        add_indexed(rows, png, (size_t)len, out);
    } else {
        buf_add(out, png, (size_t)len);
    }
    free(png);
    return true;
}

static void add_bytes(void *context, void *bytes, int len)
{
    buf_add(context, bytes, (size_t)len);
}

static bool encode_jpeg(const struct image *picture, int quality, struct buf *out,
                        struct error *err)
{
    if (!small_enough("JPEG", picture->width, picture->height, image_stride(picture), err)) {
        return false;
    }
    /* stb_image_write subsamples chroma at quality 90 too. */
    int asked = quality == ENCODER_WHOLE_CHROMA ? quality + 1 : quality;
    return stbi_write_jpg_to_func(add_bytes, out, picture->width, picture->height, 3,
                                  picture->pixels, asked) ||
           error_nomem(err, image_stride(picture) * (size_t)picture->height, "a JPEG");
}

const struct encoder encoder_stb = {
    .name = "stb_image_write",
    .png = encode_png,
    .jpeg = encode_jpeg,
};

#else
typedef int encode_stb_left_out; /* ISO C wants a declaration */
#endif
