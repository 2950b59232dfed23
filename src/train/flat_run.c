#include "flat.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conv.h"
#include "layers.h"
#include "matmul.h"

#define ALIGN 64

struct flat_runner {
    const struct flat_net *net;
    size_t batch;
    float **values; /* of each tensor */
    void *scratch;
};

static struct conv_shape shape_of(const struct flat_net *net, const struct flat_op *op,
                                  size_t count)
{
    const struct flat_tensor *in = &net->tensors[op->in[0]];
    struct conv_shape s = { .batch = (int)count,
                            .in_height = in->height,
                            .in_width = in->width,
                            .in_channels = in->channels,
                            .out_channels = net->tensors[op->out].channels,
                            .kernel = op->kernel,
                            .stride = op->stride };
    conv_shape_same(&s);
    return s;
}

static void *aligned(size_t bytes)
{
    return aligned_alloc(ALIGN, (bytes / ALIGN + 1) * ALIGN);
}

static size_t scratch_bytes(const struct flat_net *net, size_t batch)
{
    size_t most = 0;
    for (size_t i = 0; i < net->op_count; i++) {
        if (net->ops[i].kind == FLAT_CONV) {
            struct conv_shape s = shape_of(net, &net->ops[i], batch);
            size_t bytes = conv_scratch_bytes(&s);
            most = bytes > most ? bytes : most;
        }
    }
    return most;
}

struct flat_runner *flat_runner_new(const struct flat_net *net, size_t batch, struct error *err)
{
    struct flat_runner *r = calloc(1, sizeof *r);
    size_t bytes = 0;
    bool ok = r != NULL;
    if (ok) {
        r->net = net;
        r->batch = batch;
        r->values = mem_array(net->tensor_count, sizeof *r->values);
        r->scratch = aligned(scratch_bytes(net, batch));
        ok = r->values && r->scratch;
    }
    for (size_t i = 0; ok && i < net->tensor_count; i++) {
        ok = mem_mul(flat_elements(&net->tensors[i]) * sizeof(float), batch, &bytes) &&
             (r->values[i] = aligned(bytes));
    }
    if (!ok) {
        flat_runner_free(r);
        error_nomem(err, bytes, "activations");
        return NULL;
    }
    return r;
}

void flat_runner_free(struct flat_runner *r)
{
    if (!r) {
        return;
    }
    for (size_t i = 0; r->values && i < r->net->tensor_count; i++) {
        free(r->values[i]);
    }
    free(r->values);
    free(r->scratch);
    free(r);
}

static void add_bias(size_t rows, size_t channels, const float *bias, float *out)
{
    for (size_t row = 0; row < rows; row++, out += channels) {
        for (size_t c = 0; c < channels; c++) {
            out[c] += bias[c];
        }
    }
}

static void add_tensors(size_t count, const float *a, const float *b, float *out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = a[i] + b[i];
    }
}

static void clamp_to_zero(size_t count, float *values)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = values[i] > 0 ? values[i] : 0;
    }
}

static void run_op(const struct flat_runner *r, const struct flat_op *op, size_t count)
{
    const struct flat_tensor *from = &r->net->tensors[op->in[0]];
    const struct flat_tensor *to = &r->net->tensors[op->out];
    const float *in = r->values[op->in[0]];
    float *out = r->values[op->out];
    size_t channels = (size_t)to->channels;
    size_t elements = count * flat_elements(to);
    struct conv_shape s = shape_of(r->net, op, count);
    switch (op->kind) {
    case FLAT_CONV:
        conv_forward(&s, in, op->filter, out, r->scratch);
        break;
    case FLAT_DEPTHWISE:
        depthwise_forward(&s, in, op->filter, out);
        break;
    case FLAT_ADD:
        add_tensors(elements, in, r->values[op->in[1]], out);
        break;
    case FLAT_MEAN:
        mean_forward(count, (size_t)from->height * (size_t)from->width, channels, in, out);
        break;
    case FLAT_DENSE:
        matmul_nt(count, channels, flat_elements(from), in, op->filter, 0, out);
        break;
    }
    if (op->bias) {
        add_bias(elements / channels, channels, op->bias, out);
    }
    if (op->relu) {
        clamp_to_zero(elements, out);
    }
}

const float *flat_run(struct flat_runner *r, const uint8_t *pixels, size_t count)
{
    size_t elements = count * flat_elements(&r->net->tensors[0]);
    for (size_t i = 0; i < elements; i++) {
        r->values[0][i] = (float)((int)pixels[i] - FLAT_INPUT_ZERO) * FLAT_INPUT_SCALE;
    }
    for (size_t i = 0; i < r->net->op_count; i++) {
        run_op(r, &r->net->ops[i], count);
    }
    return r->values[r->net->tensor_count - 1];
}

const float *flat_values(const struct flat_runner *r, size_t tensor)
{
    return r->values[tensor];
}

const float *flat_run_op(struct flat_runner *r, const struct flat_op *op, const float *in)
{
    memcpy(r->values[op->in[0]], in, flat_elements(&r->net->tensors[op->in[0]]) * sizeof *in);
    run_op(r, op, 1);
    return r->values[op->out];
}
