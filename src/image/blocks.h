/* A picture made smaller while its rows come: each result is the mean of the
 * area that it covers, pixels at its edges counted in part, colours as much as
 * their alpha. Private to image. */
#ifndef IMAGE_BLOCKS_H
#define IMAGE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "image/image.h"

/* Lengths along an axis are counted in units of which a source pixel has as
 * many as there are results, and a result as many as there are source pixels. */
struct blocks {
    struct image *out;
    int width, height; /* of the source */
    int added;         /* source rows */
    int done;          /* rows of the result */
    int filled;        /* units of the row of the result that is in work */
    uint64_t *line;    /* sums over one source row */
    uint64_t *sums;    /* over the row of the result that is in work */
};

/* Bytes that blocks_init() takes for a result of that width. */
uint64_t blocks_bytes(int columns, int channels);

/* *out, already made, is not larger than the source on either axis. */
bool blocks_init(struct blocks *blocks, int width, int height, struct image *out,
                 struct error *err);
void blocks_release(struct blocks *blocks);

/* row: width pixels with the channels of the result. */
void blocks_add(struct blocks *blocks, const uint8_t *row);

/* No more rows come: finishes a row of the result that is in work. */
void blocks_end(struct blocks *blocks);

#endif
