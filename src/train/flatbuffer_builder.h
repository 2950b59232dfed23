/* Writes FlatBuffers front to back: a table, then what it refers to. A
 * reference is a gap that fbb_point() fills once its target is written. A position is a
 * number of bytes from the buffer's start; alignment counts from there, too.
 *
 * Format: little-endian. First the reference to the root table and a 4-byte
 * identifier. A table starts with the signed distance back to its vtable; a
 * vtable is u16 {its size, the table's inline size, an offset a field, 0 =
 * absent}. References are u32 distances forward. A vector is a u32 count and
 * its elements; a string is a vector of bytes with a NUL behind it.
 *
 * When memory is out, the buffer is marked as failed (base/buf.h) and further calls do
 * nothing. */
#ifndef TRAIN_FLATBUFFER_BUILDER_H
#define TRAIN_FLATBUFFER_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum fbb_type { FBB_ABSENT, FBB_BYTE, FBB_INT, FBB_FLOAT, FBB_REFERENCE };

struct fbb_field {
    enum fbb_type type;
    int32_t integer;
    float real;
    size_t at; /* filled by fbb_table() */
};

/* For the rows of a table's fields. */
#define FBB_BYTE_OF(value)                                                                         \
    {                                                                                              \
        FBB_BYTE, (value), 0, 0                                                                    \
    }
#define FBB_INT_OF(value)                                                                          \
    {                                                                                              \
        FBB_INT, (value), 0, 0                                                                     \
    }
#define FBB_FLOAT_OF(value)                                                                        \
    {                                                                                              \
        FBB_FLOAT, 0, (value), 0                                                                   \
    }
#define FBB_LATER                                                                                  \
    {                                                                                              \
        FBB_REFERENCE, 0, 0, 0                                                                     \
    }

/* Begins an empty buffer; fbb_point(out, 0, root) follows. */
void fbb_start(struct buf *out, const char identifier[4]);

size_t fbb_table(struct buf *out, struct fbb_field *fields, size_t count);

/* Adds a vector. The elements are copied from memory, so the host must be little-endian
 * (NULL: zeros); they begin at a multiple of `align`, a power of two from 4 to 64. */
size_t fbb_vector(struct buf *out, const void *elements, size_t count, size_t size, size_t align);

size_t fbb_string(struct buf *out, const char *text);

/* A vector of gaps; number i is at fbb_element(result, i). */
size_t fbb_references(struct buf *out, size_t count);
size_t fbb_element(size_t vector, size_t i);

void fbb_point(struct buf *out, size_t at, size_t target);

#endif
