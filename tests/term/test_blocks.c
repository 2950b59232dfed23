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
#include "blocks_reader.h"
#include "drawn.h"

#define SIDE BLOCKS_SIDE

static struct pane pane_of(int colors, enum level level)
{
    return (struct pane){
        .cols = 40, .rows = 20, .cell_w = 10, .cell_h = 20, .colors = colors, .level = level
    };
}

/* Draws the picture and reads it back; returns the bytes. */
static size_t draw(const struct image *picture, int colors, enum level level,
                   struct blocks_screen *d)
{
    struct pane pane = pane_of(colors, level);
    struct buf out = BUF_INIT;
    struct error err;
    assert_true(
        protocol_blocks.encode(picture, &pane, picture->width, picture->height, &out, &err));
    blocks_read(buf_text(&out), colors, (picture->width + SIDE - 1) / SIDE,
                (picture->height + SIDE - 1) / SIDE, d);
    size_t len = out.len;
    buf_release(&out);
    return len;
}

/* ------------------------------------------------------------------ pictures */

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
static double error_of(const struct image *picture, const struct blocks_screen *d, int side)
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
            struct blocks_screen d;
            if (low >= 0x91 && low <= 0x93) {
                continue;
            }
            assert_true(image_init(&picture, SIDE, SIDE, 3, NULL));
            for (int i = 0; i < SIDE * SIDE; i++) {
                bool front = blocks_coverage(low, i % SIDE, i / SIDE) > 0.5f;
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
            struct blocks_screen d;
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
        drawn_gradient(&picture, 60 * SIDE, 20 * SIDE);
        for (int level = 0; level < LEVEL_COUNT; level++) {
            struct blocks_screen d;
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

/* Whatever the picture and its size: blocks_read() finds nothing unexpected. */
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
                struct blocks_screen d;
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
