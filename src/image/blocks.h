/* Shrinks a picture row by row while it is decoded: each result pixel is the mean of the
 * source area that it covers, with pixels at the edges weighted by their share and
 * colours weighted by alpha. Private to image. */
#ifndef IMAGE_BLOCKS_H
#define IMAGE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "image/image.h"

/* Lengths along an axis are integers in units of 1/(source size * result size): a source
 * pixel is as many units long as the result has pixels, and vice versa. */
struct blocks {
    struct image *out;
    int width, height; /* of the source */
    int added;         /* source rows added so far */
    int done;          /* result rows finished */
    int filled;        /* units already covered of the current result row */
    uint64_t *line;    /* sums over one source row */
    uint64_t *sums;    /* sums of the current result row */
};

/* Bytes that blocks_init() allocates for a result of that width. */
uint64_t blocks_bytes(int columns, int channels);

/* *out is initialised by the caller and no larger than the source on either axis. */
bool blocks_init(struct blocks *blocks, int width, int height, struct image *out,
                 struct error *err);
void blocks_release(struct blocks *blocks);

/* row: width pixels with the channels of the result. */
void blocks_add(struct blocks *blocks, const uint8_t *row);

/* No more rows follow: finishes the current result row. */
void blocks_end(struct blocks *blocks);

#endif
