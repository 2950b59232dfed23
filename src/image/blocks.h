/* Means of samples over blocks of whole pixels, a source row at a time.
 * Colours count as much as their alpha. Private to image. */
#ifndef IMAGE_BLOCKS_H
#define IMAGE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct blocks {
    int width;    /* source columns */
    int across;   /* of a block; the last one may have fewer */
    int channels; /* 3 or 4 */
    int rows;     /* added since the last blocks_take() */
    uint64_t *sums;
};

/* Bytes that blocks_init() takes. */
uint64_t blocks_bytes(int width, int channels, int across);

bool blocks_init(struct blocks *blocks, int width, int channels, int across, struct error *err);
void blocks_release(struct blocks *blocks);

/* row: width * channels samples. */
void blocks_add(struct blocks *blocks, const uint8_t *row);

/* One row of means of the rows added, at least one; begins anew. */
void blocks_take(struct blocks *blocks, uint8_t *to);

#endif
