#include "quantize.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "observer.h"

#define BATCH 16

/* Input scale * filter scale / output scale stays at or below this: runtimes
 * multiply by it in fixed point, some refuse 256 and more. */
#define FACTOR_MAX 128.0f

/* Limit of a quantised bias: leaves room for the products in an accumulator. */
#define BIAS_MAX ((float)(1 << 30))

struct quantizer {
    const struct flat_net *net;
    struct quantized_net *q;
    struct observer *observers; /* one per tensor */
    struct flat_runner *runner;
    struct error *err;
};

/* ------------------------------------------------------------- calibration */

static bool start_calibration(struct quantizer *z)
{
    size_t tensors = z->net->tensor_count;
    z->observers = mem_array(tensors, sizeof *z->observers);
    z->q->tensors = mem_array(tensors, sizeof *z->q->tensors);
    z->q->ops = mem_array(z->net->op_count, sizeof *z->q->ops);
    bool ok = z->observers && z->q->tensors && z->q->ops;
    for (size_t i = 0; ok && i < tensors; i++) {
        ok = observer_init(&z->observers[i], flat_elements(&z->net->tensors[i]));
    }
    if (!ok) {
        return error_nomem(z->err, tensors * OBSERVER_BINS * sizeof(uint64_t), "calibration");
    }
    z->q->tensors[0] = (struct quantized_tensor){ FLAT_INPUT_SCALE, 0 };
    z->runner = flat_runner_new(z->net, BATCH, z->err);
    return z->runner != NULL;
}

static void finish(struct quantizer *z)
{
    for (size_t i = 0; z->observers && i < z->net->tensor_count; i++) {
        observer_release(&z->observers[i]);
    }
    free(z->observers);
    flat_runner_free(z->runner);
}

static bool observe(struct quantizer *z, const uint8_t *pixels, size_t count)
{
    size_t picture = flat_elements(&z->net->tensors[0]);
    if (count == 0) {
        return error_set(z->err, ERROR_DATA,
                         "quantisation needs at least one picture to calibrate with");
    }
    for (size_t done = 0; done < count; done += BATCH) {
        size_t batch = count - done < BATCH ? count - done : BATCH;
        flat_run(z->runner, pixels + done * picture, batch);
        for (size_t i = 0; i < z->net->tensor_count; i++) {
            observer_add(&z->observers[i], flat_values(z->runner, i), batch);
        }
    }
    for (size_t i = 0; i < z->net->op_count; i++) {
        if (!observer_finite(&z->observers[z->net->ops[i].out])) {
            return error_set(z->err, ERROR_DATA,
                             "operator %zu of the network computes values that are not finite", i);
        }
    }
    return true;
}

/* ----------------------------------------------------------------- filters */

/* Output channel c has the weights c * step + i * stride, i < count. */
struct layout {
    size_t channels, count;
    size_t step, stride;
};

static struct layout layout_of(const struct flat_net *net, const struct flat_op *op)
{
    size_t channels = (size_t)net->tensors[op->out].channels;
    size_t count = flat_filter_count(net, op) / channels;
    return op->kind == FLAT_DEPTHWISE ? (struct layout){ channels, count, 1, channels }
                                      : (struct layout){ channels, count, count, 1 };
}

static bool weights_finite(const struct flat_op *op, const struct layout *l)
{
    float sum = 0; /* 0 as long as all are finite */
    for (size_t i = 0; i < l->channels * l->count; i++) {
        sum += 0 * op->filter[i];
    }
    for (size_t c = 0; c < l->channels; c++) {
        sum += 0 * op->bias[c];
    }
    return sum == 0;
}

/* The scale at which the largest weight is 127 and the bias fits; 0 when both
 * are 0. */
static float channel_scale(const struct flat_op *op, const struct layout *l, size_t channel,
                           float input_scale)
{
    float most = 0;
    for (size_t i = 0; i < l->count; i++) {
        most = fmaxf(most, fabsf(op->filter[channel * l->step + i * l->stride]));
    }
    return fmaxf(most / 127, fabsf(op->bias[channel]) / input_scale / BIAS_MAX);
}

static bool set_filter_scales(struct quantizer *z, size_t op, const struct layout *l)
{
    const struct flat_op *o = &z->net->ops[op];
    struct quantized_op *q = &z->q->ops[op];
    float input_scale = z->q->tensors[o->in[0]].scale;
    q->scale_count = o->kind == FLAT_DENSE ? 1 : l->channels;
    q->filter = mem_array(l->channels * l->count, sizeof *q->filter);
    q->scales = mem_array(q->scale_count, sizeof *q->scales);
    q->bias = mem_array(l->channels, sizeof *q->bias);
    if (!q->filter || !q->scales || !q->bias) {
        return error_nomem(z->err, l->channels * l->count, "a filter");
    }
    for (size_t c = 0; c < l->channels; c++) {
        float *scale = &q->scales[q->scale_count > 1 ? c : 0];
        *scale = fmaxf(*scale, channel_scale(o, l, c, input_scale));
    }
    return true;
}

static float filter_scale(const struct quantized_op *q, size_t channel)
{
    return q->scales[q->scale_count > 1 ? channel : 0];
}

/* errors: the rounding error of each weight. */
static void round_filter(struct quantized_op *q, const struct flat_op *op, const struct layout *l,
                         float *errors)
{
    for (size_t c = 0; c < l->channels; c++) {
        float scale = filter_scale(q, c);
        for (size_t i = 0; i < l->count; i++) {
            size_t at = c * l->step + i * l->stride;
            float rounded = rintf(op->filter[at] / scale);
            q->filter[at] = (int8_t)rounded;
            errors[at] = rounded * scale - op->filter[at];
        }
    }
}

/* Subtracts from the biases the mean error that rounding the filter adds. As everything is
 * linear, that is the filter of errors applied to the mean input (Nagel et al. 2019,
 * "Data-free quantization", section 4.2, but with measured means). mean: of the input. */
static void round_bias(struct quantizer *z, size_t op, float *errors, float *mean)
{
    const struct flat_op *o = &z->net->ops[op];
    struct quantized_op *q = &z->q->ops[op];
    size_t channels = (size_t)z->net->tensors[o->out].channels;
    size_t positions = flat_elements(&z->net->tensors[o->out]) / channels;
    struct flat_op rounding = *o;
    rounding.filter = errors;
    rounding.bias = NULL;
    rounding.relu = false;
    observer_mean(&z->observers[o->in[0]], mean);
    const float *added = flat_run_op(z->runner, &rounding, mean);
    for (size_t c = 0; c < channels; c++) {
        double sum = 0;
        for (size_t i = 0; i < positions; i++) {
            sum += (double)added[i * channels + c];
        }
        double scale = (double)z->q->tensors[o->in[0]].scale * (double)filter_scale(q, c);
        double bias = rint(((double)o->bias[c] - sum / (double)positions) / scale);
        q->bias[c] = (int32_t)fmin(fmax(bias, -(double)BIAS_MAX), (double)BIAS_MAX);
    }
}

static bool round_weights(struct quantizer *z, size_t op, const struct layout *l)
{
    const struct flat_op *o = &z->net->ops[op];
    size_t inputs = flat_elements(&z->net->tensors[o->in[0]]);
    float *errors = mem_array(l->channels * l->count, sizeof *errors);
    float *mean = mem_array(inputs, sizeof *mean);
    bool ok = (errors && mean) || error_nomem(z->err, inputs * sizeof *mean, "calibration");
    if (ok) {
        round_filter(&z->q->ops[op], o, l, errors);
        round_bias(z, op, errors, mean);
    }
    free(errors);
    free(mean);
    return ok;
}

/* ------------------------------------------------------------- activations */

static struct quantized_tensor cover(struct range range, float least_scale)
{
    float scale = fmaxf((range.high - range.low) / 255, least_scale);
    float zero = rintf(-128 - range.low / scale);
    return (struct quantized_tensor){ scale, (int32_t)fminf(fmaxf(zero, -128), 127) };
}

/* The largest scale of an operator's sums: input scale * filter scale. */
static float sum_scale(const struct quantizer *z, const struct flat_op *o,
                       const struct quantized_op *q)
{
    float in = z->q->tensors[o->in[0]].scale;
    float most = 0;
    if (o->kind == FLAT_ADD) {
        return fmaxf(in, z->q->tensors[o->in[1]].scale);
    }
    for (size_t i = 0; i < q->scale_count; i++) {
        most = fmaxf(most, q->scales[i]);
    }
    return o->filter && most > 0 ? in * most : in;
}

static void set_output(struct quantizer *z, size_t op)
{
    const struct flat_op *o = &z->net->ops[op];
    const struct observer *seen = &z->observers[o->out];
    /* The largest logits decide the class, so logits are not clipped. */
    bool logits = op + 1 == z->net->op_count;
    struct range range = logits ? observer_extremes(seen) : observer_best_range(seen);
    z->q->tensors[o->out] = cover(range, sum_scale(z, o, &z->q->ops[op]) / FACTOR_MAX);
}

/* In order, so that the scales of an operator's inputs are known. */
static bool quantize_op(struct quantizer *z, size_t op)
{
    const struct flat_op *o = &z->net->ops[op];
    struct quantized_op *q = &z->q->ops[op];
    struct layout l = layout_of(z->net, o);
    if (!o->filter) {
        set_output(z, op);
        return true;
    }
    if (!weights_finite(o, &l)) {
        return error_set(z->err, ERROR_DATA,
                         "operator %zu of the network has weights that are not finite", op);
    }
    if (!set_filter_scales(z, op, &l)) {
        return false;
    }
    set_output(z, op);
    for (size_t i = 0; i < q->scale_count; i++) {
        if (!(q->scales[i] > 0)) { /* nothing but zeros: any scale */
            q->scales[i] = z->q->tensors[o->out].scale / z->q->tensors[o->in[0]].scale;
        }
    }
    return round_weights(z, op, &l);
}

bool quantize_net(struct quantized_net *q, const struct flat_net *net, const uint8_t *pixels,
                  size_t count, struct error *err)
{
    struct quantizer z = { .net = net, .q = q, .err = err };
    *q = (struct quantized_net){ .net = net };
    bool ok = start_calibration(&z) && observe(&z, pixels, count);
    for (size_t i = 0; ok && i < net->op_count; i++) {
        ok = quantize_op(&z, i);
    }
    finish(&z);
    return ok;
}

void quantized_net_release(struct quantized_net *q)
{
    for (size_t i = 0; q->ops && i < q->net->op_count; i++) {
        free(q->ops[i].filter);
        free(q->ops[i].scales);
        free(q->ops[i].bias);
    }
    free(q->ops);
    free(q->tensors);
    *q = (struct quantized_net){ .net = NULL };
}
