#include "rows.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int divided(int length, int by)
{
    return (int)(((int64_t)length + by - 1) / by);
}

/* The largest integer divisor of the size that still satisfies the hint. */
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

static int twice(int want)
{
    return want > INT_MAX / 2 ? INT_MAX : 2 * want;
}

struct shape {
    int width, height, channels;
    uint64_t extra; /* bytes in addition to the picture */
};

static struct shape choose_shape(const struct codec_request *request,
                                 const struct codec_result *out, int channels, uint64_t extra)
{
    int shrink = choose_shrink(request, out->width, out->height);
    struct shape s = { divided(out->width, shrink), divided(out->height, shrink), channels, extra };
    if (shrink > 1) {
        s.extra += (uint64_t)out->width * (uint64_t)channels + blocks_bytes(s.width, channels);
    }
    return s;
}

bool rows_begin(struct rows *rows, const struct codec_request *request, struct codec_result *out,
                int channels, bool whole, uint64_t extra, struct error *err)
{
    struct codec_request more = *request;
    more.want_width = whole ? 0 : twice(request->want_width);
    more.want_height = whole ? 0 : twice(request->want_height);
    struct shape s = choose_shape(&more, out, channels, extra);
    if (!whole && !codec_fits(request, s.width, s.height, channels, s.extra)) {
        s = choose_shape(request, out, channels, extra);
    }
    *rows = (struct rows){ .image = &out->image, .width = out->width, .height = out->height };
    if (!codec_memory(request, s.width, s.height, channels, s.extra, err) ||
        !image_init(&out->image, s.width, s.height, channels, err)) {
        return false;
    }
    if (s.width == out->width && s.height == out->height) {
        return true;
    }
    rows->row = mem_array((size_t)out->width, (size_t)channels);
    if (!rows->row) {
        return error_nomem(err, (size_t)out->width * (size_t)channels, "a row of a picture");
    }
    return blocks_init(&rows->blocks, out->width, out->height, &out->image, err);
}

uint8_t *rows_next(struct rows *rows)
{
    return rows->row ? rows->row : image_at(rows->image, 0, rows->added);
}

void rows_add(struct rows *rows)
{
    rows->added++;
    if (rows->row) {
        blocks_add(&rows->blocks, rows->row);
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
    int done = rows->added;
    if (rows->row) {
        blocks_end(&rows->blocks);
        done = rows->blocks.done;
    }
    int missing = rows->image->height - done;
    if (missing > 0) {
        rows_grey(image_at(rows->image, 0, done), (size_t)rows->image->width * (size_t)missing,
                  rows->image->channels);
    }
}

void rows_release(struct rows *rows)
{
    free(rows->row);
    blocks_release(&rows->blocks);
    rows->row = NULL;
}
