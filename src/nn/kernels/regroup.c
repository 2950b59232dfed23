#include "kernels/regroup.h"

#include <string.h>

#include "operators.h"

/* Below this many outputs of each input channel, repeating that channel (depthwise.h) costs
 * less than vectors that are not full; with several channels, than putting each of them
 * side by side. */
#define LEAST_OF_ONE 4
#define LEAST_OF_SEVERAL 8

/* The convolutions that an operator runs as. Where there are several, each has its input
 * and its output put side by side in the scratch. */
struct regrouped {
    struct nn_op *parts;
    size_t count;
    size_t in_pixels, out_pixels;
    size_t out_at, part_at; /* in the scratch: a part's output, its own scratch */
};

static size_t align_up(size_t bytes)
{
    return (bytes + NN_ARENA_ALIGN - 1) / NN_ARENA_ALIGN * NN_ARENA_ALIGN;
}

static size_t taps_of(const struct nn_window *w)
{
    return (size_t)w->kernel_h * (size_t)w->kernel_w;
}

static bool is_large(int multiplier, int channels)
{
    return multiplier >= (channels == 1 ? LEAST_OF_ONE : LEAST_OF_SEVERAL);
}

static bool is_grouped(const struct nn_op *op)
{
    return op->kind->code == NN_CONV && op->p.conv.groups > 1;
}

bool nn_regroups(const struct nn_op *op)
{
    return is_grouped(op) || (op->kind->code == NN_DEPTHWISE &&
                              is_large(op->p.conv.multiplier, op->p.conv.window.in_c));
}

/* ---------------------------------------------------------------- running */

/* Exactly `bytes` bytes, without a call for so few. */
static inline void copy_piece(int8_t *out, const int8_t *in, size_t bytes)
{
    if (bytes >= 16) {
        for (size_t i = 0; i + 16 < bytes; i += 16) {
            memcpy(out + i, in + i, 16);
        }
        memcpy(out + bytes - 16, in + bytes - 16, 16);
    } else if (bytes >= 8) {
        memcpy(out, in, 8);
        memcpy(out + bytes - 8, in + bytes - 8, 8);
    } else if (bytes >= 4) {
        memcpy(out, in, 4);
        memcpy(out + bytes - 4, in + bytes - 4, 4);
    } else {
        for (size_t i = 0; i < bytes; i++) {
            out[i] = in[i];
        }
    }
}

static void copy_pieces(int8_t *out, size_t out_step, const int8_t *in, size_t in_step,
                        size_t count, size_t bytes)
{
    for (size_t i = 0; bytes == 1 && i < count; i++) {
        out[i * out_step] = in[i * in_step];
    }
    for (size_t i = 0; bytes == 8 && i < count; i++) {
        memcpy(out + i * out_step, in + i * in_step, 8);
    }
    if (bytes == 1 || bytes == 8) {
        return;
    }
    for (size_t i = 0; i < count; i++, out += out_step, in += in_step) {
        copy_piece(out, in, bytes);
    }
}

static void run_parts(const struct nn_op *op, const void *const *in, void *out, void *scratch)
{
    const struct regrouped *r = op->packed;
    int8_t *side_by_side = scratch, *result = side_by_side + r->out_at;
    const void *const part_in[] = { side_by_side };
    for (size_t g = 0; g < r->count; g++) {
        const struct nn_op *part = &r->parts[g];
        const size_t in_c = (size_t)part->p.conv.window.in_c;
        const size_t out_c = (size_t)part->p.conv.window.out_c;
        copy_pieces(side_by_side, in_c, (const int8_t *)in[0] + g * in_c, r->count * in_c,
                    r->in_pixels, in_c);
        part->fast(part, part_in, result, side_by_side + r->part_at);
        copy_pieces((int8_t *)out + g * out_c, r->count * out_c, result, out_c, r->out_pixels,
                    out_c);
    }
}

static void run_one(const struct nn_op *op, const void *const *in, void *out, void *scratch)
{
    const struct regrouped *r = op->packed;
    r->parts[0].fast(&r->parts[0], in, out, scratch);
}

/* ---------------------------------------------------------------- at load */

/* `rows` × `columns` turned into `columns` × `rows`. */
static int8_t *transposed(struct nn_model *model, const int8_t *weights, size_t rows,
                          size_t columns, struct error *err)
{
    int8_t *out = nn_model_alloc(model, rows, columns, err);
    for (size_t i = 0; out && i < rows; i++) {
        for (size_t k = 0; k < columns; k++) {
            out[k * rows + i] = weights[i * columns + k];
        }
    }
    return out;
}

/* The whole operator as one part; false when memory is out. */
static bool set_depthwise(struct nn_model *model, const struct nn_op *op, struct regrouped *r,
                          struct error *err)
{
    struct nn_conv *conv = &r->parts[0].p.conv;
    const struct nn_window *w = &op->p.conv.window;
    conv->multiplier = w->out_c / w->in_c;
    conv->weights = transposed(model, conv->weights, (size_t)w->out_c, taps_of(w), err);
    return conv->weights != NULL;
}

/* A part for each group; false when memory is out. */
static bool set_groups(struct nn_model *model, const struct nn_op *op, struct regrouped *r,
                       struct error *err)
{
    const struct nn_window *w = &op->p.conv.window;
    const int in_c = w->in_c / (int)r->count, out_c = w->out_c / (int)r->count;
    const size_t weights = (size_t)out_c * taps_of(w) * (size_t)in_c;
    const int8_t *from = op->p.conv.weights;
    if (op->kind->code == NN_DEPTHWISE) {
        from = transposed(model, from, taps_of(w), (size_t)w->out_c, err);
    }
    for (size_t g = 0; from && g < r->count; g++) {
        struct nn_conv *conv = &r->parts[g].p.conv;
        conv->groups = 1;
        conv->window.in_c = in_c;
        conv->window.out_c = out_c;
        conv->weights = from + g * weights;
        conv->bias += g * (size_t)out_c;
        conv->scales += g * (size_t)out_c;
    }
    return from != NULL;
}

/* Packs the parts; `ok` becomes whether all were accepted. */
static bool pack_parts(struct nn_model *model, struct regrouped *r, nn_pack_fn pack, bool *ok,
                       struct error *err)
{
    *ok = true;
    for (size_t g = 0; *ok && g < r->count; g++) {
        if (!pack(model, &r->parts[g], err)) {
            return false;
        }
        *ok = r->parts[g].fast != NULL;
    }
    return true;
}

bool nn_regroup(struct nn_model *model, struct nn_op *op, nn_pack_fn conv, nn_pack_fn depthwise,
                struct error *err)
{
    const struct nn_window *w = &op->p.conv.window;
    const bool to_depthwise =
        is_grouped(op) && op->p.conv.groups == w->in_c && !is_large(w->out_c / w->in_c, w->in_c);
    struct regrouped *r = nn_model_alloc(model, 1, sizeof(*r), err);
    if (!r) {
        return false;
    }
    r->count = to_depthwise ? 1 : is_grouped(op) ? (size_t)op->p.conv.groups : (size_t)w->in_c;
    r->in_pixels = (size_t)w->in_h * (size_t)w->in_w;
    r->out_pixels = (size_t)w->out_h * (size_t)w->out_w;
    r->out_at = align_up(r->in_pixels * (size_t)w->in_c / r->count);
    r->part_at = r->out_at + align_up(r->out_pixels * (size_t)w->out_c / r->count);
    r->parts = nn_model_alloc(model, r->count, sizeof(*r->parts), err);
    if (!r->parts) {
        return false;
    }
    for (size_t g = 0; g < r->count; g++) {
        r->parts[g] = *op;
    }
    bool ok = true;
    const size_t before = model->scratch_bytes;
    model->scratch_bytes = 0; /* to learn what the parts need */
    if (!(to_depthwise ? set_depthwise : set_groups)(model, op, r, err) ||
        !pack_parts(model, r, to_depthwise ? depthwise : conv, &ok, err)) {
        return false;
    }
    const size_t needed = model->scratch_bytes + (r->count > 1 ? r->part_at : 0);
    model->scratch_bytes = before;
    if (ok && nn_need_scratch(model, needed)) {
        op->packed = r;
        op->fast = r->count > 1 ? run_parts : run_one;
    }
    return true;
}
