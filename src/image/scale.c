#include "image/scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "blocks.h"
#include "scale_passes.h"
#include "taps.h"

/* Output rows worked on at a time, and floats per step of the vertical pass: small enough
 * that the source rows under them stay in the L1 cache. */
#define GROUP SCALE_GROUP
#define TILE 256

/* Factor above which a picture is first averaged over areas: much faster, and it bounds
 * the rows that a filter spans. */
#define SHRINK_MAX 8.0
#define SHRINK_LEFT 4.0 /* least factor left to the filter after averaging */

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* ---------------------------------------------------------- averaging first */

static int less(int in, int out, enum image_filter filter)
{
    double step = (double)in / out;
    bool much = filter != IMAGE_FILTER_NEAREST && step > SHRINK_MAX;
    return much ? (int)ceil((double)in / floor(step / SHRINK_LEFT)) : in;
}

static bool average(const struct image *in, int width, int height, struct image *out,
                    struct error *err)
{
    struct blocks blocks = { .line = NULL };
    bool ok = image_init(out, width, height, in->channels, err) &&
              blocks_init(&blocks, in->width, in->height, out, err);
    for (int y = 0; ok && y < in->height; y++) {
        blocks_add(&blocks, image_at(in, 0, y));
    }
    blocks_release(&blocks);
    return ok;
}

/* ----------------------------------------------------------------- two passes */

struct scaler {
    const struct image *in;
    struct image *out;
    const struct scale_passes *passes;
    struct taps across, down;
    struct scale_across columns; /* `across`, in the form that the pass needs */
    size_t row;                  /* floats of a source row, a multiple of SCALE_BLOCK */
    size_t pitch;                /* row + SCALE_SLACK */
    int span;                    /* source rows under GROUP output rows, at most */
    int loaded;                  /* source rows [0, loaded) have been in the ring */
    float *ring;                 /* source rows as floats, row y at y % span */
    const float **rows;          /* into the ring: source rows of one output row */
    float *middle;               /* GROUP output rows, not yet scaled horizontally */
    float *final;                /* one output row */
};

/* Loads a source row as floats; colours are premultiplied by alpha (0 to 1). */
static void load_row(struct scaler *s, int y)
{
    const uint8_t *from = image_at(s->in, 0, y);
    float *to = s->ring + (size_t)(y % s->span) * s->row;
    if (s->in->channels == 4) {
        s->passes->load_alpha(from, (size_t)s->in->width, to);
    } else {
        s->passes->load(from, image_stride(s->in), to);
    }
}

static int span_end(const struct taps *taps, int o)
{
    return taps->first[o] + taps->count[o];
}

/* The most inputs that GROUP adjacent outputs need. */
static int widest_span(const struct taps *taps, int out)
{
    int widest = 1;
    for (int o = 0; o < out; o += GROUP) {
        int last = smaller(o + GROUP, out) - 1;
        for (int i = o; i <= last; i++) {
            int span = span_end(taps, last) - taps->first[i];
            int other = span_end(taps, i) - taps->first[o];
            widest = span > widest ? span : widest;
            widest = other > widest ? other : widest;
        }
    }
    return widest;
}

/* Ensures that the source rows [first, end) are in the ring. */
static void load_rows(struct scaler *s, int first, int end)
{
    for (; s->loaded < end; s->loaded++) {
        if (s->loaded >= first) {
            load_row(s, s->loaded);
        }
    }
}

/* Vertical pass: computes output rows [y, y + rows) into `middle`. */
static void pass_down(struct scaler *s, int y, int rows)
{
    int first = s->down.first[y];
    int end = 0;
    for (int i = y; i < y + rows; i++) {
        first = smaller(first, s->down.first[i]);
        end = span_end(&s->down, i) > end ? span_end(&s->down, i) : end;
    }
    load_rows(s, first, end);
    for (size_t tile = 0; tile < s->row; tile += TILE) {
        size_t length = s->row - tile < TILE ? s->row - tile : TILE;
        for (int i = 0; i < rows; i++) {
            int count = s->down.count[y + i];
            for (int k = 0; k < count; k++) {
                size_t slot = (size_t)((s->down.first[y + i] + k) % s->span);
                s->rows[k] = s->ring + slot * s->row + tile;
            }
            s->passes->down(s->rows, s->down.weights + (size_t)(y + i) * (size_t)s->down.most,
                            count, length, s->middle + (size_t)i * s->pitch + tile);
        }
    }
}

static void pass_across(struct scaler *s, int y, int rows)
{
    struct image *out = s->out;
    s->passes->across(&s->columns, s->middle, s->pitch, s->final);
    for (int i = 0; i < rows; i++) {
        const float *from = s->final + (size_t)i * s->columns.pitch;
        uint8_t *to = image_at(out, 0, y + i);
        if (out->channels == 4) {
            s->passes->store_alpha(from, (size_t)out->width, to);
        } else {
            s->passes->store(from, image_stride(out), to);
        }
    }
}

/* Repeats each weight for each channel; see struct scale_across. */
static bool spread_weights(struct scaler *s, struct error *err)
{
    struct scale_across *a = &s->columns;
    const struct taps *taps = &s->across;
    int channels = s->out->channels;
    *a = (struct scale_across){ .width = s->out->width,
                                .channels = channels,
                                .first = taps->first,
                                .count = taps->count,
                                .pairs = (taps->most + 1) / 2,
                                .pitch = image_stride(s->out) + SCALE_SLACK };
    size_t column = (size_t)a->pairs * SCALE_PAIR;
    a->weights = mem_array((size_t)a->width, column * sizeof(float));
    if (!a->weights) {
        return error_nomem(err, (size_t)a->width * column * sizeof(float), "scaling weights");
    }
    for (int x = 0; x < a->width; x++) {
        const float *from = taps->weights + (size_t)x * (size_t)taps->most;
        float *to = a->weights + (size_t)x * column;
        for (int k = 0; k < taps->count[x]; k++) {
            for (int c = 0; c < channels; c++) {
                to[k / 2 * SCALE_PAIR + k % 2 * channels + c] = from[k];
            }
        }
    }
    return true;
}

static bool prepare(struct scaler *s, struct error *err)
{
    s->passes = scale_passes_best();
    s->row = (image_stride(s->in) + SCALE_BLOCK - 1) / SCALE_BLOCK * SCALE_BLOCK;
    s->pitch = s->row + SCALE_SLACK;
    s->span = widest_span(&s->down, s->out->height);
    s->ring = mem_array((size_t)s->span, s->row * sizeof(float));
    s->rows = mem_array((size_t)s->down.most, sizeof(*s->rows));
    s->middle = mem_array(GROUP, s->pitch * sizeof(float));
    if (!spread_weights(s, err)) {
        return false;
    }
    s->final = mem_array(GROUP, s->columns.pitch * sizeof(float));
    return (s->ring && s->rows && s->middle && s->final) ||
           error_nomem(err, (size_t)s->span * s->row * sizeof(float), "scaling");
}

static void run_passes(struct scaler *s)
{
    for (int y = 0; y < s->out->height; y += GROUP) {
        int rows = smaller(GROUP, s->out->height - y);
        pass_down(s, y, rows);
        pass_across(s, y, rows);
    }
}

static bool filter_image(const struct image *in, enum image_filter filter, struct image *out,
                         struct error *err)
{
    struct scaler s = { .in = in, .out = out };
    bool ok = taps_init(&s.across, filter, in->width, out->width, err) &&
              taps_init(&s.down, filter, in->height, out->height, err) && prepare(&s, err);
    if (ok) {
        run_passes(&s);
    }
    taps_release(&s.across);
    taps_release(&s.down);
    free(s.columns.weights);
    free(s.ring);
    free(s.rows);
    free(s.middle);
    free(s.final);
    return ok;
}

static bool scale_into(const struct image *in, enum image_filter filter, struct image *out,
                       struct error *err)
{
    int width = less(in->width, out->width, filter);
    int height = less(in->height, out->height, filter);
    struct image small = IMAGE_INIT;
    if (width == in->width && height == in->height) {
        return filter_image(in, filter, out, err);
    }
    bool ok = average(in, width, height, &small, err) && filter_image(&small, filter, out, err);
    image_release(&small);
    return ok;
}

bool image_scale(const struct image *in, int width, int height, enum image_filter filter,
                 struct image *out, struct error *err)
{
    if (!image_init(out, width, height, in->channels, err)) {
        return false;
    }
    if (width == in->width && height == in->height) {
        memcpy(out->pixels, in->pixels, image_stride(in) * (size_t)height);
        return true;
    }
    if (!scale_into(in, filter, out, err)) {
        image_release(out);
        return false;
    }
    return true;
}

/* ------------------------------------------------------------ fit and crop */

/* length * to / from, rounded, at least 1. */
static int proportion(int length, int to, int from)
{
    int64_t n = ((int64_t)length * to * 2 + from) / ((int64_t)from * 2);
    return n < 1 ? 1 : (int)n;
}

void image_fit(int width, int height, int box_width, int box_height, bool allow_up, int *out_width,
               int *out_height)
{
    if (!allow_up && width <= box_width && height <= box_height) {
        *out_width = width;
        *out_height = height;
    } else if ((int64_t)width * box_height >= (int64_t)height * box_width) {
        *out_width = box_width;
        *out_height = smaller(proportion(height, box_width, width), box_height);
    } else {
        *out_width = smaller(proportion(width, box_height, height), box_width);
        *out_height = box_height;
    }
}

static void clip(int64_t *start, int64_t *end, int limit)
{
    *start = *start < 0 ? 0 : *start;
    *end = *end > limit ? limit : *end;
}

bool image_crop(const struct image *in, struct image_rect rect, struct image *out,
                struct error *err)
{
    int64_t x0 = rect.x, x1 = x0 + rect.width;
    int64_t y0 = rect.y, y1 = y0 + rect.height;
    *out = (struct image)IMAGE_INIT;
    clip(&x0, &x1, in->width);
    clip(&y0, &y1, in->height);
    if (x1 <= x0 || y1 <= y0) {
        return error_set(err, ERROR_USAGE, "%dx%d pixels at %d,%d lie outside the picture's %dx%d",
                         rect.width, rect.height, rect.x, rect.y, in->width, in->height);
    }
    if (!image_init(out, (int)(x1 - x0), (int)(y1 - y0), in->channels, err)) {
        return false;
    }
    for (int y = 0; y < out->height; y++) {
        memcpy(image_at(out, 0, y), image_at(in, (int)x0, (int)y0 + y), image_stride(out));
    }
    return true;
}
