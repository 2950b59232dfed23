#include "../../src/term/sixel/quantize.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "pseudo.h"

static const struct quantize_options plain = { .colors = 256 };

/* Like a photograph: slow and quick changes, and a little noise. */
static void make_scene(struct image *picture, int width, int height)
{
    uint64_t random = 11;
    assert_true(image_init(picture, width, height, 3, NULL));
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint8_t *p = image_at(picture, x, y);
            double waves[3] = { sin(x / 17.0) * cos(y / 23.0), sin(x / 5.0 + y / 31.0),
                                (x * 2.0 / width - 1) * (y * 2.0 / height - 1) };
            for (int c = 0; c < 3; c++) {
                double v = 128 + 100 * waves[c] + 4 * (double)pseudo_normal(&random);
                p[c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
            }
        }
    }
}

struct result {
    struct palette palette;
    uint8_t *indices;
    size_t count;
    double psnr;
    size_t begins; /* places in rows where the colour changes */
};

static struct result run(const struct image *picture, const struct quantize_options *options)
{
    struct result r = { .count = (size_t)picture->width * (size_t)picture->height };
    double squares = 0;
    r.indices = mem_array(r.count, 1);
    assert_non_null(r.indices);
    assert_true(quantize_picture(picture, options, r.indices, &r.palette, NULL));
    assert_in_range(r.palette.count, 1, options->colors);
    for (size_t i = 0; i < r.count; i++) {
        assert_true(r.indices[i] < r.palette.count);
        r.begins += i && r.indices[i] != r.indices[i - 1];
        for (size_t c = 0; c < 3; c++) {
            double d = r.palette.rgb[r.indices[i]][c] - (double)picture->pixels[3 * i + c];
            squares += d * d;
        }
    }
    r.psnr = 10 * log10(65025.0 * 3 * (double)r.count / (squares + 1e-9));
    return r;
}

/* Few colours, far enough apart, stay what they are. */
static void test_few_colors_stay(void **state)
{
    static const struct {
        int width, height, colors;
    } cases[] = { { 1, 1, 1 }, { 2, 1, 2 }, { 1, 9, 3 }, { 40, 30, 8 }, { 129, 61, 64 } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct image picture = IMAGE_INIT;
        assert_true(image_init(&picture, cases[i].width, cases[i].height, 3, NULL));
        for (int y = 0; y < cases[i].height; y++) {
            for (int x = 0; x < cases[i].width; x++) {
                int n = (x + y * 5) % cases[i].colors;
                uint8_t *p = image_at(&picture, x, y);
                p[0] = (uint8_t)(n % 4 * 85);
                p[1] = (uint8_t)(n / 4 % 4 * 85);
                p[2] = (uint8_t)(n / 16 * 85);
            }
        }
        struct result r = run(&picture, &plain);
        assert_true(r.psnr > 90);
        assert_true(r.palette.count <= cases[i].colors);
        free(r.indices);
        image_release(&picture);
    }
}

static void test_quality_and_limits(void **state)
{
    static const struct {
        struct quantize_options options;
        double psnr;
    } cases[] = {
        { { .colors = 256 }, 29.5 },
        { { .colors = 256, .diffusion = 192 }, 28.5 },
        { { .colors = 256, .diffusion = 256, .byte = 10, .percent = true }, 27.5 },
        { { .colors = 64, .diffusion = 128 }, 25 },
        { { .colors = 16 }, 21 },
        { { .colors = 2 }, 15.5 },
    };

    (void)state;
    struct image picture = IMAGE_INIT;
    make_scene(&picture, 240, 181);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result r = run(&picture, &cases[i].options);
        if (r.psnr < cases[i].psnr) {
            print_error("case %zu: %.2f dB\n", i, r.psnr);
        }
        assert_true(r.psnr >= cases[i].psnr);
        for (int c = 0; cases[i].options.percent && c < r.palette.count; c++) {
            for (int k = 0; k < 3; k++) {
                int percent = (r.palette.rgb[c][k] * 100 + 127) / 255;
                assert_int_equal((percent * 255 + 50) / 100, r.palette.rgb[c][k]);
            }
        }
        free(r.indices);
    }
    image_release(&picture);
}

/* The dearer a byte, the longer the runs. */
static void test_bytes_have_a_price(void **state)
{
    static const int bytes[] = { 0, 40, 160, 800 };
    size_t before = SIZE_MAX;

    (void)state;
    struct image picture = IMAGE_INIT;
    make_scene(&picture, 200, 150);
    for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
        struct quantize_options options = { .colors = 256, .diffusion = 160, .byte = bytes[i] };
        struct result r = run(&picture, &options);
        assert_true(r.begins < before - before / 20);
        before = r.begins;
        free(r.indices);
    }
    image_release(&picture);
}

/* Diffusion keeps the mean colour of an area between two colours. */
static void test_diffusion_keeps_the_mean(void **state)
{
    struct quantize_options options = { .colors = 2, .diffusion = 256 };
    double sum = 0;

    (void)state;
    struct image picture = IMAGE_INIT;
    assert_true(image_init(&picture, 96, 96, 3, NULL));
    for (int i = 0; i < 96 * 96; i++) { /* grey, and ends that make the two colours */
        memset(picture.pixels + 3 * (size_t)i, i < 96 * 16 ? 0 : i >= 96 * 80 ? 255 : 100, 3);
    }
    struct result r = run(&picture, &options);
    for (int i = 96 * 24; i < 96 * 72; i++) {
        sum += r.palette.rgb[r.indices[i]][0];
    }
    assert_in_range((int)(sum / (96 * 48)), 94, 106);
    free(r.indices);
    image_release(&picture);
}

/* One row, one column: no neighbour is outside. */
static void test_narrow(void **state)
{
    static const int sizes[][2] = { { 1, 1 }, { 1, 2 },  { 2, 1 },  { 3, 2 },
                                    { 2, 3 }, { 1, 60 }, { 60, 1 }, { 5, 7 } };
    struct quantize_options options = { .colors = 4, .diffusion = 256, .byte = 20 };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct image picture = IMAGE_INIT;
        make_scene(&picture, sizes[i][0], sizes[i][1]);
        struct result r = run(&picture, &options);
        free(r.indices);
        image_release(&picture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_colors_stay),
        cmocka_unit_test(test_quality_and_limits),
        cmocka_unit_test(test_bytes_have_a_price),
        cmocka_unit_test(test_diffusion_keeps_the_mean),
        cmocka_unit_test(test_narrow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
