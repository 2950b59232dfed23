#include "percent.h"

void percent_add(struct buf *out, char byte)
{
    static const char hex[] = "0123456789ABCDEF";
    unsigned char b = (unsigned char)byte;
    buf_addc(out, '%');
    buf_addc(out, hex[b >> 4]);
    buf_addc(out, hex[b & 15]);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool percent_take(const char **at, const char *end, char *byte)
{
    const char *p = *at;
    int high = end - p > 2 ? digit(p[1]) : -1, low = end - p > 2 ? digit(p[2]) : -1;
    if (high < 0 || low < 0 || high + low == 0) {
        return false;
    }
    *byte = (char)(high * 16 + low);
    *at = p + 2;
    return true;
}
