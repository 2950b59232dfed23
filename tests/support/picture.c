#include "picture.h"

#include <string.h>

#include "base/crc.h"

static void add_be32(struct buf *out, uint32_t v)
{
    const uint8_t bytes[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
                               (uint8_t)v };
    buf_add(out, bytes, 4);
}

static void add_le16(struct buf *out, unsigned v)
{
    const uint8_t bytes[2] = { (uint8_t)v, (uint8_t)(v >> 8) };
    buf_add(out, bytes, 2);
}

static void add_le32(struct buf *out, uint32_t v)
{
    add_le16(out, v & 0xFFFF);
    add_le16(out, v >> 16);
}

/* -------------------------------------------------------------------- PNG */

void picture_png_signature(struct buf *out)
{
    buf_add(out, "\x89PNG\r\n\x1a\n", 8);
}

void picture_png_chunk(struct buf *out, const char *type, const void *data, size_t len)
{
    add_be32(out, (uint32_t)len);
    size_t start = out->len;
    buf_add(out, type, 4);
    buf_add(out, data, len);
    add_be32(out, crc32_of(out->data + start, out->len - start));
}

static void add_header(struct buf *out, uint32_t width, uint32_t height, int depth, int colour)
{
    struct buf header = BUF_INIT;
    add_be32(&header, width);
    add_be32(&header, height);
    const uint8_t rest[5] = { (uint8_t)depth, (uint8_t)colour, 0, 0, 0 };
    buf_add(&header, rest, 5);
    picture_png_chunk(out, "IHDR", header.data, header.len);
    buf_release(&header);
}

/* zlib data of stored blocks, a row each. */
static void add_stored(struct buf *z, const struct png_spec *spec)
{
    uint32_t a = 1;
    uint32_t b = 0;
    buf_add(z, "\x78\x01", 2);
    for (uint32_t y = 0; y < spec->rows; y++) {
        const uint8_t *row = spec->samples + (size_t)y * spec->row_bytes;
        unsigned len = (unsigned)spec->row_bytes + 1;
        buf_addc(z, y + 1 == spec->rows);
        add_le16(z, len);
        add_le16(z, ~len & 0xFFFF);
        buf_addc(z, 0); /* filter: none */
        b = (b + a) % 65521;
        buf_add(z, row, spec->row_bytes);
        for (size_t i = 0; i < spec->row_bytes; i++) {
            a = (a + row[i]) % 65521;
            b = (b + a) % 65521;
        }
    }
    add_be32(z, b << 16 | a);
}

void picture_png(struct buf *out, const struct png_spec *spec)
{
    struct buf z = BUF_INIT;
    add_stored(&z, spec);
    picture_png_signature(out);
    add_header(out, spec->width, spec->height, spec->depth, spec->colour);
    for (size_t i = 0; i < spec->extra_count; i++) {
        picture_png_chunk(out, spec->extra[i].type, spec->extra[i].data, spec->extra[i].len);
    }
    picture_png_chunk(out, "IDAT", z.data, z.len);
    picture_png_chunk(out, "IEND", "", 0);
    buf_release(&z);
}

struct bits {
    struct buf *out;
    uint32_t held;
    int count;
};

/* Deflate packs from the low bit up. */
static void add_bits(struct bits *bits, uint32_t value, int count)
{
    bits->held |= value << bits->count;
    bits->count += count;
    while (bits->count >= 8) {
        buf_addc(bits->out, (char)(bits->held & 255));
        bits->held >>= 8;
        bits->count -= 8;
    }
}

void picture_png_bomb(struct buf *out, uint32_t width, uint32_t height, size_t bytes)
{
    struct buf z = BUF_INIT;
    struct bits bits = { &z, 0, 0 };
    buf_add(&z, "\x78\x01", 2);
    add_bits(&bits, 1, 1);    /* the last block */
    add_bits(&bits, 1, 2);    /* of fixed codes */
    add_bits(&bits, 0x0C, 8); /* literal 0, code 00110000 */
    for (size_t made = 1; made < bytes; made += 258) {
        add_bits(&bits, 0xA3, 8); /* length 258, code 11000101 */
        add_bits(&bits, 0, 5);    /* distance 1 */
    }
    add_bits(&bits, 0, 7); /* end of the block */
    add_bits(&bits, 0, 7); /* what is left of the last byte */
    add_be32(&z, 0);
    picture_png_signature(out);
    add_header(out, width, height, 8, PNG_GREY);
    picture_png_chunk(out, "IDAT", z.data, z.len);
    picture_png_chunk(out, "IEND", "", 0);
    buf_release(&z);
}

/* ---------------------------------------------------------- plain formats */

void picture_ppm(struct buf *out, int width, int height, const uint8_t *rgb)
{
    buf_addf(out, "P6\n%d %d\n255\n", width, height);
    buf_add(out, rgb, (size_t)width * (size_t)height * 3);
}

static void add_bgr(struct buf *out, const uint8_t *rgb)
{
    const uint8_t bgr[3] = { rgb[2], rgb[1], rgb[0] };
    buf_add(out, bgr, 3);
}

void picture_bmp(struct buf *out, int width, int height, const uint8_t *rgb)
{
    size_t pad = (4 - (size_t)width * 3 % 4) % 4;
    size_t size = ((size_t)width * 3 + pad) * (size_t)height;
    buf_add(out, "BM", 2);
    add_le32(out, (uint32_t)(54 + size));
    add_le32(out, 0);
    add_le32(out, 54);
    add_le32(out, 40);
    add_le32(out, (uint32_t)width);
    add_le32(out, (uint32_t)height);
    add_le16(out, 1);
    add_le16(out, 24);
    for (int i = 0; i < 6; i++) {
        add_le32(out, 0);
    }
    for (int y = height - 1; y >= 0; y--) {
        for (int x = 0; x < width; x++) {
            add_bgr(out, rgb + ((size_t)y * (size_t)width + (size_t)x) * 3);
        }
        buf_add(out, "\0\0\0", pad);
    }
}

void picture_tga(struct buf *out, int width, int height, const uint8_t *rgb)
{
    const uint8_t head[12] = { 0, 0, 2 };
    buf_add(out, head, 12);
    add_le16(out, (unsigned)width);
    add_le16(out, (unsigned)height);
    buf_addc(out, 24);
    buf_addc(out, 0x20); /* rows from top to bottom */
    for (size_t i = 0; i < (size_t)width * (size_t)height; i++) {
        add_bgr(out, rgb + 3 * i);
    }
}

/* -------------------------------------------------------------------- GIF */

/* Codes of 8 bits throughout: the table is cleared before it outgrows them. */
static void add_lzw(struct buf *codes, const uint8_t *indices, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i % 100 == 0) {
            buf_addc(codes, (char)128); /* clear */
        }
        buf_addc(codes, (char)indices[i]);
    }
    buf_addc(codes, (char)129); /* end */
}

void picture_gif(struct buf *out, int width, int height, const uint8_t *indices,
                 const uint8_t palette[128 * 3])
{
    struct buf codes = BUF_INIT;
    add_lzw(&codes, indices, (size_t)width * (size_t)height);
    buf_adds(out, "GIF89a");
    add_le16(out, (unsigned)width);
    add_le16(out, (unsigned)height);
    buf_add(out, "\xE6\0\0", 3); /* a global palette of 128 */
    buf_add(out, palette, (size_t)128 * 3);
    buf_addc(out, ',');
    add_le16(out, 0);
    add_le16(out, 0);
    add_le16(out, (unsigned)width);
    add_le16(out, (unsigned)height);
    buf_addc(out, 0);
    buf_addc(out, 7); /* bits of a literal */
    for (size_t at = 0; at < codes.len; at += 255) {
        size_t len = codes.len - at < 255 ? codes.len - at : 255;
        buf_addc(out, (char)len);
        buf_add(out, codes.data + at, len);
    }
    buf_add(out, "\0;", 2);
    buf_release(&codes);
}

/* ------------------------------------------------------------------- EXIF */

void picture_exif(uint8_t out[PICTURE_EXIF_SIZE], int orientation)
{
    static const uint8_t tiff[PICTURE_EXIF_SIZE] = {
        'I',  'I',  42, 0, 8, 0, 0, 0, /* little-endian, directory at 8 */
        1,    0,                       /* one entry */
        0x12, 0x01, 3,  0, 1, 0, 0, 0, /* orientation, one short */
        0,    0,    0,  0,             /* its value */
        0,    0,    0,  0,             /* no further directory */
    };
    memcpy(out, tiff, sizeof(tiff));
    out[18] = (uint8_t)orientation;
}
