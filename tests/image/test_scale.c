/* Scaling, fitting, cutting and flattening, on pictures whose result is known. */
#include <setjmp.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/image/scale_passes.h"
#include "base/mem.h"
#include "image/scale.h"

static struct image made(int width, int height, int channels, const uint8_t *pixels)
{
    struct image image;
    struct error err;
    assert_true(image_init(&image, width, height, channels, &err));
    if (pixels) {
        memcpy(image.pixels, pixels, image_stride(&image) * (size_t)height);
    }
    return image;
}

static struct image scaled(const struct image *in, int width, int height, enum image_filter filter)
{
    struct image out;
    struct error err = { .message = "" };
    if (!image_scale(in, width, height, filter, &out, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(out.width, width);
    assert_int_equal(out.height, height);
    assert_int_equal(out.channels, in->channels);
    return out;
}

static struct image noise(int width, int height, int channels)
{
    struct image image = made(width, height, channels, NULL);
    uint32_t seed = 7;
    for (size_t i = 0; i < image_stride(&image) * (size_t)height; i++) {
        seed = seed * 1664525u + 1013904223u;
        image.pixels[i] = (uint8_t)(seed >> 24);
    }
    return image;
}

static double mean_of(const struct image *image)
{
    double sum = 0.0;
    size_t count = image_stride(image) * (size_t)image->height;
    for (size_t i = 0; i < count; i++) {
        sum += image->pixels[i];
    }
    return sum / (double)count;
}

/* ------------------------------------------------------------------ scaling */

/* Whatever the sizes and the filter, translucent or not. */
static void test_constant(void **state)
{
    (void)state;
    static const int sizes[][4] = {
        { 1, 1, 1, 1 },     { 1, 1, 9, 5 },       { 7, 5, 3, 2 },      { 40, 30, 39, 31 },
        { 100, 3, 7, 200 }, { 3000, 2, 5, 1 },    { 2, 3000, 1, 5 },   { 97, 89, 5, 3 },
        { 33, 33, 1, 1 },   { 10000, 1, 100, 1 }, { 1, 10000, 1, 99 }, { 64, 64, 1, 64 },
    };
    static const uint8_t colour[4] = { 200, 3, 77, 9 };
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (int filter = 0; filter < IMAGE_FILTER_COUNT; filter++) {
            for (int channels = 3; channels <= 4; channels++) {
                struct image in = made(sizes[i][0], sizes[i][1], channels, NULL);
                for (int k = 0; k < in.width * in.height; k++) {
                    memcpy(in.pixels + k * channels, colour, (size_t)channels);
                }
                struct image out = scaled(&in, sizes[i][2], sizes[i][3], (enum image_filter)filter);
                for (int k = 0; k < out.width * out.height; k++) {
                    assert_memory_equal(out.pixels + k * channels, colour, (size_t)channels);
                }
                image_release(&in);
                image_release(&out);
            }
        }
    }
}

static void test_identity(void **state)
{
    (void)state;
    struct image in = noise(37, 23, 4);
    for (int filter = 0; filter < IMAGE_FILTER_COUNT; filter++) {
        struct image out = scaled(&in, 37, 23, (enum image_filter)filter);
        assert_memory_equal(out.pixels, in.pixels, 37 * 23 * 4);
        image_release(&out);
    }
    image_release(&in);
}

static void test_area_2x2(void **state)
{
    (void)state;
    static const uint8_t in_pixels[] = { 0, 10, 255, 1, 20, 255, 2, 30, 0, 4, 43, 0 };
    static const uint8_t expected[] = { 2, 26, 128 };
    struct image in = made(2, 2, 3, in_pixels);
    struct image out = scaled(&in, 1, 1, IMAGE_FILTER_AREA);
    assert_memory_equal(out.pixels, expected, 3);
    image_release(&in);
    image_release(&out);
}

/* 3 pixels onto 2: each takes one and a half. */
static void test_area_fractions(void **state)
{
    (void)state;
    static const uint8_t in_pixels[] = { 30, 0, 0, 60, 0, 0, 90, 0, 0 };
    struct image in = made(3, 1, 3, in_pixels);
    struct image out = scaled(&in, 2, 1, IMAGE_FILTER_AREA);
    assert_int_equal(out.pixels[0], 40);
    assert_int_equal(out.pixels[3], 80);
    image_release(&in);
    image_release(&out);
}

/* Also through the averaging of whole blocks, with a remainder. */
static void test_average_preserved(void **state)
{
    (void)state;
    static const int sizes[][4] = {
        { 64, 48, 16, 12 },   { 67, 53, 10, 11 }, { 640, 480, 10, 9 },
        { 1003, 509, 20, 7 }, { 16, 12, 64, 48 },
    };
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct image in = noise(sizes[i][0], sizes[i][1], 3);
        for (int filter = IMAGE_FILTER_AREA; filter < IMAGE_FILTER_COUNT; filter++) {
            struct image out = scaled(&in, sizes[i][2], sizes[i][3], (enum image_filter)filter);
            double off = mean_of(&out) - mean_of(&in);
            if (off < -1.5 || off > 1.5) {
                fail_msg("filter %d, row %zu: the mean is off by %.2f", filter, i, off);
            }
            image_release(&out);
        }
        image_release(&in);
    }
}

/* A ramp stays in place: no filter shifts the picture. */
static void test_no_shift(void **state)
{
    (void)state;
    static const int widths[] = { 32, 61, 100, 300, 700, 13 };
    struct image in = made(251, 2, 3, NULL);
    for (int i = 0; i < 251 * 2; i++) {
        memset(in.pixels + 3 * i, i % 251, 3);
    }
    for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
        for (int filter = 0; filter < IMAGE_FILTER_COUNT; filter++) {
            struct image out = scaled(&in, widths[w], 2, (enum image_filter)filter);
            double step = 251.0 / widths[w];
            /* Rounding, and once more where whole blocks were averaged. */
            double allowed = filter == IMAGE_FILTER_NEAREST || step > 8.0 ? 1.26 : 0.76;
            for (int x = widths[w] / 6; x < widths[w] - widths[w] / 6; x++) {
                double off = image_at(&out, x, 1)[1] - ((x + 0.5) * step - 0.5);
                if (off < -allowed || off > allowed) {
                    fail_msg("filter %d, width %d, x %d: off by %.2f", filter, widths[w], x, off);
                }
            }
            image_release(&out);
        }
    }
    image_release(&in);
}

/* Whole factors enlarge to whole squares. */
static void test_sharp_enlarging(void **state)
{
    (void)state;
    struct image in = noise(5, 4, 4);
    static const enum image_filter sharp[] = { IMAGE_FILTER_NEAREST, IMAGE_FILTER_AREA };
    for (size_t f = 0; f < 2; f++) {
        struct image out = scaled(&in, 15, 12, sharp[f]);
        for (int y = 0; y < 12; y++) {
            for (int x = 0; x < 15; x++) {
                const uint8_t *from = image_at(&in, x / 3, y / 3);
                /* The colour of what cannot be seen is not kept. */
                if (from[3] > 0) {
                    assert_memory_equal(image_at(&out, x, y), from, 4);
                }
            }
        }
        image_release(&out);
    }
    image_release(&in);
}

/* Red beside transparent green: no green may come in. */
static void test_alpha_fringe(void **state)
{
    (void)state;
    struct image in = made(200, 8, 4, NULL);
    for (int i = 0; i < 200 * 8; i++) {
        static const uint8_t red[4] = { 255, 0, 0, 255 };
        static const uint8_t hidden_green[4] = { 0, 255, 0, 0 };
        memcpy(in.pixels + 4 * i, i % 200 < 100 ? red : hidden_green, 4);
    }
    static const int widths[] = { 5, 31, 333 };
    for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
        for (int filter = 0; filter < IMAGE_FILTER_COUNT; filter++) {
            struct image out = scaled(&in, widths[w], 8, (enum image_filter)filter);
            for (int i = 0; i < widths[w] * 8; i++) {
                const uint8_t *p = out.pixels + 4 * i;
                assert_int_equal(p[1], 0);
                assert_true(p[3] == 0 || p[0] >= 254);
            }
            assert_true(image_at(&out, 0, 0)[3] >= 248); /* Lanczos rings a little */
            image_release(&out);
        }
    }
    image_release(&in);
}

/* The definition, in double precision. */
static double lanczos(double x)
{
    double a = 3.14159265358979323846 * x;
    return fabs(x) < 1e-9 ? 1.0 : fabs(x) < 3.0 ? 3.0 * sin(a) * sin(a / 3.0) / (a * a) : 0.0;
}

/* Weights of the inputs of output o, normalised. */
static void lanczos_weights(double *weights, int in, int out, int o)
{
    double step = (double)in / out;
    double stretch = step > 1.0 ? step : 1.0;
    double sum = 0.0;
    for (int i = 0; i < in; i++) {
        weights[i] = lanczos((i + 0.5 - (o + 0.5) * step) / stretch);
        sum += weights[i];
    }
    for (int i = 0; i < in; i++) {
        weights[i] /= sum;
    }
}

static void test_lanczos_as_defined(void **state)
{
    (void)state;
    static const int sizes[][4] = {
        { 61, 47, 48, 36 }, { 64, 40, 9, 17 }, { 20, 30, 33, 31 }, { 90, 3, 41, 3 }, { 5, 5, 1, 1 },
    };
    double across[90];
    double down[90];
    for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
        struct image in = noise(sizes[s][0], sizes[s][1], 3);
        struct image out = scaled(&in, sizes[s][2], sizes[s][3], IMAGE_FILTER_LANCZOS);
        for (int y = 0; y < out.height; y++) {
            lanczos_weights(down, in.height, out.height, y);
            for (int x = 0; x < out.width; x++) {
                double sum = 0.0;
                lanczos_weights(across, in.width, out.width, x);
                for (int v = 0; v < in.height; v++) {
                    for (int u = 0; u < in.width; u++) {
                        sum += down[v] * across[u] * image_at(&in, u, v)[1];
                    }
                }
                double off = fmin(fmax(sum, 0.0), 255.0) - image_at(&out, x, y)[1];
                if (fabs(off) > 0.51) {
                    fail_msg("row %zu: pixel %d,%d is off by %.3f", s, x, y, off);
                }
            }
        }
        image_release(&in);
        image_release(&out);
    }
}

/* -------------------------------------------------- the same on any processor */

enum { ACROSS = 37, PAIRS = 5, SOURCE = 192, ROWS = 11 };

struct loops {
    float loaded[ROWS][SOURCE + SCALE_SLACK];
    float down[SCALE_GROUP][SOURCE + SCALE_SLACK];
    float across[SCALE_GROUP][ACROSS * 4 + SCALE_SLACK];
    uint8_t stored[SCALE_GROUP][ACROSS * 4];
    float alpha[SOURCE];
    uint8_t stored_alpha[SOURCE];
};

static float some_weight(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (float)(*seed >> 8) / (float)(1 << 25) - 0.1f;
}

static void run_loops(const struct scale_passes *passes, int channels, struct loops *l)
{
    struct image in = noise(SOURCE, ROWS, 3);
    uint32_t seed = 5;
    int first[ACROSS], count[ACROSS];
    float weights[ACROSS * PAIRS * SCALE_PAIR] = { 0 };
    const float *rows[ROWS];
    memset(l, 0, sizeof(*l));
    for (int y = 0; y < ROWS; y++) {
        passes->load(image_at(&in, 0, y), SOURCE, l->loaded[y]);
        rows[y] = l->loaded[y];
    }
    for (int y = 0; y < SCALE_GROUP; y++) {
        for (int k = 0; k < ROWS; k++) {
            weights[k] = some_weight(&seed);
        }
        passes->down(rows, weights, ROWS - y, SOURCE, l->down[y]);
    }
    for (int x = 0; x < ACROSS; x++) {
        count[x] = 1 + x % (2 * PAIRS);
        first[x] = x * (SOURCE / channels - count[x]) / (ACROSS - 1);
        float *to = weights + (size_t)x * PAIRS * SCALE_PAIR;
        memset(to, 0, PAIRS * SCALE_PAIR * sizeof(*to));
        for (int k = 0; k < count[x]; k++) {
            float w = some_weight(&seed);
            for (int c = 0; c < channels; c++) {
                to[k / 2 * SCALE_PAIR + k % 2 * channels + c] = w;
            }
        }
    }
    const struct scale_across a = {
        ACROSS, channels, first, count, weights, PAIRS, ACROSS * 4 + SCALE_SLACK
    };
    passes->across(&a, l->down[0], SOURCE + SCALE_SLACK, l->across[0]);
    for (int y = 0; y < SCALE_GROUP; y++) {
        size_t samples = (size_t)(ACROSS * channels);
        passes->store(l->across[y], samples, l->stored[y]);
        memset(l->across[y] + samples, 0, sizeof(l->across[y]) - samples * sizeof(float));
    }
    passes->load_alpha(in.pixels, SOURCE / 4, l->alpha);
    l->alpha[40] *= 1.5f; /* as a filter that rings leaves them */
    l->alpha[50] *= -1.0f;
    l->alpha[63] = -3.0f;
    passes->store_alpha(l->alpha, SOURCE / 4, l->stored_alpha);
    image_release(&in);
}

static void test_same_bits(void **state)
{
    (void)state;
    static struct loops expected, got;
    assert_ptr_equal(scale_passes_best(), scale_passes_at(0));
    for (int channels = 3; channels <= 4; channels++) {
        run_loops(&scale_passes_generic, channels, &expected);
        assert_true(expected.stored[0][0] || expected.stored[0][50]);
        for (size_t i = 0; scale_passes_at(i); i++) {
            run_loops(scale_passes_at(i), channels, &got);
            if (memcmp(&got, &expected, sizeof(got)) != 0) {
                fail_msg("%s differs with %d channels", scale_passes_at(i)->name, channels);
            }
        }
    }
}

static void test_scale_refuses(void **state)
{
    (void)state;
    struct image in = noise(3, 3, 3);
    struct image out;
    struct error err;
    assert_false(image_scale(&in, 0, 5, IMAGE_FILTER_AREA, &out, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_null(out.pixels);
    assert_false(image_scale(&in, 5, -1, IMAGE_FILTER_AREA, &out, NULL));
    image_release(&in);
}

/* ------------------------------------------------------- fit, crop, flatten */

static void test_fit(void **state)
{
    (void)state;
    static const struct {
        int width, height, box_width, box_height;
        bool allow_up;
        int out_width, out_height;
    } rows[] = {
        { 1600, 1200, 480, 360, false, 480, 360 },
        { 1200, 1600, 480, 360, false, 270, 360 },
        { 1600, 800, 480, 360, false, 480, 240 },
        { 100, 50, 480, 360, false, 100, 50 },
        { 100, 50, 480, 360, true, 480, 240 },
        { 480, 360, 480, 360, true, 480, 360 },
        { 10000, 1, 480, 360, false, 480, 1 },
        { 1, 10000, 480, 360, true, 1, 360 },
        { 1, 1, 480, 360, true, 360, 360 },
        { 3, 3, 1, 1, false, 1, 1 },
        { 2147483647, 2147483647, 2147483647, 1, false, 1, 1 },
        { 2147483647, 1, 2147483647, 2147483647, true, 2147483647, 1 },
        { 401, 533, 200, 1000, false, 200, 266 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int width, height;
        image_fit(rows[i].width, rows[i].height, rows[i].box_width, rows[i].box_height,
                  rows[i].allow_up, &width, &height);
        if (width != rows[i].out_width || height != rows[i].out_height) {
            fail_msg("row %zu: %dx%d", i, width, height);
        }
    }
}

static void test_crop(void **state)
{
    (void)state;
    static const struct {
        struct image_rect rect;
        int x, y, width, height; /* width 0: refused */
    } rows[] = {
        { { 0, 0, 9, 7 }, 0, 0, 9, 7 },
        { { 2, 3, 4, 2 }, 2, 3, 4, 2 },
        { { -2, -3, 4, 5 }, 0, 0, 2, 2 },
        { { 8, 6, 100, 100 }, 8, 6, 1, 1 },
        { { 9, 0, 1, 1 }, 0, 0, 0, 0 },
        { { 0, 0, 0, 5 }, 0, 0, 0, 0 },
        { { 5, 5, -2, 5 }, 0, 0, 0, 0 },
        { { 2147483647, 0, 2147483647, 1 }, 0, 0, 0, 0 },
        { { -2147483647, 0, 2147483647, 2147483647 }, 0, 0, 0, 0 },
    };
    struct image in = noise(9, 7, 3);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct image out;
        struct error err;
        bool ok = image_crop(&in, rows[i].rect, &out, &err);
        assert_int_equal(ok, rows[i].width > 0);
        if (ok) {
            assert_int_equal(out.width, rows[i].width);
            assert_int_equal(out.height, rows[i].height);
            for (int y = 0; y < out.height; y++) {
                assert_memory_equal(image_at(&out, 0, y), image_at(&in, rows[i].x, rows[i].y + y),
                                    image_stride(&out));
            }
        }
        image_release(&out);
    }
    image_release(&in);
}

static void test_flatten(void **state)
{
    (void)state;
    static const uint8_t pixels[] = {
        10, 20, 30, 255, 10, 20, 30, 0, 10, 20, 30, 0, 200, 100, 0, 128,
    };
    static const struct image_background board = { { 100, 100, 100 }, { 50, 50, 50 }, 1 };
    static const uint8_t expected[] = { 10, 20, 30, 50, 50, 50, 100, 100, 100, 125, 75, 25 };
    struct image image = made(4, 1, 4, pixels);
    image_flatten(&image, &board);
    assert_int_equal(image.channels, 3);
    assert_memory_equal(image.pixels, expected, 12);
    image_flatten(&image, &board);
    assert_memory_equal(image.pixels, expected, 12);
    image_release(&image);
    assert_null(image.pixels);
}

static void test_flatten_plain(void **state)
{
    (void)state;
    struct image image = made(3, 3, 4, NULL);
    image_flatten(&image, &(struct image_background){ { 1, 2, 3 }, { 9, 9, 9 }, 0 });
    for (int i = 0; i < 9; i++) {
        assert_memory_equal(image.pixels + 3 * i, ((const uint8_t[]){ 1, 2, 3 }), 3);
    }
    image_release(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_area_2x2),
        cmocka_unit_test(test_area_fractions),
        cmocka_unit_test(test_average_preserved),
        cmocka_unit_test(test_no_shift),
        cmocka_unit_test(test_sharp_enlarging),
        cmocka_unit_test(test_alpha_fringe),
        cmocka_unit_test(test_lanczos_as_defined),
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_scale_refuses),
        cmocka_unit_test(test_fit),
        cmocka_unit_test(test_crop),
        cmocka_unit_test(test_flatten),
        cmocka_unit_test(test_flatten_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
