#include "prepare.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "requantize.h"

static const char *const type_names[] = {
    [NN_FLOAT32] = "float32", [NN_INT8] = "int8",   [NN_UINT8] = "uint8",
    [NN_INT32] = "int32",     [NN_INT64] = "int64", [NN_OTHER] = "another type",
};

/* Advice for models that are not quantised, or only their weights. */
static const char export_int8[] =
    "but only int8 models run here; export the model again with full-integer quantization (in "
    "TensorFlow's TFLiteConverter: optimizations, a representative_dataset, and "
    "supported_ops = TFLITE_BUILTINS_INT8)";

bool nn_refuse(const struct nn_prepare *p, enum error_kind kind, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return error_set(p->err, kind, "%s: operator %zu (%s): %s", p->model->name, p->op->index,
                     p->op->info.name, text);
}

bool nn_need_type(const struct nn_prepare *p, const struct nn_tensor *tensor, enum nn_type type,
                  const char *what)
{
    if (!tensor) {
        return nn_refuse(p, ERROR_DATA, "the %s is missing", what);
    }
    if (tensor->info.type == NN_FLOAT32 && type == NN_INT8) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "the %s is float32, %s", what, export_int8);
    }
    if (tensor->info.type != type) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "the %s is %s; only %s is supported", what,
                         type_names[tensor->info.type], type_names[type]);
    }
    if ((type == NN_INT8 || type == NN_UINT8) && !(tensor->info.scale > 0)) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "the %s has %u scales; only 1 is supported", what,
                         (unsigned)tensor->scales.count);
    }
    return true;
}

bool nn_need_int8_weights(const struct nn_prepare *p, const struct nn_tensor *weights)
{
    if (weights && weights->info.type == NN_FLOAT32) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "the weights are float32, %s", export_int8);
    }
    return (weights && weights->info.type == NN_INT8 && weights->data) ||
           nn_refuse(p, ERROR_UNSUPPORTED, "the weights are not constant int8");
}

bool nn_need_int8(const struct nn_prepare *p)
{
    return nn_need_type(p, p->op->in[0], NN_INT8, "input") &&
           nn_need_type(p, p->op->out, NN_INT8, "output");
}

bool nn_need_same_quantisation(const struct nn_prepare *p)
{
    const struct nn_tensor_info *in = &p->op->in[0]->info, *out = &p->op->out->info;
    if (in->scale != out->scale || in->zero_point != out->zero_point) {
        return nn_refuse(p, ERROR_UNSUPPORTED,
                         "input (scale %g, zero point %d) and output (scale %g, zero point %d) "
                         "are quantised differently",
                         (double)in->scale, (int)in->zero_point, (double)out->scale,
                         (int)out->zero_point);
    }
    return true;
}

static void write_dims(char *text, size_t size, int rank, const int32_t *dims)
{
    int used = snprintf(text, size, "[");
    for (int i = 0; i < rank; i++) {
        used += snprintf(text + used, size - (size_t)used, i ? ", %d" : "%d", (int)dims[i]);
    }
    snprintf(text + used, size - (size_t)used, "]");
}

bool nn_need_output_dims(const struct nn_prepare *p, int rank, const int32_t *dims)
{
    const struct nn_tensor_info *out = &p->op->out->info;
    bool same = out->rank == rank;
    for (int i = 0; same && i < rank; i++) {
        same = out->dims[i] == dims[i];
    }
    if (same) {
        return true;
    }
    char declared[13 * NN_MAX_RANK + 3], computed[sizeof(declared)];
    write_dims(declared, sizeof(declared), out->rank, out->dims);
    write_dims(computed, sizeof(computed), rank, dims);
    return nn_refuse(p, ERROR_DATA, "the output is declared as %s, but its operands make it %s",
                     declared, computed);
}

bool nn_need_picture(const struct nn_prepare *p, const struct nn_tensor *tensor, const char *what)
{
    if (tensor->info.rank != 4) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "the %s has %d dimensions; only 4 are supported",
                         what, tensor->info.rank);
    }
    if (tensor->info.dims[0] != 1) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "the %s is a batch of %d; only 1 is supported", what,
                         (int)tensor->info.dims[0]);
    }
    return true;
}

bool nn_need_scale(const struct nn_prepare *p, float scale)
{
    if (!(scale >= 0) || !(scale < NN_SCALE_MAX)) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "the scales give a factor of %g; the limit is %g",
                         (double)scale, (double)NN_SCALE_MAX);
    }
    return true;
}

bool nn_read_constant(const struct nn_prepare *p, size_t operand, size_t count, int32_t *values)
{
    const struct nn_tensor *t = operand < p->op->operand_count ? p->op->in[operand] : NULL;
    if (!t || !t->data) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "operand %zu is not a constant", operand);
    }
    if (t->info.elements != count || (t->info.type != NN_INT32 && t->info.type != NN_INT64)) {
        return nn_refuse(p, ERROR_DATA, "operand %zu: has %zu values of %s; expected %zu of int32",
                         operand, t->info.elements, type_names[t->info.type], count);
    }
    for (size_t i = 0; i < count; i++) {
        int64_t value = t->info.type == NN_INT32 ? (int32_t)fb_load_u32(t->data + 4 * i)
                                                 : (int64_t)fb_load_u64(t->data + 8 * i);
        if (value < INT32_MIN || value > INT32_MAX) {
            return nn_refuse(p, ERROR_DATA, "operand %zu: the value %lld does not fit in 32 bits",
                             operand, (long long)value);
        }
        values[i] = (int32_t)value;
    }
    return true;
}

/* `real` as a quantised value, clamped to -128..127. */
static int32_t quantised(double real, const struct nn_tensor_info *info)
{
    double q = rint(real / (double)info->scale) + info->zero_point;
    return q < -128 ? -128 : q > 127 ? 127 : (int32_t)q;
}

bool nn_need_activation(const struct nn_prepare *p, uint8_t activation,
                        struct nn_output_range *range)
{
    const struct nn_tensor_info *out = &p->op->out->info;
    *range = (struct nn_output_range){ out->zero_point, -128, 127 };
    p->op->activation = activation;
    switch (activation) {
    case 0: /* NONE */
        return true;
    case 1: /* RELU */
        range->low = out->zero_point;
        return true;
    case 2: /* RELU_N1_TO_1 */
        range->low = quantised(-1, out);
        range->high = quantised(1, out);
        return true;
    case 3: /* RELU6 */
        range->low = out->zero_point;
        range->high = quantised(6, out);
        return true;
    default:
        return nn_refuse(p, ERROR_UNSUPPORTED,
                         "fused activation %d; NONE, RELU, RELU_N1_TO_1 and RELU6 are supported",
                         activation);
    }
}
