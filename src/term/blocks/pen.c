#include "blocks/pen.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

void pen_init(struct pen *pen, int colors)
{
    static const struct ink own = { INK_OWN, { 0 } };
    pen->colors = colors;
    pen->fg = own;
    pen->bg = own;
}

static int digits(int32_t byte)
{
    return byte < 10 ? 1 : byte < 100 ? 2 : 3;
}

int pen_cost(const struct pen *pen, const struct ink *ink)
{
    int32_t code = ink->code;
    if (pen->colors >= 1 << 24) {
        return 10 + digits(code >> 16) + digits(code >> 8 & 255) + digits(code & 255);
    }
    return pen->colors >= 256 ? 8 + digits(code) : 5;
}

static void put_number(int32_t n, char **end)
{
    if (n >= 100) {
        *(*end)++ = (char)('0' + n / 100);
    }
    if (n >= 10) {
        *(*end)++ = (char)('0' + n / 10 % 10);
    }
    *(*end)++ = (char)('0' + n % 10);
}

/* Writes the SGR parameter of a colour. base: 30 for the foreground, 40 for the
 * background. */
static void put_parameter(const struct pen *pen, int32_t code, int base, char **end)
{
    if (pen->colors < 256) {
        put_number(code < 8 ? base + code : base + 60 + code - 8, end);
        return;
    }
    put_number(base + 8, end);
    if (pen->colors < 1 << 24) {
        memcpy(*end, ";5;", 3);
        *end += 3;
        put_number(code, end);
        return;
    }
    memcpy(*end, ";2", 2);
    *end += 2;
    for (int shift = 16; shift >= 0; shift -= 8) {
        *(*end)++ = ';';
        put_number(code >> shift & 255, end);
    }
}

void pen_put(struct pen *pen, const struct ink *fg, const struct ink *bg, const char *symbol,
             struct buf *out)
{
    bool new_fg = fg && fg->code != pen->fg.code;
    bool new_bg = bg && bg->code != pen->bg.code;
    if (new_fg || new_bg) {
        char sequence[48] = "\033[";
        char *end = sequence + 2;
        if (new_fg) {
            put_parameter(pen, fg->code, 30, &end);
            *end++ = new_bg ? ';' : 'm';
            pen->fg = *fg;
        }
        if (new_bg) {
            put_parameter(pen, bg->code, 40, &end);
            *end++ = 'm';
            pen->bg = *bg;
        }
        buf_add(out, sequence, (size_t)(end - sequence));
    }
    buf_adds(out, symbol);
}
