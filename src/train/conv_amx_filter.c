#include "conv_amx.h"

/* Output pixels whose products with the input are summed before the sums are stored. */
#define BAND_PIXELS 32

/* The gradient of the filter. Its sums run over pictures: a pixel's gradients are transposed
 * to [channel][picture], its inputs are pairs of pictures. A band of output rows is done for
 * all taps before the next. */

static int band_rows(const struct conv_shape *s)
{
    return smaller(s->out_height, (BAND_PIXELS + s->out_width - 1) / s->out_width);
}

static int band_span(const struct conv_shape *s)
{
    return (band_rows(s) - 1) * s->stride + s->kernel;
}

/* A row of the inputs: [x][16 channels][two pictures]. */
static void pack_inputs(const struct conv_shape *s, const float *in, size_t picture, int count,
                        bfloat16 *row)
{
    size_t values = (size_t)s->in_width * (size_t)s->in_channels;
    for (int n = 0; n < GROUP; n += 2, row += PAIRS) {
        const float *a = in + (size_t)n * picture, *b = a + picture;
        bfloat16 *to = row;
        for (size_t i = 0; i < values; i += LANES, to += TILE) {
            _mm512_store_si512(
                to, rounded_pairs(n < count ? a + i : NULL, n + 1 < count ? b + i : NULL));
        }
    }
}

/* A row of the gradients: [x][16 channels][channel][picture]. */
static void pack_gradients(const struct conv_shape *s, const float *out_grad, int y, int count,
                           bfloat16 *to)
{
    size_t values = (size_t)s->out_width * (size_t)s->out_channels;
    size_t picture = (size_t)s->out_height * values;
    out_grad += (size_t)y * values;
    for (size_t i = 0; i < values; i += LANES, to += TILE) {
        __m512i r[16];
        for (int n = 0; n < GROUP; n += 2) {
            const float *a = out_grad + (size_t)n * picture + i;
            r[n / 2] = rounded_pairs(n < count ? a : NULL, n + 1 < count ? a + picture : NULL);
        }
        transpose(r);
        for (int n = 0; n < 16; n++) {
            _mm512_store_si512(to + n * PAIRS, r[n]);
        }
    }
}

struct band {
    const struct conv_shape *s;
    int first, end; /* rows of the output */
    const bfloat16 *gradients, *inputs;
    int span; /* rows of `inputs`: row y stands at y % span */
};

/* The pixels of a row for which a tap lies within the picture. */
struct tap_range {
    int from, to;
};

static struct tap_range range_of(const struct conv_shape *s, int tap, int pad, int in, int out)
{
    struct tap_range r = { 0, out };
    while (r.from < out && r.from * s->stride + tap - pad < 0) {
        r.from++;
    }
    while (r.to > r.from && (r.to - 1) * s->stride + tap - pad >= in) {
        r.to--;
    }
    return r;
}

static void band_product(const struct band *b, int ky, int kx, size_t o, size_t c, bool two_o,
                         bool two_c, float *to, size_t pitch)
{
    const struct conv_shape *s = b->s;
    const size_t a_pixel = (size_t)s->out_channels / LANES * TILE;
    const size_t b_pixel = (size_t)s->in_channels / LANES * TILE;
    struct tap_range ys = range_of(s, ky, s->pad_top, s->in_height, s->out_height);
    struct tap_range xs = range_of(s, kx, s->pad_left, s->in_width, s->out_width);
    ys.from = ys.from < b->first ? b->first : ys.from;
    ys.to = smaller(ys.to, b->end);
    float *to_1 = to + (two_o ? LANES * pitch / sizeof *to : 0);
    const int next_o = two_o ? TILE : 0, next_c = two_c ? TILE : 0;
    if (ys.from >= ys.to || xs.from >= xs.to) {
        return;
    }
    _tile_loadd(SUMS_00, to, pitch);
    if (two_c) {
        _tile_loadd(SUMS_01, to + LANES, pitch);
    }
    if (two_o) {
        _tile_loadd(SUMS_10, to_1, pitch);
        if (two_c) {
            _tile_loadd(SUMS_11, to_1 + LANES, pitch);
        }
    }
    for (int y = ys.from; y < ys.to; y++) {
        int in_y = y * s->stride + ky - s->pad_top, in_x = xs.from * s->stride + kx - s->pad_left;
        const bfloat16 *rows =
            b->gradients +
            ((size_t)(y - b->first) * (size_t)s->out_width + (size_t)xs.from) * a_pixel + o * TILE;
        const bfloat16 *columns =
            b->inputs + ((size_t)(in_y % b->span) * (size_t)s->in_width + (size_t)in_x) * b_pixel +
            c * TILE;
        for (int x = xs.from; x < xs.to; x++) {
            _tile_loadd(COLUMNS_0, columns, 64);
            _tile_loadd(ROWS_0, rows, 64);
            _tile_dpbf16ps(SUMS_00, ROWS_0, COLUMNS_0);
            if (two_o) {
                _tile_loadd(ROWS_1, rows + next_o, 64);
                _tile_dpbf16ps(SUMS_10, ROWS_1, COLUMNS_0);
            }
            if (two_c) {
                _tile_loadd(COLUMNS_1, columns + next_c, 64);
                _tile_dpbf16ps(SUMS_01, ROWS_0, COLUMNS_1);
                if (two_o) {
                    _tile_dpbf16ps(SUMS_11, ROWS_1, COLUMNS_1);
                }
            }
            rows += a_pixel;
            columns += (size_t)s->stride * b_pixel;
        }
    }
    _tile_stored(SUMS_00, to, pitch);
    if (two_c) {
        _tile_stored(SUMS_01, to + LANES, pitch);
    }
    if (two_o) {
        _tile_stored(SUMS_10, to_1, pitch);
        if (two_c) {
            _tile_stored(SUMS_11, to_1 + LANES, pitch);
        }
    }
}

static void band_products(const struct band *b, float *filter_grad)
{
    const struct conv_shape *s = b->s;
    size_t outs = (size_t)s->out_channels / LANES, ins = (size_t)s->in_channels / LANES;
    size_t depth = (size_t)(s->kernel * s->kernel * s->in_channels);
    for (size_t o = 0; o < outs; o += 2) {
        for (int ky = 0; ky < s->kernel; ky++) {
            for (int kx = 0; kx < s->kernel; kx++) {
                for (size_t c = 0; c < ins; c += 2) {
                    float *to = filter_grad + o * LANES * depth +
                                (size_t)(ky * s->kernel + kx) * (size_t)s->in_channels + c * LANES;
                    band_product(b, ky, kx, o, c, o + 1 < outs, c + 1 < ins, to,
                                 depth * sizeof(float));
                }
            }
        }
    }
}

static size_t gradient_values(const struct conv_shape *s)
{
    return (size_t)s->out_width * (size_t)s->out_channels * GROUP;
}

static size_t input_values(const struct conv_shape *s)
{
    return (size_t)s->in_width * (size_t)s->in_channels * GROUP;
}

void filter_backward(const struct conv_shape *s, const struct rows *in, const float *out_grad,
                     float *filter_grad, void *scratch)
{
    int rows = band_rows(s);
    bfloat16 *gradients = scratch;
    bfloat16 *inputs = gradients + (size_t)rows * gradient_values(s);
    struct band b = { .s = s, .gradients = gradients, .inputs = inputs, .span = band_span(s) };
    size_t out_picture = gradient_values(s) / GROUP * (size_t)s->out_height;
    tiles_configure(LANES, LANES);
    for (int n = 0; n < s->batch; n += GROUP) {
        int count = smaller(s->batch - n, GROUP);
        int next = 0;
        for (b.first = 0; b.first < s->out_height; b.first = b.end) {
            b.end = smaller(b.first + rows, s->out_height);
            for (int y = b.first; y < b.end; y++) {
                pack_gradients(s, out_grad + (size_t)n * out_picture, y, count,
                               gradients + (size_t)(y - b.first) * gradient_values(s));
            }
            int last = smaller((b.end - 1) * s->stride - s->pad_top + s->kernel, s->in_height);
            for (; next < last; next++) {
                size_t picture;
                const float *row = rows_at(in, n, count, next, &picture);
                pack_inputs(s, row, picture, count,
                            inputs + (size_t)(next % b.span) * input_values(s));
            }
            stores_before_tiles();
            band_products(&b, filter_grad);
        }
    }
    _tile_release();
}

size_t filter_scratch_bytes(const struct conv_shape *s)
{
    size_t kernel = (size_t)s->kernel;
    /* Monotonic: a smaller picture never needs more. */
    size_t stride = (size_t)s->stride;
    size_t in_pixels = larger((size_t)band_span(s) * (size_t)s->in_width,
                              BAND_PIXELS * stride * stride + kernel * (size_t)s->in_width);
    size_t out_pixels =
        larger((size_t)band_rows(s) * (size_t)s->out_width, BAND_PIXELS + (size_t)s->out_width);
    return (in_pixels * (size_t)s->in_channels + out_pixels * (size_t)s->out_channels) * GROUP *
           sizeof(bfloat16);
}
