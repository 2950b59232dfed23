#include "kernels/conv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/isa.h"
#include "operators.h"
#include "reference/reference.h"

#define GROUP_BYTES 4
#define SLACK 64         /* bytes after a row that tiles and converters may access */
#define BLOCK_BYTES 8192 /* of pixels that are computed at a time */

struct packed {
    const struct nn_conv_isa *isa;
    size_t value_bytes;
    int32_t raise; /* what the tiles get for an input of 0 */
    size_t run_count, run_values, run_groups;
    size_t side_by_side;    /* pixels that a tile takes as one, 1 or 2 */
    size_t taps;            /* values of a run that belong to one pixel... */
    size_t shift;           /* ... and their distance between pixels side by side */
    size_t runs_in_row;     /* runs in a row of the kernel */
    size_t columns_in_step; /* 1 or 3 */
    size_t steps_in_run;
    size_t channels; /* of the output, of all pixels side by side */
    size_t slots;    /* channels rounded up to whole panels */
    const unsigned char *weights;
    const int32_t *bias;  /* [slot], for all kernel rows */
    const int32_t *terms; /* [kernel row][slot]: what to subtract when a row is left out */
    const float *scales;
    /* The scratch: ring rows, pointers of steps, a bias. */
    size_t ring_rows, row_bytes;
    size_t columns, left, inside; /* of a row; before the picture; of the picture */
    size_t steps_at, bias_at;
    size_t total;  /* pixels of a pointwise operator */
    size_t pixels; /* computed at a time */
    size_t sizes[NN_CONV_PANELS];
};

static size_t align_up(size_t bytes)
{
    return (bytes + NN_ARENA_ALIGN - 1) / NN_ARENA_ALIGN * NN_ARENA_ALIGN;
}

static bool is_pointwise(const struct nn_op *op)
{
    const struct nn_window *w = &op->p.conv.window;
    return op->kind->code == NN_FULLY_CONNECTED ||
           (w->kernel_h == 1 && w->kernel_w == 1 && w->stride_h == 1 && w->stride_w == 1 &&
            w->out_h == w->in_h && w->out_w == w->in_w);
}

/* ---------------------------------------------------------------- packing */

/* Output channel of a slot; `channels` or more: an unused slot. */
static size_t channel_of(const struct packed *p, size_t slot)
{
    size_t lanes = (size_t)p->isa->lanes, panels = p->slots / lanes, panel = slot / lanes;
    size_t pair = panel / NN_CONV_PANELS * NN_CONV_PANELS;
    int wide = pair + 1 < panels ? 2 : 1;
    return pair * lanes +
           (size_t)p->isa->channel(wide, (int)(panel - pair), (int)(slot - panel * lanes));
}

/* Where a slot's groups lie: the first one, and from each to the next, in groups. */
struct groups_at {
    size_t first, stride;
};

static struct groups_at groups_of(const struct packed *p, size_t slot)
{
    size_t lanes = (size_t)p->isa->lanes, panels = p->slots / lanes, panel = slot / lanes;
    size_t pair = panel / NN_CONV_PANELS * NN_CONV_PANELS;
    size_t wide = pair + 1 < panels ? 2 : 1;
    size_t groups = p->run_count * p->run_groups;
    return (struct groups_at){ pair * lanes * groups + (panel - pair) * lanes + slot % lanes,
                               wide * lanes };
}

/* Whether no input can exceed what the tiles can round. */
static bool scales_fit(const struct nn_conv *conv, size_t taps)
{
    for (size_t c = 0; c < (size_t)conv->window.out_c; c++) {
        const int8_t *weights = conv->weights + c * taps;
        uint64_t sum = 0;
        for (size_t i = 0; i < taps; i++) {
            sum += (uint64_t)abs(weights[i]);
        }
        if (!nn_scaled_fits(fabs((double)conv->bias[c]) + (double)sum * 255.0, conv->scales[c])) {
            return false;
        }
    }
    return true;
}

/* Lays out one group of a slot's weights: those of the run from `from` on, whose first one is
 * value `shift` of it. Returns their sum. */
static int32_t pack_group(const struct packed *p, size_t g, const int8_t *from, size_t shift,
                          unsigned char *out)
{
    const size_t group = (size_t)p->isa->group, start = g * group;
    int32_t sum = 0;
    for (size_t i = start < shift ? shift - start : 0; i < group; i++) {
        size_t tap = start + i - shift;
        if (tap >= p->taps) {
            break;
        }
        sum += from[tap];
        if (p->value_bytes == 1) {
            ((int8_t *)out)[i] = from[tap];
        } else {
            ((int16_t *)(void *)out)[i] = from[tap];
        }
    }
    return sum;
}

/* Lays out a slot's weights, `shift` values into each run; terms: its sums by
 * kernel row. */
static void pack_slot(const struct packed *p, size_t slot, const int8_t *from, size_t shift,
                      unsigned char *weights, int32_t *terms)
{
    const struct groups_at at = groups_of(p, slot);
    unsigned char *first = weights + GROUP_BYTES * at.first;
    for (size_t run = 0; run < p->run_count; run++) {
        int64_t sum = 0;
        for (size_t column = 0; column < p->columns_in_step; column++) {
            size_t to = run * p->run_groups + column;
            for (size_t step = 0; step < p->steps_in_run; step++, to += p->columns_in_step) {
                sum += pack_group(p, column * p->steps_in_run + step, from, shift,
                                  first + GROUP_BYTES * to * at.stride);
            }
        }
        from += p->taps;
        int32_t *term = &terms[run / p->runs_in_row * p->slots + slot];
        *term = (int32_t)((uint32_t)*term + (uint32_t)(sum * p->raise));
    }
}

static bool pack_constants(struct nn_model *model, const struct nn_op *op, struct packed *p,
                           struct error *err)
{
    const struct nn_conv *conv = &op->p.conv;
    size_t groups = p->run_count * p->run_groups, rows = p->run_count / p->runs_in_row;
    unsigned char *weights = nn_model_alloc_aligned(model, p->slots * groups * GROUP_BYTES, err);
    int32_t *bias = weights ? nn_model_alloc_aligned(model, p->slots * 4, err) : NULL;
    int32_t *terms = bias ? nn_model_alloc_aligned(model, rows * p->slots * 4, err) : NULL;
    float *scales = terms ? nn_model_alloc_aligned(model, p->slots * 4, err) : NULL;
    if (!scales) {
        return false;
    }
    const size_t out_c = (size_t)conv->window.out_c;
    p->raise = conv->input_zero_point + p->isa->offset;
    for (size_t slot = 0; slot < p->slots; slot++) {
        size_t channel = channel_of(p, slot);
        if (channel >= p->channels) {
            continue;
        }
        size_t shift = channel / out_c * p->shift;
        channel %= out_c;
        const int8_t *from = conv->weights + channel * p->run_count * p->taps;
        pack_slot(p, slot, from, shift, weights, terms);
        uint32_t sum = (uint32_t)conv->bias[channel];
        for (size_t row = 0; row < rows; row++) {
            sum -= (uint32_t)terms[row * p->slots + slot];
        }
        bias[slot] = (int32_t)sum;
        scales[slot] = conv->scales[channel];
    }
    p->weights = weights;
    p->bias = bias;
    p->terms = terms;
    p->scales = scales;
    return true;
}

/* ---------------------------------------------------------------- running */

/* Pixels of a tile: such that there are as few tiles as possible, all of about the same size
 * and of a whole number of stores. */
static size_t tile_size(const struct packed *p, size_t wide, size_t pixels)
{
    const int *limits = p->columns_in_step == 3 ? p->isa->most_3 : p->isa->most;
    size_t most = (size_t)limits[wide - 1], even = wide == 2 ? 2 : 4;
    size_t tiles = (pixels + most - 1) / most;
    size_t size = ((pixels + tiles - 1) / tiles + even - 1) / even * even;
    return size > most ? most : size;
}

/* All tiles of `pixels` pixels of a row, from kernel run `first_run` on. */
static void run_tiles(const struct packed *p, const struct nn_tile *row, size_t first_run,
                      size_t pixels, const int32_t *bias)
{
    const size_t lanes = (size_t)p->isa->lanes, panels = p->slots / lanes;
    struct nn_tile tile = *row;
    for (size_t panel = 0; panel < panels; panel += NN_CONV_PANELS) {
        size_t wide = panel + 1 < panels ? 2 : 1, channels = p->channels - panel * lanes;
        size_t skipped = panel * p->run_count + wide * first_run;
        tile.channels = (int)(channels < wide * lanes ? channels : wide * lanes);
        tile.weights = p->weights + skipped * p->run_groups * lanes * GROUP_BYTES;
        tile.bias = bias + panel * lanes;
        tile.scales = p->scales + panel * lanes;
        const nn_tile_fn *tiles =
            (p->columns_in_step == 3 ? p->isa->tiles_3 : p->isa->tiles)[wide - 1];
        const size_t size = pixels == p->pixels ? p->sizes[wide - 1] : tile_size(p, wide, pixels);
        for (size_t x = 0; x < pixels; x += size) {
            size_t m = pixels - x < size ? pixels - x : size;
            tile.offset = (ptrdiff_t)x * tile.pixel;
            tile.out = row->out + panel * lanes + (ptrdiff_t)x * tile.out_step;
            tile.pixels = (int)m;
            tiles[m - 1](&tile);
        }
    }
}

static void begin_tiles(const struct packed *p)
{
    if (p->isa->begin) {
        p->isa->begin(p->steps_in_run);
    }
}

static void end_tiles(const struct packed *p)
{
    if (p->isa->end) {
        p->isa->end();
    }
}

static void run_pointwise(const struct nn_op *op, const void *const *in, void *out, void *scratch)
{
    const struct packed *p = op->packed;
    const struct nn_conv *conv = &op->p.conv;
    const size_t values = p->run_values;
    const unsigned char **steps = (const unsigned char **)(void *)((char *)scratch + p->steps_at);
    for (size_t i = 0; i < p->steps_in_run; i++) {
        steps[i] = (const unsigned char *)scratch + i * GROUP_BYTES;
    }
    struct nn_tile tile = {
        .steps = steps,
        .step_count = p->steps_in_run,
        .run_steps = p->steps_in_run,
        .pixel = (ptrdiff_t)(values * p->value_bytes),
        .out_step = conv->window.out_c,
        .range = conv->range,
    };
    begin_tiles(p);
    for (size_t first = 0; first < p->total; first += p->pixels) {
        size_t count = p->total - first < p->pixels ? p->total - first : p->pixels;
        p->isa->convert(scratch, (const int8_t *)in[0] + first * values, count * values);
        tile.out = (int8_t *)out + first * (size_t)conv->window.out_c;
        run_tiles(p, &tile, 0, count, p->bias);
    }
    end_tiles(p);
}

/* Fills the ring's rows with the zero point; load_row() does not write the columns outside
 * of the picture. */
static void clear_ring(const struct packed *p, const struct nn_window *w, unsigned char *ring)
{
    const size_t values = p->columns * (size_t)w->in_c;
    for (size_t i = 0; i < p->ring_rows && p->columns > p->inside; i++) {
        unsigned char *row = ring + i * p->row_bytes;
        if (p->value_bytes == 1) {
            memset(row, p->raise, values);
            continue;
        }
        for (size_t k = 0; k < values; k++) {
            ((int16_t *)(void *)row)[k] = (int16_t)p->raise;
        }
    }
}

static void load_row(const struct packed *p, const struct nn_window *w, const int8_t *in, int y,
                     unsigned char *ring)
{
    const size_t pixel = (size_t)w->in_c;
    unsigned char *row = ring + (size_t)y % p->ring_rows * p->row_bytes;
    p->isa->convert(row + p->left * pixel * p->value_bytes,
                    in + (size_t)y * (size_t)w->in_w * pixel, p->inside * pixel);
}

/* The bias without the kernel rows outside of [first, end). */
static const int32_t *bias_of(const struct packed *p, struct nn_taps rows, int kernel_h,
                              int32_t *bias)
{
    if (rows.first == 0 && rows.end == kernel_h) {
        return p->bias;
    }
    memcpy(bias, p->bias, p->slots * sizeof(*bias));
    for (int row = 0; row < kernel_h; row++) {
        if (row >= rows.first && row < rows.end) {
            continue;
        }
        const int32_t *terms = p->terms + (size_t)row * p->slots;
        for (size_t i = 0; i < p->slots; i++) {
            bias[i] = (int32_t)((uint32_t)bias[i] + (uint32_t)terms[i]);
        }
    }
    return bias;
}

/* Writes the pointers of kernel rows [first, end); returns their number. */
static size_t point_steps(const struct packed *p, const struct nn_window *w, int y0,
                          struct nn_taps rows, const unsigned char *ring,
                          const unsigned char **steps)
{
    const size_t tap_bytes = (size_t)w->dilation_w * (size_t)w->in_c * p->value_bytes;
    size_t count = 0;
    for (int ky = rows.first; ky < rows.end; ky++) {
        size_t y = (size_t)(y0 + ky * w->dilation_h);
        const unsigned char *row = ring + y % p->ring_rows * p->row_bytes;
        for (size_t i = 0; i < p->runs_in_row; i++, row += tap_bytes) {
            for (size_t k = 0; k < p->steps_in_run; k++) {
                steps[count++] = row + k * GROUP_BYTES;
            }
        }
    }
    return count;
}

static void run_window(const struct nn_op *op, const void *const *in, void *out, void *scratch)
{
    const struct packed *p = op->packed;
    const struct nn_conv *conv = &op->p.conv;
    const struct nn_window *w = &conv->window;
    unsigned char *ring = scratch;
    const unsigned char **steps = (const unsigned char **)(void *)(ring + p->steps_at);
    int32_t *bias = (int32_t *)(void *)(ring + p->bias_at);
    struct nn_tile tile = {
        .steps = steps,
        .run_steps = p->steps_in_run,
        .pixel = (ptrdiff_t)(p->side_by_side * p->shift * p->value_bytes),
        .out = out,
        .out_step = (ptrdiff_t)p->channels,
        .range = conv->range,
    };
    int next = 0;
    clear_ring(p, w, ring);
    begin_tiles(p);
    for (int oy = 0; oy < w->out_h; oy++) {
        int y0 = oy * w->stride_h - w->pad_top;
        struct nn_taps rows = nn_taps(y0, w->dilation_h, w->kernel_h, w->in_h);
        if (rows.first < rows.end) {
            /* With a dilated kernel also the rows in between, which are needed later. */
            int first = y0 < 0 ? 0 : y0;
            int end = y0 + (rows.end - 1) * w->dilation_h + 1;
            for (int y = next > first ? next : first; y < end; y++) {
                load_row(p, w, in[0], y, ring);
            }
            next = end > next ? end : next;
        }
        tile.step_count = point_steps(p, w, y0, rows, ring, steps);
        run_tiles(p, &tile, (size_t)rows.first * p->runs_in_row, p->pixels,
                  bias_of(p, rows, w->kernel_h, bias));
        tile.out += (ptrdiff_t)w->out_w * w->out_c;
    }
    end_tiles(p);
}

/* ---------------------------------------------------------------- at load */

/* If all output channels of two pixels fit into a panel, both are treated as one pixel. */
static bool two_as_one(const struct packed *p, const struct nn_window *w)
{
    return p->runs_in_row == 1 && 2 * w->out_c <= p->isa->lanes && w->out_w % 2 == 0 &&
           w->stride_w <= w->kernel_w;
}

static void measure_runs(const struct nn_window *w, bool pointwise, struct packed *p)
{
    const struct nn_conv_isa *isa = p->isa;
    const size_t lanes = (size_t)isa->lanes, group = (size_t)isa->group;
    bool threes = false;
    p->run_count = p->runs_in_row = p->side_by_side = 1;
    p->taps = (size_t)w->in_c;
    p->shift = (size_t)w->stride_w * (size_t)w->in_c;
    if (!pointwise) {
        bool whole_rows = w->dilation_w == 1 || w->kernel_w == 1;
        p->runs_in_row = whole_rows ? 1 : (size_t)w->kernel_w;
        p->run_count = (size_t)w->kernel_h * p->runs_in_row;
        p->taps *= whole_rows ? (size_t)w->kernel_w : 1;
        p->side_by_side = two_as_one(p, w) ? 2 : 1;
        threes = p->side_by_side == 1 && isa->tiles_3[0] && w->kernel_w == 3 && w->stride_w == 1 &&
                 w->dilation_w == 1 && w->in_c % isa->group == 0;
    }
    p->run_values = p->taps + (p->side_by_side - 1) * p->shift;
    p->run_groups = (p->run_values + group - 1) / group;
    p->columns_in_step = threes ? 3 : 1;
    p->steps_in_run = p->run_groups / p->columns_in_step;
    p->channels = (size_t)w->out_c * p->side_by_side;
    p->slots = (p->channels + lanes - 1) / lanes * lanes;
}

static void measure_pointwise(const struct nn_op *op, struct packed *p)
{
    const struct nn_window *w = &op->p.conv.window;
    p->total = op->kind->code == NN_FULLY_CONNECTED ? op->p.conv.rows
                                                    : (size_t)w->out_h * (size_t)w->out_w;
    size_t pixel = p->run_values * p->value_bytes, most = (size_t)p->isa->most[1];
    p->pixels = BLOCK_BYTES / pixel / most * most;
    p->pixels = p->pixels < most ? most : p->pixels;
    p->pixels = p->pixels > p->total ? p->total : p->pixels;
    p->steps_at = align_up((p->pixels + p->isa->overread) * pixel + SLACK);
    p->bias_at = align_up(p->steps_at + p->steps_in_run * sizeof(unsigned char *));
}

static void measure_window(const struct nn_op *op, struct packed *p)
{
    const struct nn_window *w = &op->p.conv.window;
    size_t reach_h = (size_t)(w->kernel_h - 1) * (size_t)w->dilation_h + 1;
    size_t reach_w = (size_t)(w->kernel_w - 1) * (size_t)w->dilation_w + 1;
    p->pixels = (size_t)w->out_w / p->side_by_side;
    p->columns = (size_t)(w->out_w - 1) * (size_t)w->stride_w + reach_w;
    p->left = (size_t)w->pad_left < p->columns ? (size_t)w->pad_left : p->columns;
    p->inside = p->columns - p->left;
    p->inside = p->inside < (size_t)w->in_w ? p->inside : (size_t)w->in_w;
    size_t columns = p->columns + p->isa->overread * p->side_by_side * (size_t)w->stride_w;
    p->row_bytes = align_up(columns * (size_t)w->in_c * p->value_bytes + SLACK);
    p->ring_rows = reach_h < (size_t)w->in_h ? reach_h : (size_t)w->in_h;
    p->steps_at = align_up(p->ring_rows * p->row_bytes);
    p->bias_at = align_up(p->steps_at + p->run_count * p->steps_in_run * sizeof(unsigned char *));
}

bool nn_conv_pack(struct nn_model *model, struct nn_op *op, const struct nn_conv_isa *isa,
                  struct error *err)
{
    const struct nn_window *w = &op->p.conv.window;
    const bool pointwise = is_pointwise(op);
    struct packed *p = nn_model_alloc(model, 1, sizeof(*p), err);
    if (!p) {
        return false;
    }
    *p = (struct packed){ .isa = isa, .value_bytes = GROUP_BYTES / (size_t)isa->group };
    measure_runs(w, pointwise, p);
    (pointwise ? measure_pointwise : measure_window)(op, p);
    for (size_t wide = 1; wide <= NN_CONV_PANELS; wide++) {
        p->sizes[wide - 1] = tile_size(p, wide, p->pixels);
    }
    size_t groups = p->run_count * p->run_groups;
    if (groups > NN_PACKED_MAX_BYTES / GROUP_BYTES / p->slots ||
        p->row_bytes > NN_PACKED_MAX_BYTES || !scales_fit(&op->p.conv, p->run_count * p->taps) ||
        !nn_need_scratch(model, p->bias_at + p->slots * sizeof(int32_t))) {
        return true;
    }
    if (!pack_constants(model, op, p, err)) {
        return false;
    }
    op->packed = p;
    op->fast = pointwise ? run_pointwise : run_window;
    return true;
}
