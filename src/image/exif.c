#include "exif.h"

#include <stdbool.h>
#include <string.h>

#include "tiff.h"

struct span {
    const uint8_t *bytes; /* NULL: absent */
    size_t len;
};

struct metadata {
    struct span exif, xmp; /* the first of each in the file */
};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void keep_first(struct span *span, const uint8_t *bytes, size_t len)
{
    if (!span->bytes) {
        *span = (struct span){ bytes, len };
    }
}

/* The bytes after `prefix` and its terminating NUL; NULL if they do not start with it. */
static struct span behind(const uint8_t *bytes, size_t len, const char *prefix)
{
    size_t size = strlen(prefix) + 1;
    if (len < size || memcmp(bytes, prefix, size) != 0) {
        return (struct span){ NULL, 0 };
    }
    return (struct span){ bytes + size, len - size };
}

#define PREFIX 6

static bool has_prefix(const uint8_t *bytes, size_t len)
{
    return len >= PREFIX && memcmp(bytes, "Exif\0", PREFIX) == 0;
}

/* ------------------------------------------------------------- orientation */

/* The unchecked value of the tag; 0 if absent. A prefix before the TIFF structure is
 * mandatory in JPEG and occurs in other formats. */
static double exif_tag(struct span exif)
{
    struct tiff tiff;
    struct tiff_field field;
    if (exif.bytes && has_prefix(exif.bytes, exif.len)) {
        exif = (struct span){ exif.bytes + PREFIX, exif.len - PREFIX };
    }
    bool found = exif.bytes && tiff_open(&tiff, exif.bytes, exif.len) &&
                 tiff_find(&tiff, TIFF_TAG_ORIENTATION, &field);
    return found ? tiff_number(&tiff, &field) : 0;
}

/* The value of the attribute tiff:Orientation="6", or of an element of that name. */
static int xmp_tag(struct span xmp)
{
    static const char name[] = "tiff:Orientation";
    const uint8_t *at = xmp.bytes, *end = at ? at + xmp.len : NULL;
    while (at && (at = memmem(at, (size_t)(end - at), name, sizeof name - 1))) {
        at += sizeof name - 1;
        size_t left = (size_t)(end - at);
        size_t skip = left > 2 && memcmp(at, "=\"", 2) == 0 ? 2 : left > 1 && *at == '>' ? 1 : 0;
        if (skip && at[skip] >= '0' && at[skip] <= '9') {
            return at[skip] - '0';
        }
    }
    return 0;
}

static int orientation_of(const struct metadata *m)
{
    double tag = exif_tag(m->exif);
    int value = tag >= 0 && tag <= 8 && tag == (int)tag ? (int)tag : 1;
    if (tag == 0) {
        value = xmp_tag(m->xmp);
    }
    return value >= 1 && value <= 8 ? value : 1;
}

/* -------------------------------------------------------------- containers */

/* Segments: FF, marker, 16-bit length that includes itself. APP1 is FF E1. */
int exif_orientation_jpeg(const uint8_t *bytes, size_t len)
{
    struct metadata m = { .exif = { NULL, 0 } };
    size_t at = 2;
    while (at + 4 <= len && bytes[at] == 0xFF) {
        uint8_t marker = bytes[at + 1];
        if (marker == 0xFF) { /* a fill byte */
            at++;
            continue;
        }
        if (marker == 0xDA || marker == 0xD9) { /* the picture itself, or the end */
            break;
        }
        size_t size = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (size < 2 || size > len - at - 2) {
            break;
        }
        const uint8_t *data = bytes + at + 4;
        struct span xmp = behind(data, size - 2, "http://ns.adobe.com/xap/1.0/");
        if (marker == 0xE1 && has_prefix(data, size - 2)) {
            keep_first(&m.exif, data, size - 2);
        } else if (marker == 0xE1 && xmp.bytes) {
            keep_first(&m.xmp, xmp.bytes, xmp.len);
        }
        at += 2 + size;
    }
    return orientation_of(&m);
}

/* Chunks after 8 bytes of signature: big-endian length, type, data, CRC. The XMP packet
 * is an iTXt chunk; a compressed one is ignored (two bytes after the name tell). */
int exif_orientation_png(const uint8_t *bytes, size_t len)
{
    struct metadata m = { .exif = { NULL, 0 } };
    size_t at = 8;
    while (len >= 12 && at <= len - 12) {
        size_t size = be32(bytes + at);
        if (size > len - at - 12) {
            break;
        }
        const uint8_t *data = bytes + at + 8;
        struct span xmp = behind(data, size, "XML:com.adobe.xmp");
        if (memcmp(bytes + at + 4, "eXIf", 4) == 0) {
            keep_first(&m.exif, data, size);
        } else if (memcmp(bytes + at + 4, "iTXt", 4) == 0 && xmp.len > 2 && xmp.bytes[0] == 0) {
            keep_first(&m.xmp, xmp.bytes + 2, xmp.len - 2);
        }
        at += 12 + size;
    }
    return orientation_of(&m);
}

/* RIFF chunks after "RIFF", size, "WEBP": type, little-endian length, data
 * padded to an even length. */
int exif_orientation_webp(const uint8_t *bytes, size_t len)
{
    struct metadata m = { .exif = { NULL, 0 } };
    size_t at = 12;
    while (len >= 8 && at <= len - 8) {
        size_t size = le32(bytes + at + 4);
        if (size > len - at - 8) {
            break;
        }
        if (memcmp(bytes + at, "EXIF", 4) == 0) {
            keep_first(&m.exif, bytes + at + 8, size);
        } else if (memcmp(bytes + at, "XMP ", 4) == 0) {
            keep_first(&m.xmp, bytes + at + 8, size);
        }
        at += 8 + size + (size & 1);
    }
    return orientation_of(&m);
}
