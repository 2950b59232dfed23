#include "kernels/depthwise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/isa.h"
#include "reference/reference.h"

#define GROUP_BYTES 4
#define STRIP_BYTES 32768 /* of groups, to stay in the first-level cache */
#define KEPT_BYTES 131072 /* where they are kept for the next rows: in the second-level cache */

/* Columns of a phase that lie inside of the picture. */
struct inside {
    size_t first;  /* of the phase */
    size_t column; /* of the picture, where the first one is */
    size_t count;
};

/* Outputs of a row that are computed at a time. */
struct strip {
    size_t start, count;
    size_t first, blocks; /* of the values that they read */
    size_t pattern;
    const uint32_t *jumps; /* of its vectors, or NULL */
};

/* All divisions are done at load, as rows are short. */
struct packed {
    const struct nn_depthwise_isa *isa;
    size_t value_bytes;
    size_t channels; /* of the output */
    size_t groups;   /* of kernel rows */
    bool paired;     /* two rows of outputs use the same groups */
    bool kept;       /* groups are kept from row to row, with the next one's rows in them */
    size_t phases;
    size_t phase_values; /* of a row */
    size_t farthest;     /* values by which the last tap of a phase is ahead */
    size_t patterns;
    size_t strip, strip_groups; /* outputs; groups of one phase for them, with the farthest */
    const struct strip *strips; /* of a row */
    size_t strip_count;
    const struct inside *inside; /* [phase] */
    const uint32_t *jumps; /* where each vector of outputs begins in a row; NULL: side by side */
    const unsigned char *weights;
    const unsigned char
        *below; /* weights of the next row of outputs, in the same groups; or NULL */
    const int32_t *bias;
    const float *scales;
    /* The scratch. */
    size_t ring_rows, row_bytes, phase_bytes;
    size_t border_at, linear_at, linear_bytes, taps_at, groups_at, end;
};

static size_t round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* ---------------------------------------------------------------- packing */

static bool scales_fit(const struct nn_conv *conv)
{
    size_t taps = (size_t)conv->window.kernel_h * (size_t)conv->window.kernel_w;
    size_t channels = (size_t)conv->window.out_c;
    for (size_t c = 0; c < channels; c++) {
        double largest = fabs((double)conv->bias[c]);
        for (size_t i = 0; i < taps; i++) {
            largest += abs(conv->weights[i * channels + c]) * 255.0;
        }
        if (!nn_scaled_fits(largest, conv->scales[c])) {
            return false;
        }
    }
    return true;
}

static void store_weight(const struct packed *p, unsigned char *group, size_t i, int8_t weight)
{
    if (p->value_bytes == 1) {
        ((int8_t *)group)[i] = weight;
    } else {
        ((int16_t *)(void *)group)[i] = weight;
    }
}

/* Weights and bias of position `at` of a pattern, `down` rows further down. */
static int32_t pack_position(const struct packed *p, const struct nn_conv *conv, size_t pattern,
                             size_t at, size_t down, unsigned char *weights)
{
    const size_t kernel_h = (size_t)conv->window.kernel_h, kernel_w = (size_t)conv->window.kernel_w;
    const size_t unit = p->isa->unit, channel = (pattern * unit + at) % p->channels;
    const int32_t raise = conv->input_zero_point + p->isa->offset;
    uint32_t bias = (uint32_t)conv->bias[channel];
    for (size_t ky = 0; ky < kernel_h; ky++) {
        for (size_t kx = 0; kx < kernel_w; kx++) {
            int8_t weight = conv->weights[(ky * kernel_w + kx) * p->channels + channel];
            size_t tap = (ky + down) / p->isa->group * kernel_w + kx;
            size_t group = (pattern * p->groups * kernel_w + tap) * unit + at;
            store_weight(p, weights + group * GROUP_BYTES, (ky + down) % p->isa->group, weight);
            bias -= (uint32_t)(raise * weight);
        }
    }
    return (int32_t)bias;
}

static bool pack_constants(struct nn_model *model, const struct nn_conv *conv, struct packed *p,
                           struct error *err)
{
    const size_t unit = p->isa->unit, taps = p->groups * (size_t)conv->window.kernel_w;
    const size_t positions = p->patterns * unit;
    unsigned char *weights = nn_model_alloc_aligned(model, positions * taps * GROUP_BYTES, err);
    int32_t *bias = weights ? nn_model_alloc_aligned(model, positions * 4, err) : NULL;
    float *scales = bias ? nn_model_alloc_aligned(model, positions * 4, err) : NULL;
    if (!scales) {
        return false;
    }
    unsigned char *below = NULL;
    if (p->paired) {
        below = nn_model_alloc_aligned(model, positions * taps * GROUP_BYTES, err);
        if (!below) {
            return false;
        }
    }
    for (size_t i = 0; i < positions; i++) {
        bias[i] = pack_position(p, conv, i / unit, i % unit, 0, weights);
        if (below) {
            pack_position(p, conv, i / unit, i % unit, 1, below);
        }
        scales[i] = conv->scales[i % p->channels];
    }
    p->weights = weights;
    p->below = below;
    p->bias = bias;
    p->scales = scales;
    return true;
}

/* ---------------------------------------------------------------- running */

static void load_row(const struct packed *p, const struct nn_conv *conv, const int8_t *in,
                     unsigned char *row, int8_t *linear)
{
    const size_t in_c = (size_t)conv->window.in_c, stride = p->phases;
    const size_t times = (size_t)conv->multiplier;
    for (size_t phase = 0; phase < p->phases; phase++) {
        const struct inside *inside = &p->inside[phase];
        struct nn_stretch stretch = {
            .in = in + inside->column * in_c,
            .before = inside->first * p->channels,
            .count = inside->count * p->channels,
            .total = p->phase_values,
            .zero_point = conv->input_zero_point,
        };
        if (stride > 1) {
            p->isa->gather(linear, stretch.in, inside->count, in_c, stride * in_c);
            stretch.in = linear;
        }
        if (times > 1) {
            int8_t *repeated = linear + p->linear_bytes;
            p->isa->repeat(repeated, stretch.in, inside->count * in_c, times);
            stretch.in = repeated;
        }
        p->isa->row(row + phase * p->phase_bytes, &stretch);
    }
}

/* Fills in the addresses of the groups of each tap, the first of them in place `first`; they
 * are the same for all strips. */
static void point_taps(const struct packed *p, const struct nn_window *w, unsigned char *scratch,
                       size_t first)
{
    const unsigned char **taps = (const unsigned char **)(void *)(scratch + p->taps_at);
    const unsigned char *groups = scratch + p->groups_at;
    for (size_t g = 0; g < p->groups; g++) {
        const size_t place = (first + g) % p->groups;
        for (size_t kx = 0; kx < (size_t)w->kernel_w; kx++) {
            size_t ahead = kx * (size_t)w->dilation_w, phase = ahead % p->phases;
            *taps++ = groups + ((place * p->phases + phase) * p->strip_groups +
                                ahead / p->phases * p->channels) *
                                   GROUP_BYTES;
        }
    }
}

/* Makes group `g` of a strip of a row, in place `place`. */
static void make_group(const struct packed *p, const unsigned char *const *rows, size_t g,
                       size_t place, const struct strip *strip, unsigned char *scratch)
{
    unsigned char *groups =
        scratch + p->groups_at + place * p->phases * p->strip_groups * GROUP_BYTES;
    for (size_t phase = 0; phase < p->phases; phase++) {
        const unsigned char *in[4];
        for (size_t i = 0; i < p->isa->group; i++) {
            in[i] = rows[g * p->isa->group + i] + phase * p->phase_bytes + strip->first;
        }
        p->isa->interleave(groups, in, strip->blocks);
        groups += p->strip_groups * GROUP_BYTES;
    }
}

/* Dot products of a strip for this row and, when `below` is not NULL, for the next. */
static void run_strip(const struct packed *p, const struct nn_conv *conv, unsigned char *scratch,
                      const struct strip *strip, int8_t *out, int8_t *below)
{
    struct nn_depthwise_dots dots = {
        .taps = (const unsigned char *const *)(void *)(scratch + p->taps_at),
        .tap_count = p->groups * (size_t)conv->window.kernel_w,
        .weights = p->weights,
        .bias = p->bias,
        .scales = p->scales,
        .pattern = strip->pattern,
        .patterns = p->patterns,
        .jumps = strip->jumps,
        .first_jump = (uint32_t)strip->first,
        .out = out + strip->start,
        .below = below ? below + strip->start : NULL,
        .below_weights = p->below,
        .count = strip->count,
        .range = conv->range,
    };
    p->isa->dots(&dots);
}

/* Loads the rows that a row of outputs needs, and has `rows` point to them, or to `border`
 * outside of the picture. `next`: the first one that was not loaded before. */
static void load_rows(const struct packed *p, const struct nn_conv *conv, const int8_t *in, int y0,
                      int count, unsigned char *ring, const unsigned char **rows, int *next)
{
    const struct nn_window *w = &conv->window;
    const struct nn_taps inside = nn_taps(y0, w->dilation_h, count, w->in_h);
    for (size_t ky = 0; ky < p->groups * p->isa->group; ky++) {
        rows[ky] = ring + p->border_at;
    }
    for (int ky = inside.first; ky < inside.end; ky++) {
        int y = y0 + ky * w->dilation_h;
        unsigned char *row = ring + (size_t)y % p->ring_rows * p->row_bytes;
        if (y >= *next || w->dilation_h > 1) {
            load_row(p, conv, in + (size_t)y * (size_t)w->in_w * (size_t)w->in_c, row,
                     (int8_t *)ring + p->linear_at);
            *next = y + 1;
        }
        rows[ky] = row;
    }
}

static void run_depthwise(const struct nn_op *op, const void *const *in, void *out, void *scratch)
{
    const struct packed *p = op->packed;
    const struct nn_conv *conv = &op->p.conv;
    const struct nn_window *w = &conv->window;
    unsigned char *ring = scratch;
    const unsigned char **rows =
        (const unsigned char **)(void *)(ring + p->taps_at) + p->groups * (size_t)w->kernel_w;
    const size_t outputs = (size_t)w->out_w * p->channels;
    const struct nn_stretch nothing = { NULL, 0, 0, p->phase_values, conv->input_zero_point };
    for (size_t phase = 0; phase < p->phases; phase++) {
        p->isa->row(ring + p->border_at + phase * p->phase_bytes, &nothing);
    }
    point_taps(p, w, scratch, 0);
    int next = 0;
    size_t made = 0; /* groups, counted from the top, when they are kept */
    for (int oy = 0; oy < w->out_h; oy += p->paired ? 2 : 1) {
        const bool pair = p->paired && oy + 1 < w->out_h;
        const int needed =
            p->kept ? (int)(p->groups * p->isa->group) : w->kernel_h + (pair ? 1 : 0);
        const size_t first = p->kept ? (size_t)(oy * w->stride_h) / p->isa->group : 0;
        load_rows(p, conv, in[0], oy * w->stride_h - w->pad_top, needed, ring, rows, &next);
        if (p->kept && first > 0) {
            point_taps(p, w, scratch, first);
        }
        int8_t *to = (int8_t *)out + (size_t)oy * outputs;
        for (size_t i = 0; i < p->strip_count; i++) {
            for (size_t g = made > first ? made - first : 0; g < p->groups; g++) {
                make_group(p, rows, g, (first + g) % p->groups, &p->strips[i], scratch);
            }
            run_strip(p, conv, scratch, &p->strips[i], to, pair ? to + outputs : NULL);
        }
        made = p->kept ? first + p->groups : 0;
    }
}

/* ---------------------------------------------------------------- at load */

static size_t common_divisor(size_t a, size_t b)
{
    return b == 0 ? a : common_divisor(b, a % b);
}

/* Where each vector begins, for whole blocks; those after the end repeat the last one. */
static bool set_jumps(struct nn_model *model, const struct nn_window *w, struct packed *p,
                      struct error *err)
{
    const size_t vector = p->isa->vector, outputs = (size_t)w->out_w * p->channels;
    const size_t count = round_up(outputs, p->isa->block) / vector;
    uint32_t *jumps = nn_model_alloc(model, count, sizeof(*jumps), err);
    if (!jumps) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        size_t at = i * vector < outputs ? i * vector : outputs - vector;
        jumps[i] =
            (uint32_t)(at / p->channels * (size_t)w->stride_w * p->channels + at % p->channels);
    }
    p->jumps = jumps;
    return true;
}

static struct strip strip_at(const struct packed *p, size_t start, size_t outputs)
{
    const size_t block = p->isa->block, vector = p->isa->vector;
    size_t count = outputs - start < p->strip ? outputs - start : p->strip;
    size_t first = start, end = start + round_up(count, block);
    if (p->jumps) {
        first = p->jumps[start / vector] / block * block;
        end = p->jumps[end / vector - 1] + vector;
    }
    return (struct strip){ .start = start,
                           .count = count,
                           .first = first,
                           .blocks = (end - first + p->farthest + block - 1) / block,
                           .pattern = start / p->isa->unit % p->patterns,
                           .jumps = p->jumps ? p->jumps + start / vector : NULL };
}

static struct inside inside_at(const struct packed *p, const struct nn_window *w, size_t phase)
{
    const size_t stride = p->phases, left = (size_t)w->pad_left;
    const size_t end = left + (size_t)w->in_w, columns = p->phase_values / p->channels;
    size_t first = phase < left ? (left - phase + stride - 1) / stride : 0;
    if (first >= columns || phase + first * stride >= end) {
        return (struct inside){ 0 };
    }
    size_t count = (end - phase - first * stride + stride - 1) / stride;
    return (struct inside){ .first = first,
                            .column = phase + first * stride - left,
                            .count = count < columns - first ? count : columns - first };
}

static bool set_strips(struct nn_model *model, const struct nn_window *w, struct packed *p,
                       struct error *err)
{
    const size_t outputs = (size_t)w->out_w * p->channels;
    p->strip_count = (outputs + p->strip - 1) / p->strip;
    struct strip *strips = nn_model_alloc(model, p->strip_count, sizeof(*strips), err);
    struct inside *inside = strips ? nn_model_alloc(model, p->phases, sizeof(*inside), err) : NULL;
    if (!inside) {
        return false;
    }
    for (size_t i = 0; i < p->strip_count; i++) {
        strips[i] = strip_at(p, i * p->strip, outputs);
    }
    for (size_t phase = 0; phase < p->phases; phase++) {
        inside[phase] = inside_at(p, w, phase);
    }
    p->strips = strips;
    p->inside = inside;
    return true;
}

/* False when the scratch would be too large. */
static bool measure(const struct nn_window *w, struct packed *p)
{
    const size_t block = p->isa->block, kernel_w = (size_t)w->kernel_w;
    const size_t ahead = (kernel_w - 1) * (size_t)w->dilation_w / p->phases;
    const size_t rows = p->groups * p->isa->group;
    const size_t reach_h =
        w->dilation_h == 1 ? rows : (size_t)(w->kernel_h - 1) * (size_t)w->dilation_h + 1;
    const size_t outputs = (size_t)w->out_w * p->channels;
    const size_t jump = (size_t)w->stride_w / p->phases; /* 1 unless vectors jump */
    p->farthest = ahead * p->channels;
    p->phase_values = ((size_t)(w->out_w - 1) * jump + 1) * p->channels + p->farthest;
    if (p->phase_values > NN_PACKED_MAX_BYTES / 16 / p->phases) {
        return false;
    }
    /* A strip reads whole blocks, and the last of its taps may end inside one. */
    p->phase_bytes = round_up(p->phase_values + 2 * block, block);
    p->row_bytes = p->phases * p->phase_bytes;
    p->ring_rows = reach_h < (size_t)w->in_h ? reach_h : (size_t)w->in_h;
    if (p->ring_rows > NN_PACKED_MAX_BYTES / p->row_bytes) {
        return false;
    }
    const bool keeps = p->groups > 1 && w->dilation_h == 1 &&
                       (size_t)w->stride_h * (p->paired ? 2 : 1) % p->isa->group == 0;
    const size_t most = keeps && outputs * jump * GROUP_BYTES * p->phases * p->groups <= KEPT_BYTES
                            ? KEPT_BYTES
                            : STRIP_BYTES;
    size_t fitting = most / GROUP_BYTES / p->phases / p->groups;
    fitting = fitting > p->farthest + block ? (fitting - p->farthest) / jump : block;
    fitting = fitting > block ? fitting : block;
    size_t strips = (outputs + fitting - 1) / fitting;
    p->strip = round_up((outputs + strips - 1) / strips, block);
    p->kept = keeps && strips == 1;
    size_t between = jump > 1 ? jump * p->channels : 0; /* two pixels of one vector block */
    p->strip_groups = round_up(p->strip * jump + between + p->farthest, block) + 2 * block;
    p->border_at = p->ring_rows * p->row_bytes;
    p->linear_at = p->border_at + p->row_bytes;
    p->linear_bytes = round_up(p->phase_values + 64, NN_ARENA_ALIGN);
    p->taps_at = round_up(p->linear_at + 2 * p->linear_bytes, NN_ARENA_ALIGN);
    size_t pointers = p->groups * kernel_w + p->groups * p->isa->group;
    p->groups_at = round_up(p->taps_at + pointers * sizeof(unsigned char *), NN_ARENA_ALIGN);
    p->end = p->groups_at + p->groups * p->phases * p->strip_groups * GROUP_BYTES;
    return true;
}

bool nn_depthwise_pack(struct nn_model *model, struct nn_op *op, const struct nn_depthwise_isa *isa,
                       struct error *err)
{
    const struct nn_conv *conv = &op->p.conv;
    const struct nn_window *w = &conv->window;
    struct packed *p = nn_model_alloc(model, 1, sizeof(*p), err);
    if (!p) {
        return false;
    }
    *p = (struct packed){ .isa = isa,
                          .value_bytes = GROUP_BYTES / isa->group,
                          .channels = (size_t)w->out_c,
                          .groups = ((size_t)w->kernel_h + isa->group - 1) / isa->group,
                          .phases = (size_t)w->stride_w };
    const bool jumps = w->stride_w > 1 && p->channels % isa->vector == 0;
    p->phases = jumps ? 1 : p->phases;
    p->paired = (size_t)w->kernel_h % isa->group != 0 && w->stride_h == 1 && w->dilation_h == 1;
    p->patterns = p->channels / common_divisor(p->channels, isa->unit);
    size_t taps = p->groups * (size_t)w->kernel_w;
    if (taps * p->patterns > NN_PACKED_MAX_BYTES / GROUP_BYTES / isa->unit || !measure(w, p) ||
        !scales_fit(conv) || !nn_need_scratch(model, p->end)) {
        return true;
    }
    if (!pack_constants(model, conv, p, err) || (jumps && !set_jumps(model, w, p, err)) ||
        !set_strips(model, w, p, err)) {
        return false;
    }
    op->packed = p;
    op->fast = run_depthwise;
    return true;
}
