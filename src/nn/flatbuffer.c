#include "flatbuffer.h"

#include <string.h>

static const struct fb_table no_table;
static const struct fb_vector no_vector;

static uint16_t load_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t fb_load_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint64_t fb_load_u64(const uint8_t *p)
{
    return fb_load_u32(p) | (uint64_t)fb_load_u32(p + 4) << 32;
}

/* True when [pos, pos + size) lies within the bytes. */
static bool within(struct fb *fb, size_t pos, size_t size)
{
    if (!fb->bad && pos <= fb->len && size <= fb->len - pos) {
        return true;
    }
    if (!fb->bad) {
        fb->bad = true;
        fb->bad_at = pos;
    }
    return false;
}

static void mark_bad(struct fb *fb, size_t pos)
{
    if (!fb->bad) {
        fb->bad = true;
        fb->bad_at = pos;
    }
}

static struct fb_table table_at(struct fb *fb, size_t pos)
{
    if (!within(fb, pos, 4)) {
        return no_table;
    }
    int64_t vtable = (int64_t)pos - (int32_t)fb_load_u32(fb->bytes + pos);
    if (vtable < 0 || !within(fb, (size_t)vtable, 4)) {
        mark_bad(fb, pos);
        return no_table;
    }
    struct fb_table table = { .fb = fb, .pos = pos, .vtable = (size_t)vtable };
    uint16_t vtable_size = load_u16(fb->bytes + table.vtable);
    table.size = load_u16(fb->bytes + table.vtable + 2);
    if (vtable_size < 4 || vtable_size % 2 != 0 || table.size < 4 ||
        !within(fb, table.vtable, vtable_size) || !within(fb, pos, table.size)) {
        mark_bad(fb, pos);
        return no_table;
    }
    table.fields = (uint16_t)((vtable_size - 4) / 2);
    return table;
}

/* Follows the reference stored at pos, which is within the bytes. */
static struct fb_table follow(struct fb *fb, size_t pos)
{
    uint32_t distance = fb_load_u32(fb->bytes + pos);
    if (distance == 0 || distance > fb->len - pos) {
        mark_bad(fb, pos);
        return no_table;
    }
    return table_at(fb, pos + distance);
}

struct fb_table fb_root(struct fb *fb, const char *identifier)
{
    if (!within(fb, 0, 8)) {
        return no_table;
    }
    if (memcmp(fb->bytes + 4, identifier, 4) != 0) {
        mark_bad(fb, 4);
        return no_table;
    }
    return follow(fb, 0);
}

/* The field's inline bytes, or NULL when it is absent. */
static const uint8_t *field_bytes(const struct fb_table *table, int field, size_t size)
{
    if (table->pos == 0 || table->fb->bad || field >= table->fields) {
        return NULL;
    }
    size_t slot = table->vtable + 4 + 2 * (size_t)field;
    uint16_t offset = load_u16(table->fb->bytes + slot);
    if (offset == 0) {
        return NULL;
    }
    if (offset < 4 || offset + size > table->size) {
        mark_bad(table->fb, slot);
        return NULL;
    }
    return table->fb->bytes + table->pos + offset;
}

uint8_t fb_u8(const struct fb_table *table, int field, uint8_t fallback)
{
    const uint8_t *p = field_bytes(table, field, 1);
    return p ? *p : fallback;
}

int32_t fb_i32(const struct fb_table *table, int field, int32_t fallback)
{
    const uint8_t *p = field_bytes(table, field, 4);
    return p ? (int32_t)fb_load_u32(p) : fallback;
}

uint64_t fb_u64(const struct fb_table *table, int field, uint64_t fallback)
{
    const uint8_t *p = field_bytes(table, field, 8);
    return p ? fb_load_u64(p) : fallback;
}

static float load_f32(const uint8_t *p)
{
    uint32_t bits = fb_load_u32(p);
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

float fb_f32(const struct fb_table *table, int field, float fallback)
{
    const uint8_t *p = field_bytes(table, field, 4);
    return p ? load_f32(p) : fallback;
}

struct fb_table fb_child(const struct fb_table *table, int field)
{
    const uint8_t *p = field_bytes(table, field, 4);
    return p ? follow(table->fb, (size_t)(p - table->fb->bytes)) : no_table;
}

struct fb_vector fb_vector(const struct fb_table *table, int field, size_t element_size)
{
    const uint8_t *p = field_bytes(table, field, 4);
    if (!p) {
        return no_vector;
    }
    struct fb *fb = table->fb;
    size_t at = (size_t)(p - fb->bytes);
    uint32_t distance = fb_load_u32(p);
    if (distance == 0 || distance > fb->len - at || !within(fb, at + distance, 4)) {
        mark_bad(fb, at);
        return no_vector;
    }
    struct fb_vector vector = { at + distance + 4, fb_load_u32(fb->bytes + at + distance) };
    if (vector.count > (fb->len - vector.pos) / element_size) {
        mark_bad(fb, at + distance);
        return no_vector;
    }
    return vector;
}

struct fb_table fb_table_at(struct fb *fb, struct fb_vector vector, size_t i)
{
    return fb->bad ? no_table : follow(fb, vector.pos + 4 * i);
}

int32_t fb_i32_at(const struct fb *fb, struct fb_vector vector, size_t i)
{
    return (int32_t)fb_load_u32(fb->bytes + vector.pos + 4 * i);
}

int64_t fb_i64_at(const struct fb *fb, struct fb_vector vector, size_t i)
{
    return (int64_t)fb_load_u64(fb->bytes + vector.pos + 8 * i);
}

float fb_f32_at(const struct fb *fb, struct fb_vector vector, size_t i)
{
    return load_f32(fb->bytes + vector.pos + 4 * i);
}
