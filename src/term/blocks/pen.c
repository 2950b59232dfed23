#include "blocks/pen.h"

#include <stdbool.h>
#include <stddef.h>

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

/* base: 30 for the foreground, 40 for the background */
static void put_parameter(const struct pen *pen, int32_t code, int base, struct buf *out)
{
    if (pen->colors >= 1 << 24) {
        buf_addf(out, "%d;2;%d;%d;%d", base + 8, code >> 16, code >> 8 & 255, code & 255);
    } else if (pen->colors >= 256) {
        buf_addf(out, "%d;5;%d", base + 8, code);
    } else {
        buf_addf(out, "%d", code < 8 ? base + code : base + 60 + code - 8);
    }
}

void pen_put(struct pen *pen, const struct ink *fg, const struct ink *bg, const char *symbol,
             struct buf *out)
{
    bool new_fg = fg && fg->code != pen->fg.code;
    bool new_bg = bg && bg->code != pen->bg.code;
    if (new_fg || new_bg) {
        buf_adds(out, "\033[");
        if (new_fg) {
            put_parameter(pen, fg->code, 30, out);
            pen->fg = *fg;
        }
        if (new_fg && new_bg) {
            buf_addc(out, ';');
        }
        if (new_bg) {
            put_parameter(pen, bg->code, 40, out);
            pen->bg = *bg;
        }
        buf_addc(out, 'm');
    }
    buf_adds(out, symbol);
}
