/* A picture as indices into a palette, and rectangles of it. */
#ifndef TERM_SIXEL_INDEXED_H
#define TERM_SIXEL_INDEXED_H

#include "quantize.h"

struct indexed {
    int width, height;
    uint8_t *indices; /* row by row */
    struct palette palette;
};

bool indexed_make(const struct image *picture, const struct quantize_options *options,
                  struct indexed *out, struct error *err);

/* Copies a rectangle, which must lie within; the palette stays the same. */
bool indexed_crop(const struct indexed *in, struct image_rect rect, struct indexed *out,
                  struct error *err);

void indexed_release(struct indexed *p);

#endif
