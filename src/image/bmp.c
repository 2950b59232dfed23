/* BMP: headers of OS/2 and of all Windows versions, 1 to 32 bits per pixel, palettes, bit
 * masks, alpha, RLE4 and RLE8. A DIB lacks the first 14 bytes, which give the offset of
 * the pixels. */
#include "codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rows.h"

#define FILE_HEADER 14 /* "BM", size, offset of the pixels */
#define CORE_HEADER 12 /* OS/2 1.x: 16-bit sizes, 3-byte palette entries */

enum { RGB = 0, RLE8 = 1, RLE4 = 2, BITFIELDS = 3, ALPHABITFIELDS = 6 };

/* The bits of a colour in a pixel: (pixel >> shift) & most. */
struct mask {
    unsigned shift;
    uint32_t most; /* 0: the colour has no bits */
};

struct bmp {
    const uint8_t *bytes;
    size_t len;
    size_t start;    /* offset of the second header: FILE_HEADER, or 0 in a DIB */
    uint32_t header; /* its size in bytes */
    uint32_t width, height, bits, compression;
    uint32_t colors; /* entries of the palette */
    bool top_down;
    bool alpha;
    size_t pixels_at;    /* offset in the file */
    size_t stride;       /* bytes per row in the file */
    uint8_t *indices;    /* decoded run lengths, rows in file order; else NULL */
    uint32_t coded_rows; /* rows of indices decoded so far */
    struct mask masks[4];
    uint8_t palette[256][3];
};

static uint32_t le16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t le32(const uint8_t *p)
{
    return le16(p) | le16(p + 2) << 16;
}

/* ------------------------------------------------------------------ headers */

static bool read_sizes(struct bmp *b, struct error *err)
{
    b->start = memcmp(b->bytes, "BM", 2) == 0 ? FILE_HEADER : 0;
    const uint8_t *h = b->bytes + b->start;
    b->header = le32(h);
    if (b->header > b->len - b->start) {
        return error_set(err, ERROR_DATA, "BMP: the file ends inside its header");
    }
    bool core = b->header == CORE_HEADER;
    b->width = core ? le16(h + 4) : le32(h + 4);
    b->height = core ? le16(h + 6) : le32(h + 8);
    b->bits = le16(h + (core ? 10 : 14));
    b->compression = b->header >= 40 ? le32(h + 16) : (uint32_t)RGB;
    b->top_down = !core && b->height > INT32_MAX;
    b->height = b->top_down ? 0u - b->height : b->height;
    uint32_t most = b->bits <= 8 ? 1u << b->bits : 0;
    b->colors = b->header >= 40 ? le32(h + 32) : 0;
    b->colors = b->colors == 0 || b->colors > most ? most : b->colors;
    return true;
}

static bool is_supported(const struct bmp *b)
{
    switch (b->compression) {
    case RGB:
        return b->bits == 1 || b->bits == 2 || b->bits == 4 || b->bits == 8 || b->bits == 16 ||
               b->bits == 24 || b->bits == 32;
    case RLE8:
        return b->bits == 8;
    case RLE4:
        return b->bits == 4;
    case BITFIELDS: /* in the 64-byte OS/2 header it means a fax code */
        return b->header != 64 && (b->bits == 16 || b->bits == 24 || b->bits == 32);
    case ALPHABITFIELDS:
        return b->bits == 16 || b->bits == 32;
    default:
        return false;
    }
}

static struct mask mask_of(uint32_t bits)
{
    struct mask m = { .most = bits };
    while (m.most && !(m.most & 1)) {
        m.most >>= 1;
        m.shift++;
    }
    return m;
}

/* The masks are part of the longer headers, and follow a header of 40 bytes. */
static bool read_masks(struct bmp *b, size_t *palette_at, struct error *err)
{
    static const uint32_t of_16[4] = { 0x7C00, 0x3E0, 0x1F, 0 };
    static const uint32_t of_32[4] = { 0xFF0000, 0xFF00, 0xFF, 0 };
    const uint32_t *plain = b->bits == 16 ? of_16 : of_32;
    bool given = b->compression == BITFIELDS || b->compression == ALPHABITFIELDS;
    size_t count = b->header >= 56 || b->compression == ALPHABITFIELDS ? 4 : 3;
    size_t at = b->start + 40;
    if (given && at + 4 * count > b->len) {
        return error_set(err, ERROR_DATA, "BMP: the file ends inside its bit masks");
    }
    for (size_t i = 0; i < 4; i++) {
        uint32_t bits = !given ? plain[i] : i < count ? le32(b->bytes + at + 4 * i) : 0;
        b->masks[i] = mask_of(bits);
    }
    if (given && b->header < 52) {
        *palette_at += 4 * count;
    }
    b->alpha = b->masks[3].most != 0;
    return true;
}

static size_t entry_bytes(const struct bmp *b)
{
    return b->header == CORE_HEADER ? 3 : 4;
}

static void read_palette(struct bmp *b, size_t at, size_t end)
{
    for (size_t i = 0; i < b->colors && at + 3 <= end; i++, at += entry_bytes(b)) {
        b->palette[i][0] = b->bytes[at + 2];
        b->palette[i][1] = b->bytes[at + 1];
        b->palette[i][2] = b->bytes[at];
    }
}

/* The offset in the file header or, if that is impossible, right after the palette. */
static void place_pixels(struct bmp *b, size_t palette_at)
{
    size_t said = b->start ? le32(b->bytes + 10) : 0;
    if (said < palette_at || said > b->len) {
        said = palette_at + b->colors * entry_bytes(b);
        said = said < b->len ? said : b->len;
    }
    b->pixels_at = said;
}

static bool read_headers(struct bmp *b, struct error *err)
{
    if (!read_sizes(b, err)) {
        return false;
    }
    if (!is_supported(b)) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "BMP: %u bits per pixel with compression %u are not supported", b->bits,
                         b->compression);
    }
    size_t palette_at = b->start + b->header;
    if (b->bits > 8 && !read_masks(b, &palette_at, err)) {
        return false;
    }
    place_pixels(b, palette_at);
    if (b->bits <= 8) {
        read_palette(b, palette_at, b->pixels_at > palette_at ? b->pixels_at : b->len);
    }
    return true;
}

/* --------------------------------------------------------------- run lengths */

struct cursor {
    const uint8_t *at, *end;
    uint32_t x, y;
    bool ended; /* by an end-of-bitmap code */
};

static void put(struct bmp *b, struct cursor *c, uint8_t index)
{
    if (c->x < b->width && c->y < b->height) {
        b->indices[(size_t)c->y * b->width + c->x++] = index;
    }
}

/* Pixel i of the bytes: one byte each (RLE8), or half a byte, the upper half first. */
static uint8_t coded(const struct bmp *b, const uint8_t *bytes, size_t i)
{
    if (b->compression == RLE8) {
        return bytes[i];
    }
    return i % 2 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4;
}

static void put_run(struct bmp *b, struct cursor *c, unsigned count, uint8_t pair)
{
    for (unsigned i = 0; i < count; i++) {
        put(b, c, b->compression == RLE8 ? pair : coded(b, &pair, i % 2));
    }
}

/* A literal run, padded to 16 bits; false if the file ends within it. */
static bool put_plain(struct bmp *b, struct cursor *c, unsigned count)
{
    size_t bytes = b->compression == RLE8 ? count : (count + 1) / 2;
    bool whole = (size_t)(c->end - c->at) >= bytes;
    for (size_t i = 0; whole && i < count; i++) {
        put(b, c, coded(b, c->at, i));
    }
    size_t padded = bytes + bytes % 2;
    c->at += (size_t)(c->end - c->at) < padded ? (size_t)(c->end - c->at) : padded;
    return whole;
}

/* code 0: end of row; 1: end of the picture; 2: a jump; else the length of a literal run. */
static bool escape(struct bmp *b, struct cursor *c, unsigned code)
{
    if (code == 0) {
        c->x = 0;
        c->y++;
        return c->y < b->height;
    }
    if (code == 1) {
        c->ended = true;
        return false;
    }
    if (code > 2) {
        return put_plain(b, c, code);
    }
    if (c->end - c->at < 2) {
        return false;
    }
    c->x += c->at[0];
    c->y += c->at[1];
    c->at += 2;
    return c->y < b->height;
}

static void read_runs(struct bmp *b)
{
    struct cursor c = { b->bytes + b->pixels_at, b->bytes + b->len, 0, 0, false };
    while (c.end - c.at >= 2) {
        unsigned count = c.at[0];
        uint8_t value = c.at[1];
        c.at += 2;
        if (count > 0) {
            put_run(b, &c, count, value);
        } else if (!escape(b, &c, value)) {
            break;
        }
    }
    bool whole = c.ended || c.y >= b->height || (c.y == b->height - 1 && c.x == b->width);
    b->coded_rows = whole ? b->height : c.y;
}

/* --------------------------------------------------------------------- rows */

/* The sample scaled to 8 bits, rounded. */
static uint8_t sample(uint32_t pixel, struct mask m)
{
    uint64_t value = pixel >> m.shift & m.most;
    return m.most ? (uint8_t)((value * 255 + m.most / 2) / m.most) : 0;
}

static void row_of_indices(const struct bmp *b, const uint8_t *from, size_t count, uint8_t *to)
{
    uint32_t bits = b->indices ? 8 : b->bits;
    uint32_t per_byte = 8 / bits;
    for (size_t x = 0; x < count; x++, to += 3) {
        unsigned shift = (unsigned)(per_byte - 1 - x % per_byte) * bits;
        memcpy(to, b->palette[from[x / per_byte] >> shift & ((1u << bits) - 1)], 3);
    }
}

static void row_of_bgr(const uint8_t *from, size_t count, size_t step, uint8_t *to)
{
    for (size_t x = 0; x < count; x++, from += step, to += 3) {
        to[0] = from[2];
        to[1] = from[1];
        to[2] = from[0];
    }
}

static void row_of_masks(const struct bmp *b, const uint8_t *from, size_t count, uint8_t *to)
{
    size_t bytes = b->bits / 8, channels = b->alpha ? 4 : 3;
    for (size_t x = 0; x < count; x++, from += bytes, to += channels) {
        uint32_t pixel = bytes == 2   ? le16(from)
                         : bytes == 3 ? le16(from) | (uint32_t)from[2] << 16
                                      : le32(from);
        for (size_t c = 0; c < channels; c++) {
            to[c] = sample(pixel, b->masks[c]);
        }
    }
}

/* The number of pixels present in a row, counted in file order. */
static size_t pixels_there(const struct bmp *b, uint32_t file_row)
{
    if (b->indices) {
        return file_row < b->coded_rows ? b->width : 0;
    }
    uint64_t at = b->pixels_at + (uint64_t)file_row * b->stride;
    uint64_t left = at < b->len ? (b->len - at) * 8 / b->bits : 0;
    return left < b->width ? (size_t)left : b->width;
}

static size_t read_row(const struct bmp *b, uint32_t y, uint8_t *to)
{
    uint32_t file_row = b->top_down ? y : b->height - 1 - y;
    size_t there = pixels_there(b, file_row);
    int channels = b->alpha ? 4 : 3;
    const uint8_t *from = b->indices ? b->indices + (size_t)file_row * b->width
                          : there    ? b->bytes + b->pixels_at + (size_t)file_row * b->stride
                                     : NULL;
    bool bgr = b->compression == RGB && b->bits >= 24;
    if (there && b->bits <= 8) {
        row_of_indices(b, from, there, to);
    } else if (there && bgr) {
        row_of_bgr(from, there, b->bits / 8, to);
    } else if (there) {
        row_of_masks(b, from, there, to);
    }
    rows_grey(to + there * (size_t)channels, b->width - there, channels);
    return there;
}

static void read_rows(const struct bmp *b, struct rows *rows, struct codec_result *out)
{
    int whole = 0;
    while (rows->added < rows->height) {
        uint8_t *to = rows_next(rows);
        whole += read_row(b, (uint32_t)rows->added, to) == b->width;
        rows_add(rows);
    }
    rows_end(rows);
    if (whole < rows->height) {
        snprintf(out->damage, sizeof(out->damage), "the file ends early, with %d of %d rows", whole,
                 rows->height);
    }
}

static bool unpack(struct bmp *b, struct error *err)
{
    if (b->compression != RLE8 && b->compression != RLE4) {
        return true;
    }
    b->indices = mem_array(b->width, b->height); /* zeroed: skipped pixels get index 0 */
    if (!b->indices) {
        return error_nomem(err, (size_t)b->width * b->height, "a run-length coded picture");
    }
    read_runs(b);
    return true;
}

static bool decode_bmp(const struct codec_request *request, struct codec_result *out,
                       struct error *err)
{
    struct bmp b = { .bytes = request->bytes, .len = request->len };
    struct rows rows = { .added = 0 };
    if (!read_headers(&b, err) || !codec_size(request, b.width, b.height, out, err)) {
        return false;
    }
    if (b.pixels_at == b.len) {
        return error_set(err, ERROR_DATA, "BMP: the file ends before the first pixel");
    }
    b.stride = ((size_t)b.width * b.bits + 31) / 32 * 4;
    bool runs = b.compression == RLE8 || b.compression == RLE4;
    uint64_t extra = runs ? (uint64_t)b.width * b.height : 0;
    bool ok =
        rows_begin(&rows, request, out, b.alpha ? 4 : 3, false, extra, err) && unpack(&b, err);
    if (ok) {
        read_rows(&b, &rows, out);
    }
    free(b.indices);
    rows_release(&rows);
    return ok;
}

static void version(char *out, size_t size)
{
    snprintf(out, size, "%s", THUMBTAG_VERSION);
}

const struct codec codec_bmp = { .name = "built in", .version = version, .decode = decode_bmp };
