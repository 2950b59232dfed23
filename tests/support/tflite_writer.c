#include "tflite_writer.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

/* A table is written in front of what it refers to; `at` of a reference is
 * patched once that is there. */
struct field {
    size_t size; /* 0: absent, 1, 4 or 8 */
    uint64_t bits;
    size_t at;
};

static void put(struct buf *b, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        buf_addc(b, (char)(value >> 8 * i & 0xFF));
    }
}

static void align(struct buf *b, size_t to)
{
    while (b->len % to != 0) {
        buf_addc(b, 0);
    }
}

static void point(struct buf *b, size_t at, size_t target)
{
    uint32_t distance = (uint32_t)(target - at);
    for (size_t i = 0; i < 4; i++) {
        b->data[at + i] = (char)(distance >> 8 * i & 0xFF);
    }
}

/* Room that a field takes, so that all of 1 and 4 bytes are aligned. */
static size_t room(const struct field *field)
{
    return field->size == 8 ? 8 : field->size ? 4 : 0;
}

/* Returns where the table is. */
static size_t put_table(struct buf *b, struct field *fields, size_t count)
{
    size_t size = 4;
    align(b, 4);
    size_t vtable = b->len;
    for (size_t i = 0; i < count; i++) {
        size += room(&fields[i]);
    }
    put(b, 4 + 2 * count, 2);
    put(b, size, 2);
    for (size_t i = 0, offset = 4; i < count; i++) {
        put(b, fields[i].size ? offset : 0, 2);
        offset += room(&fields[i]);
    }
    align(b, 4);
    size_t table = b->len;
    put(b, table - vtable, 4);
    for (size_t i = 0; i < count; i++) {
        fields[i].at = b->len;
        put(b, fields[i].bits, room(&fields[i]));
    }
    return table;
}

static size_t put_vector(struct buf *b, const void *elements, size_t count, size_t size)
{
    while ((b->len + 4) % 16 != 0) {
        buf_addc(b, 0);
    }
    size_t at = b->len;
    put(b, count, 4);
    buf_add(b, elements, count * size);
    return at;
}

/* A vector of references, to be patched: reference i is at the result + 4 + 4i. */
static size_t put_references(struct buf *b, size_t count)
{
    align(b, 4);
    size_t at = b->len;
    put(b, count, 4);
    for (size_t i = 0; i < count; i++) {
        put(b, 0, 4);
    }
    return at;
}

static void put_quantisation(struct buf *b, size_t at, const struct tflite_tensor *t)
{
    struct field fields[7] = { [2] = { 4, 0, 0 }, [3] = { 4, 0, 0 } };
    fields[6] = (struct field){ 4, (uint32_t)t->axis, 0 };
    bool one = t->scale != 0;
    size_t count = one ? 1 : t->scale_count;
    point(b, at, put_table(b, fields, ARRAY_LEN(fields)));
    point(b, fields[2].at, put_vector(b, one ? &t->scale : t->scales, count, sizeof(float)));
    int64_t zero_points[2048] = { 0 };
    assert(count <= ARRAY_LEN(zero_points));
    zero_points[0] = t->zero_point;
    point(b, fields[3].at, put_vector(b, zero_points, count, sizeof(int64_t)));
}

static void put_tensor(struct buf *b, size_t at, const struct tflite_tensor *t, uint32_t buffer)
{
    struct field fields[] = {
        { 4, 0, 0 }, { 1, t->type, 0 }, { 4, buffer, 0 }, { 0, 0, 0 }, { 0, 0, 0 },
    };
    bool quantised = t->scale != 0 || t->scale_count > 0;
    fields[4].size = quantised ? 4 : 0;
    point(b, at, put_table(b, fields, ARRAY_LEN(fields)));
    point(b, fields[0].at, put_vector(b, t->dims, (size_t)t->rank, sizeof(int32_t)));
    if (quantised) {
        put_quantisation(b, fields[4].at, t);
    }
}

static void put_op(struct buf *b, size_t at, const struct tflite_op *op, uint32_t index)
{
    struct field fields[] = {
        { 4, index, 0 }, { 4, 0, 0 }, { 4, 0, 0 }, { 1, 1, 0 }, { 4, 0, 0 },
    };
    struct field options[ARRAY_LEN(op->options)] = { { 0, 0, 0 } };
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        const struct tflite_option *o = &op->options[i];
        options[i].size = o->kind == TFLITE_OPTION_NONE ? 0 : o->kind == TFLITE_OPTION_BYTE ? 1 : 4;
        uint32_t bits = (uint32_t)o->value;
        if (o->kind == TFLITE_OPTION_FLOAT) {
            memcpy(&bits, &o->real, sizeof(o->real));
        }
        options[i].bits = bits;
    }
    point(b, at, put_table(b, fields, ARRAY_LEN(fields)));
    point(b, fields[1].at, put_vector(b, op->inputs, (size_t)op->input_count, sizeof(int32_t)));
    point(b, fields[2].at, put_vector(b, &op->output, 1, sizeof(int32_t)));
    point(b, fields[4].at, put_table(b, options, ARRAY_LEN(options)));
}

/* One row of operator_codes an operator: the byte of old files and the int of
 * new ones. */
static void put_code(struct buf *b, size_t at, int32_t code, bool old)
{
    struct field fields[4] = { { 1, (uint32_t)(code < 127 ? code : 127), 0 }, { 0, 0, 0 } };
    fields[3] = (struct field){ old ? 0 : 4, (uint32_t)code, 0 };
    point(b, at, put_table(b, fields, ARRAY_LEN(fields)));
}

static void put_graph(struct buf *b, size_t at, const struct tflite_model *m)
{
    struct field fields[4] = { { 4, 0, 0 }, { 4, 0, 0 }, { 4, 0, 0 }, { 4, 0, 0 } };
    point(b, at, put_table(b, fields, ARRAY_LEN(fields)));
    point(b, fields[1].at, put_vector(b, &m->input, 1, sizeof(int32_t)));
    point(b, fields[2].at, put_vector(b, &m->output, 1, sizeof(int32_t)));
    size_t tensors = put_references(b, (size_t)m->tensor_count);
    point(b, fields[0].at, tensors);
    for (int i = 0; i < m->tensor_count; i++) {
        put_tensor(b, tensors + 4 + 4 * (size_t)i, &m->tensors[i], (uint32_t)i + 1);
    }
    size_t ops = put_references(b, (size_t)m->op_count);
    point(b, fields[3].at, ops);
    for (int i = 0; i < m->op_count; i++) {
        put_op(b, ops + 4 + 4 * (size_t)i, &m->ops[i], (uint32_t)i);
    }
}

/* Buffer 0 is empty, buffer i + 1 that of tensor i. Data outside of the
 * FlatBuffer goes behind all the rest. */
static void put_buffers(struct buf *b, size_t at, const struct tflite_model *m)
{
    size_t buffers = put_references(b, (size_t)m->tensor_count + 1);
    size_t outside[ARRAY_LEN(m->tensors)] = { 0 };
    point(b, at, buffers);
    for (int i = 0; i <= m->tensor_count; i++) {
        const struct tflite_tensor *t = i > 0 ? &m->tensors[i - 1] : NULL;
        struct field fields[3] = { { 0, 0, 0 }, { 0, 0, 0 }, { 0, 0, 0 } };
        if (t && t->data && m->data_outside) {
            fields[1].size = fields[2].size = 8;
            fields[2].bits = t->bytes;
        } else if (t && t->data) {
            fields[0].size = 4;
        }
        point(b, buffers + 4 + 4 * (size_t)i, put_table(b, fields, ARRAY_LEN(fields)));
        if (fields[0].size) {
            point(b, fields[0].at, put_vector(b, t->data, t->bytes, 1));
        } else if (fields[1].size) {
            outside[i - 1] = fields[1].at;
        }
    }
    for (int i = 0; i < m->tensor_count; i++) {
        if (outside[i]) {
            point(b, outside[i], b->len + outside[i]); /* counts from the file's start */
            buf_add(b, m->tensors[i].data, m->tensors[i].bytes);
        }
    }
}

int32_t tflite_add_tensor(struct tflite_model *model, struct tflite_tensor tensor)
{
    assert(model->tensor_count < (int)ARRAY_LEN(model->tensors));
    model->tensors[model->tensor_count] = tensor;
    return model->tensor_count++;
}

void tflite_add_op(struct tflite_model *model, struct tflite_op op)
{
    assert(model->op_count < (int)ARRAY_LEN(model->ops));
    model->ops[model->op_count++] = op;
}

void tflite_write(const struct tflite_model *model, struct buf *out)
{
    struct field fields[] = {
        { 4, 3, 0 }, { 4, 0, 0 }, { 4, 0, 0 }, { 0, 0, 0 }, { 4, 0, 0 },
    };
    put(out, 0, 4);
    buf_add(out, "TFL3", 4);
    point(out, 0, put_table(out, fields, ARRAY_LEN(fields)));
    size_t codes = put_references(out, (size_t)model->op_count);
    point(out, fields[1].at, codes);
    for (int i = 0; i < model->op_count; i++) {
        put_code(out, codes + 4 + 4 * (size_t)i, model->ops[i].code, model->old_codes);
    }
    size_t graphs = put_references(out, 1);
    point(out, fields[2].at, graphs);
    put_graph(out, graphs + 4, model);
    put_buffers(out, fields[4].at, model);
    assert(!out->failed);
}
