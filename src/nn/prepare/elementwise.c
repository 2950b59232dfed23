/* Checks of the operators that work element by element. */
#include "prepare.h"

#include <math.h>
#include <string.h>

#include "requantize.h"

/* The larger factor becomes a multiplier of 2^20 to 2^21; see requantize.h. */
static bool set_multipliers(const struct nn_prepare *p, const struct nn_tensor_info *a,
                            const struct nn_tensor_info *b)
{
    struct nn_add *add = &p->op->p.add;
    float out = p->op->out->info.scale;
    float factors[2] = { a->scale / out, b->scale / out };
    float larger = fmaxf(factors[0], factors[1]);
    int exponent;
    if (!(larger >= NN_ADD_FACTOR_MIN) || !(larger < NN_ADD_FACTOR_MAX)) {
        return nn_refuse(p, ERROR_UNSUPPORTED,
                         "the scales give a factor of %g; %g to %g is supported", (double)larger,
                         (double)NN_ADD_FACTOR_MIN, (double)NN_ADD_FACTOR_MAX);
    }
    frexpf(larger, &exponent);
    add->shift = 21 - exponent;
    for (int i = 0; i < 2; i++) {
        add->multipliers[i] = (int32_t)lrintf(ldexpf(factors[i], add->shift));
    }
    add->bias = (1 << (add->shift - 1)) - add->multipliers[0] * a->zero_point -
                add->multipliers[1] * b->zero_point;
    return true;
}

bool nn_prepare_add(struct nn_prepare *p)
{
    const struct nn_tensor *a = p->op->in[0], *b = p->op->in[1];
    if (!nn_need_int8(p) || !nn_need_type(p, b, NN_INT8, "second input") ||
        !nn_need_output_dims(p, a->info.rank, a->info.dims)) {
        return false;
    }
    if (b->info.rank != a->info.rank ||
        memcmp(a->info.dims, b->info.dims, sizeof(a->info.dims)) != 0) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "the inputs have different shapes");
    }
    p->op->p.add.elements = a->info.elements;
    return set_multipliers(p, &a->info, &b->info) &&
           nn_need_activation(p, fb_u8(&p->op->options, 0, 0), &p->op->p.add.range);
}

static bool set_rescale(struct nn_prepare *p, const struct nn_tensor *in, struct nn_rescale *r)
{
    const struct nn_tensor_info *out = &p->op->out->info;
    r->elements = in->info.elements;
    r->from = in->info.type;
    r->to = out->type;
    r->from_zero_point = in->info.zero_point;
    r->to_zero_point = out->zero_point;
    r->scale = (in->info.type == NN_FLOAT32 ? 1.0f : in->info.scale) /
               (out->type == NN_FLOAT32 ? 1.0f : out->scale);
    return in->info.type == NN_FLOAT32 || out->type == NN_FLOAT32
               ? isfinite(r->scale) || nn_refuse(p, ERROR_DATA, "the scale is out of range")
               : nn_need_scale(p, r->scale);
}

bool nn_prepare_quantize(struct nn_prepare *p)
{
    const struct nn_tensor *in = p->op->in[0], *out = p->op->out;
    enum nn_type from =
        in->info.type == NN_FLOAT32 || in->info.type == NN_UINT8 ? in->info.type : NN_INT8;
    enum nn_type to = out->info.type == NN_UINT8 ? NN_UINT8 : NN_INT8;
    if (!nn_need_type(p, in, from, "input") || !nn_need_type(p, out, to, "output") ||
        !nn_need_output_dims(p, in->info.rank, in->info.dims)) {
        return false;
    }
    if (from == NN_FLOAT32 && in->data) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "the input is a constant");
    }
    return set_rescale(p, in, &p->op->p.rescale);
}

bool nn_prepare_dequantize(struct nn_prepare *p)
{
    const struct nn_tensor *in = p->op->in[0];
    enum nn_type from = in->info.type == NN_UINT8 ? NN_UINT8 : NN_INT8;
    return nn_need_type(p, in, from, "input") &&
           nn_need_type(p, p->op->out, NN_FLOAT32, "output") &&
           nn_need_output_dims(p, in->info.rank, in->info.dims) &&
           set_rescale(p, in, &p->op->p.rescale);
}

bool nn_prepare_softmax(struct nn_prepare *p)
{
    const struct nn_tensor_info *in = &p->op->in[0]->info, *out = &p->op->out->info;
    if (!nn_need_int8(p) || !nn_need_output_dims(p, in->rank, in->dims)) {
        return false;
    }
    if (in->rank < 1) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "the input is a single value");
    }
    struct nn_softmax *softmax = &p->op->p.softmax;
    softmax->columns = (size_t)in->dims[in->rank - 1];
    softmax->rows = in->elements / softmax->columns;
    softmax->beta = fb_f32(&p->op->options, 0, 0.0f);
    softmax->input_scale = in->scale;
    softmax->output_scale = out->scale;
    softmax->output_zero_point = out->zero_point;
    if (!(softmax->beta > 0) || !isfinite(softmax->beta)) {
        return nn_refuse(p, ERROR_DATA, "beta is %g; it must be positive", (double)softmax->beta);
    }
    return true;
}

bool nn_prepare_concat(struct nn_prepare *p)
{
    const struct nn_tensor_info *out = &p->op->out->info;
    struct nn_op *op = p->op;
    int axis = fb_i32(&op->options, 0, 0);
    axis += axis < 0 ? out->rank : 0;
    if (axis < 0 || axis >= out->rank) {
        return nn_refuse(p, ERROR_DATA, "axis %d does not exist among %d dimensions", axis,
                         out->rank);
    }
    if (fb_u8(&op->options, 1, 0) != 0) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "a fused activation");
    }
    struct nn_concat_part *parts =
        nn_model_alloc(p->model, op->operand_count, sizeof(*parts), p->err);
    if (!parts) {
        return false;
    }
    int64_t together = 0;
    struct nn_concat *concat = &op->p.concat;
    *concat = (struct nn_concat){ .rows = 1, .row_bytes = 1, .parts = parts };
    for (int d = 0; d < out->rank; d++) {
        *(d < axis ? &concat->rows : &concat->row_bytes) *= (size_t)out->dims[d];
    }
    for (size_t i = 0; i < op->operand_count; i++) {
        if (!nn_need_type(p, op->in[i], NN_INT8, "input") ||
            !nn_need_type(p, op->out, NN_INT8, "output")) {
            return false;
        }
        const struct nn_tensor_info *in = &op->in[i]->info;
        bool fits = in->rank == out->rank;
        for (int d = 0; fits && d < out->rank; d++) {
            fits = d == axis || in->dims[d] == out->dims[d];
        }
        if (!fits) {
            return nn_refuse(p, ERROR_DATA, "input %zu does not fit the output's shape", i);
        }
        together += in->dims[axis];
        parts[i].run = in->elements / concat->rows;
        parts[i].same = in->scale == out->scale && in->zero_point == out->zero_point;
        if (!set_rescale(p, op->in[i], &parts[i].rescale)) {
            return false;
        }
        parts[i].rescale.elements = parts[i].run;
    }
    if (together != out->dims[axis]) {
        return nn_refuse(p, ERROR_DATA,
                         "the inputs add up to %lld along axis %d, but the output has %d",
                         (long long)together, axis, (int)out->dims[axis]);
    }
    return true;
}
