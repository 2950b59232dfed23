#include "base/base64.h"

#include <stdint.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void add_group(char *to, const uint8_t *from)
{
    unsigned bits = (unsigned)from[0] << 16 | (unsigned)from[1] << 8 | from[2];
    to[0] = digits[bits >> 18];
    to[1] = digits[bits >> 12 & 63];
    to[2] = digits[bits >> 6 & 63];
    to[3] = digits[bits & 63];
}

void base64_add(struct buf *out, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    if (!buf_reserve(out, BASE64_LEN(len))) {
        return;
    }
    char *to = out->data + out->len;
    for (; len >= 3; len -= 3, from += 3, to += 4) {
        add_group(to, from);
    }
    if (len > 0) {
        uint8_t last[3] = { from[0], len > 1 ? from[1] : 0, 0 };
        add_group(to, last);
        to[3] = '=';
        to[2] = len > 1 ? to[2] : '=';
        to += 4;
    }
    *to = '\0';
    out->len = (size_t)(to - out->data);
}
