/* The first directory (IFD) of a TIFF structure, as EXIF blocks and raw files of
 * cameras have it. Nothing is allocated. Private to image. */
#ifndef IMAGE_TIFF_H
#define IMAGE_TIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tiff {
    const uint8_t *bytes; /* not owned */
    size_t len;
    bool big_endian;
    size_t entries; /* offset of the first entry of 12 bytes */
    size_t count;   /* of whole entries within len */
};

struct tiff_field {
    unsigned type;       /* TIFF's: 2 ASCII, 3 SHORT, 4 LONG, ... */
    uint32_t count;      /* of values */
    const uint8_t *data; /* count values, all within the bytes */
    size_t bytes;
};

enum {
    TIFF_TAG_NEW_SUBFILE_TYPE = 0x00FE,
    TIFF_TAG_MAKE = 0x010F,
    TIFF_TAG_ORIENTATION = 0x0112,
    TIFF_TAG_SUB_IFDS = 0x014A,
    TIFF_TAG_DNG_VERSION = 0xC612,
};

/* False when the bytes have no TIFF header or no directory. */
bool tiff_open(struct tiff *tiff, const uint8_t *bytes, size_t len);

/* The last entry of that tag (as readers that keep a table of them do) whose type is known and
 * whose values are there. */
bool tiff_find(const struct tiff *tiff, unsigned tag, struct tiff_field *field);

/* The first value of a field; 0 when it is not a number (BYTE, ASCII,
 * UNDEFINED), or is none. */
double tiff_number(const struct tiff *tiff, const struct tiff_field *field);

#endif
