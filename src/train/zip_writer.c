#include "zip_writer.h"

#include <stdint.h>
#include <string.h>

#include "base/crc.h"

#define VERSION 20           /* 2.0: what plain files need */
#define UTF8_NAMES (1 << 11) /* general purpose flag */
#define NO_DATE 0x21         /* 1 January 1980: the same model gives the same bytes */

static void put16(struct buf *out, unsigned value)
{
    const uint8_t bytes[2] = { (uint8_t)value, (uint8_t)(value >> 8) };
    buf_add(out, bytes, sizeof bytes);
}

static void put32(struct buf *out, size_t value)
{
    put16(out, value & 0xFFFF);
    put16(out, value >> 16 & 0xFFFF);
}

/* The fields common to the local header and the central directory. */
static void put_facts(struct buf *out, const char *name, const void *bytes, size_t len)
{
    put16(out, VERSION);
    put16(out, UTF8_NAMES);
    put16(out, 0); /* stored */
    put16(out, 0); /* time */
    put16(out, NO_DATE);
    put32(out, crc32_of(bytes, len));
    put32(out, len);
    put32(out, len);
    put16(out, (unsigned)strlen(name));
    put16(out, 0); /* extra bytes */
}

void zip_append(struct buf *out, const char *name, const void *bytes, size_t len)
{
    size_t local = out->len;
    buf_add(out, "PK\x03\x04", 4);
    put_facts(out, name, bytes, len);
    buf_adds(out, name);
    buf_add(out, bytes, len);
    size_t directory = out->len;
    buf_add(out, "PK\x01\x02", 4);
    put16(out, VERSION); /* made by */
    put_facts(out, name, bytes, len);
    put16(out, 0); /* comment */
    put16(out, 0); /* disk */
    put16(out, 0); /* attributes, internal and external */
    put32(out, 0);
    put32(out, local);
    buf_adds(out, name);
    size_t directory_len = out->len - directory;
    buf_add(out, "PK\x05\x06", 4);
    put16(out, 0); /* this disk, and the one with the directory */
    put16(out, 0);
    put16(out, 1); /* entries, here and in all */
    put16(out, 1);
    put32(out, directory_len);
    put32(out, directory);
    put16(out, 0); /* comment */
}
