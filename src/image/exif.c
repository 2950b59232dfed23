#include "exif.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libexif/exif-data.h>
#include <libexif/exif-utils.h>

/* A JPEG segment holds at most this; longer blocks elsewhere are cut, since
 * the orientation stands near the beginning. */
#define EXIF_BLOCK_MAX 65533

static const char exif_prefix[6] = "Exif\0";

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static bool has_prefix(const uint8_t *block, size_t len)
{
    return len >= sizeof(exif_prefix) && memcmp(block, exif_prefix, sizeof(exif_prefix)) == 0;
}

/* block: "Exif\0\0" and a TIFF structure. */
static int parse(const uint8_t *block, size_t len)
{
    int orientation = 1;
    ExifData *data = exif_data_new();
    if (!data) {
        return 1;
    }
    exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_set_option(data, EXIF_DATA_OPTION_DONT_CHANGE_MAKER_NOTE);
    exif_data_load_data(data, block, (unsigned int)len);
    ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
    if (entry && entry->format == EXIF_FORMAT_SHORT && entry->size >= 2) {
        int value = exif_get_short(entry->data, exif_data_get_byte_order(data));
        if (value >= 1 && value <= 8) {
            orientation = value;
        }
    }
    exif_data_unref(data);
    return orientation;
}

/* tiff: a TIFF structure, with or without the prefix that only JPEG needs. */
static int parse_tiff(const uint8_t *tiff, size_t len)
{
    if (has_prefix(tiff, len)) {
        tiff += sizeof(exif_prefix);
        len -= sizeof(exif_prefix);
    }
    if (len > EXIF_BLOCK_MAX - sizeof(exif_prefix)) {
        len = EXIF_BLOCK_MAX - sizeof(exif_prefix);
    }
    uint8_t *block = malloc(sizeof(exif_prefix) + len);
    if (!block) {
        return 1;
    }
    memcpy(block, exif_prefix, sizeof(exif_prefix));
    memcpy(block + sizeof(exif_prefix), tiff, len);
    int orientation = parse(block, sizeof(exif_prefix) + len);
    free(block);
    return orientation;
}

/* Segments: FF, marker, 16-bit length that counts itself. APP1 is FF E1. */
int exif_orientation_jpeg(const uint8_t *bytes, size_t len)
{
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
        if (marker == 0xE1 && has_prefix(bytes + at + 4, size - 2)) {
            return parse(bytes + at + 4, size - 2);
        }
        at += 2 + size;
    }
    return 1;
}

/* Chunks behind 8 bytes of signature: big-endian length, type, data, CRC. */
int exif_orientation_png(const uint8_t *bytes, size_t len)
{
    size_t at = 8;
    while (len >= 12 && at <= len - 12) {
        size_t size = be32(bytes + at);
        if (size > len - at - 12) {
            break;
        }
        if (memcmp(bytes + at + 4, "eXIf", 4) == 0) {
            return parse_tiff(bytes + at + 8, size);
        }
        at += 12 + size;
    }
    return 1;
}

/* RIFF chunks behind "RIFF", size, "WEBP": type, little-endian length, data
 * padded to an even length. */
int exif_orientation_webp(const uint8_t *bytes, size_t len)
{
    size_t at = 12;
    while (len >= 8 && at <= len - 8) {
        size_t size = le32(bytes + at + 4);
        if (size > len - at - 8) {
            break;
        }
        if (memcmp(bytes + at, "EXIF", 4) == 0) {
            return parse_tiff(bytes + at + 8, size);
        }
        at += 8 + size + (size & 1);
    }
    return 1;
}
