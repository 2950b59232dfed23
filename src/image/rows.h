/* A picture that is decoded from top to bottom: its rows, averaged as they
 * come, so that it is never held whole when the hint is much smaller.
 * Private to image.
 *
 *     rows_begin(), then for each row of the file: rows_next(), its pixels are
 *     written there, rows_add(); at last rows_end() and rows_release(). */
#ifndef IMAGE_ROWS_H
#define IMAGE_ROWS_H

#include "codec.h"

#include "blocks.h"

struct rows {
    struct image *image; /* of the result */
    int width, height;   /* of the whole picture */
    int added;           /* rows of the whole picture */
    uint8_t *row;        /* NULL when nothing is averaged */
    struct blocks blocks;
};

/* Fills out->image with a picture of `channels`; out's size must be noted. It
 * is left twice as large as the hint, for finer scaling afterwards, unless only
 * the hint fits into the memory.
 * whole: at full size whatever the hint. Refuses what passes the memory limit
 * together with `extra` bytes, before anything is allocated. */
bool rows_begin(struct rows *rows, const struct codec_request *request, struct codec_result *out,
                int channels, bool whole, uint64_t extra, struct error *err);

/* Where the next row of the whole picture goes: width * channels bytes. */
uint8_t *rows_next(struct rows *rows);

/* It is there. */
void rows_add(struct rows *rows);

/* Rows that did not come are grey. */
void rows_end(struct rows *rows);

/* Opaque mid-grey, for `pixels` pixels that a file does not have. */
void rows_grey(uint8_t *to, size_t pixels, int channels);

/* May be called whatever was, or was not, called before on zeroed rows. */
void rows_release(struct rows *rows);

#endif
