/* PNM: bitmaps, greymaps and pixmaps, plain (P1, P2, P3) and raw (P4, P5, P6), and PAM
 * (P7), which can add alpha to grey or colour; samples up to 65535. */
#include "codec.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "levels.h"
#include "rows.h"

struct pnm {
    const uint8_t *at, *end;
    bool plain, bitmap;
    unsigned depth; /* samples per pixel in the file, 1 to 4; of 2 and 4 the last is alpha */
    unsigned long width, height, most;
    struct levels levels; /* of 16-bit samples */
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

/* Reads a decimal number of at most 9 digits, after white space and comments. */
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
    p->depth = kind % 3 == 0 ? 3 : 1;
    p->most = 1;
    p->at += 2;
    if (!read_number(p, &p->width) || !read_number(p, &p->height) ||
        (!p->bitmap && !read_number(p, &p->most)) || p->at >= p->end || !is_space(*p->at)) {
        return error_set(err, ERROR_DATA, "PNM: corrupt header");
    }
    p->at++;
    return true;
}

/* The next line of a PAM header that is not empty or a comment. */
static bool next_line(struct pnm *p, const uint8_t **line, size_t *len)
{
    do {
        const uint8_t *end = memchr(p->at, '\n', (size_t)(p->end - p->at));
        if (!end) {
            return false;
        }
        while (p->at < end && is_space(*p->at)) {
            p->at++;
        }
        *line = p->at;
        *len = (size_t)(end - p->at);
        p->at = end + 1;
    } while (*len == 0 || **line == '#');
    return true;
}

/* Parses "NAME number". */
static bool read_setting(const uint8_t *line, size_t len, const char *name, unsigned long *number)
{
    size_t size = strlen(name);
    struct pnm rest = { .at = line + size, .end = line + len };
    return len > size && memcmp(line, name, size) == 0 && is_space(line[size]) &&
           read_number(&rest, number);
}

/* Lines of a name and a value, up to ENDHDR. TUPLTYPE is ignored: DEPTH tells the same. */
static bool read_pam_header(struct pnm *p, struct error *err)
{
    const uint8_t *line;
    size_t len;
    unsigned long depth = 0;
    p->at += 3;
    while (next_line(p, &line, &len)) {
        if (len >= 6 && memcmp(line, "ENDHDR", 6) == 0) {
            p->depth = (unsigned)depth;
            return (depth >= 1 && depth <= 4) ||
                   error_set(err, ERROR_UNSUPPORTED, "PAM: %lu samples per pixel, must be 1 to 4",
                             depth);
        }
        (void)(read_setting(line, len, "WIDTH", &p->width) ||
               read_setting(line, len, "HEIGHT", &p->height) ||
               read_setting(line, len, "DEPTH", &depth) ||
               read_setting(line, len, "MAXVAL", &p->most));
    }
    return error_set(err, ERROR_DATA, "PAM: corrupt header");
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

/* Channels of the result. */
static int channels_of(const struct pnm *p)
{
    return p->depth % 2 ? 3 : 4;
}

static bool read_pixel(struct pnm *p, uint8_t *to)
{
    uint8_t samples[4];
    unsigned colors = p->depth < 3 ? 1 : 3;
    for (unsigned c = 0; c < p->depth; c++) {
        unsigned long sample;
        if (!read_sample(p, &sample)) {
            return false;
        }
        sample = sample > p->most ? p->most : sample;
        samples[c] = (uint8_t)((sample * 255 + p->most / 2) / p->most);
        if (p->most > 255 && c < colors) {
            uint32_t level = (uint32_t)((uint64_t)sample * 65535 / p->most);
            samples[c] = levels_sample(&p->levels, level, samples[c]);
        }
    }
    for (unsigned c = 0; c < 3; c++) {
        to[c] = samples[p->depth < 3 ? 0 : c];
    }
    if (channels_of(p) == 4) {
        to[3] = samples[p->depth - 1];
    }
    return true;
}

/* 1 is black. Raw rows start at a byte; plain digits need no separator. */
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

/* Returns the number of pixels present in the row. */
static size_t read_row(struct pnm *p, uint8_t *to)
{
    size_t bytes = (size_t)p->width * p->depth, channels = (size_t)channels_of(p);
    size_t x = 0;
    if (!p->plain && p->depth >= 3 && p->most == 255 && (size_t)(p->end - p->at) >= bytes) {
        memcpy(to, p->at, bytes);
        p->at += bytes;
        return p->width;
    }
    while (x < p->width && (p->bitmap ? read_bit(p, x, to) : read_pixel(p, to))) {
        x++;
        to += channels;
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
                     p->at == p->end || !p->plain ? "the file ends early"
                                                  : "a sample is not a number",
                     rows->added, out->height);
            rows_grey(row + there * (size_t)channels_of(p), p->width - there, channels_of(p));
            rows_add(rows);
            break;
        }
        rows_add(rows);
    }
    rows_end(rows);
}

static bool decode_once(const struct codec_request *request, struct levels *levels,
                        struct codec_result *out, struct error *err)
{
    struct pnm p = { .at = request->bytes,
                     .end = request->bytes + request->len,
                     .levels = *levels };
    struct rows rows = { .added = 0 };
    bool pam = p.at[1] == '7';
    if (!(pam ? read_pam_header : read_header)(&p, err) ||
        !codec_size(request, p.width, p.height, out, err)) {
        return false;
    }
    if (p.most < 1 || p.most > 65535) {
        return error_set(err, ERROR_DATA, "%s: maximum sample value %lu, the limit is 65535",
                         request->format, p.most);
    }
    if (p.at == p.end) {
        return error_set(err, ERROR_DATA, "%s: the file ends before the first pixel",
                         request->format);
    }
    bool ok = rows_begin(&rows, request, out, channels_of(&p), false, 0, err);
    if (ok) {
        read_rows(&p, &rows, out);
    }
    rows_release(&rows);
    *levels = p.levels;
    return ok;
}

static bool decode_pnm(const struct codec_request *request, struct codec_result *out,
                       struct error *err)
{
    return levels_decode(decode_once, request, out, err);
}

static void version(char *out, size_t size)
{
    snprintf(out, size, "%s", THUMBTAG_VERSION);
}

const struct codec codec_pnm = { .name = "built in", .version = version, .decode = decode_pnm };
