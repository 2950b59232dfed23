#include "net.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "conv.h"
#include "layers.h"

struct slice {
    const struct net *net;
    int batch_max, side_max;
    int batch, side; /* in the last forward pass */
    enum norm_mode mode;
    const float *running;
    float *values[NET_MAX_LAYERS + 1];
    float *grads[NET_MAX_LAYERS + 1];  /* NULL where none is needed */
    bool has_grad[NET_MAX_LAYERS + 1]; /* has a value in this backward pass */
    float *moments;
    float *sums; /* scratch of the norms */
    void *scratch;
    void *memory;
};

static size_t elements(const struct slice *s, size_t tensor, int batch, int side)
{
    const struct tensor *t = &s->net->tensors[tensor];
    size_t own = (size_t)tensor_side(t, side);
    return (size_t)batch * own * own * (size_t)t->parts * (size_t)t->channels;
}

static struct conv_shape shape_of(const struct slice *s, const struct layer *layer, int batch,
                                  int side)
{
    const struct tensor *in = &s->net->tensors[layer->in];
    int in_side = tensor_side(in, side);
    struct conv_shape shape = { .batch = batch,
                                .in_height = in_side,
                                .in_width = in_side,
                                .in_channels = in->channels,
                                .out_channels = s->net->tensors[layer->out].channels,
                                .kernel = layer->kernel,
                                .stride = layer->stride };
    conv_shape_same(&shape);
    return shape;
}

/* The gradient of a norm's input overwrites the input, which is not needed after that. The
 * caller fills the gradient of the logits. */
static bool needs_grad(const struct net *net, size_t tensor)
{
    if (tensor == 0) {
        return false;
    }
    for (size_t i = 0; i < net->layer_count; i++) {
        if (net->layers[i].kind == LAYER_NORM && net->layers[i].in == tensor) {
            return false;
        }
    }
    return true;
}

#define ALIGN 64

/* Pictures lie on different pages, so large pages save TLB misses. Without support for
 * them the advice has no effect. */
#define HUGE_PAGE ((size_t)2 << 20)

static size_t rounded(size_t floats)
{
    return (floats * sizeof(float) + ALIGN - 1) / ALIGN * ALIGN;
}

/* Adds up the memory that is needed, or (memory given) hands out its parts. */
static size_t lay_out(struct slice *s, bool forward_only, char *memory)
{
    const struct net *net = s->net;
    size_t at = 0;
    size_t channels = 0;
    for (size_t t = 0; t < net->tensor_count; t++) {
        size_t bytes = rounded(elements(s, t, s->batch_max, s->side_max));
        s->values[t] = memory ? (float *)(void *)(memory + at) : NULL;
        at += bytes;
        if (!forward_only && needs_grad(net, t)) {
            s->grads[t] = memory ? (float *)(void *)(memory + at) : NULL;
            at += bytes;
        }
        if ((size_t)net->tensors[t].channels > channels) {
            channels = (size_t)net->tensors[t].channels;
        }
    }
    s->moments = memory ? (float *)(void *)(memory + at) : NULL;
    at += rounded(net->moment_count);
    s->sums = memory ? (float *)(void *)(memory + at) : NULL;
    at += rounded(norm_scratch_floats(channels));
    s->scratch = memory ? memory + at : NULL;
    size_t most = 0;
    for (size_t i = 0; i < net->layer_count; i++) {
        if (net->layers[i].kind == LAYER_CONV) {
            struct conv_shape shape = shape_of(s, &net->layers[i], s->batch_max, s->side_max);
            size_t bytes = conv_scratch_bytes(&shape);
            most = bytes > most ? bytes : most;
        }
    }
    return at + (most + ALIGN - 1) / ALIGN * ALIGN;
}

struct slice *slice_new(const struct net *net, int batch, int side, bool forward_only,
                        struct error *err)
{
    struct slice *s = calloc(1, sizeof *s);
    if (!s) {
        error_nomem(err, sizeof *s, "a training slice");
        return NULL;
    }
    s->net = net;
    s->batch_max = batch;
    s->side_max = side;
    size_t bytes = lay_out(s, forward_only, NULL);
    bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    s->memory = aligned_alloc(HUGE_PAGE, bytes);
    if (!s->memory) {
        error_nomem(err, bytes, "the activations of a training slice");
        free(s);
        return NULL;
    }
    madvise(s->memory, bytes, MADV_HUGEPAGE);
    lay_out(s, forward_only, s->memory);
    return s;
}

void slice_free(struct slice *s)
{
    if (s) {
        free(s->memory);
        free(s);
    }
}

float *slice_input(struct slice *s)
{
    return s->values[0];
}

const float *slice_logits(const struct slice *s)
{
    return s->values[s->net->logits];
}

float *slice_logits_grad(struct slice *s)
{
    return s->grads[s->net->logits];
}

const float *slice_projection(const struct slice *s)
{
    return s->values[s->net->projection];
}

float *slice_projection_grad(struct slice *s)
{
    return s->grads[s->net->projection];
}

const float *slice_moments(const struct slice *s)
{
    return s->moments;
}

const float *slice_tensor(const struct slice *s, size_t tensor)
{
    return s->values[tensor];
}

float *slice_tensor_grad(struct slice *s, size_t tensor)
{
    return s->grads[tensor];
}

/* Rows of a tensor of 1 x 1 in the whole slice. */
static size_t rows_of(const struct slice *s, size_t tensor)
{
    return (size_t)s->batch * (size_t)s->net->tensors[tensor].parts;
}

static size_t side_of(const struct slice *s, size_t tensor)
{
    return (size_t)tensor_side(&s->net->tensors[tensor], s->side);
}

static struct norm_shape norm_of(const struct slice *s, const struct layer *layer)
{
    size_t channels = (size_t)s->net->tensors[layer->in].channels;
    return (struct norm_shape){ .rows = elements(s, layer->in, s->batch, s->side) / channels,
                                .channels = channels,
                                .relu = layer->relu,
                                .frozen = s->mode == NORM_FROZEN };
}

static void forward_layer(struct slice *s, const struct layer *layer, const float *p)
{
    const struct net *net = s->net;
    const float *in = s->values[layer->in];
    float *out = s->values[layer->out];
    size_t channels = (size_t)net->tensors[layer->in].channels;
    struct conv_shape shape;
    switch (layer->kind) {
    case LAYER_CONV:
        shape = shape_of(s, layer, s->batch, s->side);
        conv_forward(&shape, in, p, out, s->scratch);
        break;
    case LAYER_DEPTHWISE:
        shape = shape_of(s, layer, s->batch, s->side);
        depthwise_forward(&shape, in, p, out);
        break;
    case LAYER_NORM: {
        struct norm_shape norm = norm_of(s, layer);
        float *moments = s->moments + layer->moments;
        if (s->mode == NORM_FROZEN) {
            memcpy(moments, s->running + layer->moments, 2 * channels * sizeof *moments);
        } else {
            norm_moments(&norm, in, moments, s->sums);
        }
        const float *residual =
            layer->residual == NET_NO_TENSOR ? NULL : s->values[layer->residual];
        norm_forward(&norm, in, residual, p, moments, out, s->sums);
        break;
    }
    case LAYER_MEAN:
        mean_forward((size_t)s->batch,
                     elements(s, layer->in, s->batch, s->side) / channels / (size_t)s->batch,
                     channels, in, out);
        break;
    case LAYER_PARTS:
        parts_forward((size_t)s->batch, side_of(s, layer->in), channels, in, out);
        break;
    case LAYER_DENSE:
        dense_forward(rows_of(s, layer->in), channels, (size_t)net->tensors[layer->out].channels,
                      in, p, out);
        break;
    }
}

void slice_forward(struct slice *s, int batch, int side, const float *parameters,
                   const float *moments, enum norm_mode mode)
{
    s->batch = batch;
    s->side = side;
    s->mode = mode;
    s->running = moments;
    for (size_t i = 0; i < s->net->layer_count; i++) {
        forward_layer(s, &s->net->layers[i], parameters + s->net->layers[i].parameters);
    }
}

void slice_measure(struct slice *s, float *moments)
{
    for (size_t i = 0; i < s->net->layer_count; i++) {
        const struct layer *layer = &s->net->layers[i];
        if (layer->kind == LAYER_NORM) {
            struct norm_shape norm = norm_of(s, layer);
            norm_moments(&norm, s->values[layer->in], moments + layer->moments, s->sums);
        }
    }
}

/* The gradient of tensor t that its readers have accumulated. */
static float *grad_of(struct slice *s, size_t t)
{
    return s->grads[t] ? s->grads[t] : s->values[t];
}

/* The gradient of a norm's output is also that of its residual. Both have the same size,
 * so the residual takes over the array. */
static void hand_on(struct slice *s, size_t out, size_t residual)
{
    if (s->has_grad[residual]) {
        grad_add(elements(s, out, s->batch, s->side), s->grads[out], s->grads[residual]);
    } else {
        float *array = s->grads[out];
        s->grads[out] = s->grads[residual];
        s->grads[residual] = array;
        s->has_grad[residual] = true;
    }
}

static void backward_layer(struct slice *s, const struct layer *layer, const float *p,
                           float *p_grad)
{
    const struct net *net = s->net;
    const float *in = s->values[layer->in];
    float *out_grad = grad_of(s, layer->out);
    float *in_grad = layer->in == 0 ? NULL : grad_of(s, layer->in);
    bool add = s->has_grad[layer->in];
    size_t channels = (size_t)net->tensors[layer->in].channels;
    struct conv_shape shape;
    switch (layer->kind) {
    case LAYER_CONV:
        shape = shape_of(s, layer, s->batch, s->side);
        conv_backward_filter(&shape, in, out_grad, p_grad, s->scratch);
        if (in_grad) {
            conv_backward_input(&shape, out_grad, p, in_grad, add, s->scratch);
        }
        break;
    case LAYER_DEPTHWISE:
        shape = shape_of(s, layer, s->batch, s->side);
        depthwise_backward(&shape, in, out_grad, p, p_grad, in_grad, add);
        break;
    case LAYER_NORM: {
        struct norm_shape norm = norm_of(s, layer);
        bool residual = layer->residual != NET_NO_TENSOR;
        struct norm_backward b = { .in = s->values[layer->in],
                                   .out = residual ? s->values[layer->out] : NULL,
                                   .out_grad = out_grad,
                                   .parameters = p,
                                   .moments = s->moments + layer->moments };
        norm_backward(&norm, &b, p_grad, s->sums);
        if (residual) {
            hand_on(s, layer->out, layer->residual);
        }
        break;
    }
    case LAYER_MEAN:
        mean_backward((size_t)s->batch,
                      elements(s, layer->in, s->batch, s->side) / channels / (size_t)s->batch,
                      channels, out_grad, in_grad, add);
        break;
    case LAYER_PARTS:
        parts_backward((size_t)s->batch, side_of(s, layer->in), channels, out_grad, in_grad, add);
        break;
    case LAYER_DENSE:
        dense_backward(rows_of(s, layer->in), channels, (size_t)net->tensors[layer->out].channels,
                       &(struct dense_backward){ in, p, out_grad, p_grad, in_grad, add });
        break;
    }
    s->has_grad[layer->in] = true;
}

void slice_backward(struct slice *s, const float *parameters, float *parameter_grad)
{
    memset(s->has_grad, 0, sizeof s->has_grad);
    for (size_t i = s->net->layer_count; i-- > 0;) {
        const struct layer *layer = &s->net->layers[i];
        backward_layer(s, layer, parameters + layer->parameters,
                       parameter_grad + layer->parameters);
    }
}
