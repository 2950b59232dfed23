#include "tiff.h"

#include <string.h>

#include "base/mem.h"

#define ENTRY_BYTES 12 /* tag, type, count, and value or its offset */

static uint64_t number_at(const struct tiff *t, const uint8_t *from, size_t bytes)
{
    uint64_t n = 0;
    for (size_t i = 0; i < bytes; i++) {
        n = n << 8 | from[t->big_endian ? i : bytes - 1 - i];
    }
    return n;
}

/* Accepts the 42 in either byte order: some programs write it in the wrong one. */
static bool has_header(const uint8_t *bytes, size_t len)
{
    bool order = len >= 8 && (memcmp(bytes, "II", 2) == 0 || memcmp(bytes, "MM", 2) == 0);
    return order && (memcmp(bytes + 2, "*", 2) == 0 || memcmp(bytes + 2, "\0*", 2) == 0);
}

bool tiff_open(struct tiff *tiff, const uint8_t *bytes, size_t len)
{
    *tiff = (struct tiff){ .bytes = bytes, .len = len };
    if (!has_header(bytes, len)) {
        return false;
    }
    tiff->big_endian = bytes[0] == 'M';
    uint64_t at = number_at(tiff, bytes + 4, 4);
    if (at > len - 2) {
        return false;
    }
    size_t whole = (len - (size_t)at - 2) / ENTRY_BYTES;
    tiff->entries = (size_t)at + 2;
    tiff->count = (size_t)number_at(tiff, bytes + at, 2);
    tiff->count = tiff->count < whole ? tiff->count : whole;
    return true;
}

/* Bytes per value of a type; 0: unknown type. */
static size_t value_bytes(unsigned type)
{
    static const uint8_t bytes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8 };
    return type < ARRAY_LEN(bytes) ? bytes[type] : 0;
}

static bool read_field(const struct tiff *t, const uint8_t *entry, struct tiff_field *field)
{
    field->type = (unsigned)number_at(t, entry + 2, 2);
    field->count = (uint32_t)number_at(t, entry + 4, 4);
    uint64_t bytes = (uint64_t)field->count * value_bytes(field->type);
    uint64_t offset = number_at(t, entry + 8, 4);
    if (bytes == 0 || (bytes > 4 && (offset > t->len || bytes > t->len - offset))) {
        return false;
    }
    field->bytes = (size_t)bytes;
    field->data = bytes > 4 ? t->bytes + offset : entry + 8;
    return true;
}

bool tiff_find(const struct tiff *tiff, unsigned tag, struct tiff_field *field)
{
    bool found = false;
    for (size_t i = 0; i < tiff->count; i++) {
        const uint8_t *entry = tiff->bytes + tiff->entries + i * ENTRY_BYTES;
        struct tiff_field f;
        if (number_at(tiff, entry, 2) == tag && read_field(tiff, entry, &f)) {
            *field = f;
            found = true;
        }
    }
    return found;
}

static double ratio(double above, double below)
{
    return below != 0 ? above / below : 0;
}

static double as_float(uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, sizeof value);
    return (double)value;
}

static double as_double(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double tiff_number(const struct tiff *tiff, const struct tiff_field *field)
{
    enum {
        SHORT = 3,
        LONG,
        RATIONAL,
        SBYTE,
        SSHORT = 8,
        SLONG,
        SRATIONAL,
        FLOAT,
        DOUBLE,
        IFD,
        LONG8 = 16,
        SLONG8
    };
    const uint8_t *p = field->data;
    uint64_t bits = number_at(tiff, p, value_bytes(field->type));
    switch (field->type) {
    case SBYTE:
        return (int8_t)bits;
    case SHORT:
    case LONG:
    case IFD:
    case LONG8:
        return (double)bits;
    case SSHORT:
        return (int16_t)bits;
    case SLONG:
        return (int32_t)bits;
    case SLONG8:
        return (double)(int64_t)bits;
    case RATIONAL:
        return ratio((double)number_at(tiff, p, 4), (double)number_at(tiff, p + 4, 4));
    case SRATIONAL:
        return ratio((int32_t)number_at(tiff, p, 4), (int32_t)number_at(tiff, p + 4, 4));
    case FLOAT:
        return as_float(bits);
    case DOUBLE:
        return as_double(bits);
    default:
        return 0;
    }
}
