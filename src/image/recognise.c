#include "recognise.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "tiff.h"

static unsigned le16(const uint8_t *p)
{
    return (unsigned)p[0] | (unsigned)p[1] << 8;
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ----------------------------------------------------- formats that are read */

/* One of the header sizes in use. */
static bool is_bmp_header(const uint8_t *b)
{
    static const uint8_t headers[] = { 12, 16, 40, 52, 56, 64, 108, 124 };
    return memcmp(b + 1, "\0\0", 3) == 0 && memchr(headers, b[0], sizeof headers);
}

/* "BM" and a header; or the header alone, with one plane and a valid bit depth. */
bool looks_like_bmp(const uint8_t *b, size_t len)
{
    static const uint8_t bits[] = { 1, 4, 8, 16, 24, 32 };
    if (len >= 18 && memcmp(b, "BM", 2) == 0) {
        return is_bmp_header(b + 14);
    }
    return len >= 40 && is_bmp_header(b) && b[0] >= 40 && le16(b + 12) == 1 && b[15] == 0 &&
           memchr(bits, b[14], sizeof bits);
}

bool looks_like_pnm(const uint8_t *b, size_t len)
{
    return len >= 3 && b[0] == 'P' && b[1] >= '1' && b[1] <= '6' && (is_space(b[2]) || b[2] == '#');
}

bool looks_like_pam(const uint8_t *b, size_t len)
{
    return len >= 3 && memcmp(b, "P7", 2) == 0 && (b[2] == '\n' || b[2] == '\r');
}

bool looks_like_webp(const uint8_t *b, size_t len)
{
    return len >= 12 && memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WEBP", 4) == 0;
}

/* TGA has no magic bytes: all fields of its 18-byte header must be consistent. */
bool looks_like_tga(const uint8_t *b, size_t len)
{
    if (len < 18 || b[1] > 1 || le16(b + 12) == 0 || le16(b + 14) == 0) {
        return false;
    }
    unsigned kind = b[2] & ~8u; /* 8: run-length coded */
    unsigned bits = b[16];
    bool alpha_fits = (b[17] & 0xC0) == 0 && (b[17] & 0x0F) <= 8;
    if (b[2] > 11 || !alpha_fits) {
        return false;
    }
    switch (kind) {
    case 1: /* palette */
        return b[1] == 1 && (bits == 8 || bits == 16) && le16(b + 5) > 0 &&
               (b[7] == 15 || b[7] == 16 || b[7] == 24 || b[7] == 32);
    case 2: /* colours */
        return bits == 15 || bits == 16 || bits == 24 || bits == 32;
    case 3: /* grey */
        return b[1] == 0 && (bits == 8 || bits == 16);
    default:
        return false;
    }
}

/* ------------------------------------------------------------- ISO base media */

/* True if the leading box "ftyp" has one of these brands (4 characters each), as its major
 * or a compatible brand. The box: size, "ftyp", major brand, version, compatible brands. */
static bool has_brand(const uint8_t *b, size_t len, const char *brands)
{
    if (len < 16 || memcmp(b + 4, "ftyp", 4) != 0) {
        return false;
    }
    size_t end = be32(b) < len ? be32(b) : len;
    for (size_t at = 8; at + 4 <= end; at += at == 8 ? 8 : 4) {
        for (const char *brand = brands; *brand; brand += 4) {
            if (memcmp(b + at, brand, 4) == 0) {
                return true;
            }
        }
    }
    return false;
}

bool looks_like_avif(const uint8_t *b, size_t len)
{
    return has_brand(b, len, "avifavis");
}

bool looks_like_heic(const uint8_t *b, size_t len)
{
    return has_brand(b, len, "heicheixheimheishevchevxhevmhevs");
}

bool looks_like_heif(const uint8_t *b, size_t len)
{
    return has_brand(b, len, "mif1mif2msf1miaf");
}

bool looks_like_cr3(const uint8_t *b, size_t len)
{
    return has_brand(b, len, "crx ");
}

/* Any other brand, and old QuickTime files without brands. */
bool looks_like_video(const uint8_t *b, size_t len)
{
    static const char boxes[][5] = { "ftyp", "moov", "mdat", "wide", "skip", "pnot" };
    for (size_t i = 0; len >= 8 && i < ARRAY_LEN(boxes); i++) {
        if (memcmp(b + 4, boxes[i], 4) == 0) {
            return true;
        }
    }
    return false;
}

/* -------------------------------------------------------------- camera raw */

bool looks_like_dng(const uint8_t *b, size_t len)
{
    struct tiff tiff;
    struct tiff_field field;
    return tiff_open(&tiff, b, len) && tiff_find(&tiff, TIFF_TAG_DNG_VERSION, &field);
}

/* True if the maker matches and the first picture is a preview beside raw data. A TIFF
 * exported by a maker's program has no such second picture. */
static bool made_by(const uint8_t *b, size_t len, const char *maker)
{
    struct tiff tiff;
    struct tiff_field make, field;
    if (!tiff_open(&tiff, b, len) || !tiff_find(&tiff, TIFF_TAG_MAKE, &make) ||
        make.bytes < strlen(maker) ||
        strncasecmp((const char *)make.data, maker, strlen(maker)) != 0) {
        return false;
    }
    bool small =
        tiff_find(&tiff, TIFF_TAG_NEW_SUBFILE_TYPE, &field) && tiff_number(&tiff, &field) == 1;
    return small || tiff_find(&tiff, TIFF_TAG_SUB_IFDS, &field);
}

bool looks_like_nef(const uint8_t *b, size_t len)
{
    return made_by(b, len, "NIKON");
}

bool looks_like_arw(const uint8_t *b, size_t len)
{
    return made_by(b, len, "SONY");
}

bool looks_like_pef(const uint8_t *b, size_t len)
{
    return made_by(b, len, "PENTAX") || made_by(b, len, "RICOH");
}

bool looks_like_srw(const uint8_t *b, size_t len)
{
    return made_by(b, len, "SAMSUNG");
}

/* -------------------------------------------------------------------- text */

/* The first tag that is neither a comment nor a declaration; NULL if the text does not
 * start with markup. */
static const uint8_t *first_tag(const uint8_t *at, const uint8_t *end)
{
    if (end - at >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) {
        at += 3;
    }
    for (;;) {
        while (at < end && is_space(*at)) {
            at++;
        }
        if (end - at < 5 || *at != '<' || (at[1] != '!' && at[1] != '?')) {
            return end - at >= 5 && *at == '<' ? at : NULL;
        }
        if (strncasecmp((const char *)at, "<!doctype", end - at < 9 ? (size_t)(end - at) : 9) ==
            0) {
            return at;
        }
        bool comment = memcmp(at, "<!--", 4) == 0;
        const uint8_t *close =
            memmem(at, (size_t)(end - at), comment ? "-->" : ">", comment ? 3 : 1);
        if (!close) {
            return NULL;
        }
        at = close + (comment ? 3 : 1);
    }
}

static bool names_tag(const uint8_t *b, size_t len, const char *const *names, size_t count)
{
    const uint8_t *tag = first_tag(b, b + len);
    for (size_t i = 0; tag && i < count; i++) {
        size_t size = strlen(names[i]);
        if (size <= (size_t)(b + len - tag) &&
            strncasecmp((const char *)tag, names[i], size) == 0) {
            return true;
        }
    }
    return false;
}

bool looks_like_svg(const uint8_t *b, size_t len)
{
    static const char *const names[] = { "<svg", "<!doctype svg", "<svg:svg" };
    return names_tag(b, len, names, ARRAY_LEN(names));
}

bool looks_like_html(const uint8_t *b, size_t len)
{
    static const char *const names[] = { "<html", "<!doctype html", "<head", "<body" };
    return names_tag(b, len, names, ARRAY_LEN(names));
}
