#include "flatbuffer_builder.h"

#include <assert.h>
#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "vectors are copied byte by byte");

static void put16(struct buf *out, size_t value)
{
    uint16_t v = (uint16_t)value;
    buf_add(out, &v, sizeof v);
}

static void put32(struct buf *out, uint32_t value)
{
    buf_add(out, &value, sizeof value);
}

static void put_zeros(struct buf *out, size_t count)
{
    if (buf_reserve(out, count)) {
        memset(out->data + out->len, 0, count + 1);
        out->len += count;
    }
}

/* Adds zeros so that `ahead` more bytes end at a multiple of `to`. */
static void align(struct buf *out, size_t ahead, size_t to)
{
    put_zeros(out, (to - (out->len + ahead) % to) % to);
}

void fbb_start(struct buf *out, const char identifier[4])
{
    put32(out, 0);
    buf_add(out, identifier, 4);
}

/* Every field takes four bytes, so that all are aligned. */
static size_t offset_of(const struct fbb_field *fields, size_t index)
{
    size_t offset = 4;
    for (size_t i = 0; i < index; i++) {
        offset += fields[i].type != FBB_ABSENT ? 4 : 0;
    }
    return offset;
}

static uint32_t bits_of(const struct fbb_field *field)
{
    uint32_t bits = (uint32_t)field->integer;
    if (field->type == FBB_BYTE) {
        bits &= 0xFF;
    } else if (field->type == FBB_FLOAT) {
        memcpy(&bits, &field->real, sizeof bits);
    }
    return bits;
}

size_t fbb_table(struct buf *out, struct fbb_field *fields, size_t count)
{
    align(out, 4 + 2 * count, 4);
    size_t vtable = out->len;
    put16(out, 4 + 2 * count);
    put16(out, offset_of(fields, count));
    for (size_t i = 0; i < count; i++) {
        put16(out, fields[i].type != FBB_ABSENT ? offset_of(fields, i) : 0);
    }
    size_t table = out->len;
    put32(out, (uint32_t)(table - vtable));
    for (size_t i = 0; i < count; i++) {
        fields[i].at = out->len;
        if (fields[i].type != FBB_ABSENT) {
            put32(out, bits_of(&fields[i]));
        }
    }
    return table;
}

size_t fbb_vector(struct buf *out, const void *elements, size_t count, size_t size, size_t align_to)
{
    align(out, 4, align_to);
    size_t at = out->len;
    put32(out, (uint32_t)count);
    if (elements) {
        buf_add(out, elements, count * size);
    } else {
        put_zeros(out, count * size);
    }
    return at;
}

size_t fbb_string(struct buf *out, const char *text)
{
    size_t at = fbb_vector(out, text, strlen(text), 1, 4);
    buf_addc(out, '\0');
    return at;
}

size_t fbb_references(struct buf *out, size_t count)
{
    return fbb_vector(out, NULL, count, 4, 4);
}

size_t fbb_element(size_t vector, size_t i)
{
    return vector + 4 + 4 * i;
}

void fbb_point(struct buf *out, size_t at, size_t target)
{
    uint32_t distance = (uint32_t)(target - at);
    if (!out->failed) {
        memcpy(out->data + at, &distance, sizeof distance);
    }
}
