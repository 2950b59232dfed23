#include "term/protocol.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "term/color.h"

#define SIDE 8 /* samples of a cell across and down */

/* ----------------------------------------------------- a terminal to draw on */

/* How much of sample x, y of a cell the symbol U+2500 + `low` covers. */
static float coverage(int low, int x, int y)
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

struct drawn {
    int cols, rows; /* as drawn */
    float *rgb;     /* cols * 8 x rows * 8 samples */
    int sequences;  /* that change colours */
    bool shades;    /* there are some */
};

struct terminal {
    const char *at;
    int colors;
    int32_t fg, bg; /* -1: the terminal's own */
    struct drawn *drawn;
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
    struct drawn *d = t->drawn;
    if (t->colors == 1) {
        t->fg = 0xFFFFFF;
        t->bg = 0;
    }
    d->shades = d->shades || (low >= 0x91 && low <= 0x93);
    for (int i = 0; i < SIDE * SIDE; i++) {
        int x = i % SIDE, y = i / SIDE;
        float part = low ? coverage(low, x, y) : 0;
        /* what shows must be known */
        assert_true((part == 0 || t->fg >= 0) && (part == 1 || t->bg >= 0));
        for (int c = 0; c < 3; c++) {
            float fg = (float)(t->fg >> (16 - 8 * c) & 255);
            float bg = (float)(t->bg >> (16 - 8 * c) & 255);
            d->rgb[((row * SIDE + y) * d->cols * SIDE + col * SIDE + x) * 3 + c] =
                part == 0   ? bg
                : part == 1 ? fg
                            : bg + part * (fg - bg);
        }
    }
}

/* Reads all bytes; each must be of the few kinds that the screen relies on. */
static void read_back(const char *bytes, int colors, int cols, int rows, struct drawn *d)
{
    char end[32];
    struct terminal t = { bytes, colors, -1, -1, d };
    memset(d, 0, sizeof *d);
    d->cols = cols;
    d->rows = rows;
    d->rgb = calloc((size_t)(cols * rows * SIDE * SIDE), 3 * sizeof *d->rgb);
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

static struct pane pane_of(int colors, enum level level)
{
    return (struct pane){
        .cols = 40, .rows = 20, .cell_w = 10, .cell_h = 20, .colors = colors, .level = level
    };
}

/* Draws the picture and reads it back; returns the bytes. */
static size_t draw(const struct image *picture, int colors, enum level level, struct drawn *d)
{
    struct pane pane = pane_of(colors, level);
    struct buf out = BUF_INIT;
    struct error err;
    assert_true(
        protocol_blocks.encode(picture, &pane, picture->width, picture->height, &out, &err));
    read_back(buf_text(&out), colors, (picture->width + SIDE - 1) / SIDE,
              (picture->height + SIDE - 1) / SIDE, d);
    size_t len = out.len;
    buf_release(&out);
    return len;
}

/* ------------------------------------------------------------------ pictures */

static void make_gradient(struct image *picture, int width, int height)
{
    assert_true(image_init(picture, width, height, 3, NULL));
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint8_t *p = image_at(picture, x, y);
            p[0] = (uint8_t)(255 * x / width);
            p[1] = (uint8_t)(255 * y / height);
            p[2] = (uint8_t)(128 + 127 * (x - y) / (width + height));
        }
    }
}

static void make_noise(struct image *picture, int width, int height, unsigned seed)
{
    assert_true(image_init(picture, width, height, 3, NULL));
    for (size_t i = 0; i < (size_t)width * (size_t)height * 3; i++) {
        seed = seed * 1664525u + 1013904223u;
        picture->pixels[i] = (uint8_t)(seed >> 24);
    }
}

static void set(struct image *picture, int x, int y, int32_t rgb)
{
    uint8_t *p = image_at(picture, x, y);
    p[0] = (uint8_t)(rgb >> 16);
    p[1] = (uint8_t)(rgb >> 8);
    p[2] = (uint8_t)rgb;
}

static void make_flat(struct image *picture, int width, int height, int32_t rgb)
{
    assert_true(image_init(picture, width, height, 3, NULL));
    for (int i = 0; i < width * height; i++) {
        set(picture, i % width, i / width, rgb);
    }
}

/* Mean of the differences of means of squares of `side` samples; what the eye
 * sees of it. */
static double error_of(const struct image *picture, const struct drawn *d, int side)
{
    double sum = 0;
    int count = 0;
    for (int y0 = 0; y0 + side <= picture->height; y0 += side) {
        for (int x0 = 0; x0 + side <= picture->width; x0 += side) {
            for (int c = 0; c < 3; c++) {
                double off = 0;
                for (int i = 0; i < side * side; i++) {
                    int x = x0 + i % side, y = y0 + i / side;
                    off += (double)d->rgb[(y * d->cols * SIDE + x) * 3 + c] -
                           image_at(picture, x, y)[c];
                }
                sum += fabs(off) / (side * side);
                count++;
            }
        }
    }
    return sum / count;
}

/* --------------------------------------------------------------------- tests */

#define NEXT(n) "\033[0m\033[" #n "D\033[B"
#define RED 0xFF0000
#define BLUE 0x0000FF

/* A cell is drawn by each symbol exactly when it looks just like it. */
static void test_each_symbol(void **state)
{
    static const int depths[] = { 1 << 24, 256, 16 };

    (void)state;
    for (int low = 0x80; low <= 0x9F; low++) {
        for (size_t k = 0; k < ARRAY_LEN(depths); k++) {
            struct image picture = IMAGE_INIT;
            struct drawn d;
            if (low >= 0x91 && low <= 0x93) {
                continue;
            }
            assert_true(image_init(&picture, SIDE, SIDE, 3, NULL));
            for (int i = 0; i < SIDE * SIDE; i++) {
                bool front = coverage(low, i % SIDE, i / SIDE) > 0.5f;
                set(&picture, i % SIDE, i / SIDE, front ? RED : 0x00FFFF);
            }
            draw(&picture, depths[k], LEVEL_DEFAULT, &d);
            assert_true(error_of(&picture, &d, 1) == 0.0);
            assert_false(d.shades);
            free(d.rgb);
            image_release(&picture);
        }
    }
}

/* Cells of 8x8 samples, each of which is given by its four quarters. */
static void test_bytes(void **state)
{
    static const struct {
        int cols, colors;
        int32_t quarters[3][4];
        const char *want;
    } cases[] = {
        /* one colour is a blank, and said once */
        { 3,
          1 << 24,
          { { RED, RED, RED, RED }, { RED, RED, RED, RED }, { RED, RED, RED, RED } },
          "\033[48;2;255;0;0m   " NEXT(3) },
        { 1, 256, { { RED, RED, RED, RED } }, "\033[48;5;196m " NEXT(1) },
        { 1, 16, { { RED, RED, RED, RED } }, "\033[101m " NEXT(1) },
        { 1, 16, { { 0xCD0000, 0xCD0000, 0xCD0000, 0xCD0000 } }, "\033[41m " NEXT(1) },
        /* two in one sequence, then the same again, then the other way round */
        { 3,
          1 << 24,
          { { RED, RED, BLUE, BLUE }, { RED, RED, BLUE, BLUE }, { BLUE, BLUE, RED, RED } },
          "\033[38;2;255;0;0;48;2;0;0;255m\xE2\x96\x80\xE2\x96\x80\xE2\x96\x84" NEXT(3) },
        { 3,
          1 << 24,
          { { RED, BLUE, BLUE, BLUE }, { BLUE, RED, RED, RED }, { BLUE, RED, RED, BLUE } },
          "\033[38;2;255;0;0;48;2;0;0;255m\xE2\x96\x98\xE2\x96\x9F\xE2\x96\x9E" NEXT(3) },
        /* all of it in the foreground's colour, which stands */
        { 3,
          256,
          { { RED, RED, BLUE, BLUE }, { RED, RED, RED, RED }, { BLUE, BLUE, BLUE, BLUE } },
          "\033[38;5;196;48;5;21m\xE2\x96\x80\xE2\x96\x88 " NEXT(3) },
        /* only the colour that changes */
        { 2,
          256,
          { { RED, RED, BLUE, BLUE }, { RED, RED, 0x00FF00, 0x00FF00 } },
          "\033[38;5;196;48;5;21m\xE2\x96\x80\033[48;5;46m\xE2\x96\x80" NEXT(2) },
        { 3,
          1,
          { { 0, 0, 0, 0 }, { 0xFFFFFF, 0xFFFFFF, 0xFFFFFF, 0xFFFFFF }, { 0xFFFFFF, 0, 0, 0 } },
          " \xE2\x96\x88\xE2\x96\x98" NEXT(3) },
        { 1, 1, { { 0x808080, 0x808080, 0x808080, 0x808080 } }, "\xE2\x96\x92" NEXT(1) },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct image picture = IMAGE_INIT;
        struct pane pane = pane_of(cases[i].colors, LEVEL_DEFAULT);
        struct buf out = BUF_INIT;
        assert_true(image_init(&picture, cases[i].cols * SIDE, SIDE, 3, NULL));
        for (int x = 0; x < picture.width; x++) {
            for (int y = 0; y < SIDE; y++) {
                set(&picture, x, y, cases[i].quarters[x / SIDE][y / 4 * 2 + x / 4 % 2]);
            }
        }
        assert_true(protocol_blocks.encode(&picture, &pane, 1, 1, &out, NULL));
        assert_string_equal(buf_text(&out), cases[i].want);
        buf_release(&out);
        image_release(&picture);
    }
}

/* However few colours there are, the tone is right over some cells. */
static void test_tones(void **state)
{
    static const int32_t tones[] = { 0x000000, 0xFFFFFF, 0x3C2A1E, 0x9A7B6C, 0x5A6E8C,
                                     0x202020, 0xB0B0B0, 0xD8C8B8, 0x707070 };
    static const struct {
        int colors;
        double most; /* levels that 3x3 cells are off, in the mean */
    } cases[] = { { 1 << 24, 0.6 }, { 256, 5.0 }, { 16, 12.0 }, { 1, 9.0 } };

    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        for (size_t i = 0; i < ARRAY_LEN(tones); i++) {
            struct image picture = IMAGE_INIT;
            struct drawn d;
            int32_t rgb = tones[i];
            if (cases[k].colors == 1) {
                rgb = (rgb >> 8 & 255) * 0x010101;
            }
            make_flat(&picture, 24 * SIDE, 12 * SIDE, rgb);
            draw(&picture, cases[k].colors, LEVEL_BEST, &d);
            double off = error_of(&picture, &d, 3 * SIDE);
            if (off > cases[k].most) {
                fail_msg("%06X in %d colours: off by %.1f", (unsigned)rgb, cases[k].colors, off);
            }
            free(d.rgb);
            image_release(&picture);
        }
    }
}

/* Each level costs less than the one before, and still shows the picture. */
static void test_levels(void **state)
{
    static const struct {
        int colors;
        double most[LEVEL_COUNT]; /* levels that a cell is off, in the mean */
    } cases[] = { { 1 << 24, { 0.5, 2.0, 10.0, 10.0 } }, { 256, { 9.0, 9.0, 14.0, 14.0 } } };

    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        struct image picture = IMAGE_INIT;
        size_t bytes[LEVEL_COUNT];
        make_gradient(&picture, 60 * SIDE, 20 * SIDE);
        for (int level = 0; level < LEVEL_COUNT; level++) {
            struct drawn d;
            bytes[level] = draw(&picture, cases[k].colors, (enum level)level, &d);
            double off = error_of(&picture, &d, SIDE);
            if (off > cases[k].most[level]) {
                fail_msg("level %d in %d colours: off by %.1f", level, cases[k].colors, off);
            }
            free(d.rgb);
        }
        assert_true(bytes[LEVEL_DEFAULT] <= bytes[LEVEL_BEST]);
        assert_true(bytes[LEVEL_SLOW] < bytes[LEVEL_DEFAULT] * 3 / 4);
        image_release(&picture);
    }
}

/* Whatever the picture and its size: read_back() finds nothing unexpected. */
static void test_any_picture(void **state)
{
    static const int depths[] = { 1 << 24, 256, 16, 1 };
    static const int sizes[][2] = { { 1, 1 },  { 7, 9 },   { 8, 8 },  { 9, 7 },
                                    { 16, 4 }, { 23, 41 }, { 64, 3 }, { 320, 160 } };

    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(depths); k++) {
        for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
            for (int level = 0; level < LEVEL_COUNT; level++) {
                struct image picture = IMAGE_INIT;
                struct drawn d;
                make_noise(&picture, sizes[i][0], sizes[i][1], (unsigned)(i * 3 + k));
                draw(&picture, depths[k], (enum level)level, &d);
                free(d.rgb);
                image_release(&picture);
            }
        }
    }
}

/* However odd the size, whole cells within the pane. */
static void test_geometry(void **state)
{
    static const struct {
        int w, h, cols, rows;
    } cases[] = {
        { 1, 1, 1, 1 },     { 10, 20, 1, 1 },   { 400, 400, 40, 20 },
        { 9, 5000, 1, 20 }, { 5000, 9, 40, 1 }, { 100, 45, 10, 2 },
        { 100, 50, 10, 3 }, { 14, 29, 1, 1 },   { 15, 30, 2, 2 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pane pane = pane_of(256, LEVEL_DEFAULT);
        int w, h, cols, rows;
        protocol_blocks.grid(&pane, cases[i].w, cases[i].h, &w, &h);
        assert_int_equal(w, SIDE * cases[i].cols);
        assert_int_equal(h, SIDE * cases[i].rows);
        protocol_blocks.cells(&pane, cases[i].w, cases[i].h, w, h, &cols, &rows);
        assert_int_equal(cols, cases[i].cols);
        assert_int_equal(rows, cases[i].rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_symbol), cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_tones),       cmocka_unit_test(test_levels),
        cmocka_unit_test(test_any_picture), cmocka_unit_test(test_geometry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
