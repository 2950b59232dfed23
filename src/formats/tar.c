#include "tar.h"

#include <stdio.h>
#include <string.h>

#define LONG_NAME_MAX 65536 /* bytes */

/* Offsets in a header, and lengths. */
enum {
    NAME = 0,
    MODE = 100,
    OWNER = 108,
    GROUP = 116,
    SIZE = 124,
    TIME = 136,
    SUM = 148,
    TYPE = 156,
    MAGIC = 257,
    PREFIX = 345,
    NUMBER_LEN = 8,
    SIZE_LEN = 12,
    PREFIX_LEN = 155,
};

/* The sum of a header's bytes, with blanks for the sum itself. */
static unsigned sum_of(const uint8_t *head)
{
    unsigned sum = 0;
    for (int i = 0; i < TAR_BLOCK; i++) {
        sum += i >= SUM && i < SUM + NUMBER_LEN ? ' ' : head[i];
    }
    return sum;
}

/* ------------------------------------------------------------------- writing */

void tar_add(struct buf *out, const char *name, const void *bytes, size_t len)
{
    static const char zeros[TAR_BLOCK];
    char head[TAR_BLOCK] = "";
    memcpy(head + NAME, name, strlen(name) < TAR_NAME_MAX ? strlen(name) : TAR_NAME_MAX);
    snprintf(head + MODE, NUMBER_LEN, "%07o", 0644u);
    snprintf(head + OWNER, NUMBER_LEN, "%07o", 0u);
    snprintf(head + GROUP, NUMBER_LEN, "%07o", 0u);
    snprintf(head + SIZE, SIZE_LEN, "%011llo", (unsigned long long)len & 077777777777ull);
    snprintf(head + TIME, SIZE_LEN, "%011o", 0u);
    head[TYPE] = '0';
    memcpy(head + MAGIC,
           "ustar\0"
           "00",
           8);
    snprintf(head + SUM, NUMBER_LEN, "%06o", sum_of((const uint8_t *)head));
    head[SUM + NUMBER_LEN - 1] = ' ';
    buf_add(out, head, sizeof head);
    buf_add(out, bytes, len);
    buf_add(out, zeros, (TAR_BLOCK - len % TAR_BLOCK) % TAR_BLOCK);
}

/* ------------------------------------------------------------------- reading */

/* Octal digits, or with the highest bit set a number of base 256; -1: neither. */
static int64_t number(const uint8_t *p, size_t len)
{
    int64_t value = 0;
    size_t i = 0;
    if (*p & 0x80) {
        for (i = 1; i < len; i++) {
            if (value >> 54) {
                return -1;
            }
            value = value << 8 | p[i];
        }
        return value;
    }
    for (; i < len && p[i] == ' '; i++) {
    }
    for (; i < len && p[i] >= '0' && p[i] <= '7'; i++) {
        value = value << 3 | (p[i] - '0');
    }
    return i == len || p[i] == ' ' || !p[i] ? value : -1;
}

bool tar_is(const uint8_t *head, size_t len)
{
    return len >= TAR_BLOCK && memcmp(head + MAGIC, "ustar", 5) == 0 &&
           number(head + SUM, NUMBER_LEN) == (int64_t)sum_of(head);
}

bool tar_open(struct tar_reader *t, const char *path, struct error *err)
{
    *t = (struct tar_reader){ .file = { .fd = -1 } };
    return file_reader_open(&t->file, path, INT64_MAX, err);
}

void tar_close(struct tar_reader *t)
{
    file_reader_close(&t->file);
    buf_release(&t->path);
}

static bool damaged(const struct tar_reader *t, const char *what, struct error *err)
{
    return error_set(err, ERROR_DATA, "%s: byte %lld: %s", t->file.path, (long long)t->next, what);
}

static bool read_all(struct tar_reader *t, void *out, size_t len, struct error *err)
{
    size_t have = 0, got = 1;
    while (have < len && got) {
        if (!file_reader_read(&t->file, (char *)out + have, len - have, &got, err)) {
            return false;
        }
        have += got;
    }
    return have == len || damaged(t, "the archive ends within a file", err);
}

/* The path of a header, in t->path. */
static void take_path(struct tar_reader *t, const uint8_t *head)
{
    const char *name = (const char *)head + NAME, *prefix = (const char *)head + PREFIX;
    size_t prefix_len = head[MAGIC + 5] == '\0' ? strnlen(prefix, PREFIX_LEN) : 0;
    buf_clear(&t->path);
    if (prefix_len) {
        buf_add(&t->path, prefix, prefix_len);
        buf_addc(&t->path, '/');
    }
    buf_add(&t->path, name, strnlen(name, TAR_NAME_MAX));
}

/* The name in a header of long names: GNU's L, or the record "LEN path=NAME\n" of pax' x. */
static void take_long(struct tar_reader *t, const struct buf *text, bool pax)
{
    const char *p = buf_text(text), *end = p + text->len;
    if (!pax) {
        buf_clear(&t->path);
        buf_add(&t->path, p, strnlen(p, text->len));
        return;
    }
    while (p < end) {
        unsigned len = 0;
        int digits = 0;
        if (sscanf(p, "%5u %n", &len, &digits) != 1 || !digits || len < (unsigned)digits + 2 ||
            len > (size_t)(end - p)) {
            return;
        }
        if (strncmp(p + digits, "path=", 5) == 0 && len > (unsigned)digits + 5) {
            buf_clear(&t->path);
            buf_add(&t->path, p + digits + 5, len - (unsigned)digits - 6);
        }
        p += len;
    }
}

static bool is_zero(const uint8_t *head)
{
    for (int i = 0; i < TAR_BLOCK; i++) {
        if (head[i]) {
            return false;
        }
    }
    return true;
}

/* One header, and if it is that of a long name, that. *type is '\0' at the end. */
static bool read_header(struct tar_reader *t, bool keep_path, struct tar_entry *entry, char *type,
                        struct error *err)
{
    uint8_t head[TAR_BLOCK];
    *type = '\0';
    if (t->next >= t->file.size) {
        return true;
    }
    if (!file_reader_seek(&t->file, t->next, err) || !read_all(t, head, sizeof head, err)) {
        return false;
    }
    if (is_zero(head)) {
        return true;
    }
    entry->size = number(head + SIZE, SIZE_LEN);
    if (!tar_is(head, sizeof head) || entry->size < 0 ||
        entry->size > t->file.size - t->next - TAR_BLOCK) {
        return damaged(t, "not the header of a file", err);
    }
    if (!keep_path) {
        take_path(t, head);
    }
    *type = head[TYPE] ? (char)head[TYPE] : '0';
    t->next += TAR_BLOCK + (entry->size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    return true;
}

bool tar_next(struct tar_reader *t, struct tar_entry *entry, bool *end, struct error *err)
{
    struct buf text = BUF_INIT;
    bool ok = true, keep_path = false;
    char type = 'x';
    while (ok && type && type != '0' && type != '7') {
        ok = read_header(t, keep_path, entry, &type, err);
        if (ok && (type == 'x' || type == 'L')) {
            ok = tar_read(t, entry, LONG_NAME_MAX, &text, err);
            if (ok) {
                take_long(t, &text, type == 'x');
                keep_path = t->path.len > 0;
            }
        } else {
            keep_path = keep_path && (type == '0' || type == '7');
        }
    }
    buf_release(&text);
    *end = !type;
    entry->name = buf_text(&t->path);
    return ok;
}

bool tar_read(struct tar_reader *t, const struct tar_entry *entry, size_t limit, struct buf *out,
              struct error *err)
{
    buf_clear(out);
    if ((uint64_t)entry->size > limit) {
        return damaged(t, "a file that is too large", err);
    }
    if (!buf_reserve(out, (size_t)entry->size + 1)) {
        return error_nomem(err, (unsigned long long)entry->size, "a file of an archive");
    }
    out->len = (size_t)entry->size;
    out->data[out->len] = '\0';
    return read_all(t, out->data, out->len, err);
}
