#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void buf_init(struct buf *b)
{
    *b = (struct buf)BUF_INIT;
}

void buf_release(struct buf *b)
{
    free(b->data);
    buf_init(b);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->data) {
        b->data[0] = '\0';
    }
}

bool buf_reserve(struct buf *b, size_t more)
{
    size_t need;
    if (b->failed || __builtin_add_overflow(b->len, more, &need) ||
        __builtin_add_overflow(need, 1, &need) || !mem_reserve(&b->data, &b->cap, need, 1)) {
        b->failed = true;
        return false;
    }
    return true;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
    if (!buf_reserve(b, len)) {
        return;
    }
    if (len) {
        memcpy(b->data + b->len, bytes, len);
    }
    b->len += len;
    b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *string)
{
    buf_add(b, string, strlen(string));
}

void buf_addc(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (need < 0 || !buf_reserve(b, (size_t)need)) {
        b->failed = true;
        return;
    }
    va_start(args, format);
    vsnprintf(b->data + b->len, (size_t)need + 1, format, args);
    va_end(args);
    b->len += (size_t)need;
}

const char *buf_text(const struct buf *b)
{
    return b->data && !b->failed ? b->data : "";
}

char *buf_take(struct buf *b)
{
    char *data = b->failed ? NULL : b->data;
    if (!b->failed && !data) {
        data = mem_string("", 0);
    }
    if (b->failed) {
        free(b->data);
    }
    buf_init(b);
    return data;
}
