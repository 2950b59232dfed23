#include "base/text.h"

#include <string.h>
#include <wchar.h>
#include <wctype.h>

size_t text_decode(const char *s, size_t len, uint32_t *code)
{
    const unsigned char *u = (const unsigned char *)s;
    static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t need;
    uint32_t c = u[0];
    if (c < 0x80) {
        *code = c;
        return 1;
    }
    if ((c & 0xE0) == 0xC0) {
        need = 2;
        c &= 0x1F;
    } else if ((c & 0xF0) == 0xE0) {
        need = 3;
        c &= 0x0F;
    } else if ((c & 0xF8) == 0xF0) {
        need = 4;
        c &= 0x07;
    } else {
        need = SIZE_MAX;
    }
    if (need > len) {
        *code = UINT32_MAX;
        return 1;
    }
    for (size_t i = 1; i < need; i++) {
        if ((u[i] & 0xC0) != 0x80) {
            *code = UINT32_MAX;
            return 1;
        }
        c = c << 6 | (u[i] & 0x3F);
    }
    if (c < least[need] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        *code = UINT32_MAX;
        return 1;
    }
    *code = c;
    return need;
}

size_t text_encode(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code >= 0xD800 && code <= 0xDFFF) {
        return 0;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    if (code <= 0x10FFFF) {
        out[0] = (char)(0xF0 | code >> 18);
        out[1] = (char)(0x80 | (code >> 12 & 0x3F));
        out[2] = (char)(0x80 | (code >> 6 & 0x3F));
        out[3] = (char)(0x80 | (code & 0x3F));
        return 4;
    }
    return 0;
}

size_t text_valid_prefix(const char *s, size_t len)
{
    size_t i = 0;
    while (i < len) {
        uint32_t code;
        size_t used = text_decode(s + i, len - i, &code);
        if (code == UINT32_MAX) {
            return i;
        }
        i += used;
    }
    return len;
}

bool text_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xFDD0 && c <= 0xFDEF) ||
           (c >= 0xE0000 && c <= 0xE0FFF) || (c & 0xFFFE) == 0xFFFE || c > 0x10FFFF;
}

int text_code_width(uint32_t code)
{
    if (code < 0x20 || code == 0x7F) {
        return 2;
    }
    if (text_unsafe(code)) {
        return 1;
    }
    int width = wcwidth((wchar_t)code);
    return width < 0 ? 1 : width;
}

/* One character as it is printed: its bytes and columns. */
struct glyph {
    char bytes[4];
    size_t len;
    int columns;
};

static size_t next_glyph(const char *s, size_t len, struct glyph *g)
{
    uint32_t code;
    size_t used = text_decode(s, len, &code);
    if (code < 0x20 || code == 0x7F) {
        g->bytes[0] = '^';
        g->bytes[1] = (char)(code ^ 0x40);
        g->len = 2;
        g->columns = 2;
        return used;
    }
    /* For a character unknown to the C library, curses and the terminal may disagree about
     * the column. */
    if (code == UINT32_MAX || text_unsafe(code) || wcwidth((wchar_t)code) < 0) {
        code = TEXT_REPLACEMENT;
    }
    g->len = text_encode(code, g->bytes);
    g->columns = code == TEXT_REPLACEMENT ? 1 : wcwidth((wchar_t)code);
    return used;
}

int text_printable(char *out, size_t size, const char *s, size_t len, int columns)
{
    int used_columns = 0;
    size_t at = 0;
    if (!size) {
        return 0;
    }
    for (size_t i = 0; i < len;) {
        struct glyph g;
        i += next_glyph(s + i, len - i, &g);
        if (at + g.len + 1 > size || (columns >= 0 && used_columns + g.columns > columns)) {
            break;
        }
        memcpy(out + at, g.bytes, g.len);
        at += g.len;
        used_columns += g.columns;
    }
    out[at] = '\0';
    return used_columns;
}

int text_width(const char *s, size_t len)
{
    int columns = 0;
    for (size_t i = 0; i < len;) {
        struct glyph g;
        i += next_glyph(s + i, len - i, &g);
        columns += g.columns;
    }
    return columns;
}

int text_elide(char *out, size_t size, const char *s, size_t len, int columns)
{
    int total = text_width(s, len);
    if (columns < 0 || total <= columns) {
        return text_printable(out, size, s, len, columns);
    }
    if (columns < 3 || size < 8) {
        return text_printable(out, size, s, len, columns);
    }
    int head = (columns - 1) / 3;
    int tail = columns - 1 - head;
    char start[512];
    int used =
        text_printable(start, sizeof start < size / 2 ? sizeof start : size / 2, s, len, head);
    size_t i = 0;
    int left = total;
    while (i < len) {
        struct glyph g;
        size_t step = next_glyph(s + i, len - i, &g);
        /* A combining mark without its letter would combine with the ellipsis. */
        if (left <= tail && g.columns > 0) {
            break;
        }
        i += step;
        left -= g.columns;
    }
    size_t at = strlen(start);
    memcpy(out, start, at);
    memcpy(out + at, "\xE2\x80\xA6", 3);
    at += 3;
    return used + 1 + text_printable(out + at, size - at, s + i, len - i, tail);
}

static bool starts_with(const char *s, size_t len, const char *prefix, size_t prefix_len)
{
    size_t i = 0;
    size_t k = 0;
    while (k < prefix_len) {
        if (i >= len) {
            return false;
        }
        uint32_t a;
        uint32_t b;
        i += text_decode(s + i, len - i, &a);
        k += text_decode(prefix + k, prefix_len - k, &b);
        if (a != b && towlower((wint_t)a) != towlower((wint_t)b)) {
            return false;
        }
    }
    return true;
}

bool text_contains(const char *hay, size_t hay_len, const char *needle)
{
    size_t needle_len = strlen(needle);
    if (!needle_len) {
        return true;
    }
    for (size_t i = 0; i < hay_len;) {
        if (starts_with(hay + i, hay_len - i, needle, needle_len)) {
            return true;
        }
        uint32_t code;
        i += text_decode(hay + i, hay_len - i, &code);
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* *a and *b point to digits: compares the two runs as numbers and moves past them. */
static int compare_numbers(const char **a, const char **b)
{
    const char *x = *a;
    const char *y = *b;
    while (*x == '0') {
        x++;
    }
    while (*y == '0') {
        y++;
    }
    const char *x_end = x;
    const char *y_end = y;
    while (is_digit(*x_end)) {
        x_end++;
    }
    while (is_digit(*y_end)) {
        y_end++;
    }
    *a = x_end;
    *b = y_end;
    if (x_end - x != y_end - y) {
        return x_end - x < y_end - y ? -1 : 1;
    }
    return memcmp(x, y, (size_t)(x_end - x));
}

int text_natural_compare(const char *a, const char *b)
{
    const char *p = a;
    const char *q = b;
    while (*p && *q) {
        if (is_digit(*p) && is_digit(*q)) {
            int order = compare_numbers(&p, &q);
            if (order) {
                return order;
            }
        } else if (*p != *q) {
            return (unsigned char)*p < (unsigned char)*q ? -1 : 1;
        } else {
            p++;
            q++;
        }
    }
    if (*p || *q) {
        return *p ? 1 : -1;
    }
    return strcmp(a, b); /* they differ in leading zeros at most */
}
