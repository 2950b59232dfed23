#include "tflite_tensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SOFTMAX_SCALE (1 / 256.0f) /* required by TensorFlow Lite runtimes */
#define SOFTMAX_ZERO (-128)

struct planner {
    const struct quantized_net *q;
    struct tflite_tensors *t;
};

static const int32_t mean_axes[2] = { 1, 2 };

/* The file's unit of tensor 0: its scale there is 1. */
static float input_unit(size_t tensor)
{
    return tensor == 0 ? FLAT_INPUT_SCALE : 1;
}

/* scales: copied, each times unit. */
static bool set_scales(struct tflite_tensor_entry *e, const float *scales, size_t count, float unit)
{
    e->scales = mem_array(count, sizeof *e->scales);
    e->scale_count = count;
    for (size_t i = 0; e->scales && i < count; i++) {
        e->scales[i] = scales[i] * unit;
    }
    return e->scales != NULL;
}

static bool add_activation(struct planner *p, size_t tensor)
{
    const struct flat_tensor *t = &p->q->net->tensors[tensor];
    const struct quantized_tensor *q = &p->q->tensors[tensor];
    struct tflite_tensor_entry *e = &p->t->entries[p->t->count++];
    *e = (struct tflite_tensor_entry){ .type = TFLITE_TYPE_INT8,
                                       .rank = 4,
                                       .zero_point = q->zero_point };
    memcpy(e->dims, (int32_t[4]){ 1, t->height, t->width, t->channels }, sizeof e->dims);
    if (t->vector) {
        e->rank = 2;
        e->dims[1] = t->channels;
    }
    snprintf(e->name, sizeof e->name, tensor ? "activation_%zu" : "picture", tensor);
    return set_scales(e, &q->scale, 1, 1 / input_unit(tensor));
}

static bool add_probabilities(struct planner *p)
{
    static const float scale = SOFTMAX_SCALE;
    const struct flat_net *net = p->q->net;
    struct tflite_tensor_entry *e = &p->t->entries[p->t->count++];
    *e = (struct tflite_tensor_entry){ .name = "probability",
                                       .type = TFLITE_TYPE_INT8,
                                       .rank = 2,
                                       .dims = { 1, net->tensors[net->tensor_count - 1].channels },
                                       .zero_point = SOFTMAX_ZERO };
    return set_scales(e, &scale, 1, 1);
}

static void add_axes(struct planner *p)
{
    p->t->entries[p->t->count++] = (struct tflite_tensor_entry){
        .name = "axes",
        .type = TFLITE_TYPE_INT32,
        .rank = 1,
        .dims = { ARRAY_LEN(mean_axes) },
        .data = mean_axes,
        .bytes = sizeof mean_axes,
    };
}

static bool add_filter(struct planner *p, size_t op)
{
    const struct flat_op *o = &p->q->net->ops[op];
    const struct quantized_op *q = &p->q->ops[op];
    int32_t in = p->q->net->tensors[o->in[0]].channels;
    int32_t out = p->q->net->tensors[o->out].channels;
    int32_t k = o->kernel;
    struct tflite_tensor_entry *e = &p->t->entries[p->t->count++];
    *e = (struct tflite_tensor_entry){ .type = TFLITE_TYPE_INT8,
                                       .rank = 4,
                                       .data = q->filter,
                                       .bytes = flat_filter_count(p->q->net, o) };
    if (o->kind == FLAT_CONV) {
        memcpy(e->dims, (int32_t[4]){ out, k, k, in }, sizeof e->dims);
    } else if (o->kind == FLAT_DEPTHWISE) {
        memcpy(e->dims, (int32_t[4]){ 1, k, k, out }, sizeof e->dims);
        e->axis = 3;
    } else {
        e->rank = 2;
        e->dims[0] = out;
        e->dims[1] = (int32_t)(e->bytes / (size_t)out);
    }
    snprintf(e->name, sizeof e->name, "filter_%zu", op);
    return set_scales(e, q->scales, q->scale_count, input_unit(o->in[0]));
}

static bool add_bias(struct planner *p, size_t op)
{
    const struct flat_op *o = &p->q->net->ops[op];
    const struct quantized_op *q = &p->q->ops[op];
    struct tflite_tensor_entry *e = &p->t->entries[p->t->count++];
    *e = (struct tflite_tensor_entry){ .type = TFLITE_TYPE_INT32,
                                       .rank = 1,
                                       .dims = { p->q->net->tensors[o->out].channels },
                                       .data = q->bias };
    e->bytes = sizeof *q->bias * (size_t)e->dims[0];
    snprintf(e->name, sizeof e->name, "bias_%zu", op);
    return set_scales(e, q->scales, q->scale_count, p->q->tensors[o->in[0]].scale);
}

static bool add_constants(struct planner *p, size_t op)
{
    const struct flat_op *o = &p->q->net->ops[op];
    p->t->constants[op] = p->t->count;
    if (o->kind == FLAT_MEAN) {
        add_axes(p);
        return true;
    }
    return !o->filter || (add_filter(p, op) && add_bias(p, op));
}

bool tflite_tensors_init(struct tflite_tensors *t, const struct quantized_net *q, struct error *err)
{
    const struct flat_net *net = q->net;
    struct planner p = { .q = q, .t = t };
    size_t most = net->tensor_count + 1 + 2 * net->op_count;
    *t = (struct tflite_tensors){ .entries = mem_array(most, sizeof *t->entries),
                                  .constants = mem_array(net->op_count, sizeof *t->constants),
                                  .probabilities = net->tensor_count,
                                  .buffers = 1 };
    bool ok = t->entries && t->constants;
    for (size_t i = 0; ok && i < net->tensor_count; i++) {
        ok = add_activation(&p, i);
    }
    ok = ok && add_probabilities(&p);
    for (size_t i = 0; ok && i < net->op_count; i++) {
        ok = add_constants(&p, i);
    }
    for (size_t i = 0; i < t->count; i++) {
        t->entries[i].buffer = t->entries[i].data ? t->buffers++ : 0;
    }
    return ok || error_nomem(err, most * sizeof *t->entries, "a model");
}

void tflite_tensors_release(struct tflite_tensors *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->entries[i].scales);
    }
    free(t->entries);
    free(t->constants);
    *t = (struct tflite_tensors){ .entries = NULL };
}
