#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int divided(int length, int by)
{
    return (int)(((int64_t)length + by - 1) / by);
}

/* The largest whole number that leaves enough. */
static int choose_shrink(const struct codec_request *request, int width, int height)
{
    int shrink = 1;
    int most = width > height ? width : height;
    while (shrink < most && codec_enough(request, width, height, divided(width, shrink + 1),
                                         divided(height, shrink + 1))) {
        shrink++;
    }
    return shrink;
}

bool rows_begin(struct rows *rows, const struct codec_request *request, struct codec_result *out,
                int channels, bool whole, uint64_t extra, struct error *err)
{
    int shrink = whole ? 1 : choose_shrink(request, out->width, out->height);
    int width = divided(out->width, shrink);
    int height = divided(out->height, shrink);
    *rows = (struct rows){
        .image = &out->image, .width = out->width, .height = out->height, .shrink = shrink
    };
    if (shrink > 1) {
        extra +=
            (uint64_t)out->width * (uint64_t)channels + blocks_bytes(out->width, channels, shrink);
    }
    if (!codec_memory(request, width, height, channels, extra, err) ||
        !image_init(&out->image, width, height, channels, err)) {
        return false;
    }
    if (shrink == 1) {
        return true;
    }
    rows->row = mem_array((size_t)out->width, (size_t)channels);
    if (!rows->row) {
        return error_nomem(err, (size_t)out->width * (size_t)channels, "a row of a picture");
    }
    return blocks_init(&rows->blocks, out->width, channels, shrink, err);
}

uint8_t *rows_next(struct rows *rows)
{
    return rows->row ? rows->row : image_at(rows->image, 0, rows->added);
}

static void take(struct rows *rows)
{
    int to = (rows->added - 1) / rows->shrink;
    blocks_take(&rows->blocks, image_at(rows->image, 0, to));
}

void rows_add(struct rows *rows)
{
    rows->added++;
    if (rows->row) {
        blocks_add(&rows->blocks, rows->row);
        if (rows->blocks.rows == rows->shrink || rows->added == rows->height) {
            take(rows);
        }
    }
}

void rows_grey(uint8_t *to, size_t pixels, int channels)
{
    memset(to, 128, pixels * (size_t)channels);
    for (size_t i = 0; channels == 4 && i < pixels; i++) {
        to[4 * i + 3] = 255;
    }
}

void rows_end(struct rows *rows)
{
    if (rows->row && rows->blocks.rows > 0) {
        take(rows);
    }
    int first = divided(rows->added, rows->shrink);
    int missing = rows->image->height - first;
    if (missing > 0) {
        rows_grey(image_at(rows->image, 0, first), (size_t)rows->image->width * (size_t)missing,
                  rows->image->channels);
    }
}

void rows_release(struct rows *rows)
{
    free(rows->row);
    blocks_release(&rows->blocks);
    rows->row = NULL;
}
