/* The table of formats as the decoder sees it. Private to image. */
#ifndef IMAGE_FORMATS_H
#define IMAGE_FORMATS_H

#include "codec.h"
#include "image/format.h"

struct format {
    struct image_format public;
    const struct codec *codec; /* NULL: cannot be read in this build */
    /* Returns the EXIF orientation, 1 to 8; NULL: the format has none. */
    int (*orientation)(const uint8_t *bytes, size_t len);
    /* When a thumbnail saves enough decoding time to be worth its disk space: if the picture
     * has at least this many pixels, and this many times those of the thumbnail. That is 1 where
     * decoding takes as long at any size. */
    struct {
        uint32_t number; /* of the format in thumbnails on the disk: never another one */
        int64_t pixels;
        int shrink; /* 0: never */
    } thumbnail;
};

/* As image_format_of_bytes(). */
const struct format *format_of_bytes(const uint8_t *bytes, size_t len);

/* The format of that index; NULL past the last one. */
const struct format *format_at(size_t index);

#endif
