/* Receives the rows of a picture from top to bottom and averages them on the way, so that
 * a picture much larger than the hint is never in memory as a whole. Private to image.
 *
 * Call rows_begin(), then for each row of the file rows_next(), write its pixels there,
 * and rows_add(); finally rows_end() and rows_release(). */
#ifndef IMAGE_ROWS_H
#define IMAGE_ROWS_H

#include "blocks.h"
#include "codec.h"

struct rows {
    struct image *image; /* the result */
    int width, height;   /* of the whole picture */
    int added;           /* rows of the whole picture so far */
    uint8_t *row;        /* buffer for one row; NULL: no averaging */
    struct blocks blocks;
};

/* Initialises out->image with `channels`; codec_size() must have been called. The image
 * is about twice the size of the hint, for better scaling afterwards, or the size of the
 * hint if the memory limit demands it. whole: full size, whatever the hint. Before
 * allocating it fails if the image and `extra` bytes exceed the memory limit. */
bool rows_begin(struct rows *rows, const struct codec_request *request, struct codec_result *out,
                int channels, bool whole, uint64_t extra, struct error *err);

/* Where to write the next row of the whole picture: width * channels bytes. */
uint8_t *rows_next(struct rows *rows);

/* The row of rows_next() has been written. */
void rows_add(struct rows *rows);

/* Fills missing rows with grey and finishes the image. */
void rows_end(struct rows *rows);

/* Fills `pixels` pixels, missing in the file, with opaque mid-grey. */
void rows_grey(uint8_t *to, size_t pixels, int channels);

/* May be called at any time on rows that were zeroed at first. */
void rows_release(struct rows *rows);

#endif
