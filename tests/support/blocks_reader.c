#include "blocks_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "term/color.h"

float blocks_coverage(int low, int x, int y)
{
    static const int quarters[] = { 4, 8, 1, 13, 9, 7, 11, 2, 6, 14 }; /* ul 1, ur 2, ll 4, lr 8 */
    if (low == 0x80) {
        return y < 4;
    }
    if (low <= 0x88) {
        return y >= 0x88 - low;
    }
    if (low <= 0x8F) {
        return x < 0x90 - low;
    }
    if (low == 0x90) {
        return x >= 4;
    }
    if (low <= 0x93) {
        return 0.25f * (float)(low - 0x90);
    }
    if (low == 0x94) {
        return y < 1;
    }
    if (low == 0x95) {
        return x >= 7;
    }
    return quarters[low - 0x96] >> ((y >= 4) * 2 + (x >= 4)) & 1;
}

struct terminal {
    const char *at;
    int colors;
    int32_t fg, bg; /* -1: the terminal's own */
    struct blocks_screen *drawn;
};

static int32_t next_number(struct terminal *t)
{
    char *end;
    long n = strtol(t->at, &end, 10);
    assert_ptr_not_equal(end, t->at);
    assert_in_range(n, 0, 255);
    t->at = end;
    return (int32_t)n;
}

static void expect(struct terminal *t, const char *text)
{
    assert_memory_equal(t->at, text, strlen(text));
    t->at += strlen(text);
}

/* 38 or 48 has been read. */
static int32_t next_color(struct terminal *t)
{
    if (t->colors < 1 << 24) {
        expect(t, ";5;");
        int32_t n = next_number(t);
        assert_in_range(n, 16, 255);
        return color_value(n, 256);
    }
    expect(t, ";2;");
    int32_t rgb = next_number(t) << 16;
    expect(t, ";");
    rgb |= next_number(t) << 8;
    expect(t, ";");
    return rgb | next_number(t);
}

static int32_t palette_color(int32_t n, int base)
{
    assert_true((n >= base && n < base + 8) || (n >= base + 60 && n < base + 68));
    return color_value(n < base + 8 ? n - base : n - base - 60 + 8, 16);
}

/* Behind "\033[", to the m. */
static void set_colors(struct terminal *t)
{
    t->drawn->sequences++;
    do {
        int32_t n = next_number(t);
        bool back = (n >= 40 && n < 50) || n >= 100;
        int32_t color;
        if (t->colors >= 256) {
            assert_int_equal(n, back ? 48 : 38);
            color = next_color(t);
        } else {
            color = palette_color(n, back ? 40 : 30);
        }
        *(back ? &t->bg : &t->fg) = color;
    } while (*t->at++ == ';');
    assert_int_equal(t->at[-1], 'm');
}

static void put_symbol(struct terminal *t, int col, int row, int low)
{
    struct blocks_screen *d = t->drawn;
    if (t->colors == 1) {
        t->fg = 0xFFFFFF;
        t->bg = 0;
    }
    d->shades = d->shades || (low >= 0x91 && low <= 0x93);
    for (int i = 0; i < BLOCKS_SIDE * BLOCKS_SIDE; i++) {
        int x = i % BLOCKS_SIDE, y = i / BLOCKS_SIDE;
        float part = low ? blocks_coverage(low, x, y) : 0;
        /* what shows must be known */
        assert_true((part == 0 || t->fg >= 0) && (part == 1 || t->bg >= 0));
        for (int c = 0; c < 3; c++) {
            float fg = (float)(t->fg >> (16 - 8 * c) & 255);
            float bg = (float)(t->bg >> (16 - 8 * c) & 255);
            d->rgb[((row * BLOCKS_SIDE + y) * d->cols * BLOCKS_SIDE + col * BLOCKS_SIDE + x) * 3 +
                   c] = part == 0   ? bg
                        : part == 1 ? fg
                                    : bg + part * (fg - bg);
        }
    }
}

void blocks_read(const char *bytes, int colors, int cols, int rows, struct blocks_screen *d)
{
    char end[32];
    struct terminal t = { bytes, colors, -1, -1, d };
    memset(d, 0, sizeof *d);
    d->cols = cols;
    d->rows = rows;
    d->rgb = calloc((size_t)(cols * rows * BLOCKS_SIDE * BLOCKS_SIDE), 3 * sizeof *d->rgb);
    assert_non_null(d->rgb);
    snprintf(end, sizeof end, "\033[0m\033[%dD\033[B", cols);
    for (int row = 0; row < rows; row++) {
        for (int col = 0; col < cols; col++) {
            if (strncmp(t.at, "\033[", 2) == 0) {
                assert_int_not_equal(colors, 1);
                t.at += 2;
                set_colors(&t);
            }
            int low = 0;
            if (*t.at == ' ') {
                t.at++;
            } else {
                expect(&t, "\xE2\x96");
                low = (unsigned char)*t.at++;
                assert_in_range(low, 0x80, 0x9F);
            }
            put_symbol(&t, col, row, low);
        }
        expect(&t, end);
        t.fg = t.bg = -1;
    }
    assert_string_equal(t.at, "");
}
