#include "tflite.h"

#include <math.h>

#include "base/mem.h"
#include "operators.h"

/* Field numbers of the schema's tables, version 3. */
enum { MODEL_VERSION, MODEL_CODES, MODEL_SUBGRAPHS, MODEL_DESCRIPTION, MODEL_BUFFERS };
enum { CODE_DEPRECATED, CODE_CUSTOM, CODE_VERSION, CODE_BUILTIN };
enum { GRAPH_TENSORS, GRAPH_INPUTS, GRAPH_OUTPUTS, GRAPH_OPERATORS };
enum {
    TENSOR_SHAPE,
    TENSOR_TYPE,
    TENSOR_BUFFER,
    TENSOR_NAME,
    TENSOR_QUANTIZATION,
    TENSOR_IS_VARIABLE,
    TENSOR_SPARSITY,
};
enum {
    QUANT_MIN,
    QUANT_MAX,
    QUANT_SCALE,
    QUANT_ZERO_POINT,
    QUANT_DETAILS_TYPE,
    QUANT_DETAILS,
    QUANT_DIMENSION,
};
enum { OPERATOR_CODE, OPERATOR_INPUTS, OPERATOR_OUTPUTS, OPERATOR_OPTIONS_TYPE, OPERATOR_OPTIONS };
enum { BUFFER_DATA, BUFFER_OFFSET, BUFFER_SIZE };

struct reader {
    struct nn_model *model;
    struct fb *fb;
    struct fb_vector codes;
    struct fb_vector buffers;
    struct error *err;
};

/* True when all accesses were good; else fills the error. */
static bool sound(const struct reader *r)
{
    if (!r->fb->bad) {
        return true;
    }
    return error_set(r->err, ERROR_DATA, "%s: damaged at byte %zu of %zu", r->model->name,
                     r->fb->bad_at, r->fb->len);
}

static enum nn_type type_of(uint8_t tensor_type)
{
    switch (tensor_type) {
    case 0:
        return NN_FLOAT32;
    case 2:
        return NN_INT32;
    case 3:
        return NN_UINT8;
    case 4:
        return NN_INT64;
    case 9:
        return NN_INT8;
    default:
        return NN_OTHER;
    }
}

static size_t type_size(enum nn_type type)
{
    switch (type) {
    case NN_FLOAT32:
    case NN_INT32:
        return 4;
    case NN_INT64:
        return 8;
    default:
        return 1;
    }
}

static bool read_shape(const struct reader *r, size_t index, struct fb_vector shape,
                       struct nn_tensor_info *info)
{
    if (shape.count > NN_MAX_RANK) {
        return error_set(r->err, ERROR_UNSUPPORTED, "%s: tensor %zu has %u dimensions, at most %d",
                         r->model->name, index, (unsigned)shape.count, NN_MAX_RANK);
    }
    info->rank = (int)shape.count;
    info->bytes = type_size(info->type);
    info->elements = 1;
    for (size_t d = 0; d < shape.count; d++) {
        info->dims[d] = fb_i32_at(r->fb, shape, d);
        if (info->dims[d] < 1 || (size_t)info->dims[d] > NN_ARENA_MAX_BYTES / info->bytes) {
            return error_set(r->err, ERROR_UNSUPPORTED,
                             "%s: tensor %zu: dimension %zu is %d; each must be at least 1, and "
                             "the whole at most %zu bytes",
                             r->model->name, index, d, (int)info->dims[d], NN_ARENA_MAX_BYTES);
        }
        info->bytes *= (size_t)info->dims[d];
        info->elements *= (size_t)info->dims[d];
    }
    return true;
}

/* Checks scales of 8-bit tensors: finite and positive, one or one per channel; zero points
 * within the type. */
static bool read_scales(const struct reader *r, size_t index, struct fb_vector zero_points,
                        struct nn_tensor *t)
{
    const char *name = r->model->name;
    bool per_channel = t->scales.count > 1;
    if (per_channel && (t->axis < 0 || t->axis >= t->info.rank ||
                        t->scales.count != (uint32_t)t->info.dims[t->axis])) {
        return error_set(r->err, ERROR_DATA, "%s: tensor %zu has %u scales along dimension %d",
                         name, index, (unsigned)t->scales.count, (int)t->axis);
    }
    if (zero_points.count != 0 && zero_points.count != 1 && zero_points.count != t->scales.count) {
        return error_set(r->err, ERROR_DATA, "%s: tensor %zu has %u zero points for %u scales",
                         name, index, (unsigned)zero_points.count, (unsigned)t->scales.count);
    }
    for (size_t i = 0; i < t->scales.count; i++) {
        float scale = fb_f32_at(r->fb, t->scales, i);
        if (!isfinite(scale) || !(scale > 0)) {
            return error_set(r->err, ERROR_DATA, "%s: tensor %zu: scale %zu is %g", name, index, i,
                             (double)scale);
        }
    }
    int64_t low = t->info.type == NN_UINT8 ? 0 : -128;
    for (size_t i = 0; i < zero_points.count; i++) {
        int64_t value = fb_i64_at(r->fb, zero_points, i);
        if (value < low || value > low + 255) {
            return error_set(r->err, ERROR_DATA, "%s: tensor %zu: zero point %zu is %lld", name,
                             index, i, (long long)value);
        }
        if (value != 0) {
            t->info.zero_point = (int32_t)value;
        }
    }
    t->info.scale = t->scales.count == 1 ? fb_f32_at(r->fb, t->scales, 0) : 0.0f;
    return true;
}

static bool read_quantisation(const struct reader *r, size_t index, struct fb_table quantisation,
                              struct nn_tensor *t)
{
    if (t->info.type != NN_INT8 && t->info.type != NN_UINT8 && t->info.type != NN_INT32) {
        return true;
    }
    if (fb_u8(&quantisation, QUANT_DETAILS_TYPE, 0) != 0) {
        return error_set(r->err, ERROR_UNSUPPORTED,
                         "%s: tensor %zu uses custom quantisation, which is not supported",
                         r->model->name, index);
    }
    t->scales = fb_vector(&quantisation, QUANT_SCALE, 4);
    t->axis = fb_i32(&quantisation, QUANT_DIMENSION, 0);
    struct fb_vector zero_points = fb_vector(&quantisation, QUANT_ZERO_POINT, 8);
    if (!sound(r) || !nn_model_charge(r->model, 8 * (size_t)t->scales.count, r->err)) {
        return false;
    }
    return t->info.type == NN_INT32 || read_scales(r, index, zero_points, t);
}

/* The bytes of a constant: in the buffer's vector or, in large files, after the
 * FlatBuffer. */
static bool read_buffer(const struct reader *r, size_t index, uint32_t buffer, struct nn_tensor *t)
{
    if (buffer == 0) {
        return true; /* by convention the empty one */
    }
    if (buffer >= r->buffers.count) {
        return error_set(r->err, ERROR_DATA,
                         "%s: tensor %zu refers to buffer %u, but there are only %u",
                         r->model->name, index, (unsigned)buffer, (unsigned)r->buffers.count);
    }
    struct fb_table table = fb_table_at(r->fb, r->buffers, buffer);
    struct fb_vector data = fb_vector(&table, BUFFER_DATA, 1);
    uint64_t offset = fb_u64(&table, BUFFER_OFFSET, 0), size = fb_u64(&table, BUFFER_SIZE, 0);
    if (!sound(r)) {
        return false;
    }
    if (data.count > 0) {
        offset = data.pos;
        size = data.count;
    } else if (offset <= 1 || size == 0) {
        return true;
    }
    if (offset > r->fb->len || size > r->fb->len - offset ||
        (size != t->info.bytes && t->info.type != NN_OTHER)) {
        return error_set(
            r->err, ERROR_DATA,
            "%s: tensor %zu: has %llu bytes of data at offset %llu; expected %zu bytes",
            r->model->name, index, (unsigned long long)size, (unsigned long long)offset,
            t->info.bytes);
    }
    t->data = r->fb->bytes + offset;
    t->ready = true;
    return true;
}

static bool read_tensor(const struct reader *r, size_t index, struct fb_table table)
{
    struct nn_tensor *t = &r->model->tensors[index];
    t->info.type = type_of(fb_u8(&table, TENSOR_TYPE, 0));
    struct fb_vector shape = fb_vector(&table, TENSOR_SHAPE, 4);
    struct fb_table quantisation = fb_child(&table, TENSOR_QUANTIZATION);
    struct fb_table sparsity = fb_child(&table, TENSOR_SPARSITY);
    uint32_t buffer = (uint32_t)fb_i32(&table, TENSOR_BUFFER, 0);
    bool variable = fb_u8(&table, TENSOR_IS_VARIABLE, 0) != 0;
    if (!sound(r)) {
        return false;
    }
    if (variable || sparsity.pos != 0) {
        return error_set(r->err, ERROR_UNSUPPORTED, "%s: tensor %zu is %s", r->model->name, index,
                         variable ? "a variable" : "sparse");
    }
    return read_shape(r, index, shape, &t->info) && read_quantisation(r, index, quantisation, t) &&
           read_buffer(r, index, buffer, t);
}

static bool read_tensors(const struct reader *r, struct fb_vector tensors)
{
    struct nn_model *m = r->model;
    if (tensors.count > NN_MAX_TENSORS) {
        return error_set(r->err, ERROR_UNSUPPORTED, "%s: has %u tensors; the limit is %d", m->name,
                         (unsigned)tensors.count, NN_MAX_TENSORS);
    }
    m->tensor_count = tensors.count;
    m->tensors = nn_model_alloc(m, m->tensor_count, sizeof(*m->tensors), r->err);
    if (!m->tensors) {
        return false;
    }
    for (size_t i = 0; i < m->tensor_count; i++) {
        if (!read_tensor(r, i, fb_table_at(r->fb, tensors, i))) {
            return false;
        }
    }
    return true;
}

/* The code of a row of operator_codes: older files have only the byte field, newer ones
 * fill both, as far as the byte can count. */
static bool read_code(const struct reader *r, size_t index, uint32_t row, int32_t *code)
{
    if (row >= r->codes.count) {
        return error_set(r->err, ERROR_DATA,
                         "%s: operator %zu refers to code %u, but there are only %u",
                         r->model->name, index, (unsigned)row, (unsigned)r->codes.count);
    }
    struct fb_table table = fb_table_at(r->fb, r->codes, row);
    int32_t old = (int8_t)fb_u8(&table, CODE_DEPRECATED, 0);
    int32_t builtin = fb_i32(&table, CODE_BUILTIN, 0);
    *code = old > builtin ? old : builtin;
    return sound(r);
}

static bool read_operands(const struct reader *r, struct nn_op *op, struct fb_vector inputs)
{
    const struct nn_model *m = r->model;
    op->operand_count = inputs.count;
    op->in = nn_model_alloc(r->model, inputs.count, sizeof(*op->in), r->err);
    if (!op->in) {
        return false;
    }
    for (size_t i = 0; i < inputs.count; i++) {
        int32_t tensor = fb_i32_at(r->fb, inputs, i);
        if (tensor < -1 || (tensor >= 0 && (size_t)tensor >= m->tensor_count)) {
            return error_set(r->err, ERROR_DATA, "%s: operator %zu (%s): operand %zu is tensor %d",
                             m->name, op->index, op->info.name, i, (int)tensor);
        }
        op->in[i] = tensor < 0 ? NULL : &m->tensors[tensor];
    }
    return true;
}

static bool read_operator(const struct reader *r, size_t index, struct fb_table table)
{
    struct nn_model *m = r->model;
    struct nn_op *op = &m->ops[index];
    int32_t code = -1;
    op->index = index;
    if (!read_code(r, index, (uint32_t)fb_i32(&table, OPERATOR_CODE, 0), &code)) {
        return false;
    }
    op->kind = nn_operator_find(code);
    if (!op->kind) {
        const char *name = nn_operator_name(code);
        return error_set(r->err, ERROR_UNSUPPORTED,
                         "%s: operator %zu is %s (code %d), which is not supported", m->name, index,
                         name ? name : "unknown", (int)code);
    }
    op->info.name = op->kind->name;
    op->run = op->kind->run;
    op->options = fb_child(&table, OPERATOR_OPTIONS);
    struct fb_vector inputs = fb_vector(&table, OPERATOR_INPUTS, 4);
    struct fb_vector outputs = fb_vector(&table, OPERATOR_OUTPUTS, 4);
    if (!sound(r)) {
        return false;
    }
    if (inputs.count < (uint32_t)op->kind->min_operands ||
        inputs.count > (uint32_t)op->kind->max_operands || outputs.count != 1) {
        return error_set(r->err, ERROR_UNSUPPORTED,
                         "%s: operator %zu (%s): %u operands and %u outputs, %d to %d and 1 are "
                         "supported",
                         m->name, index, op->info.name, (unsigned)inputs.count,
                         (unsigned)outputs.count, op->kind->min_operands, op->kind->max_operands);
    }
    int32_t out = fb_i32_at(r->fb, outputs, 0);
    if (out < 0 || (size_t)out >= m->tensor_count) {
        return error_set(r->err, ERROR_DATA,
                         "%s: operator %zu (%s) writes tensor %d, but there are only %zu", m->name,
                         index, op->info.name, (int)out, m->tensor_count);
    }
    op->out = &m->tensors[out];
    return read_operands(r, op, inputs);
}

static bool read_operators(const struct reader *r, struct fb_vector operators)
{
    struct nn_model *m = r->model;
    if (operators.count == 0 || operators.count > NN_MAX_OPERATORS) {
        return error_set(r->err, ERROR_UNSUPPORTED, "%s: has %u operators; 1 to %d are supported",
                         m->name, (unsigned)operators.count, NN_MAX_OPERATORS);
    }
    m->op_count = operators.count;
    m->ops = nn_model_alloc(m, m->op_count, sizeof(*m->ops), r->err);
    if (!m->ops) {
        return false;
    }
    for (size_t i = 0; i < m->op_count; i++) {
        if (!read_operator(r, i, fb_table_at(r->fb, operators, i))) {
            return false;
        }
    }
    return true;
}

/* Finds the only input or output of the graph; more than one is refused. */
static bool read_end(const struct reader *r, struct fb_vector ends, const char *what,
                     struct nn_tensor **end)
{
    struct nn_model *m = r->model;
    if (ends.count != 1) {
        return error_set(r->err, ERROR_UNSUPPORTED, "%s: %u %ss, only 1 is supported", m->name,
                         (unsigned)ends.count, what);
    }
    int32_t tensor = fb_i32_at(r->fb, ends, 0);
    if (tensor < 0 || (size_t)tensor >= m->tensor_count || m->tensors[tensor].data) {
        return error_set(r->err, ERROR_DATA, "%s: the %s is tensor %d, no activation", m->name,
                         what, (int)tensor);
    }
    *end = &m->tensors[tensor];
    enum nn_type type = (*end)->info.type;
    bool eight_bits = type == NN_INT8 || type == NN_UINT8;
    if ((!eight_bits && type != NN_FLOAT32) || (eight_bits && !((*end)->info.scale > 0))) {
        return error_set(r->err, ERROR_UNSUPPORTED,
                         "%s: the %s must be float32, or int8 or uint8 with one scale", m->name,
                         what);
    }
    return true;
}

bool nn_tflite_read(struct nn_model *model, struct error *err)
{
    struct reader r = { .model = model, .fb = &model->fb, .err = err };
    struct fb_table root = fb_root(r.fb, "TFL3");
    if (root.pos == 0) {
        return error_set(err, ERROR_DATA, "%s: not a TensorFlow Lite model", model->name);
    }
    int32_t version = fb_i32(&root, MODEL_VERSION, 0);
    r.codes = fb_vector(&root, MODEL_CODES, 4);
    r.buffers = fb_vector(&root, MODEL_BUFFERS, 4);
    struct fb_vector graphs = fb_vector(&root, MODEL_SUBGRAPHS, 4);
    if (!sound(&r)) {
        return false;
    }
    if (version != 3 || graphs.count != 1) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: schema version %d with %u graphs; only version 3 with 1 is supported",
                         model->name, (int)version, (unsigned)graphs.count);
    }
    struct fb_table graph = fb_table_at(r.fb, graphs, 0);
    struct fb_vector tensors = fb_vector(&graph, GRAPH_TENSORS, 4);
    struct fb_vector operators = fb_vector(&graph, GRAPH_OPERATORS, 4);
    struct fb_vector inputs = fb_vector(&graph, GRAPH_INPUTS, 4);
    struct fb_vector outputs = fb_vector(&graph, GRAPH_OUTPUTS, 4);
    return sound(&r) && read_tensors(&r, tensors) && read_operators(&r, operators) &&
           read_end(&r, inputs, "input", &model->input) &&
           read_end(&r, outputs, "output", &model->output);
}
