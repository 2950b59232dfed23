/* Sixel pictures read back by libsixel. */
#ifndef SUPPORT_SIXEL_READER_H
#define SUPPORT_SIXEL_READER_H

#include <stdint.h>

#include "base/buf.h"

struct sixel_picture {
    unsigned char *pixels, *palette; /* indices, 3 bytes a colour */
    int width, height, colors;
};

/* Bytes from ESC P to ESC \; the test fails when there is anything else. The
 * picture is given back by sixel_picture_free(). */
struct sixel_picture sixel_read(const struct buf *bytes);
void sixel_picture_free(struct sixel_picture *picture);

/* Its three channels. */
const uint8_t *sixel_picture_at(const struct sixel_picture *picture, int x, int y);

#endif
