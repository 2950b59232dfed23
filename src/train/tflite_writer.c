#include "tflite_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "flatbuffer_builder.h"
#include "nn/labels.h"
#include "tflite_metadata.h"
#include "tflite_tensors.h"
#include "zip_writer.h"

#define DESCRIPTION "thumbtag " THUMBTAG_VERSION
#define LABELS_FILE "labels.txt"
#define SCHEMA_VERSION 3
#define BUFFER_ALIGN 16 /* alignment of constants */

/* Field numbers of the schema's tables. */
enum {
    MODEL_VERSION,
    MODEL_CODES,
    MODEL_GRAPHS,
    MODEL_DESCRIPTION,
    MODEL_BUFFERS,
    MODEL_OLD_METADATA,
    MODEL_METADATA,
    MODEL_FIELDS,
};
enum { CODE_DEPRECATED, CODE_CUSTOM, CODE_VERSION, CODE_BUILTIN, CODE_FIELDS };
enum { GRAPH_TENSORS, GRAPH_INPUTS, GRAPH_OUTPUTS, GRAPH_OPERATORS, GRAPH_NAME, GRAPH_FIELDS };
enum { TENSOR_SHAPE, TENSOR_TYPE, TENSOR_BUFFER, TENSOR_NAME, TENSOR_QUANTIZATION, TENSOR_FIELDS };
enum {
    QUANTIZATION_MIN,
    QUANTIZATION_MAX,
    QUANTIZATION_SCALE,
    QUANTIZATION_ZERO_POINT,
    QUANTIZATION_DETAILS_TYPE,
    QUANTIZATION_DETAILS,
    QUANTIZATION_DIMENSION,
    QUANTIZATION_FIELDS,
};
enum {
    OPERATOR_CODE,
    OPERATOR_INPUTS,
    OPERATOR_OUTPUTS,
    OPERATOR_OPTIONS_TYPE,
    OPERATOR_OPTIONS,
    OPERATOR_FIELDS,
};
enum { METADATA_NAME, METADATA_BUFFER, METADATA_FIELDS };

enum { PADDING_SAME = 0 };
enum { ACTIVATION_NONE = 0, ACTIVATION_RELU = 1 };

/* The operators of a file: the kinds of a flat net, and SOFTMAX. versions: the first that
 * take int8 with filters scaled per channel. */
enum { SOFTMAX = FLAT_DENSE + 1, KINDS };

static const struct {
    int code;    /* BuiltinOperator */
    int version; /* of the operator */
    int options; /* BuiltinOptions */
} kinds[KINDS] = {
    [FLAT_CONV] = { 3, 3, 1 },   [FLAT_DEPTHWISE] = { 4, 3, 2 }, [FLAT_ADD] = { 0, 2, 11 },
    [FLAT_MEAN] = { 40, 2, 27 }, [FLAT_DENSE] = { 9, 4, 8 },     [SOFTMAX] = { 25, 2, 9 },
};

struct writer {
    const struct quantized_net *q;
    struct buf *out;
    struct tflite_tensors tensors;
    int code_index[KINDS]; /* -1: not used */
    struct buf metadata;
};

static const struct flat_tensor *last_tensor(const struct flat_net *net)
{
    return &net->tensors[net->tensor_count - 1];
}

static bool check_net(const struct flat_net *net, struct error *err)
{
    if (net->op_count == 0 || net->ops[net->op_count - 1].kind != FLAT_DENSE ||
        net->ops[net->op_count - 1].relu) {
        return error_set(err, ERROR_UNSUPPORTED, "the network does not end in logits");
    }
    for (size_t i = 0; i < net->op_count; i++) {
        const struct flat_op *op = &net->ops[i];
        bool reads_picture = op->in[0] == 0 || (op->kind == FLAT_ADD && op->in[1] == 0);
        if (reads_picture && !op->filter) {
            return error_set(err, ERROR_UNSUPPORTED,
                             "operator %zu of the network reads the input without a filter", i);
        }
    }
    return true;
}

/* ------------------------------------------------------------- FlatBuffers */

static void put_quantization(struct writer *w, size_t at, const struct tflite_tensor_entry *e)
{
    struct fbb_field fields[QUANTIZATION_FIELDS] = {
        [QUANTIZATION_SCALE] = FBB_LATER,
        [QUANTIZATION_ZERO_POINT] = FBB_LATER,
        [QUANTIZATION_DIMENSION] = FBB_INT_OF(e->axis),
    };
    int64_t zero_point = e->zero_point;
    fbb_point(w->out, at, fbb_table(w->out, fields, ARRAY_LEN(fields)));
    fbb_point(w->out, fields[QUANTIZATION_SCALE].at,
              fbb_vector(w->out, e->scales, e->scale_count, sizeof *e->scales, 4));
    fbb_point(w->out, fields[QUANTIZATION_ZERO_POINT].at,
              fbb_vector(w->out, e->scale_count == 1 ? &zero_point : NULL, e->scale_count,
                         sizeof zero_point, sizeof zero_point));
}

static void put_tensor(struct writer *w, size_t at, const struct tflite_tensor_entry *e)
{
    struct fbb_field fields[TENSOR_FIELDS] = {
        [TENSOR_SHAPE] = FBB_LATER,
        [TENSOR_TYPE] = FBB_BYTE_OF(e->type),
        [TENSOR_BUFFER] = FBB_INT_OF((int32_t)e->buffer),
        [TENSOR_NAME] = FBB_LATER,
        [TENSOR_QUANTIZATION] = FBB_LATER,
    };
    if (!e->scales) {
        fields[TENSOR_QUANTIZATION].type = FBB_ABSENT;
    }
    fbb_point(w->out, at, fbb_table(w->out, fields, ARRAY_LEN(fields)));
    fbb_point(w->out, fields[TENSOR_SHAPE].at,
              fbb_vector(w->out, e->dims, (size_t)e->rank, sizeof e->dims[0], 4));
    fbb_point(w->out, fields[TENSOR_NAME].at, fbb_string(w->out, e->name));
    if (e->scales) {
        put_quantization(w, fields[TENSOR_QUANTIZATION].at, e);
    }
}

static size_t put_options(struct buf *out, const struct flat_op *op)
{
    int activation = op->relu ? ACTIVATION_RELU : ACTIVATION_NONE;
    struct fbb_field conv[] = {
        FBB_BYTE_OF(PADDING_SAME),
        FBB_INT_OF(op->stride),
        FBB_INT_OF(op->stride),
        FBB_BYTE_OF(activation),
    };
    struct fbb_field depthwise[] = {
        FBB_BYTE_OF(PADDING_SAME), FBB_INT_OF(op->stride), FBB_INT_OF(op->stride), FBB_INT_OF(1),
        FBB_BYTE_OF(activation),
    };
    struct fbb_field fused[] = { FBB_BYTE_OF(activation) };
    struct fbb_field keep_dims[] = { FBB_BYTE_OF(0) };
    switch (op->kind) {
    case FLAT_CONV:
        return fbb_table(out, conv, ARRAY_LEN(conv));
    case FLAT_DEPTHWISE:
        return fbb_table(out, depthwise, ARRAY_LEN(depthwise));
    case FLAT_MEAN:
        return fbb_table(out, keep_dims, ARRAY_LEN(keep_dims));
    case FLAT_ADD:
    case FLAT_DENSE:
        break;
    }
    return fbb_table(out, fused, ARRAY_LEN(fused));
}

/* Writes everything except the options; returns the gap for them. */
static size_t put_operator(struct writer *w, size_t at, int kind, const int32_t *inputs,
                           size_t input_count, size_t output)
{
    struct fbb_field fields[OPERATOR_FIELDS] = {
        [OPERATOR_CODE] = FBB_INT_OF(w->code_index[kind]),
        [OPERATOR_INPUTS] = FBB_LATER,
        [OPERATOR_OUTPUTS] = FBB_LATER,
        [OPERATOR_OPTIONS_TYPE] = FBB_BYTE_OF(kinds[kind].options),
        [OPERATOR_OPTIONS] = FBB_LATER,
    };
    int32_t written = (int32_t)output;
    fbb_point(w->out, at, fbb_table(w->out, fields, ARRAY_LEN(fields)));
    fbb_point(w->out, fields[OPERATOR_INPUTS].at,
              fbb_vector(w->out, inputs, input_count, sizeof *inputs, 4));
    fbb_point(w->out, fields[OPERATOR_OUTPUTS].at,
              fbb_vector(w->out, &written, 1, sizeof written, 4));
    return fields[OPERATOR_OPTIONS].at;
}

static void put_op(struct writer *w, size_t at, size_t op)
{
    const struct flat_op *o = &w->q->net->ops[op];
    int32_t inputs[3] = { (int32_t)o->in[0], (int32_t)w->tensors.constants[op],
                          (int32_t)w->tensors.constants[op] + 1 };
    if (o->kind == FLAT_ADD) {
        inputs[1] = (int32_t)o->in[1];
    }
    size_t options = put_operator(w, at, (int)o->kind, inputs, o->filter ? 3 : 2, o->out);
    fbb_point(w->out, options, put_options(w->out, o));
}

static void put_softmax(struct writer *w, size_t at)
{
    int32_t logits = (int32_t)w->q->net->tensor_count - 1;
    struct fbb_field beta[] = { FBB_FLOAT_OF(1) };
    size_t options = put_operator(w, at, SOFTMAX, &logits, 1, w->tensors.probabilities);
    fbb_point(w->out, options, fbb_table(w->out, beta, ARRAY_LEN(beta)));
}

static void put_graph(struct writer *w, size_t at)
{
    const struct flat_net *net = w->q->net;
    int32_t input = 0, output = (int32_t)w->tensors.probabilities;
    struct fbb_field fields[GRAPH_FIELDS] = {
        [GRAPH_TENSORS] = FBB_LATER,   [GRAPH_INPUTS] = FBB_LATER, [GRAPH_OUTPUTS] = FBB_LATER,
        [GRAPH_OPERATORS] = FBB_LATER, [GRAPH_NAME] = FBB_LATER,
    };
    fbb_point(w->out, at, fbb_table(w->out, fields, ARRAY_LEN(fields)));
    fbb_point(w->out, fields[GRAPH_INPUTS].at, fbb_vector(w->out, &input, 1, sizeof input, 4));
    fbb_point(w->out, fields[GRAPH_OUTPUTS].at, fbb_vector(w->out, &output, 1, sizeof output, 4));
    fbb_point(w->out, fields[GRAPH_NAME].at, fbb_string(w->out, "main"));
    size_t tensors = fbb_references(w->out, w->tensors.count);
    fbb_point(w->out, fields[GRAPH_TENSORS].at, tensors);
    for (size_t i = 0; i < w->tensors.count; i++) {
        put_tensor(w, fbb_element(tensors, i), &w->tensors.entries[i]);
    }
    size_t ops = fbb_references(w->out, net->op_count + 1);
    fbb_point(w->out, fields[GRAPH_OPERATORS].at, ops);
    for (size_t i = 0; i < net->op_count; i++) {
        put_op(w, fbb_element(ops, i), i);
    }
    put_softmax(w, fbb_element(ops, net->op_count));
}

/* Writes a row for each kind that is used. */
static void put_codes(struct writer *w, size_t at)
{
    const struct flat_net *net = w->q->net;
    bool used[KINDS] = { [SOFTMAX] = true };
    int rows = 0;
    for (size_t i = 0; i < net->op_count; i++) {
        used[net->ops[i].kind] = true;
    }
    for (int kind = 0; kind < KINDS; kind++) {
        w->code_index[kind] = used[kind] ? rows++ : -1;
    }
    size_t codes = fbb_references(w->out, (size_t)rows);
    fbb_point(w->out, at, codes);
    for (int kind = 0; kind < KINDS; kind++) {
        struct fbb_field fields[CODE_FIELDS] = {
            [CODE_DEPRECATED] = FBB_BYTE_OF(kinds[kind].code),
            [CODE_VERSION] = FBB_INT_OF(kinds[kind].version),
            [CODE_BUILTIN] = FBB_INT_OF(kinds[kind].code),
        };
        if (used[kind]) {
            fbb_point(w->out, fbb_element(codes, (size_t)w->code_index[kind]),
                      fbb_table(w->out, fields, ARRAY_LEN(fields)));
        }
    }
}

static void put_buffer(struct writer *w, size_t at, const void *data, size_t bytes)
{
    struct fbb_field fields[] = { FBB_LATER };
    fields[0].type = bytes ? FBB_REFERENCE : FBB_ABSENT;
    fbb_point(w->out, at, fbb_table(w->out, fields, ARRAY_LEN(fields)));
    if (bytes) {
        fbb_point(w->out, fields[0].at, fbb_vector(w->out, data, bytes, 1, BUFFER_ALIGN));
    }
}

/* Buffer 0 is empty by convention; the last one contains the metadata. */
static void put_buffers(struct writer *w, size_t at, size_t count)
{
    size_t buffers = fbb_references(w->out, count);
    fbb_point(w->out, at, buffers);
    put_buffer(w, fbb_element(buffers, 0), NULL, 0);
    for (size_t i = 0; i < w->tensors.count; i++) {
        const struct tflite_tensor_entry *e = &w->tensors.entries[i];
        if (e->buffer) {
            put_buffer(w, fbb_element(buffers, e->buffer), e->data, e->bytes);
        }
    }
    put_buffer(w, fbb_element(buffers, count - 1), w->metadata.data, w->metadata.len);
}

static void put_metadata(struct writer *w, size_t at, size_t buffer)
{
    struct fbb_field fields[METADATA_FIELDS] = {
        [METADATA_NAME] = FBB_LATER,
        [METADATA_BUFFER] = FBB_INT_OF((int32_t)buffer),
    };
    size_t entries = fbb_references(w->out, 1);
    fbb_point(w->out, at, entries);
    fbb_point(w->out, fbb_element(entries, 0), fbb_table(w->out, fields, ARRAY_LEN(fields)));
    fbb_point(w->out, fields[METADATA_NAME].at, fbb_string(w->out, TFLITE_METADATA_NAME));
}

static void put_model(struct writer *w)
{
    struct fbb_field fields[MODEL_FIELDS] = {
        [MODEL_VERSION] = FBB_INT_OF(SCHEMA_VERSION),
        [MODEL_CODES] = FBB_LATER,
        [MODEL_GRAPHS] = FBB_LATER,
        [MODEL_DESCRIPTION] = FBB_LATER,
        [MODEL_BUFFERS] = FBB_LATER,
        [MODEL_METADATA] = FBB_LATER,
    };
    size_t buffers = w->tensors.buffers + 1; /* the metadata's */
    fbb_start(w->out, "TFL3");
    fbb_point(w->out, 0, fbb_table(w->out, fields, ARRAY_LEN(fields)));
    fbb_point(w->out, fields[MODEL_DESCRIPTION].at, fbb_string(w->out, DESCRIPTION));
    put_codes(w, fields[MODEL_CODES].at);
    size_t graphs = fbb_references(w->out, 1);
    fbb_point(w->out, fields[MODEL_GRAPHS].at, graphs);
    put_graph(w, fbb_element(graphs, 0));
    put_metadata(w, fields[MODEL_METADATA].at, buffers - 1);
    put_buffers(w, fields[MODEL_BUFFERS].at, buffers);
}

/* ------------------------------------------------------------------- names */

static void put_labels(struct writer *w, const char *const *classes)
{
    struct buf lines = BUF_INIT;
    for (int i = 0; i < last_tensor(w->q->net)->channels; i++) {
        buf_adds(&lines, classes[i]);
        buf_addc(&lines, '\n');
    }
    zip_append(w->out, LABELS_FILE, lines.data, lines.len);
    w->out->failed = w->out->failed || lines.failed;
    buf_release(&lines);
}

/* Refuses class names that could not be read back unchanged. */
static bool check_labels(const struct buf *file, const char *const *classes, size_t count,
                         struct error *err)
{
    struct nn_labels names;
    if (!nn_labels_parse_model(&names, file->data, file->len, "class names", err)) {
        return false;
    }
    bool ok = names.count == count ||
              error_set(err, ERROR_DATA, "only %zu of %zu class names can be stored in the model",
                        names.count, count);
    for (size_t i = 0; ok && i < count; i++) {
        ok = strcmp(names.names[i], classes[i]) == 0 ||
             error_set(err, ERROR_DATA, "class name '%s' cannot be stored in a model", classes[i]);
    }
    nn_labels_release(&names);
    return ok;
}

static bool check_size(const struct buf *out, bool failed, struct error *err)
{
    if (failed || out->failed) {
        return error_nomem(err, out->len, "a model");
    }
    return out->len <= NN_MODEL_MAX_BYTES ||
           error_set(err, ERROR_UNSUPPORTED, "a model of %zu bytes; the limit is %zu", out->len,
                     NN_MODEL_MAX_BYTES);
}

bool tflite_write_net(const struct quantized_net *q, const char *const *classes, struct buf *out,
                      struct error *err)
{
    struct writer w = { .q = q, .out = out };
    buf_init(&w.metadata);
    bool ok = check_net(q->net, err) && tflite_tensors_init(&w.tensors, q, err);
    if (ok) {
        tflite_metadata(&w.metadata, DESCRIPTION, LABELS_FILE, q->net->tensors[0].channels == 1);
        put_model(&w);
        put_labels(&w, classes);
        ok = check_size(out, w.metadata.failed, err);
    }
    ok = ok && check_labels(out, classes, (size_t)last_tensor(q->net)->channels, err);
    tflite_tensors_release(&w.tensors);
    buf_release(&w.metadata);
    return ok;
}
