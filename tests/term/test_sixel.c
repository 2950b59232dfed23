#include "../../src/term/sixel/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "pseudo.h"
#include "sixel_reader.h"

/* Encodes and decodes; each pixel must have just the colour that it had. */
static size_t assert_exact(const uint8_t *indices, int width, int height,
                           const struct palette *palette)
{
    struct buf out = BUF_INIT;
    struct error err;
    assert_true(sixel_encode_indexed(indices, width, height, palette, &out, &err));
    struct sixel_picture d = sixel_read(&out);
    assert_int_equal(d.width, width);
    assert_in_range(d.height, height, height + 5);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            const uint8_t *want = palette->rgb[indices[y * width + x]];
            assert_memory_equal(sixel_picture_at(&d, x, y), want, 3);
        }
    }
    sixel_picture_free(&d);
    size_t len = out.len;
    buf_release(&out);
    return len;
}

/* Colours that differ, and that sixel can name. */
static void make_palette(struct palette *palette, int count)
{
    palette->count = count;
    for (int i = 0; i < count; i++) {
        int percent[3] = { i % 101, i / 101 * 30 + 5, i * 7 % 101 };
        for (int c = 0; c < 3; c++) {
            palette->rgb[i][c] = (uint8_t)((percent[c] * 255 + 50) / 100);
        }
    }
}

enum kind { NOISE, FLAT, STRIPES, BARS, SQUARES, LONG_RUNS, KIND_COUNT };

static int pixel_of(enum kind kind, int x, int y, int colors, uint64_t *random)
{
    switch (kind) {
    case NOISE:
        return (int)(pseudo_bits(random) % (unsigned)colors);
    case FLAT:
        return colors - 1;
    case STRIPES:
        return y % colors;
    case BARS:
        return x % colors;
    case SQUARES:
        return (x / 9 + y / 7 * 5) % colors;
    default:
        return (int)((pseudo_bits(random) % 50 ? (unsigned)x / 40 : pseudo_bits(random)) %
                     (unsigned)colors);
    }
}

static void test_exact(void **state)
{
    static const struct {
        int width, height, colors;
    } cases[] = {
        { 1, 1, 1 },     { 1, 6, 1 },       { 1, 7, 2 },       { 2, 5, 2 },   { 7, 1, 7 },
        { 13, 13, 3 },   { 60, 8, 1 },      { 64, 48, 16 },    { 63, 47, 2 }, { 300, 12, 255 },
        { 257, 6, 256 }, { 300, 222, 256 }, { 1025, 31, 100 }, { 3, 200, 9 },
    };

    (void)state;
    uint64_t random = 5;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
            int w = cases[i].width;
            int h = cases[i].height;
            uint8_t *indices = mem_array((size_t)w, (size_t)h);
            struct palette palette;
            assert_non_null(indices);
            make_palette(&palette, cases[i].colors);
            for (int n = 0; n < w * h; n++) {
                indices[n] = (uint8_t)pixel_of(kind, n % w, n / w, cases[i].colors, &random);
            }
            assert_exact(indices, w, h, &palette);
            free(indices);
        }
    }
}

/* What makes it small: colours run on under those that are painted later. */
static void test_paints_over(void **state)
{
    uint8_t indices[60 * 6];
    struct palette palette;

    (void)state;
    make_palette(&palette, 2);
    for (int i = 0; i < 60 * 6; i++) { /* a line of dots on a plain ground */
        indices[i] = i / 60 == 2 && i % 6 == 3;
    }
    size_t dots = assert_exact(indices, 60, 6, &palette);
    memset(indices, 0, sizeof indices);
    size_t plain = assert_exact(indices, 60, 6, &palette);
    /* "#1" and ten times "?????C" at the most: the ground is as it was. */
    assert_in_range(dots, plain + 1, plain + 4 + 60);
}

static void test_too_large(void **state)
{
    struct palette palette;
    uint8_t index = 0;
    struct buf out = BUF_INIT;
    struct error err;

    (void)state;
    make_palette(&palette, 1);
    assert_false(sixel_encode_indexed(&index, 65536, 1, &palette, &out, &err));
    assert_non_null(strstr(err.message, "65536x1"));
    assert_non_null(strstr(err.message, "65535"));
    assert_false(sixel_encode_indexed(&index, 0, 1, &palette, &out, &err));
    assert_int_equal(out.len, 0);
}

/* Behind what is there already. */
static void test_appends(void **state)
{
    struct palette palette;
    uint8_t index = 0;
    struct buf out = BUF_INIT;

    (void)state;
    make_palette(&palette, 1);
    buf_adds(&out, "before");
    assert_true(sixel_encode_indexed(&index, 1, 1, &palette, &out, NULL));
    assert_memory_equal(out.data, "before\033P0;1q", 11);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_paints_over),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_appends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
