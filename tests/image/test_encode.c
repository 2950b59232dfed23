#include "image/encode.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/random.h"
#include "image/decode.h"

static const int sizes[][2] = { { 1, 1 },   { 1, 9 },    { 9, 1 },    { 7, 5 },     { 8, 8 },
                                { 17, 16 }, { 33, 100 }, { 256, 64 }, { 300, 222 }, { 480, 360 } };

enum content { FLAT, SMOOTH, NOISE, CONTENT_COUNT };

static void make_picture(struct image *picture, int width, int height, enum content content)
{
    struct random random = random_start(7, 0);
    assert_true(image_init(picture, width, height, 3, NULL));
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint8_t *p = image_at(picture, x, y);
            for (int c = 0; c < 3; c++) {
                int smooth = c == 0 ? 255 * x / width : c == 1 ? 255 * y / height : 128;
                int noise = (int)random_below(&random, 256);
                p[c] = (uint8_t)(content == FLAT     ? 40 * c + 17
                                 : content == SMOOTH ? smooth
                                                     : noise);
            }
        }
    }
}

static void decode(const struct buf *file, const char *format, struct image *out)
{
    struct image_info info;
    struct error error;
    if (!image_decode_bytes(file->data, file->len, NULL, 0, 0, out, &info, &error)) {
        fail_msg("%s", error.message);
    }
    assert_string_equal(info.format, format);
    assert_string_equal(info.damage, "");
    assert_int_equal(out->channels, 3);
}

static double psnr(const struct image *a, const struct image *b)
{
    size_t bytes = image_stride(a) * (size_t)a->height;
    double sum = 0;
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    for (size_t i = 0; i < bytes; i++) {
        double d = a->pixels[i] - b->pixels[i];
        sum += d * d;
    }
    return sum > 0 ? 10 * log10(255.0 * 255.0 * (double)bytes / sum) : 99;
}

/* What stands in *out before stays. */
static void test_png(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (int content = 0; content < CONTENT_COUNT; content++) {
            struct image picture = IMAGE_INIT, got = IMAGE_INIT;
            struct buf out = BUF_INIT;
            make_picture(&picture, sizes[i][0], sizes[i][1], content);
            buf_adds(&out, "before");
            assert_true(image_encode_png(&picture, &out, NULL));
            assert_memory_equal(out.data, "before", 6);
            struct buf file = { .data = out.data + 6, .len = out.len - 6 };
            decode(&file, "PNG", &got);
            assert_true(psnr(&picture, &got) == 99);
            image_release(&picture);
            image_release(&got);
            buf_release(&out);
        }
    }
}

static void test_png_indexed(void **state)
{
    static const struct {
        int colors, depth;
    } cases[] = { { 1, 1 },  { 2, 1 },  { 3, 2 },  { 4, 2 },   { 5, 4 },
                  { 16, 4 }, { 17, 8 }, { 64, 8 }, { 255, 8 }, { 256, 8 } };
    struct random random = random_start(11, 0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
            int width = sizes[i][0], height = sizes[i][1];
            struct image want = IMAGE_INIT, got = IMAGE_INIT;
            struct buf out = BUF_INIT;
            uint8_t palette[256][3];
            uint8_t *indices = mem_array((size_t)width, (size_t)height);
            assert_non_null(indices);
            for (int c = 0; c < cases[k].colors; c++) {
                palette[c][0] = (uint8_t)c;
                palette[c][1] = (uint8_t)(c * 37);
                palette[c][2] = (uint8_t)(255 - c);
            }
            assert_true(image_init(&want, width, height, 3, NULL));
            for (int at = 0; at < width * height; at++) {
                indices[at] = (uint8_t)random_below(&random, (size_t)cases[k].colors);
                memcpy(want.pixels + 3 * at, palette[indices[at]], 3);
            }
            assert_true(image_encode_png_indexed(
                indices, width, height, (const uint8_t(*)[3])palette, cases[k].colors, &out, NULL));
            assert_int_equal(out.data[24], cases[k].depth);
            assert_int_equal(out.data[25], 3);
            decode(&out, "PNG", &got);
            assert_true(psnr(&want, &got) == 99);
            free(indices);
            image_release(&want);
            image_release(&got);
            buf_release(&out);
        }
    }
}

static void test_jpeg(void **state)
{
    static const struct {
        int quality;
        enum content content;
        double db;
    } cases[] = { { 100, SMOOTH, 40 }, { 95, SMOOTH, 38 }, { 90, SMOOTH, 37 }, { 85, SMOOTH, 33 },
                  { 60, SMOOTH, 27 },  { 1, SMOOTH, 15 },  { 100, NOISE, 35 }, { 95, NOISE, 25 } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
            struct image picture = IMAGE_INIT, got = IMAGE_INIT;
            struct buf out = BUF_INIT;
            make_picture(&picture, sizes[i][0], sizes[i][1], cases[k].content);
            assert_true(image_encode_jpeg(&picture, cases[k].quality, &out, NULL));
            decode(&out, "JPEG", &got);
            double db = psnr(&picture, &got);
            /* A small picture of that content is steep for halved chroma. */
            bool small = picture.width < 32 || picture.height < 32;
            if (db < cases[k].db - (small ? 8 : 0)) {
                fail_msg("%dx%d, quality %d: %.1f dB", picture.width, picture.height,
                         cases[k].quality, db);
            }
            image_release(&picture);
            image_release(&got);
            buf_release(&out);
        }
    }
}

/* Finds the baseline frame header: its sampling factors of luma. */
static int luma_sampling(const struct buf *file)
{
    const uint8_t *b = (const uint8_t *)file->data;
    for (size_t at = 2; at + 12 < file->len && b[at] == 0xFF;) {
        if (b[at + 1] == 0xC0) {
            return b[at + 11];
        }
        at += 2 + (size_t)(b[at + 2] << 8 | b[at + 3]);
    }
    return 0;
}

static void test_jpeg_chroma(void **state)
{
    static const int cases[][2] = { { 1, 0x22 },  { 85, 0x22 }, { 89, 0x22 },
                                    { 90, 0x11 }, { 95, 0x11 }, { 100, 0x11 } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct image picture = IMAGE_INIT;
        struct buf out = BUF_INIT;
        make_picture(&picture, 40, 30, SMOOTH);
        assert_true(image_encode_jpeg(&picture, cases[i][0], &out, NULL));
        assert_int_equal(luma_sampling(&out), cases[i][1]);
        image_release(&picture);
        buf_release(&out);
    }
}

static void test_refused(void **state)
{
    struct image rgba = IMAGE_INIT, rgb = IMAGE_INIT;
    struct image wide = { .width = 70000, .height = 1, .channels = 3 };
    struct buf out = BUF_INIT;
    struct error error;
    uint8_t index = 0, palette[1][3] = { { 0 } };
    const uint8_t(*colors)[3] = (const uint8_t(*)[3])palette;

    (void)state;
    assert_true(image_init(&rgba, 2, 2, 4, NULL));
    assert_true(image_init(&rgb, 2, 2, 3, NULL));
    buf_adds(&out, "before");
    assert_false(image_encode_png(&rgba, &out, &error));
    assert_string_equal(error.message, "PNG: the picture has 4 channels, must have 3");
    assert_false(image_encode_jpeg(&rgba, 85, &out, &error));
    assert_false(image_encode_jpeg(&rgb, 0, &out, &error));
    assert_false(image_encode_jpeg(&rgb, 101, &out, &error));
    assert_string_equal(error.message, "JPEG: quality 101, must be 1 to 100");
    assert_false(image_encode_png(&wide, &out, &error));
    assert_false(image_encode_jpeg(&wide, 85, &out, &error));
    assert_string_equal(error.message,
                        "JPEG: cannot write 70000x1 pixels, each side must be 1 to 65500");
    assert_false(image_encode_png_indexed(&index, 1, 1, colors, 0, &out, &error));
    assert_false(image_encode_png_indexed(&index, 1, 1, colors, 257, &out, &error));
    assert_string_equal(error.message, "PNG: a palette of 257 colours, must be 1 to 256");
    assert_string_equal(buf_text(&out), "before");
    image_release(&rgba);
    image_release(&rgb);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png),     cmocka_unit_test(test_png_indexed),
        cmocka_unit_test(test_jpeg),    cmocka_unit_test(test_jpeg_chroma),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
