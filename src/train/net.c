#include "net.h"

#include <math.h>

#include "base/random.h"
#include "conv.h"

void net_init(struct net *net, int channels)
{
    *net = (struct net){ .tensor_count = 1,
                         .projection = NET_NO_TENSOR,
                         .fine_projection = NET_NO_TENSOR };
    net->tensors[0] = (struct tensor){ .shrink = 1, .channels = channels, .parts = 1 };
}

static struct layer *add_layer(struct net *net, enum layer_kind kind, size_t in, int shrink,
                               int channels)
{
    struct layer *layer = &net->layers[net->layer_count++];
    *layer = (struct layer){ .kind = kind,
                             .in = in,
                             .out = net->tensor_count,
                             .residual = NET_NO_TENSOR,
                             .parameters = net->parameter_count };
    net->tensors[net->tensor_count++] = (struct tensor){ shrink, channels, 1 };
    net->kept_layers = net->layer_count;
    return layer;
}

static size_t finish(struct net *net, struct layer *layer)
{
    net->parameter_count += layer_parameters(net, layer, NULL);
    return layer->out;
}

size_t net_conv(struct net *net, size_t in, int kernel, int stride, int channels)
{
    struct layer *layer =
        add_layer(net, LAYER_CONV, in, net->tensors[in].shrink * stride, channels);
    layer->kernel = kernel;
    layer->stride = stride;
    return finish(net, layer);
}

size_t net_depthwise(struct net *net, size_t in, int kernel, int stride)
{
    const struct tensor *t = &net->tensors[in];
    struct layer *layer = add_layer(net, LAYER_DEPTHWISE, in, t->shrink * stride, t->channels);
    layer->kernel = kernel;
    layer->stride = stride;
    return finish(net, layer);
}

size_t net_norm(struct net *net, size_t in, size_t residual, bool relu)
{
    const struct tensor *t = &net->tensors[in];
    struct layer *layer = add_layer(net, LAYER_NORM, in, t->shrink, t->channels);
    layer->residual = residual;
    layer->relu = relu;
    layer->moments = net->moment_count;
    net->moment_count += 2 * (size_t)t->channels;
    return finish(net, layer);
}

size_t net_mean(struct net *net, size_t in)
{
    return finish(net, add_layer(net, LAYER_MEAN, in, 0, net->tensors[in].channels));
}

size_t net_dense(struct net *net, size_t in, int classes)
{
    net->classes = classes;
    net->logits = finish(net, add_layer(net, LAYER_DENSE, in, 0, classes));
    return net->logits;
}

/* A dense layer over the parts of a map. */
static size_t project_parts(struct net *net, size_t map, int count)
{
    size_t means = finish(net, add_layer(net, LAYER_PARTS, map, 0, net->tensors[map].channels));
    net->tensors[means].parts = NET_PARTS;
    size_t out = finish(net, add_layer(net, LAYER_DENSE, means, 0, count));
    net->tensors[out].parts = NET_PARTS;
    return out;
}

/* The map whose mean the last layer reads. */
static size_t pooled_map(const struct net *net)
{
    size_t l = net->kept_layers;
    while (net->layers[l - 1].kind != LAYER_MEAN) {
        l--;
    }
    return net->layers[l - 1].in;
}

size_t net_project(struct net *net, int count, bool parts)
{
    size_t kept = net->kept_layers;
    size_t in = net->layers[kept - 1].in;
    net->projection = parts ? project_parts(net, pooled_map(net), count)
                            : finish(net, add_layer(net, LAYER_DENSE, in, 0, count));
    net->kept_layers = kept;
    return net->projection;
}

/* NET_NO_TENSOR: there is none. */
static size_t finer_map(const struct net *net)
{
    int half = net->tensors[pooled_map(net)].shrink / 2;
    size_t found = NET_NO_TENSOR;
    for (size_t l = 0; l < net->kept_layers; l++) {
        const struct layer *layer = &net->layers[l];
        bool map = layer->kind == LAYER_NORM && net->tensors[layer->out].shrink == half;
        found = map ? layer->out : found;
    }
    return found;
}

bool net_has_finer(const struct net *net)
{
    return finer_map(net) != NET_NO_TENSOR;
}

size_t net_project_fine(struct net *net, int count)
{
    size_t kept = net->kept_layers;
    net->fine_projection = project_parts(net, finer_map(net), count);
    net->kept_layers = kept;
    return net->fine_projection;
}

size_t layer_parameters(const struct net *net, const struct layer *layer, size_t *filter)
{
    size_t in = (size_t)net->tensors[layer->in].channels;
    size_t out = (size_t)net->tensors[layer->out].channels;
    size_t taps = (size_t)layer->kernel * (size_t)layer->kernel;
    size_t decaying = 0;
    size_t others = 0;
    switch (layer->kind) {
    case LAYER_CONV:
        decaying = out * taps * in;
        break;
    case LAYER_DEPTHWISE:
        decaying = taps * out;
        break;
    case LAYER_NORM:
        others = 2 * out;
        break;
    case LAYER_DENSE:
        decaying = out * in;
        others = out;
        break;
    case LAYER_MEAN:
    case LAYER_PARTS:
        break;
    }
    if (filter) {
        *filter = decaying;
    }
    return decaying + others;
}

int tensor_side(const struct tensor *tensor, int side)
{
    int shrink = tensor->shrink;
    while (shrink > 1) { /* halved step by step, rounding up */
        side = (side + 1) / 2;
        shrink /= 2;
    }
    return tensor->shrink == 0 ? 1 : side;
}

size_t net_kept_parameters(const struct net *net)
{
    return net->kept_layers < net->layer_count ? net->layers[net->kept_layers].parameters
                                               : net->parameter_count;
}

double net_macs(const struct net *net, int side)
{
    double macs = 0;
    for (size_t i = 0; i < net->kept_layers; i++) {
        const struct layer *layer = &net->layers[i];
        size_t filter;
        layer_parameters(net, layer, &filter);
        double out = tensor_side(&net->tensors[layer->out], side);
        macs += (double)filter * out * out;
    }
    return macs;
}

void net_start(const struct net *net, unsigned long long seed, float *parameters, float *moments)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        const struct layer *layer = &net->layers[i];
        size_t filter;
        size_t count = layer_parameters(net, layer, &filter);
        float *p = parameters + layer->parameters;
        size_t out = (size_t)net->tensors[layer->out].channels;
        struct random random = random_start(seed, i);
        size_t fan_in = filter / (out ? out : 1);
        float spread =
            sqrtf((layer->kind == LAYER_DENSE ? 1.0f : 2.0f) / (float)(fan_in ? fan_in : 1));
        for (size_t j = 0; j < filter; j++) {
            p[j] = spread * random_normal(&random);
        }
        for (size_t j = filter; j < count; j++) {
            bool gamma = layer->kind == LAYER_NORM && j < out;
            p[j] = gamma && layer->residual == NET_NO_TENSOR ? 1 : 0;
        }
        if (layer->kind == LAYER_NORM) {
            for (size_t c = 0; c < out; c++) {
                moments[layer->moments + c] = 0;
                moments[layer->moments + out + c] = 1;
            }
        }
    }
}
