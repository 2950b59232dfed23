/* A bounded reader of FlatBuffers. Every access is checked against the bytes;
 * the first one outside of them sets `bad`, and from then on every field reads as
 * absent, so that a caller needs only one check after several reads.
 *
 * Format: little-endian. A table starts with the signed distance back to its
 * vtable; a vtable is u16 {its size, the table's inline size, an offset a
 * field, 0 = absent}. References are u32 distances forward. A vector is a u32
 * count and its elements. */
#ifndef NN_FLATBUFFER_H
#define NN_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fb {
    const uint8_t *bytes;
    size_t len;
    bool bad;
    size_t bad_at; /* position of the first access outside */
};

struct fb_table {
    struct fb *fb;
    size_t pos; /* 0: absent */
    size_t vtable;
    uint16_t fields;
    uint16_t size;
};

struct fb_vector {
    size_t pos; /* of element 0; 0: absent */
    uint32_t count;
};

/* The root table; sets `bad` when the 4-byte identifier is missing. */
struct fb_table fb_root(struct fb *fb, const char *identifier);

/* A scalar field, or the fallback when it is absent. */
uint8_t fb_u8(const struct fb_table *table, int field, uint8_t fallback);
int32_t fb_i32(const struct fb_table *table, int field, int32_t fallback);
uint64_t fb_u64(const struct fb_table *table, int field, uint64_t fallback);
float fb_f32(const struct fb_table *table, int field, float fallback);

struct fb_table fb_child(const struct fb_table *table, int field);

/* A vector field whose count * element_size bytes lie within the file. */
struct fb_vector fb_vector(const struct fb_table *table, int field, size_t element_size);

/* Element i < count. */
struct fb_table fb_table_at(struct fb *fb, struct fb_vector vector, size_t i);
int32_t fb_i32_at(const struct fb *fb, struct fb_vector vector, size_t i);
int64_t fb_i64_at(const struct fb *fb, struct fb_vector vector, size_t i);
float fb_f32_at(const struct fb *fb, struct fb_vector vector, size_t i);

/* Little-endian, any alignment. */
uint32_t fb_load_u32(const uint8_t *p);
uint64_t fb_load_u64(const uint8_t *p);

#endif
