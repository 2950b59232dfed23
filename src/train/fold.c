#include "fold.h"

#include <math.h>
#include <string.h>

#include "layers.h"

/* The layer that writes tensor t; NULL for the input. */
static const struct layer *maker(const struct net *net, size_t t)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        if (net->layers[i].out == t) {
            return &net->layers[i];
        }
    }
    return NULL;
}

struct fold {
    const struct net *net;
    const float *parameters, *moments;
    struct flat_net *out;
    size_t tensors[NET_MAX_LAYERS + 1]; /* tensors of the flat net, by index of `net`'s */
};

static size_t fan_in(const struct net *net, const struct layer *layer)
{
    size_t filter;
    layer_parameters(net, layer, &filter);
    return filter / (size_t)net->tensors[layer->out].channels;
}

/* Appends a convolution with its norm folded in. */
static bool add_conv(struct fold *f, const struct layer *conv, const struct layer *norm,
                     struct error *err)
{
    bool depthwise = conv->kind == LAYER_DEPTHWISE;
    bool added = norm->residual != NET_NO_TENSOR;
    struct flat_op like = { .kind = depthwise ? FLAT_DEPTHWISE : FLAT_CONV,
                            .in = { f->tensors[conv->in] },
                            .kernel = conv->kernel,
                            .stride = conv->stride,
                            .relu = norm->relu && !added };
    int channels = f->net->tensors[conv->out].channels;
    struct flat_op *op = flat_net_add(f->out, &like, channels, err);
    if (!op) {
        return false;
    }
    size_t taps = fan_in(f->net, conv);
    const float *filter = f->parameters + conv->parameters;
    const float *gamma = f->parameters + norm->parameters;
    const float *mean = f->moments + norm->moments;
    for (size_t c = 0; c < (size_t)channels; c++) {
        float scale = gamma[c] / sqrtf(mean[(size_t)channels + c] + NET_NORM_EPSILON);
        for (size_t k = 0; k < taps; k++) {
            size_t at = depthwise ? k * (size_t)channels + c : c * taps + k;
            op->filter[at] = filter[at] * scale;
        }
        op->bias[c] = gamma[(size_t)channels + c] - mean[c] * scale;
    }
    f->tensors[norm->out] = op->out;
    if (!added) {
        return true;
    }
    struct flat_op sum = { .kind = FLAT_ADD,
                           .in = { op->out, f->tensors[norm->residual] },
                           .relu = norm->relu };
    op = flat_net_add(f->out, &sum, channels, err);
    f->tensors[norm->out] = op ? op->out : 0;
    return op != NULL;
}

static bool add_last(struct fold *f, const struct layer *layer, struct error *err)
{
    bool dense = layer->kind == LAYER_DENSE;
    struct flat_op like = { .kind = dense ? FLAT_DENSE : FLAT_MEAN,
                            .in = { f->tensors[layer->in] } };
    int channels = f->net->tensors[layer->out].channels;
    struct flat_op *op = flat_net_add(f->out, &like, channels, err);
    if (!op) {
        return false;
    }
    f->tensors[layer->out] = op->out;
    if (dense) {
        size_t filter;
        layer_parameters(f->net, layer, &filter);
        memcpy(op->filter, f->parameters + layer->parameters, filter * sizeof *op->filter);
        memcpy(op->bias, f->parameters + layer->parameters + filter,
               (size_t)channels * sizeof *op->bias);
    }
    return true;
}

bool fold_net(const struct net *net, const float *parameters, const float *moments, int side,
              struct flat_net *out, struct error *err)
{
    struct fold f = { .net = net, .parameters = parameters, .moments = moments, .out = out };
    bool ok = flat_net_init(out, side, side, net->tensors[0].channels, err);
    for (size_t i = 0; ok && i < net->kept_layers; i++) {
        const struct layer *layer = &net->layers[i];
        if (layer->kind == LAYER_NORM) {
            ok = add_conv(&f, maker(net, layer->in), layer, err);
        } else if (layer->kind == LAYER_MEAN || layer->kind == LAYER_DENSE) {
            ok = add_last(&f, layer, err);
        }
    }
    return ok;
}

/* Whether the only reader of an operator's output is the ADD after it. */
static const struct flat_op *added_to(const struct flat_net *flat, const struct flat_op *op)
{
    const struct flat_op *sum = NULL;
    for (size_t i = 0; i < flat->op_count; i++) {
        const struct flat_op *reader = &flat->ops[i];
        for (size_t k = 0; k < (reader->kind == FLAT_ADD ? 2u : 1u); k++) {
            if (reader->in[k] != op->out) {
                continue;
            }
            if (sum || reader->kind != FLAT_ADD || op->relu) {
                return NULL;
            }
            sum = reader;
        }
    }
    return sum;
}

/* The ADD that a convolution's norm absorbs as its residual: that of the operand which is
 * computed last. */
static const struct flat_op *residual_of(const struct flat_net *flat, const struct flat_op *op)
{
    const struct flat_op *sum = added_to(flat, op);
    if (!sum) {
        return NULL;
    }
    size_t other = sum->in[0] == op->out ? sum->in[1] : sum->in[0];
    return op->out > other ? sum : NULL; /* tensors are numbered in the order they are written */
}

struct unfold {
    const struct flat_net *flat;
    struct net *net;
    size_t *tensors; /* tensors of `net`, by index of the flat net's */
};

static bool add_layers(struct unfold *u, const struct flat_op *op, int classes, struct error *err)
{
    struct net *net = u->net;
    size_t in = u->tensors[op->in[0]];
    int channels = u->flat->tensors[op->out].channels;
    const struct flat_op *sum;
    size_t x;
    if (net->layer_count + 2 > NET_MAX_LAYERS) {
        return error_set(err, ERROR_UNSUPPORTED, "a network of more than %d layers",
                         NET_MAX_LAYERS);
    }
    switch (op->kind) {
    case FLAT_CONV:
    case FLAT_DEPTHWISE:
        x = op->kind == FLAT_CONV ? net_conv(net, in, op->kernel, op->stride, channels)
                                  : net_depthwise(net, in, op->kernel, op->stride);
        sum = residual_of(u->flat, op);
        if (sum) {
            size_t other = sum->in[0] == op->out ? sum->in[1] : sum->in[0];
            u->tensors[sum->out] = net_norm(net, x, u->tensors[other], sum->relu);
        } else {
            u->tensors[op->out] = net_norm(net, x, NET_NO_TENSOR, op->relu);
        }
        return true;
    case FLAT_ADD:
        return u->tensors[op->out] != NET_NO_TENSOR ||
               error_set(
                   err, ERROR_UNSUPPORTED,
                   "an ADD neither of whose inputs comes directly from a convolution cannot be "
                   "trained");
    case FLAT_MEAN:
        u->tensors[op->out] = net_mean(net, in);
        return true;
    case FLAT_DENSE:
        u->tensors[op->out] = net_dense(net, in, classes);
        return !op->relu || error_set(err, ERROR_UNSUPPORTED,
                                      "a dense layer with a fused RELU cannot be trained");
    }
    return false;
}

bool unfold_net(const struct flat_net *flat, int classes, struct net *net, struct error *err)
{
    size_t tensors[NET_MAX_LAYERS + 1];
    struct unfold u = { flat, net, tensors };
    if (flat->tensor_count > NET_MAX_LAYERS || flat->op_count == 0 ||
        flat->ops[flat->op_count - 1].kind != FLAT_DENSE) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "only models of at most %d operators that end in a dense layer can be "
                         "trained",
                         NET_MAX_LAYERS);
    }
    for (size_t i = 0; i <= NET_MAX_LAYERS; i++) {
        tensors[i] = NET_NO_TENSOR;
    }
    tensors[0] = 0;
    net_init(net, flat->tensors[0].channels);
    for (size_t i = 0; i < flat->op_count; i++) {
        const struct flat_op *op = &flat->ops[i];
        int at = i + 1 < flat->op_count ? flat->tensors[op->out].channels : classes;
        if (!add_layers(&u, op, op->kind == FLAT_DENSE ? at : classes, err)) {
            return false;
        }
    }
    return true;
}

void unfold_parameters(const struct flat_net *flat, const struct net *net, bool keep_last,
                       float *parameters, float *moments)
{
    const struct layer *layer = net->layers;
    for (size_t i = 0; i < flat->op_count; i++) {
        const struct flat_op *op = &flat->ops[i];
        if (op->kind == FLAT_ADD) {
            continue;
        }
        size_t filter;
        size_t channels = (size_t)net->tensors[layer->out].channels;
        layer_parameters(net, layer, &filter);
        float *p = parameters + layer->parameters;
        bool last = i + 1 == flat->op_count;
        if (op->kind == FLAT_DENSE) {
            memset(p, 0, (filter + channels) * sizeof *p);
        }
        if (filter && (!last || keep_last)) {
            memcpy(p, op->filter, filter * sizeof *p);
        }
        if (op->kind == FLAT_DENSE && (!last || keep_last)) {
            memcpy(p + filter, op->bias, channels * sizeof *p);
        }
        layer++;
        if (op->kind == FLAT_CONV || op->kind == FLAT_DEPTHWISE) {
            p = parameters + layer->parameters;
            for (size_t c = 0; c < channels; c++) {
                p[c] = sqrtf(1 + NET_NORM_EPSILON);
                p[channels + c] = op->bias[c];
                moments[layer->moments + c] = 0;
                moments[layer->moments + channels + c] = 1;
            }
            layer++;
        }
    }
}

void unfold_moments(const struct net *net, const float *seen, float *parameters, float *moments)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        const struct layer *layer = &net->layers[i];
        if (layer->kind != LAYER_NORM) {
            continue;
        }
        size_t channels = (size_t)net->tensors[layer->in].channels;
        float *gamma = parameters + layer->parameters;
        float *beta = gamma + channels;
        float *mean = moments + layer->moments;
        float *variance = mean + channels;
        const float *now = seen + layer->moments;
        for (size_t c = 0; c < channels; c++) {
            float scale = gamma[c] / sqrtf(variance[c] + NET_NORM_EPSILON);
            beta[c] += (now[c] - mean[c]) * scale;
            gamma[c] = scale * sqrtf(now[channels + c] + NET_NORM_EPSILON);
            mean[c] = now[c];
            variance[c] = now[channels + c];
        }
    }
}
