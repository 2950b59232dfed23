/* PNM: bitmaps, grey and colour maps, plain (P1, P2, P3) and raw (P4, P5, P6),
 * samples up to 65535. stb_image reads beyond its buffer on raw ones of 16
 * bits, and knows no bitmaps. */
#include "codec.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#include "rows.h"

struct pnm {
    const uint8_t *at, *end;
    bool plain, bitmap;
    unsigned channels; /* of the file: 1 or 3 */
    unsigned long width, height, most;
};

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_space(struct pnm *p)
{
    while (p->at < p->end && (is_space(*p->at) || *p->at == '#')) {
        if (*p->at == '#') {
            while (p->at < p->end && *p->at != '\n' && *p->at != '\r') {
                p->at++;
            }
        } else {
            p->at++;
        }
    }
}

/* A decimal number of at most 9 digits. */
static bool read_number(struct pnm *p, unsigned long *number)
{
    int digits = 0;
    *number = 0;
    skip_space(p);
    for (; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++) {
        if (++digits > 9) {
            return false;
        }
        *number = *number * 10 + (unsigned long)(*p->at - '0');
    }
    return digits > 0;
}

/* "P6 width height maxval" and one white space; bitmaps have no maxval. */
static bool read_header(struct pnm *p, struct error *err)
{
    unsigned kind = (unsigned)(p->at[1] - '0');
    p->plain = kind <= 3;
    p->bitmap = kind % 3 == 1;
    p->channels = kind % 3 == 0 ? 3 : 1;
    p->most = 1;
    p->at += 2;
    if (!read_number(p, &p->width) || !read_number(p, &p->height) ||
        (!p->bitmap && !read_number(p, &p->most)) || p->at >= p->end || !is_space(*p->at)) {
        return error_set(err, ERROR_DATA, "PNM: a broken header");
    }
    if (p->most < 1 || p->most > 65535) {
        return error_set(err, ERROR_DATA, "PNM: a largest sample of %lu, the limit is 65535",
                         p->most);
    }
    p->at++;
    return true;
}

static bool read_sample(struct pnm *p, unsigned long *sample)
{
    if (p->plain) {
        return read_number(p, sample);
    }
    ptrdiff_t bytes = p->most > 255 ? 2 : 1;
    if (p->end - p->at < bytes) {
        return false;
    }
    *sample = bytes == 2 ? (unsigned long)p->at[0] << 8 | p->at[1] : p->at[0];
    p->at += bytes;
    return true;
}

static bool read_pixel(struct pnm *p, uint8_t rgb[3])
{
    for (unsigned c = 0; c < p->channels; c++) {
        unsigned long sample;
        if (!read_sample(p, &sample)) {
            return false;
        }
        sample = sample > p->most ? p->most : sample;
        rgb[c] = (uint8_t)((sample * 255 + p->most / 2) / p->most);
    }
    if (p->channels == 1) {
        rgb[1] = rgb[2] = rgb[0];
    }
    return true;
}

/* 1 is black. Raw rows begin at a byte; plain digits need nothing between. */
static bool read_bit(struct pnm *p, size_t x, uint8_t rgb[3])
{
    if (p->plain) {
        skip_space(p);
    }
    if (p->at == p->end || (p->plain && *p->at != '0' && *p->at != '1')) {
        return false;
    }
    bool black = p->plain ? *p->at == '1' : *p->at >> (7 - x % 8) & 1;
    p->at += p->plain || x % 8 == 7 || x == p->width - 1;
    rgb[0] = rgb[1] = rgb[2] = black ? 0 : 255;
    return true;
}

/* The pixels that are there. */
static size_t read_row(struct pnm *p, uint8_t *to)
{
    size_t bytes = (size_t)p->width * 3;
    size_t x = 0;
    if (!p->plain && p->channels == 3 && p->most == 255 && (size_t)(p->end - p->at) >= bytes) {
        memcpy(to, p->at, bytes);
        p->at += bytes;
        return p->width;
    }
    while (x < p->width && (p->bitmap ? read_bit(p, x, to + 3 * x) : read_pixel(p, to + 3 * x))) {
        x++;
    }
    return x;
}

static void read_rows(struct pnm *p, struct rows *rows, struct codec_result *out)
{
    while (rows->added < rows->height) {
        uint8_t *row = rows_next(rows);
        size_t there = read_row(p, row);
        if (there < p->width) {
            snprintf(out->damage, sizeof(out->damage), "%s, at row %d of %d",
                     p->at == p->end || !p->plain ? "the file ends early" : "not a number",
                     rows->added, out->height);
            rows_grey(row + 3 * there, p->width - there, 3);
            rows_add(rows);
            break;
        }
        rows_add(rows);
    }
    rows_end(rows);
}

static bool decode(const struct codec_request *request, struct codec_result *out, struct error *err)
{
    struct pnm p = { .at = request->bytes, .end = request->bytes + request->len };
    struct rows rows = { .added = 0 };
    if (!read_header(&p, err) || !codec_size(request, p.width, p.height, out, err)) {
        return false;
    }
    if (p.at == p.end) {
        return error_set(err, ERROR_DATA, "PNM: the file ends before the first pixel");
    }
    bool ok = rows_begin(&rows, request, out, 3, false, 0, err);
    if (ok) {
        read_rows(&p, &rows, out);
    }
    rows_release(&rows);
    return ok;
}

static const char *match(const uint8_t *bytes, size_t len)
{
    bool kind = len >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6';
    return kind && (is_space(bytes[2]) || bytes[2] == '#') ? "PNM" : NULL;
}

static int orientation(const uint8_t *bytes, size_t len)
{
    (void)bytes;
    (void)len;
    return 1;
}

static void version(char *out, size_t size)
{
    snprintf(out, size, "%s", THUMBTAG_VERSION);
}

const struct codec codec_pnm = {
    .name = "built in",
    .formats = "PNM",
    .version = version,
    .match = match,
    .orientation = orientation,
    .decode = decode,
};
