#include "flat.h"

#include <stdlib.h>

#include "base/mem.h"
#include "conv.h"

#define MAX_KERNEL 7
#define MAX_STRIDE 2
#define MAX_ELEMENTS ((size_t)1 << 26) /* of a tensor or a filter */

size_t flat_elements(const struct flat_tensor *tensor)
{
    return (size_t)tensor->height * (size_t)tensor->width * (size_t)tensor->channels;
}

size_t flat_filter_count(const struct flat_net *net, const struct flat_op *op)
{
    const struct flat_tensor *in = &net->tensors[op->in[0]];
    size_t out = (size_t)net->tensors[op->out].channels;
    size_t taps = (size_t)op->kernel * (size_t)op->kernel;
    switch (op->kind) {
    case FLAT_CONV:
        return out * taps * (size_t)in->channels;
    case FLAT_DEPTHWISE:
        return taps * out;
    case FLAT_DENSE:
        return out * flat_elements(in);
    case FLAT_ADD:
    case FLAT_MEAN:
        break;
    }
    return 0;
}

static bool tensor_fits(const struct flat_tensor *t)
{
    size_t limit = MAX_ELEMENTS;
    return t->height > 0 && t->width > 0 && t->channels > 0 && (size_t)t->height <= limit &&
           (size_t)t->width <= limit / (size_t)t->height &&
           (size_t)t->channels <= limit / (size_t)t->height / (size_t)t->width;
}

static bool add_tensor(struct flat_net *net, struct flat_tensor tensor, struct error *err)
{
    if (!tensor_fits(&tensor)) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "a tensor of %d x %d x %d; the limit is %zu values", tensor.height,
                         tensor.width, tensor.channels, MAX_ELEMENTS);
    }
    if (!mem_reserve(&net->tensors, &net->tensor_capacity, net->tensor_count + 1,
                     sizeof *net->tensors)) {
        return error_nomem(err, sizeof *net->tensors, "a network");
    }
    net->tensors[net->tensor_count++] = tensor;
    return true;
}

bool flat_net_init(struct flat_net *net, int height, int width, int channels, struct error *err)
{
    *net = (struct flat_net){ .tensors = NULL };
    return add_tensor(net, (struct flat_tensor){ height, width, channels, false }, err);
}

void flat_net_release(struct flat_net *net)
{
    for (size_t i = 0; i < net->op_count; i++) {
        free(net->ops[i].filter);
        free(net->ops[i].bias);
    }
    free(net->ops);
    free(net->tensors);
    *net = (struct flat_net){ .tensors = NULL };
}

static bool is_map(const struct flat_net *net, size_t tensor, struct error *err)
{
    return !net->tensors[tensor].vector ||
           error_set(err, ERROR_UNSUPPORTED, "tensor %zu has no height and width", tensor);
}

static bool window_fits(const struct flat_op *op, struct error *err)
{
    if (op->kernel < 1 || op->kernel > MAX_KERNEL || op->stride < 1 || op->stride > MAX_STRIDE) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "a kernel of %d and a stride of %d; the limits are %d and %d", op->kernel,
                         op->stride, MAX_KERNEL, MAX_STRIDE);
    }
    return true;
}

static bool output_of(const struct flat_net *net, const struct flat_op *op, int channels,
                      struct flat_tensor *out, struct error *err)
{
    const struct flat_tensor *a = &net->tensors[op->in[0]];
    const struct flat_tensor *b = &net->tensors[op->in[1]];
    *out = *a;
    switch (op->kind) {
    case FLAT_CONV:
    case FLAT_DEPTHWISE:
        out->height = (a->height + op->stride - 1) / op->stride;
        out->width = (a->width + op->stride - 1) / op->stride;
        out->channels = op->kind == FLAT_CONV ? channels : a->channels;
        return is_map(net, op->in[0], err);
    case FLAT_ADD:
        return (a->height == b->height && a->width == b->width && a->channels == b->channels &&
                a->vector == b->vector) ||
               error_set(err, ERROR_UNSUPPORTED, "a sum of tensors of different shapes");
    case FLAT_MEAN:
        *out = (struct flat_tensor){ 1, 1, a->channels, true };
        return is_map(net, op->in[0], err);
    case FLAT_DENSE:
        *out = (struct flat_tensor){ 1, 1, channels, true };
        return true;
    }
    return false;
}

struct flat_op *flat_net_add(struct flat_net *net, const struct flat_op *like, int channels,
                             struct error *err)
{
    struct flat_op op = { .kind = like->kind,
                          .in = { like->in[0], like->kind == FLAT_ADD ? like->in[1] : 0 },
                          .out = net->tensor_count,
                          .kernel = 1,
                          .stride = 1,
                          .relu = like->relu && like->kind != FLAT_MEAN };
    struct flat_tensor out;
    if (op.kind == FLAT_CONV || op.kind == FLAT_DEPTHWISE) {
        op.kernel = like->kernel;
        op.stride = like->stride;
    }
    if (op.in[0] >= net->tensor_count || op.in[1] >= net->tensor_count) {
        error_set(err, ERROR_UNSUPPORTED, "an operator that reads a tensor before it is written");
        return NULL;
    }
    if (!window_fits(&op, err) || !output_of(net, &op, channels, &out, err) ||
        !add_tensor(net, out, err)) {
        return NULL;
    }
    size_t count = flat_filter_count(net, &op);
    if (count > MAX_ELEMENTS) {
        error_set(err, ERROR_UNSUPPORTED, "a filter of %zu weights; the limit is %zu", count,
                  MAX_ELEMENTS);
        return NULL;
    }
    op.filter = count ? mem_array(count, sizeof *op.filter) : NULL;
    op.bias = count ? mem_array((size_t)out.channels, sizeof *op.bias) : NULL;
    if ((count && (!op.filter || !op.bias)) ||
        !mem_reserve(&net->ops, &net->op_capacity, net->op_count + 1, sizeof *net->ops)) {
        free(op.filter);
        free(op.bias);
        error_nomem(err, count * sizeof *op.filter, "a network");
        return NULL;
    }
    net->ops[net->op_count] = op;
    return &net->ops[net->op_count++];
}
