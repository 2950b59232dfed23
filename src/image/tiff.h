/* Reads the first directory (IFD) of a TIFF structure, as in EXIF blocks and camera raw
 * files. Allocates nothing. Private to image. */
#ifndef IMAGE_TIFF_H
#define IMAGE_TIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tiff {
    const uint8_t *bytes; /* not owned */
    size_t len;
    bool big_endian;
    size_t entries; /* offset of the first entry; each has 12 bytes */
    size_t count;   /* of complete entries within len */
};

struct tiff_field {
    unsigned type;       /* TIFF's: 2 ASCII, 3 SHORT, 4 LONG, ... */
    uint32_t count;      /* of values */
    const uint8_t *data; /* count values, all within the file's bytes */
    size_t bytes;
};

enum {
    TIFF_TAG_NEW_SUBFILE_TYPE = 0x00FE,
    TIFF_TAG_MAKE = 0x010F,
    TIFF_TAG_ORIENTATION = 0x0112,
    TIFF_TAG_SUB_IFDS = 0x014A,
    TIFF_TAG_DNG_VERSION = 0xC612,
};

/* False if the bytes have no TIFF header or no directory. */
bool tiff_open(struct tiff *tiff, const uint8_t *bytes, size_t len);

/* The last entry of that tag with a known type and complete values. The last, because
 * readers that store tags in a table keep that one. */
bool tiff_find(const struct tiff *tiff, unsigned tag, struct tiff_field *field);

/* The first value of a field; 0 if its type is not a number (BYTE, ASCII, UNDEFINED) or it
 * has no value. */
double tiff_number(const struct tiff *tiff, const struct tiff_field *field);

#endif
