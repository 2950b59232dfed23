#include "flat.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conv.h"
#include "nn/weights.h"

#define NOT_THERE ((size_t)-1)

static const struct {
    const char *name;
    enum flat_kind kind;
} kinds[] = {
    { "CONV_2D", FLAT_CONV }, { "DEPTHWISE_CONV_2D", FLAT_DEPTHWISE }, { "ADD", FLAT_ADD },
    { "MEAN", FLAT_MEAN },    { "FULLY_CONNECTED", FLAT_DENSE },
};

struct reader {
    struct flat_net *net;
    const struct nn_model *model;
    size_t *tensors; /* index in the net of each tensor of the model */
    struct error *err;
};

__attribute__((format(printf, 3, 4))) static bool refuse(const struct reader *r, size_t op,
                                                         const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return error_set(r->err, ERROR_UNSUPPORTED,
                     "operator %zu of the model (%s) cannot be trained: %s", op,
                     nn_model_op(r->model, op)->name, text);
}

static bool find_kind(const char *name, enum flat_kind *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *kind = kinds[i].kind;
            return true;
        }
    }
    return false;
}

/* Checks that a window is square, not dilated and padded as SAME. */
static bool check_window(const struct reader *r, size_t op, const struct nn_weights *w)
{
    struct conv_shape s = { .in_height = w->input.dims[1],
                            .in_width = w->input.dims[2],
                            .kernel = w->kernel_h,
                            .stride = w->stride_h };
    const int32_t *out = nn_model_op(r->model, op)->output.dims;
    if (w->kernel_h != w->kernel_w || w->stride_h != w->stride_w) {
        return refuse(r, op, "its window is not square");
    }
    conv_shape_same(&s);
    if (w->dilation_h != 1 || w->dilation_w != 1 || s.pad_top != w->pad_top ||
        s.pad_left != w->pad_left || s.out_height != out[1] || s.out_width != out[2]) {
        return refuse(r, op, "its window is dilated, or not padded as SAME does");
    }
    return true;
}

static bool check_weights(const struct reader *r, size_t op, const struct flat_op *o,
                          const struct nn_weights *w)
{
    const struct flat_tensor *in = &r->net->tensors[o->in[0]];
    if (o->kind == FLAT_DENSE) {
        return (size_t)w->in_channels == flat_elements(in) ||
               refuse(r, op, "it reads the input in parts");
    }
    if (o->kind == FLAT_DEPTHWISE && w->out_channels != in->channels) {
        return refuse(r, op, "it makes several output channels from one input channel");
    }
    if (w->groups > 1) {
        return refuse(r, op, "its channels are in %d groups", w->groups);
    }
    return check_window(r, op, w);
}

/* Dequantises a filter; one that reads tensor 0 is scaled to that tensor's unit. */
static void copy_weights(const struct reader *r, size_t op, struct flat_op *o,
                         const struct nn_weights *w)
{
    size_t channels = (size_t)w->out_channels;
    size_t count = flat_filter_count(r->net, o);
    size_t each = count / channels;
    float out_scale = nn_model_op(r->model, op)->output.scale;
    float unit = o->in[0] == 0 ? 1 / FLAT_INPUT_SCALE : 1;
    for (size_t i = 0; i < count; i++) {
        size_t channel = o->kind == FLAT_DEPTHWISE ? i % channels : i / each;
        float scale = w->factors[channel] * out_scale / w->input.scale;
        o->filter[i] = (float)w->filter[i] * scale * unit;
    }
    for (size_t c = 0; c < channels; c++) {
        o->bias[c] = (float)w->bias[c] * w->factors[c] * out_scale;
    }
}

static bool read_op(const struct reader *r, size_t op)
{
    struct nn_links links;
    struct nn_weights w = { .out_channels = 0 };
    struct flat_op like = { .kind = FLAT_ADD };
    struct error why;
    nn_model_links(r->model, op, &links);
    if (!find_kind(nn_model_op(r->model, op)->name, &like.kind)) {
        return refuse(r, op, "only convolutions, sums, means and dense layers can");
    }
    if (links.activation != NN_ACTIVATION_NONE && links.activation != NN_ACTIVATION_RELU) {
        return refuse(r, op, "its activation is neither none nor RELU");
    }
    if (links.input_count != (like.kind == FLAT_ADD ? 2 : 1)) {
        return refuse(r, op, "it reads %zu activations", links.input_count);
    }
    like.relu = links.activation == NN_ACTIVATION_RELU;
    for (size_t i = 0; i < links.input_count; i++) {
        like.in[i] = r->tensors[links.inputs[i]];
        if (like.in[i] == NOT_THERE) {
            return refuse(r, op, "it reads a constant");
        }
    }
    if (nn_model_weights(r->model, op, &w)) {
        like.kernel = w.kernel_h;
        like.stride = w.stride_h;
        if (!check_weights(r, op, &like, &w)) {
            return false;
        }
    }
    struct flat_op *o = flat_net_add(r->net, &like, w.out_channels, &why);
    if (!o) {
        return why.kind == ERROR_UNSUPPORTED ? refuse(r, op, "%s", why.message)
                                             : error_set(r->err, why.kind, "%s", why.message);
    }
    if (o->filter) {
        copy_weights(r, op, o, &w);
    }
    r->tensors[links.output] = o->out;
    return true;
}

static bool read_ops(const struct reader *r)
{
    size_t count = nn_model_op_count(r->model);
    bool softmax = count > 0 && strcmp(nn_model_op(r->model, count - 1)->name, "SOFTMAX") == 0;
    for (size_t i = 0; i + (softmax ? 1 : 0) < count; i++) {
        if (!read_op(r, i)) {
            return false;
        }
    }
    const struct flat_net *net = r->net;
    if (net->op_count == 0 || net->ops[net->op_count - 1].kind != FLAT_DENSE ||
        net->ops[net->op_count - 1].relu) {
        return error_set(r->err, ERROR_UNSUPPORTED,
                         "the model does not end in a FULLY_CONNECTED and SOFTMAX");
    }
    return true;
}

static bool check_input(const struct nn_model *model, struct nn_image_shape *shape,
                        struct error *err)
{
    const struct nn_tensor_info *input = nn_model_input(model);
    if (!nn_model_image(model, shape) || shape->channels_first || input->type != NN_INT8 ||
        input->scale != 1 || input->zero_point != 0) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "the model's input is not a picture of int8 values at scale 1: only "
                         "models that thumbtag wrote can be trained further");
    }
    return true;
}

bool flat_from_model(struct flat_net *net, const struct nn_model *model, struct error *err)
{
    struct nn_image_shape shape;
    struct reader r = { .net = net, .model = model, .err = err };
    size_t count = nn_model_tensor_count(model);
    *net = (struct flat_net){ .tensors = NULL };
    if (!check_input(model, &shape, err)) {
        return false;
    }
    r.tensors = mem_array(count, sizeof *r.tensors);
    if (!r.tensors) {
        return error_nomem(err, count * sizeof *r.tensors, "a network");
    }
    for (size_t i = 0; i < count; i++) {
        r.tensors[i] = NOT_THERE;
    }
    r.tensors[nn_model_input_tensor(model)] = 0;
    bool ok = flat_net_init(net, shape.height, shape.width, shape.channels, err) && read_ops(&r);
    free(r.tensors);
    return ok;
}
