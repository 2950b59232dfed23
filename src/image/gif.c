/* GIF: the first frame, placed on the logical screen. The area around the frame is
 * transparent if the frame has a transparent colour, else colour 0, as in Pillow. */
#include "codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rows.h"

#define CODES 4096
#define NO_COLOR 256

struct frame {
    uint32_t x, y, width, height;
    bool interlaced;
    unsigned transparent; /* index, or NO_COLOR */
    uint8_t palette[256][3];
    uint8_t *indices; /* width * height, rows in file order */
    size_t there;     /* indices decoded so far */
};

struct gif {
    const uint8_t *at, *end;
    uint32_t width, height; /* of the logical screen */
    struct frame frame;
};

static uint32_t le16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static size_t left(const struct gif *g)
{
    return (size_t)(g->end - g->at);
}

static bool ends_early(struct error *err)
{
    return error_set(err, ERROR_DATA, "GIF: the file ends before the first pixel");
}

/* -------------------------------------------------------------------- blocks */

/* flags: 0x80 a palette follows, 0x07 its size: 2^(n+1) entries. */
static bool read_palette(struct gif *g, uint8_t flags, uint8_t palette[256][3], struct error *err)
{
    size_t bytes = (flags & 0x80) ? 3u << ((flags & 7) + 1) : 0;
    if (left(g) < bytes) {
        return ends_early(err);
    }
    if (bytes > 0) {
        memset(palette, 0, 256 * 3);
        memcpy(palette, g->at, bytes);
    }
    g->at += bytes;
    return true;
}

/* Without a palette the indices are grey levels. */
static bool read_screen(struct gif *g, struct error *err)
{
    if (left(g) < 13) {
        return ends_early(err);
    }
    g->width = le16(g->at + 6);
    g->height = le16(g->at + 8);
    uint8_t flags = g->at[10];
    g->at += 13;
    for (size_t i = 0; i < 256; i++) {
        memset(g->frame.palette[i], (int)i, 3);
    }
    return read_palette(g, flags, g->frame.palette, err);
}

/* Skips sub-blocks: each a length and that many bytes; a length of 0 ends them. */
static void skip_blocks(struct gif *g)
{
    while (left(g) > 0) {
        size_t size = *g->at++;
        if (size == 0) {
            return;
        }
        g->at += size < left(g) ? size : left(g);
    }
}

/* Only the graphic control extension counts: F9, length 4: flags (0x01: has a transparent
 * index), delay (2 bytes), the index. */
static void read_extension(struct gif *g)
{
    if (left(g) >= 6 && g->at[0] == 0xF9 && g->at[1] >= 4) {
        g->frame.transparent = (g->at[2] & 1) ? g->at[5] : NO_COLOR;
    }
    g->at += left(g) > 0;
    skip_blocks(g);
}

/* Moves to the first frame and reads its position. Skips stray bytes between blocks. */
static bool find_frame(struct gif *g, struct error *err)
{
    struct frame *f = &g->frame;
    f->transparent = NO_COLOR;
    while (left(g) > 0) {
        uint8_t kind = *g->at++;
        if (kind == '!') {
            read_extension(g);
        } else if (kind == ';') {
            return error_set(err, ERROR_DATA, "GIF: contains no picture");
        } else if (kind == ',' && left(g) >= 9) {
            f->x = le16(g->at);
            f->y = le16(g->at + 2);
            f->width = le16(g->at + 4);
            f->height = le16(g->at + 6);
            uint8_t flags = g->at[8];
            f->interlaced = flags & 0x40;
            g->at += 9;
            return read_palette(g, flags, f->palette, err);
        }
    }
    return ends_early(err);
}

/* Enlarges the screen to contain the frame. */
static void fit_screen(struct gif *g)
{
    const struct frame *f = &g->frame;
    g->width = f->x + f->width > g->width ? f->x + f->width : g->width;
    g->height = f->y + f->height > g->height ? f->y + f->height : g->height;
}

/* ----------------------------------------------------------------------- LZW */

struct lzw {
    struct gif *g;
    size_t block;  /* bytes left in the sub-block */
    uint32_t bits; /* read but not yet consumed */
    unsigned count;
    uint16_t prefix[CODES], length[CODES];
    uint8_t first[CODES], last[CODES];
};

static bool next_byte(struct lzw *z, uint8_t *byte)
{
    struct gif *g = z->g;
    if (z->block == 0) {
        z->block = left(g) > 0 ? *g->at++ : 0;
    }
    if (z->block == 0 || left(g) == 0) {
        return false;
    }
    z->block--;
    *byte = *g->at++;
    return true;
}

/* Reads the next code of that many bits; false at the end of the data. */
static bool next_code(struct lzw *z, unsigned bits, unsigned *code)
{
    while (z->count < bits) {
        uint8_t byte;
        if (!next_byte(z, &byte)) {
            return false;
        }
        z->bits |= (uint32_t)byte << z->count;
        z->count += 8;
    }
    *code = z->bits & ((1u << bits) - 1);
    z->bits >>= bits;
    z->count -= bits;
    return true;
}

/* Writes a code's string, from its end backwards; what exceeds `room` is dropped. */
static void put_string(struct lzw *z, unsigned code, uint8_t *to, size_t room)
{
    for (size_t i = z->length[code]; i-- > 0; code = z->prefix[code]) {
        if (i < room) {
            to[i] = z->last[code];
        }
    }
}

static void add_code(struct lzw *z, unsigned code, unsigned prefix, uint8_t last)
{
    z->prefix[code] = (uint16_t)prefix;
    z->length[code] = (uint16_t)(z->length[prefix] + 1);
    z->first[code] = z->first[prefix];
    z->last[code] = last;
}

static void add_literals(struct lzw *z, unsigned clear)
{
    for (unsigned i = 0; i < clear; i++) {
        z->length[i] = 1;
        z->first[i] = z->last[i] = (uint8_t)i;
    }
}

/* Decodes LZW codes of `size` + 1 to 12 bits: literals, clear, end, then strings. */
static void read_codes(struct lzw *z, unsigned size)
{
    struct frame *f = &z->g->frame;
    const size_t total = (size_t)f->width * f->height;
    const unsigned clear = 1u << size, none = CODES;
    unsigned next = clear + 2, bits = size + 1, before = none, code;
    add_literals(z, clear);
    while (f->there < total && next_code(z, bits, &code) && code != clear + 1) {
        if (code == clear) {
            next = clear + 2;
            bits = size + 1;
            before = none;
            continue;
        }
        bool known = code < next;
        if (!known && (code > next || before == none || next == CODES)) {
            return;
        }
        if (before != none && next < CODES) {
            add_code(z, next++, before, z->first[known ? code : before]);
            bits += next == 1u << bits && bits < 12;
        }
        size_t room = total - f->there;
        put_string(z, code, f->indices + f->there, room);
        f->there += z->length[code] < room ? z->length[code] : room;
        before = code;
    }
}

static bool read_indices(struct gif *g, struct error *err)
{
    struct frame *f = &g->frame;
    unsigned size = left(g) > 0 ? *g->at++ : 0;
    if (size < 1 || size > 8) {
        return error_set(err, ERROR_DATA, "GIF: LZW code size %u, must be 1 to 8", size);
    }
    struct lzw *z = calloc(1, sizeof *z);
    f->indices = mem_array(f->width, f->height);
    if (!z || !f->indices) {
        free(z);
        return error_nomem(err, (size_t)f->width * f->height, "a GIF frame");
    }
    z->g = g;
    read_codes(z, size);
    free(z);
    return f->there > 0 || ends_early(err);
}

/* ---------------------------------------------------------------------- rows */

/* The file row that contains row y. An interlaced frame stores every eighth row first,
 * then the rows half-way between them, and so on. */
static uint32_t place_of(const struct frame *f, uint32_t y)
{
    uint32_t h = f->height;
    if (!f->interlaced) {
        return y;
    }
    if (y % 8 == 0) {
        return y / 8;
    }
    if (y % 8 == 4) {
        return (h + 7) / 8 + y / 8;
    }
    return y % 4 == 2 ? (h + 3) / 4 + y / 4 : (h + 1) / 2 + y / 2;
}

/* The number of pixels present in row y. */
static size_t pixels_there(const struct frame *f, uint32_t y)
{
    size_t start = (size_t)place_of(f, y) * f->width;
    size_t count = f->there > start ? f->there - start : 0;
    return count < f->width ? count : f->width;
}

static void put_color(const struct frame *f, unsigned index, int channels, uint8_t *to)
{
    memcpy(to, f->palette[index], 3);
    if (channels == 4) {
        to[3] = index == f->transparent ? 0 : 255;
    }
}

static void put_row(const struct gif *g, uint32_t y, int channels, uint8_t *to)
{
    const struct frame *f = &g->frame;
    unsigned around = f->transparent == NO_COLOR ? 0 : f->transparent;
    for (uint32_t x = 0; x < g->width; x++) {
        put_color(f, around, channels, to + x * (size_t)channels);
    }
    if (y < f->y || y - f->y >= f->height) {
        return;
    }
    y -= f->y;
    to += f->x * (size_t)channels;
    while (f->interlaced && y > 0 && pixels_there(f, y) < f->width) {
        y--; /* show the row above instead */
    }
    size_t there = pixels_there(f, y);
    const uint8_t *from = f->indices + (size_t)place_of(f, y) * f->width;
    for (size_t x = 0; x < there; x++) {
        put_color(f, from[x], channels, to + x * (size_t)channels);
    }
    rows_grey(to + there * (size_t)channels, f->width - there, channels);
}

static void read_rows(const struct gif *g, struct rows *rows, struct codec_result *out)
{
    const struct frame *f = &g->frame;
    while (rows->added < rows->height) {
        put_row(g, (uint32_t)rows->added, rows->image->channels, rows_next(rows));
        rows_add(rows);
    }
    rows_end(rows);
    if (f->there < (size_t)f->width * f->height) {
        snprintf(out->damage, sizeof(out->damage), "the data end early, at row %zu of %u",
                 f->there / f->width, f->height);
    }
}

static bool decode_gif(const struct codec_request *request, struct codec_result *out,
                       struct error *err)
{
    struct gif g = { .at = request->bytes, .end = request->bytes + request->len };
    struct frame *f = &g.frame;
    struct rows rows = { .added = 0 };
    if (!read_screen(&g, err) || !find_frame(&g, err)) {
        return false;
    }
    fit_screen(&g);
    if (f->width == 0 || f->height == 0) {
        return error_set(err, ERROR_DATA, "GIF: invalid size of %ux%u pixels for the first frame",
                         f->width, f->height);
    }
    uint64_t extra = (uint64_t)f->width * f->height + sizeof(struct lzw);
    bool ok =
        codec_size(request, g.width, g.height, out, err) &&
        rows_begin(&rows, request, out, f->transparent == NO_COLOR ? 3 : 4, false, extra, err) &&
        read_indices(&g, err);
    if (ok) {
        read_rows(&g, &rows, out);
    }
    free(f->indices);
    rows_release(&rows);
    return ok;
}

static void version(char *out, size_t size)
{
    snprintf(out, size, "%s", THUMBTAG_VERSION);
}

const struct codec codec_gif = { .name = "built in", .version = version, .decode = decode_gif };
