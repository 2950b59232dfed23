#include "image/scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Four samples at once, in the vector syntax that gcc and clang share; loads
 * and stores need no alignment. */
typedef float vec4 __attribute__((vector_size(16), aligned(4)));

#define BLOCK 32 /* floats that the pass down keeps in registers */
#define GROUP 4  /* output rows that the pass across works on at a time */

/* Above this a picture is first averaged over whole blocks, which bounds the
 * rows that a filter spans, and is much faster. */
#define SHRINK_MAX 8.0
#define SHRINK_LEFT 4.0 /* what is left for the filter, at least */

/* For each output position on one axis: which inputs count, and how much. */
struct taps {
    int *first;
    int *count;
    float *weights; /* output * most + k; they add up to 1 */
    int most;       /* the largest count */
};

/* ------------------------------------------------------------------ weights */

static double sinc(double x)
{
    x *= 3.14159265358979323846;
    return fabs(x) < 1e-9 ? 1.0 : sin(x) / x;
}

static double lanczos3(double x)
{
    return fabs(x) < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
}

static double catmull_rom(double x)
{
    x = fabs(x);
    if (x < 1.0) {
        return (1.5 * x - 2.5) * x * x + 1.0;
    }
    return x < 2.0 ? ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0 : 0.0;
}

/* Without a kernel: the area covered, or with radius 0 the centre's pixel. */
struct filter {
    double (*kernel)(double);
    double radius;
};

static const struct filter filters[IMAGE_FILTER_COUNT] = {
    [IMAGE_FILTER_NEAREST] = { NULL, 0.0 },
    [IMAGE_FILTER_AREA] = { NULL, 0.5 },
    [IMAGE_FILTER_CUBIC] = { catmull_rom, 2.0 },
    [IMAGE_FILTER_LANCZOS] = { lanczos3, 3.0 },
};

static double weight_at(const struct filter *filter, double centre, double step, int i)
{
    if (filter->kernel) {
        double stretch = step > 1.0 ? step : 1.0;
        return filter->kernel((i + 0.5 - centre) / stretch);
    }
    if (filter->radius == 0.0) {
        return 1.0;
    }
    double low = fmax(centre - step / 2, i);
    double high = fmin(centre + step / 2, i + 1.0);
    return fmax(high - low, 0.0);
}

/* The inputs [*first, *end) around `centre` that may have a weight. */
static void reach(const struct filter *filter, double centre, double step, int in, int *first,
                  int *end)
{
    double stretch = filter->kernel && step < 1.0 ? 1.0 : step;
    double low = floor(centre - filter->radius * stretch);
    double high = ceil(centre + filter->radius * stretch);
    *first = (int)fmin(fmax(low, 0.0), in - 1);
    *end = (int)fmax(fmin(high, in), *first + 1);
    if (filter->radius == 0.0) {
        *end = *first + 1;
    }
}

static void taps_release(struct taps *taps)
{
    free(taps->first);
    free(taps->count);
    free(taps->weights);
}

static void taps_fill(struct taps *taps, const struct filter *filter, int in, int out, double step)
{
    for (int o = 0; o < out; o++) {
        float *weights = taps->weights + (size_t)o * (size_t)taps->most;
        double centre = (o + 0.5) * step;
        double sum = 0.0;
        int end;
        reach(filter, centre, step, in, &taps->first[o], &end);
        taps->count[o] = end - taps->first[o];
        for (int k = 0; k < taps->count[o]; k++) {
            sum += weight_at(filter, centre, step, taps->first[o] + k);
        }
        for (int k = 0; k < taps->count[o]; k++) {
            weights[k] = (float)(weight_at(filter, centre, step, taps->first[o] + k) / sum);
        }
    }
}

/* `extent` is the input's length in its own pixels; less than `in` when the
 * last one is only partly there. */
static bool taps_init(struct taps *taps, enum image_filter which, int in, double extent, int out,
                      struct error *err)
{
    const struct filter *filter = &filters[which];
    double step = extent / out;
    double stretch = step > 1.0 ? step : 1.0;
    taps->most = (int)fmin(ceil(2.0 * filter->radius * stretch) + 2.0, in);
    taps->first = mem_array((size_t)out, sizeof(*taps->first));
    taps->count = mem_array((size_t)out, sizeof(*taps->count));
    taps->weights = mem_array((size_t)out, (size_t)taps->most * sizeof(*taps->weights));
    if (!taps->first || !taps->count || !taps->weights) {
        return error_nomem(err, (size_t)out * (size_t)taps->most * sizeof(float),
                           "scaling weights");
    }
    taps_fill(taps, filter, in, out, step);
    return true;
}

/* --------------------------------------------------- averaging whole blocks */

static int blocks_for(int in, int out, enum image_filter filter)
{
    double step = (double)in / out;
    return filter != IMAGE_FILTER_NEAREST && step > SHRINK_MAX ? (int)(step / SHRINK_LEFT) : 1;
}

static void add_row(uint64_t *sums, const struct image *in, int y, int block)
{
    const uint8_t *from = image_at(in, 0, y);
    size_t channels = (size_t)in->channels;
    for (int x0 = 0; x0 < in->width; x0 += block, sums += channels) {
        int x1 = x0 + block < in->width ? x0 + block : in->width;
        for (int x = x0; x < x1; x++, from += channels) {
            unsigned alpha = channels == 4 ? from[3] : 1;
            for (size_t c = 0; c < 3; c++) {
                sums[c] += from[c] * alpha;
            }
            if (channels == 4) {
                sums[3] += alpha;
            }
        }
    }
}

/* sums: of samples, of samples times alpha when there is alpha. */
static void average(uint8_t *to, const uint64_t *sums, uint64_t pixels, int channels)
{
    uint64_t weight = channels == 4 ? sums[3] : pixels;
    for (int c = 0; c < 3; c++) {
        to[c] = weight ? (uint8_t)((sums[c] + weight / 2) / weight) : 0;
    }
    if (channels == 4) {
        to[3] = (uint8_t)((sums[3] + pixels / 2) / pixels);
    }
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static bool shrink_blocks(const struct image *in, int across, int down, struct image *out,
                          struct error *err)
{
    int width = (in->width + across - 1) / across;
    int height = (in->height + down - 1) / down;
    size_t row = (size_t)width * (size_t)in->channels;
    uint64_t *sums = mem_array(row, sizeof(*sums));
    if (!sums) {
        return error_nomem(err, row * sizeof(*sums), "scaling");
    }
    if (!image_init(out, width, height, in->channels, err)) {
        free(sums);
        return false;
    }
    for (int y = 0; y < height; y++) {
        int y0 = y * down;
        int rows = smaller(down, in->height - y0);
        memset(sums, 0, row * sizeof(*sums));
        for (int i = 0; i < rows; i++) {
            add_row(sums, in, y0 + i, across);
        }
        for (int x = 0; x < width; x++) {
            uint64_t columns = (uint64_t)smaller(across, in->width - x * across);
            average(image_at(out, x, y), sums + (size_t)x * (size_t)in->channels,
                    columns * (uint64_t)rows, in->channels);
        }
    }
    free(sums);
    return true;
}

/* ----------------------------------------------------------------- two passes */

struct scaler {
    const struct image *in;
    struct image *out;
    struct taps across, down;
    size_t row;    /* floats of a source row, a multiple of BLOCK */
    size_t pitch;  /* the same and 4 floats of slack, for reads of a whole vec4 */
    float *ring;   /* source rows as floats, row y at y % down.most */
    float *middle; /* GROUP output rows, not yet scaled across */
    int loaded;    /* source rows [0, loaded) have been in the ring */
};

/* Samples as floats, colours times alpha (0 to 1). */
static void load_row(struct scaler *s, int y)
{
    const uint8_t *from = image_at(s->in, 0, y);
    float *to = s->ring + (size_t)(y % s->down.most) * s->row;
    size_t count = image_stride(s->in);
    if (s->in->channels == 3) {
        for (size_t i = 0; i < count; i++) {
            to[i] = from[i];
        }
        return;
    }
    for (size_t i = 0; i < count; i += 4) {
        float alpha = (float)from[i + 3] * (1.0f / 255.0f);
        to[i] = (float)from[i] * alpha;
        to[i + 1] = (float)from[i + 1] * alpha;
        to[i + 2] = (float)from[i + 2] * alpha;
        to[i + 3] = from[i + 3];
    }
}

/* Output row y, not yet scaled across, to `to`. */
static void pass_down(struct scaler *s, int y, float *to)
{
    const float *weights = s->down.weights + (size_t)y * (size_t)s->down.most;
    int first = s->down.first[y];
    int count = s->down.count[y];
    for (; s->loaded < first + count; s->loaded++) {
        if (s->loaded >= first) {
            load_row(s, s->loaded);
        }
    }
    for (size_t i = 0; i < s->row; i += BLOCK) {
        vec4 a0 = { 0 }, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        for (int k = 0; k < count; k++) {
            size_t slot = (size_t)((first + k) % s->down.most);
            const vec4 *from = (const vec4 *)(s->ring + slot * s->row + i);
            vec4 w = { weights[k], weights[k], weights[k], weights[k] };
            a0 += from[0] * w;
            a1 += from[1] * w;
            a2 += from[2] * w;
            a3 += from[3] * w;
            a4 += from[4] * w;
            a5 += from[5] * w;
            a6 += from[6] * w;
            a7 += from[7] * w;
        }
        vec4 *out = (vec4 *)(to + i);
        out[0] = a0;
        out[1] = a1;
        out[2] = a2;
        out[3] = a3;
        out[4] = a4;
        out[5] = a5;
        out[6] = a6;
        out[7] = a7;
    }
}

static uint8_t to_byte(float v)
{
    int n = (int)(v + 0.5f);
    return (uint8_t)(n < 0 ? 0 : n > 255 ? 255 : n);
}

static void store(uint8_t *to, vec4 sum, int channels)
{
    if (channels == 3) {
        to[0] = to_byte(sum[0]);
        to[1] = to_byte(sum[1]);
        to[2] = to_byte(sum[2]);
        return;
    }
    float back = sum[3] > 0.0f ? 255.0f / sum[3] : 0.0f;
    to[0] = to_byte(sum[0] * back);
    to[1] = to_byte(sum[1] * back);
    to[2] = to_byte(sum[2] * back);
    to[3] = to_byte(sum[3]);
}

/* Output rows y to y + rows, at most GROUP. With 3 channels the fourth lane
 * holds the next pixel's red, and is dropped. */
static void pass_across(struct scaler *s, int y, int rows)
{
    size_t channels = (size_t)s->in->channels;
    const float *weights = s->across.weights;
    for (int x = 0; x < s->out->width; x++, weights += s->across.most) {
        const float *from = s->middle + (size_t)s->across.first[x] * channels;
        vec4 sum[GROUP];
        vec4 a = { 0 }, b = a, c = a, d = a;
        for (int k = 0; k < s->across.count[x]; k++, from += channels) {
            vec4 w = { weights[k], weights[k], weights[k], weights[k] };
            a += *(const vec4 *)from * w;
            b += *(const vec4 *)(from + s->pitch) * w;
            c += *(const vec4 *)(from + 2 * s->pitch) * w;
            d += *(const vec4 *)(from + 3 * s->pitch) * w;
        }
        sum[0] = a;
        sum[1] = b;
        sum[2] = c;
        sum[3] = d;
        for (int i = 0; i < rows; i++) {
            store(image_at(s->out, x, y + i), sum[i], s->in->channels);
        }
    }
}

static bool run(struct scaler *s, struct error *err)
{
    s->row = (image_stride(s->in) + BLOCK - 1) / BLOCK * BLOCK;
    s->pitch = s->row + 4;
    s->ring = mem_array((size_t)s->down.most, s->row * sizeof(float));
    s->middle = mem_array(GROUP, s->pitch * sizeof(float));
    if (!s->ring || !s->middle) {
        return error_nomem(err, (size_t)s->down.most * s->row * sizeof(float), "scaling");
    }
    for (int y = 0; y < s->out->height; y += GROUP) {
        int rows = smaller(GROUP, s->out->height - y);
        for (int i = 0; i < rows; i++) {
            pass_down(s, y + i, s->middle + (size_t)i * s->pitch);
        }
        pass_across(s, y, rows);
    }
    return true;
}

/* extent_*: see taps_init(). */
static bool filter_image(const struct image *in, double extent_width, double extent_height,
                         enum image_filter filter, struct image *out, struct error *err)
{
    struct scaler s = { .in = in, .out = out };
    bool ok = taps_init(&s.across, filter, in->width, extent_width, out->width, err) &&
              taps_init(&s.down, filter, in->height, extent_height, out->height, err) &&
              run(&s, err);
    taps_release(&s.across);
    taps_release(&s.down);
    free(s.ring);
    free(s.middle);
    return ok;
}

static bool scale_into(const struct image *in, enum image_filter filter, struct image *out,
                       struct error *err)
{
    int across = blocks_for(in->width, out->width, filter);
    int down = blocks_for(in->height, out->height, filter);
    struct image small = IMAGE_INIT;
    if (across > 1 || down > 1) {
        if (!shrink_blocks(in, across, down, &small, err)) {
            return false;
        }
    }
    bool ok = filter_image(small.pixels ? &small : in, (double)in->width / across,
                           (double)in->height / down, filter, out, err);
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
