#include "zip.h"

#include <string.h>

#include "base/crc.h"
#include "flatbuffer.h"

#define END_BYTES 22
#define ENTRY_BYTES 46
#define LOCAL_BYTES 30
#define COMMENT_MAX 65535
#define ENCRYPTED 1

static uint32_t load16(const uint8_t *p)
{
    return (uint32_t)(p[0] | p[1] << 8);
}

/* The last end record whose comment reaches to the end of the bytes; NULL for none. */
static const uint8_t *find_end(const uint8_t *bytes, size_t len)
{
    for (size_t comment = 0; comment <= COMMENT_MAX && comment + END_BYTES <= len; comment++) {
        const uint8_t *p = bytes + len - END_BYTES - comment;
        if (memcmp(p, "PK\5\6", 4) == 0 && load16(p + 20) == comment) {
            return p;
        }
    }
    return NULL;
}

/* An archive's directory within the bytes, and the base of its offsets. */
struct directory {
    const uint8_t *entries;
    size_t len;
    size_t base;
};

static bool find_directory(const uint8_t *bytes, size_t len, struct directory *d)
{
    const uint8_t *end = find_end(bytes, len);
    if (!end) {
        return false;
    }
    size_t before = (size_t)(end - bytes);
    d->len = fb_load_u32(end + 12);
    size_t at = fb_load_u32(end + 16);
    if (d->len > before || at > before - d->len) {
        return false;
    }
    d->entries = end - d->len;
    d->base = before - d->len - at;
    return true;
}

/* The entry of that name; NULL for none. */
static const uint8_t *find_entry(const struct directory *d, struct nn_span name)
{
    for (size_t at = 0; d->len - at >= ENTRY_BYTES;) {
        const uint8_t *entry = d->entries + at;
        size_t name_len = load16(entry + 28);
        size_t size = ENTRY_BYTES + name_len + load16(entry + 30) + load16(entry + 32);
        if (memcmp(entry, "PK\1\2", 4) != 0 || size > d->len - at) {
            return NULL;
        }
        if (name_len == name.len && memcmp(entry + ENTRY_BYTES, name.bytes, name.len) == 0) {
            return entry;
        }
        at += size;
    }
    return NULL;
}

bool nn_zip_find(const void *bytes, size_t len, struct nn_span name, struct nn_span *content,
                 const char *place, struct error *err)
{
    struct directory d;
    const uint8_t *entry = find_directory(bytes, len, &d) ? find_entry(&d, name) : NULL;
    if (!entry) {
        return error_set(err, ERROR_DATA, "%s is named in the model, but missing from its archive",
                         place);
    }
    size_t size = fb_load_u32(entry + 20);
    size_t at = fb_load_u32(entry + 42);
    if (load16(entry + 8) & ENCRYPTED || load16(entry + 10) != 0) {
        return error_set(err, ERROR_UNSUPPORTED, "%s is compressed or encrypted", place);
    }
    if (at > len - d.base || LOCAL_BYTES > len - d.base - at) {
        return error_set(err, ERROR_DATA, "%s lies outside of the file", place);
    }
    const uint8_t *local = (const uint8_t *)bytes + d.base + at;
    size_t head = LOCAL_BYTES + (size_t)load16(local + 26) + load16(local + 28);
    size_t left = len - d.base - at;
    if (memcmp(local, "PK\3\4", 4) != 0 || head > left || size > left - head) {
        return error_set(err, ERROR_DATA, "%s is damaged", place);
    }
    *content = (struct nn_span){ local + head, size };
    if (crc32_of(content->bytes, size) != fb_load_u32(entry + 16)) {
        return error_set(err, ERROR_DATA, "%s is damaged (checksum mismatch)", place);
    }
    return true;
}
