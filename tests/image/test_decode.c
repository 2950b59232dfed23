/* Each format and kind of pixel comes out as the colours that went in. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>

#include <cmocka.h>

#ifdef HAVE_LIBPNG
#include <png.h>
#endif
#ifdef HAVE_LIBWEBP
#include <webp/encode.h>
#endif

#include "base/file.h"
#include "base/mem.h"
#include "image/decode.h"
#include "image/format.h"
#include "image/scale.h"
#include "jpeg_writer.h"
#include "picture.h"

/* ------------------------------------------------------------------- helpers */

static struct image decoded(const struct buf *file, int want_width, int want_height,
                            struct image_info *info)
{
    struct image image;
    struct error err = { .message = "" };
    if (!image_decode_bytes(file->data, file->len, NULL, want_width, want_height, &image, info,
                            &err)) {
        fail_msg("%s", err.message);
    }
    return image;
}

static void assert_near(const uint8_t *got, const uint8_t *expected, int channels, int tolerance,
                        const char *what)
{
    for (int c = 0; c < channels; c++) {
        if (abs(got[c] - expected[c]) > tolerance) {
            fail_msg("%s: channel %d is %d, not %d", what, c, got[c], expected[c]);
        }
    }
}

static void assert_pixel(const struct image *image, int x, int y, const uint8_t *expected,
                         int tolerance)
{
    char what[64];
    snprintf(what, sizeof(what), "pixel %d,%d", x, y);
    assert_near(image_at(image, x, y), expected, image->channels, tolerance, what);
}

/* Four colours, one a quarter. */
static const uint8_t corners[4][3] = {
    { 200, 30, 30 },  /* upper left */
    { 30, 160, 40 },  /* upper right */
    { 40, 50, 210 },  /* lower left */
    { 220, 210, 60 }, /* lower right */
};

static uint8_t *quarters(int width, int height)
{
    uint8_t *rgb = mem_array((size_t)width * (size_t)height, 3);
    assert_non_null(rgb);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            memcpy(rgb + 3 * (y * width + x), corners[(y >= height / 2) * 2 + (x >= width / 2)], 3);
        }
    }
    return rgb;
}

static void assert_quarters(const struct image *image, int tolerance)
{
    int right = image->width * 3 / 4;
    int below = image->height * 3 / 4;
    assert_int_equal(image->channels, 3);
    assert_pixel(image, image->width / 4, image->height / 4, corners[0], tolerance);
    assert_pixel(image, right, image->height / 4, corners[1], tolerance);
    assert_pixel(image, image->width / 4, below, corners[2], tolerance);
    assert_pixel(image, right, below, corners[3], tolerance);
}

/* ------------------------------------------------------------ plain formats */

static void test_plain_formats(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*write)(struct buf *, int, int, const uint8_t *);
    } rows[] = { { "PNM", picture_ppm }, { "BMP", picture_bmp }, { "TGA", picture_tga } };
    uint8_t *rgb = quarters(5, 7);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        struct image_info info;
        rows[i].write(&file, 5, 7, rgb);
        struct image image = decoded(&file, 0, 0, &info);
        assert_string_equal(info.format, rows[i].name);
        assert_int_equal(info.width, 5);
        assert_int_equal(info.height, 7);
        assert_int_equal(info.orientation, 1);
        assert_string_equal(info.damage, "");
        assert_int_equal(image.channels, 3);
        assert_quarters(&image, 0);
        assert_memory_equal(image.pixels, rgb, 5 * 7 * 3);
        image_release(&image);
        buf_release(&file);
    }
    free(rgb);
}

static void test_pnm_kinds(void **state)
{
    (void)state;
    static const uint8_t expected[6] = { 255, 255, 255, 51, 51, 51 };
    static const struct {
        const char *bytes;
        size_t len;
    } rows[] = {
        { "P2 2 1 5 5 1", 12 },
        { "P2 # a comment\n2\n#another\n1 10 #third\n10 2", 43 },
        { "P3 2 1 5\n5 5 5 1 1 1\n", 21 },
        { "P5 2 1 255\n\xFF\x33", 13 },
        { "P5 2 1 5\n\5\1", 11 },
        { "P5 2 1 65535\n\xFF\xFF\x33\x33", 17 },
        { "P6 2 1 65535\n\xFF\xFF\xFF\xFF\xFF\xFF\x33\x33\x33\x33\x33\x33", 25 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        struct image_info info;
        buf_add(&file, rows[i].bytes, rows[i].len);
        struct image image = decoded(&file, 0, 0, &info);
        assert_string_equal(info.damage, "");
        assert_int_equal(image.width, 2);
        assert_int_equal(image.height, 1);
        assert_near(image.pixels, expected, 6, 0, rows[i].bytes);
        image_release(&image);
        buf_release(&file);
    }
}

/* White, black, white ...: "10 pixels a row" makes raw rows end within a byte. */
static void test_pnm_bitmaps(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *damage;
    } rows[] = {
        { "P1 10 2 0101010101 1010101010", 29, "" },
        { "P1\n# a comment\n10 2\n01 0101\n0101 # 11\n1 0 1 0 1 0 1 0 1 0\n", 58, "" },
        { "P4 10 2\n\x55\x40\xAA\xBF", 12, "" },
        { "P4 10 2\n\x55\x40", 10, "the file ends early, at row 1 of 2" },
        { "P1 10 2 0101010101", 18, "the file ends early, at row 1 of 2" },
        { "P1 10 2 0101010101 2", 20, "a sample is not a number, at row 1 of 2" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        struct image_info info;
        buf_add(&file, rows[i].bytes, rows[i].len);
        struct image image = decoded(&file, 0, 0, &info);
        assert_string_equal(info.format, "PNM");
        assert_string_equal(info.damage, rows[i].damage);
        assert_int_equal(image.width, 10);
        assert_int_equal(image.height, 2);
        for (int k = 0; k < (rows[i].damage[0] ? 10 : 20); k++) {
            int expected = (k % 10 + k / 10) % 2 ? 0 : 255;
            assert_int_equal(image.pixels[3 * k + 1], expected);
        }
        image_release(&image);
        buf_release(&file);
    }
}

static void test_gif(void **state)
{
    (void)state;
    uint8_t palette[128 * 3];
    uint8_t indices[20 * 30];
    for (size_t i = 0; i < sizeof(palette); i++) {
        palette[i] = (uint8_t)(i * 7);
    }
    for (size_t i = 0; i < sizeof(indices); i++) {
        indices[i] = (uint8_t)(i * 31 % 128);
    }
    struct buf file = BUF_INIT;
    struct image_info info;
    picture_gif(&file, 20, 30, indices, palette);
    struct image image = decoded(&file, 0, 0, &info);
    assert_string_equal(info.format, "GIF");
    assert_int_equal(image.width, 20);
    assert_int_equal(image.height, 30);
    assert_int_equal(image.channels, 3);
    for (int i = 0; i < 20 * 30; i++) {
        assert_memory_equal(image.pixels + 3 * i, palette + 3 * indices[i], 3);
    }
    image_release(&image);
    buf_release(&file);
}

/* Two pixels of each kind of PNG. */
static void test_png_kinds(void **state)
{
    (void)state;
    static const uint8_t palette[] = { 1, 2, 3, 250, 128, 7 };
    static const uint8_t palette_alpha[] = { 255, 64 };
    static const uint8_t key[] = { 0, 10, 0, 20, 0, 30 };
    static const struct {
        const char *name;
        int depth, colour;
        size_t row_bytes;
        uint8_t row[16];
        struct png_chunk extra[2];
        size_t extra_count;
        int channels;
        uint8_t expected[8];
    } rows[] = {
        { "1-bit grey", 1, PNG_GREY, 1, { 0x40 }, { { 0 } }, 0, 3, { 0, 0, 0, 255, 255, 255 } },
        { "4-bit grey", 4, PNG_GREY, 1, { 0x1F }, { { 0 } }, 0, 3, { 17, 17, 17, 255, 255, 255 } },
        { "8-bit grey", 8, PNG_GREY, 2, { 9, 99 }, { { 0 } }, 0, 3, { 9, 9, 9, 99, 99, 99 } },
        { "16-bit grey",
          16,
          PNG_GREY,
          4,
          { 9, 200, 99, 1 },
          { { 0 } },
          0,
          3,
          { 9, 9, 9, 99, 99, 99 } },
        { "RGB", 8, PNG_RGB, 6, { 1, 2, 3, 4, 5, 6 }, { { 0 } }, 0, 3, { 1, 2, 3, 4, 5, 6 } },
        { "16-bit RGB",
          16,
          PNG_RGB,
          12,
          { 1, 99, 2, 99, 3, 99, 4, 99, 5, 99, 200, 99 },
          { { 0 } },
          0,
          3,
          { 1, 2, 3, 4, 5, 200 } },
        { "RGB with a key",
          8,
          PNG_RGB,
          6,
          { 10, 20, 30, 4, 5, 6 },
          { { "tRNS", key, 6 } },
          1,
          4,
          { 10, 20, 30, 0, 4, 5, 6, 255 } },
        { "16-bit RGB with a key",
          16,
          PNG_RGB,
          12,
          { 0, 10, 0, 20, 0, 30, 0, 10, 0, 20, 101, 30 },
          { { "tRNS", key, 6 } },
          1,
          4,
          { 0, 0, 0, 0, 0, 0, 101, 255 } },
        { "palette",
          8,
          PNG_PALETTE,
          2,
          { 1, 0 },
          { { "PLTE", palette, 6 } },
          1,
          3,
          { 250, 128, 7, 1, 2, 3 } },
        { "1-bit palette",
          1,
          PNG_PALETTE,
          1,
          { 0x80 },
          { { "PLTE", palette, 6 } },
          1,
          3,
          { 250, 128, 7, 1, 2, 3 } },
        { "palette with alpha",
          8,
          PNG_PALETTE,
          2,
          { 1, 0 },
          { { "PLTE", palette, 6 }, { "tRNS", palette_alpha, 2 } },
          2,
          4,
          { 250, 128, 7, 64, 1, 2, 3, 255 } },
        { "grey with alpha",
          8,
          PNG_GREY_ALPHA,
          4,
          { 7, 128, 8, 255 },
          { { 0 } },
          0,
          4,
          { 7, 7, 7, 128, 8, 8, 8, 255 } },
        { "RGBA",
          8,
          PNG_RGBA,
          8,
          { 1, 2, 3, 4, 5, 6, 7, 8 },
          { { 0 } },
          0,
          4,
          { 1, 2, 3, 4, 5, 6, 7, 8 } },
        { "opaque RGBA",
          8,
          PNG_RGBA,
          8,
          { 1, 2, 3, 255, 5, 6, 7, 255 },
          { { 0 } },
          0,
          3,
          { 1, 2, 3, 5, 6, 7 } },
        { "16-bit RGBA",
          16,
          PNG_RGBA,
          16,
          { 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 70, 0, 8, 0 },
          { { 0 } },
          0,
          4,
          { 1, 2, 3, 4, 5, 6, 70, 8 } },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        picture_png(&file,
                    &(struct png_spec){ 2, 1, rows[i].depth, rows[i].colour, rows[i].row, 1,
                                        rows[i].row_bytes, rows[i].extra, rows[i].extra_count });
        struct image image = decoded(&file, 0, 0, NULL);
        if (image.channels != rows[i].channels) {
            fail_msg("%s: %d channels", rows[i].name, image.channels);
        }
        assert_near(image.pixels, rows[i].expected, 2 * image.channels, 0, rows[i].name);
        image_release(&image);
        buf_release(&file);
    }
}

/* ------------------------------------------------------------ rows averaged */

/* How much of the unit from `i` lies in part `k` of `count` of the length. */
static double covered(int length, int count, int k, int i)
{
    double low = fmax((double)length * k / count, i);
    double high = fmin((double)length * (k + 1) / count, i + 1.0);
    return fmax(high - low, 0.0);
}

/* Of the second channel of 61x31 pixels. */
static double mean_of_area(const uint8_t *rgb, const struct image *out, int x, int y)
{
    double sum = 0.0;
    for (int v = 0; v < 31; v++) {
        for (int u = 0; u < 61; u++) {
            sum += covered(31, out->height, y, v) * covered(61, out->width, x, u) *
                   rgb[3 * (v * 61 + u) + 1];
        }
    }
    return sum * out->width * out->height / (61.0 * 31.0);
}

/* PNM and, through libpng, PNG: the mean of the area that each pixel covers,
 * twice as large as the hint where it can be. */
static void test_area_means(void **state)
{
    (void)state;
    static const struct {
        int want_width, want_height;
        int width, height; /* of the result; the picture is 61x31 */
    } rows[] = {
        { 0, 0, 61, 31 },  { 61, 31, 61, 31 }, { 31, 16, 61, 31 }, { 15, 7, 31, 16 },
        { 15, 1, 31, 16 }, { 16, 1, 61, 31 },  { 0, 8, 31, 16 },   { 10, 9, 61, 31 },
        { 6, 3, 13, 7 },   { 1, 1, 3, 2 },     { 70, 8, 61, 31 },  { 0, 1, 3, 2 },
    };
    static uint8_t rgb[61 * 31 * 3];
    for (size_t i = 0; i < sizeof(rgb); i++) {
        rgb[i] = (uint8_t)(i * 37 + i / 61 * 11);
    }
    for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        struct image_info info;
        if (i % 2) {
            picture_ppm(&file, 61, 31, rgb);
        } else {
#ifdef HAVE_LIBPNG
            picture_png(&file, &(struct png_spec){ 61, 31, 8, PNG_RGB, rgb, 31, 183, NULL, 0 });
#else
            continue;
#endif
        }
        struct image image = decoded(&file, rows[i / 2].want_width, rows[i / 2].want_height, &info);
        assert_int_equal(image.width, rows[i / 2].width);
        assert_int_equal(image.height, rows[i / 2].height);
        assert_int_equal(info.width, 61);
        for (int y = 0; y < image.height; y++) {
            for (int x = 0; x < image.width; x++) {
                double off = mean_of_area(rgb, &image, x, y) - image_at(&image, x, y)[1];
                assert_true(off < 0.501 && off > -0.501);
            }
        }
        image_release(&image);
        buf_release(&file);
    }
}

#ifdef HAVE_LIBPNG

/* A transparent pixel lends no colour. */
static void test_png_area_alpha(void **state)
{
    (void)state;
    static const uint8_t rows[2][16] = {
        { 200, 10, 20, 255, 0, 255, 0, 0, 1, 2, 3, 255, 1, 2, 3, 255 },
        { 200, 10, 20, 255, 9, 9, 9, 0, 1, 2, 3, 255, 1, 2, 3, 255 },
    };
    static const uint8_t expected[8] = { 200, 10, 20, 128, 1, 2, 3, 255 };
    uint8_t pixels[4][16];
    for (int y = 0; y < 4; y++) {
        memcpy(pixels[y], rows[y % 2], 16);
    }
    struct buf file = BUF_INIT;
    picture_png(&file, &(struct png_spec){ 4, 4, 8, PNG_RGBA, pixels[0], 4, 16, NULL, 0 });
    struct image image = decoded(&file, 1, 1, NULL);
    assert_int_equal(image.width, 2);
    assert_int_equal(image.channels, 4);
    assert_memory_equal(image_at(&image, 0, 1), expected, 8);
    image_release(&image);
    buf_release(&file);
}

static void png_to_buf(png_structp png, png_bytep bytes, size_t len)
{
    buf_add(png_get_io_ptr(png), bytes, len);
}

static void write_interlaced(struct buf *out, int width, int height, const uint8_t *rgb)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, out, png_to_buf, NULL);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_ADAM7, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    int passes = png_set_interlace_handling(png);
    for (int i = 0; i < passes * height; i++) {
        png_write_row(png, rgb + (size_t)(i % height) * (size_t)width * 3);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
}

static void test_png_interlaced(void **state)
{
    (void)state;
    uint8_t *rgb = quarters(40, 24);
    for (int width = 1; width <= 40; width += width < 9 ? 1 : 31) {
        for (int height = 1; height <= 24; height += height < 9 ? 1 : 15) {
            struct buf file = BUF_INIT;
            struct image_info info;
            write_interlaced(&file, width, height, rgb);
            struct image image = decoded(&file, 1, 1, &info); /* not scaled, whatever the hint */
            assert_string_equal(info.damage, "");
            assert_int_equal(image.width, width);
            assert_int_equal(image.height, height);
            assert_memory_equal(image.pixels, rgb, (size_t)(width * height) * 3);
            image_release(&image);
            buf_release(&file);
        }
    }
    free(rgb);
}

/* Without its last bytes it is all there, but coarse. */
static void test_png_interlaced_damage(void **state)
{
    (void)state;
    static uint8_t rgb[64 * 64 * 3];
    for (size_t i = 0; i < sizeof(rgb); i++) {
        rgb[i] = (uint8_t)(i / 192 + i % 192 / 3 + (i * 40503u >> 7) % 16);
    }
    struct buf file = BUF_INIT;
    struct image_info info;
    write_interlaced(&file, 64, 64, rgb);
    file.len = file.len / 2;
    struct image image = decoded(&file, 0, 0, &info);
    assert_string_equal(info.damage, "the file ends early");
    for (size_t i = 0; i < sizeof(rgb); i++) {
        if (abs(image.pixels[i] - rgb[i]) > 30) {
            fail_msg("sample %zu is %d, not about %d", i, image.pixels[i], rgb[i]);
        }
    }
    image_release(&image);
    buf_release(&file);
}

#else

static void no_libpng(void **state)
{
    (void)state;
    skip();
}
#define test_png_area_alpha no_libpng
#define test_png_interlaced no_libpng
#define test_png_interlaced_damage no_libpng

#endif

/* --------------------------------------------------------------------- JPEG */

#ifdef HAVE_LIBJPEG

static void test_jpeg_kinds(void **state)
{
    (void)state;
    static const struct {
        J_COLOR_SPACE stored;
        int quality;
        bool progressive;
    } rows[] = {
        { JCS_YCbCr, 100, false },
        { JCS_YCbCr, 90, false },
        { JCS_YCbCr, 90, true },
        { JCS_RGB, 95, false },
    };
    uint8_t *rgb = quarters(61, 47);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        struct image_info info;
        jpeg_write(&file, &(struct jpeg_spec){ 61, 47, 3, rows[i].stored, rgb, rows[i].quality,
                                               .progressive = rows[i].progressive });
        struct image image = decoded(&file, 0, 0, &info);
        assert_string_equal(info.format, "JPEG");
        assert_int_equal(image.width, 61);
        assert_int_equal(image.height, 47);
        assert_quarters(&image, 6);
        image_release(&image);
        buf_release(&file);
    }
    free(rgb);
}

static void test_jpeg_grey(void **state)
{
    (void)state;
    uint8_t grey[16 * 16];
    memset(grey, 77, sizeof(grey));
    struct buf file = BUF_INIT;
    jpeg_write(&file, &(struct jpeg_spec){ 16, 16, 1, JCS_UNKNOWN, grey, .quality = 95 });
    struct image image = decoded(&file, 0, 0, NULL);
    assert_int_equal(image.channels, 3);
    assert_pixel(&image, 8, 8, (const uint8_t[]){ 77, 77, 77 }, 1);
    image_release(&image);
    buf_release(&file);
}

/* Red ink mixed from magenta and yellow, a fifth of black: inverted as Adobe does
 * it, whether or not the file says so. */
static void test_D2_cmyk_is_inverted_always(void **state)
{
    (void)state;
    static const uint8_t expected[3] = { 204, 41, 41 };
    static const struct {
        J_COLOR_SPACE stored;
        bool no_adobe;
    } rows[] = { { JCS_CMYK, false }, { JCS_YCCK, false }, { JCS_CMYK, true } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t samples[16 * 16 * 4];
        for (size_t k = 0; k < sizeof(samples); k += 4) {
            const uint8_t ink[4] = { 0, 204, 204, 51 };
            for (size_t c = 0; c < 4; c++) {
                samples[k + c] = (uint8_t)(255 - ink[c]);
            }
        }
        struct buf file = BUF_INIT;
        jpeg_write(&file, &(struct jpeg_spec){ 16, 16, 4, rows[i].stored, samples, 95,
                                               .no_adobe = rows[i].no_adobe });
        struct image image = decoded(&file, 0, 0, NULL);
        assert_int_equal(image.channels, 3);
        assert_pixel(&image, 8, 8, expected, 4);
        image_release(&image);
        buf_release(&file);
    }
}

/* What lands where when the quarters a b / c d are stored with orientation n. */
static const char *const upright[9] = { NULL,   "abcd", "badc", "dcba", "cdab",
                                        "acbd", "cadb", "dbca", "bdac" };

static void assert_turned(const struct image *image, int orientation, int tolerance)
{
    bool turned = orientation >= 5;
    assert_int_equal(image->width, turned ? 24 : 40);
    assert_int_equal(image->height, turned ? 40 : 24);
    for (int i = 0; i < 4; i++) {
        int x = i % 2 ? image->width - 2 : 1;
        int y = i / 2 ? image->height - 2 : 1;
        assert_pixel(image, x, y, corners[upright[orientation][i] - 'a'], tolerance);
    }
}

static void test_jpeg_orientation(void **state)
{
    (void)state;
    uint8_t *rgb = quarters(40, 24);
    for (int orientation = 1; orientation <= 8; orientation++) {
        struct buf file = BUF_INIT;
        struct image_info info;
        jpeg_write(&file, &(struct jpeg_spec){ 40, 24, 3, JCS_YCbCr, rgb, 100,
                                               .orientation = orientation });
        struct image image = decoded(&file, 0, 0, &info);
        assert_int_equal(info.orientation, orientation);
        assert_int_equal(info.width, image.width);
        assert_int_equal(info.height, image.height);
        assert_turned(&image, orientation, 6);
        image_release(&image);
        buf_release(&file);
    }
    free(rgb);
}

/* The hint is in upright pixels, and never undercut. */
static void test_jpeg_hints(void **state)
{
    (void)state;
    static const struct {
        int orientation;
        int want_width, want_height;
        int width, height; /* of the result; the picture is 400x240 as stored */
    } rows[] = {
        { 1, 0, 0, 400, 240 },     { 1, 50, 30, 50, 30 },   { 1, 51, 30, 100, 60 },
        { 1, 100, 0, 100, 60 },    { 1, 0, 31, 100, 60 },   { 1, 150, 90, 200, 120 },
        { 1, 200, 120, 200, 120 }, { 1, 201, 1, 400, 240 }, { 1, 1, 1, 50, 30 },
        { 1, 9999, 1, 400, 240 },  { 6, 30, 50, 30, 50 },   { 6, 60, 51, 60, 100 },
        { 6, 30, 51, 60, 100 },    { 6, 31, 9, 60, 100 },   { 6, 0, 0, 240, 400 },
        { 1, -5, -5, 400, 240 },
    };
    uint8_t *rgb = quarters(400, 240);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        struct image_info info;
        jpeg_write(&file, &(struct jpeg_spec){ 400, 240, 3, JCS_YCbCr, rgb, 90,
                                               .orientation = rows[i].orientation });
        struct image image = decoded(&file, rows[i].want_width, rows[i].want_height, &info);
        assert_int_equal(image.width, rows[i].width);
        assert_int_equal(image.height, rows[i].height);
        assert_int_equal(info.width, rows[i].orientation == 6 ? 240 : 400);
        image_release(&image);
        buf_release(&file);
    }
    free(rgb);
}

#else

static void no_libjpeg(void **state)
{
    (void)state;
    skip();
}
#define test_jpeg_kinds no_libjpeg
#define test_jpeg_grey no_libjpeg
#define test_D2_cmyk_is_inverted_always no_libjpeg
#define test_jpeg_orientation no_libjpeg
#define test_jpeg_hints no_libjpeg

#endif

/* ------------------------------------------------------- EXIF in PNG, WebP */

static void test_png_orientation(void **state)
{
    (void)state;
    static const uint8_t row[9] = { 1, 1, 1, 2, 2, 2, 3, 3, 3 };
    uint8_t exif[PICTURE_EXIF_SIZE];
    picture_exif(exif, 6);
    struct buf file = BUF_INIT;
    struct image_info info;
    const struct png_chunk chunk = { "eXIf", exif, sizeof(exif) };
    picture_png(&file, &(struct png_spec){ 3, 1, 8, PNG_RGB, row, 1, 9, &chunk, 1 });
    struct image image = decoded(&file, 0, 0, &info);
    assert_int_equal(info.orientation, 6);
    assert_int_equal(image.width, 1);
    assert_int_equal(image.height, 3);
    assert_memory_equal(image.pixels, row, 9);
    image_release(&image);
    buf_release(&file);
}

/* Values that EXIF does not know leave the picture as it is. */
static void test_odd_orientation(void **state)
{
    (void)state;
    static const int odd[] = { 0, 9, 255 };
    static const uint8_t row[6] = { 1, 1, 1, 2, 2, 2 };
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        uint8_t exif[PICTURE_EXIF_SIZE];
        picture_exif(exif, odd[i]);
        struct buf file = BUF_INIT;
        struct image_info info;
        const struct png_chunk chunk = { "eXIf", exif, sizeof(exif) };
        picture_png(&file, &(struct png_spec){ 2, 1, 8, PNG_RGB, row, 1, 6, &chunk, 1 });
        struct image image = decoded(&file, 0, 0, &info);
        assert_int_equal(info.orientation, 1);
        assert_int_equal(image.width, 2);
        image_release(&image);
        buf_release(&file);
    }
}

#ifdef HAVE_LIBWEBP

static void add_chunk(struct buf *out, const char *type, const void *data, size_t len)
{
    const uint8_t size[4] = { (uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16), 0 };
    buf_add(out, type, 4);
    buf_add(out, size, 4);
    buf_add(out, data, len);
    buf_add(out, "\0", len & 1);
}

/* The encoder's file without its 12 bytes of RIFF header. */
static void add_webp_image(struct buf *out, int width, int height, const uint8_t *rgb, bool lossy)
{
    uint8_t *bytes = NULL;
    size_t len = lossy ? WebPEncodeRGB(rgb, width, height, width * 3, 90, &bytes)
                       : WebPEncodeLosslessRGB(rgb, width, height, width * 3, &bytes);
    assert_true(len > 12);
    buf_add(out, bytes + 12, len - 12);
    WebPFree(bytes);
}

enum { WEBP_ANIMATION = 0x02, WEBP_EXIF = 0x08, WEBP_ALPHA = 0x10 };

/* Wraps chunks as an extended WebP of 40x24 pixels. */
static void add_webp(struct buf *out, uint8_t flags, const struct buf *chunks)
{
    const uint8_t extended[10] = { flags, 0, 0, 0, 39, 0, 0, 23, 0, 0 };
    struct buf body = BUF_INIT;
    buf_adds(&body, "WEBP");
    add_chunk(&body, "VP8X", extended, sizeof(extended));
    buf_add(&body, chunks->data, chunks->len);
    add_chunk(out, "RIFF", body.data, body.len);
    buf_release(&body);
}

static void test_webp(void **state)
{
    (void)state;
    uint8_t *rgb = quarters(40, 24);
    for (int lossy = 0; lossy < 2; lossy++) {
        struct buf image_chunk = BUF_INIT;
        struct buf file = BUF_INIT;
        uint8_t exif[PICTURE_EXIF_SIZE];
        struct image_info info;
        picture_exif(exif, 8);
        add_webp_image(&image_chunk, 40, 24, rgb, lossy);
        add_chunk(&image_chunk, "EXIF", exif, sizeof(exif));
        add_webp(&file, WEBP_EXIF, &image_chunk);
        struct image image = decoded(&file, 0, 0, &info);
        assert_string_equal(info.format, "WebP");
        assert_int_equal(info.orientation, 8);
        assert_int_equal(image.width, 24);
        assert_int_equal(image.height, 40);
        assert_pixel(&image, 6, 10, corners[1], lossy ? 12 : 0);
        assert_pixel(&image, 18, 30, corners[2], lossy ? 12 : 0);
        image_release(&image);
        image = decoded(&file, 12, 19, &info);
        assert_int_equal(image.width, 12);
        assert_int_equal(image.height, 20);
        assert_int_equal(info.height, 40);
        image_release(&image);
        buf_release(&image_chunk);
        buf_release(&file);
    }
    free(rgb);
}

/* An animation on a canvas of 40x24, whose first frame is a picture at x, y. */
static void write_animation(struct buf *file, uint8_t flags, int x, int y, int width, int height,
                            const uint8_t *rgb)
{
    struct buf frame = BUF_INIT;
    struct buf chunks = BUF_INIT;
    const uint8_t place[16] = { (uint8_t)(x / 2),
                                0,
                                0,
                                (uint8_t)(y / 2),
                                0,
                                0,
                                (uint8_t)(width - 1),
                                0,
                                0,
                                (uint8_t)(height - 1),
                                0,
                                0,
                                100 };
    buf_add(&frame, place, sizeof(place));
    add_webp_image(&frame, width, height, rgb, false);
    add_chunk(&chunks, "ANIM", "\xFF\xFF\xFF\xFF\0", 6);
    add_chunk(&chunks, "ANMF", frame.data, frame.len);
    add_webp(file, WEBP_ANIMATION | flags, &chunks);
    buf_release(&frame);
    buf_release(&chunks);
}

static void test_webp_animation(void **state)
{
    (void)state;
    uint8_t *rgb = quarters(40, 24);
    struct buf file = BUF_INIT;
    write_animation(&file, 0, 0, 0, 40, 24, rgb);
    struct image image = decoded(&file, 0, 0, NULL);
    assert_int_equal(image.width, 40);
    assert_quarters(&image, 0);
    image_release(&image);
    buf_release(&file);
    free(rgb);
}

/* A first frame that is smaller lies on the canvas; around it is nothing, or black
 * where the file has no alpha. The background colour is of no account. */
static void test_D4_a_frame_on_a_canvas(void **state)
{
    (void)state;
    static const uint8_t nothing[4] = { 0 };
    uint8_t *rgb = quarters(10, 8);
    for (int alpha = 0; alpha < 2; alpha++) {
        struct buf file = BUF_INIT;
        struct image_info info;
        write_animation(&file, alpha ? WEBP_ALPHA : 0, 20, 12, 10, 8, rgb);
        struct image image = decoded(&file, 0, 0, &info);
        assert_int_equal(info.width, 40);
        assert_int_equal(info.height, 24);
        assert_int_equal(image.width, 40);
        assert_int_equal(image.height, 24);
        assert_int_equal(image.channels, 3 + alpha);
        assert_near(image_at(&image, 20, 12), corners[0], 3, 0, "the frame's first pixel");
        assert_near(image_at(&image, 29, 19), corners[3], 3, 0, "its last");
        assert_pixel(&image, 19, 12, nothing, 0);
        assert_pixel(&image, 30, 19, nothing, 0);
        assert_pixel(&image, 20, 20, nothing, 0);
        image_release(&image);
        buf_release(&file);
    }
    struct error err;
    struct image image;
    struct buf file = BUF_INIT;
    write_animation(&file, 0, 32, 12, 10, 8, rgb); /* over the edge */
    assert_false(image_decode_bytes(file.data, file.len, NULL, 0, 0, &image, NULL, &err));
    assert_non_null(
        strstr(err.message, "the frame of 10x8 pixels at 32,12 exceeds the canvas of 40x24"));
    buf_release(&file);
    free(rgb);
}

#else

static void no_libwebp(void **state)
{
    (void)state;
    skip();
}
#define test_webp no_libwebp
#define test_webp_animation no_libwebp
#define test_D4_a_frame_on_a_canvas no_libwebp

#endif

/* ----------------------------------------------------------- the list, photos */

static void test_decoders(void **state)
{
    (void)state;
    struct image_decoder_info info;
    size_t count = 0;
    for (; image_decoder(count, &info); count++) {
        assert_true(info.name[0] && info.formats[0]);
        assert_int_equal(info.present, info.version[0] != '\0');
    }
    assert_int_equal(count, 5);
    const struct image_format *format;
    for (size_t i = 0; (format = image_format_at(i)); i++) {
        bool listed = false; /* beside the library that the format names */
        for (size_t j = 0; format->library && image_decoder(j, &info); j++) {
            listed |= strcmp(info.name, format->library) == 0 &&
                      (strstr(info.formats, format->name) || !info.present);
        }
        assert_int_equal(listed, format->library != NULL);
        assert_true(format->library || format->refusal);
    }
}

/* What other programs wrote: 20x15 pixels each, its format by its name's end. */
static void test_collection(void **state)
{
    (void)state;
    static const struct {
        const char *end, *format;
        bool present;
    } kinds[] = {
        { ".png", "PNG", true },   { ".gif", "GIF", true }, { ".bmp", "BMP", true },
        { ".tga", "TGA", true },   { ".pbm", "PNM", true }, { ".pgm", "PNM", true },
        { ".ppm", "PNM", true },
#ifdef HAVE_LIBJPEG
        { ".jpg", "JPEG", true },
#else
        { ".jpg", "JPEG", false }, /* stb_image does not read all */
#endif
#ifdef HAVE_LIBWEBP
        { ".webp", "WebP", true },
#else
        { ".webp", "WebP", false },
#endif
    };
    size_t seen = 0;
    DIR *dir = opendir("tests/data/pictures");
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
            const char *end = strrchr(entry->d_name, '.');
            if (!end || strcmp(end, kinds[i].end) != 0 || !kinds[i].present) {
                continue;
            }
            struct buf file = BUF_INIT;
            struct image_info info;
            char *path = file_join("tests/data/pictures", entry->d_name);
            assert_true(file_read(path, 1 << 20, &file, NULL));
            for (int want = 0; want <= 8; want += 4) {
                struct image image = decoded(&file, want, want, &info);
                assert_string_equal(info.format, kinds[i].format);
                assert_string_equal(info.damage, "");
                assert_int_equal(info.width, 20);
                assert_int_equal(info.height, 15);
                assert_true(image.width >= (want ? want : 20));
                assert_true(image.height >= (want ? want : 15));
                image_release(&image);
            }
            buf_release(&file);
            free(path);
            seen |= (size_t)1 << i;
        }
    }
    closedir(dir);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        assert_int_equal(seen >> i & 1, kinds[i].present);
    }
}

/* Mean difference of samples between a photograph scaled while decoding and
 * one scaled afterwards. */
static double difference(const char *path)
{
    struct error err = { .message = "" };
    struct image full, part, a, b;
    struct image_info info;
    if (!image_decode_file(path, NULL, 0, 0, &full, &info, &err) ||
        !image_decode_file(path, NULL, 150, 150, &part, NULL, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(full.width, info.width);
    assert_int_equal(full.height, info.height);
    assert_true(info.width >= 100 && info.width <= 1000);
    assert_true(part.width >= 150 && part.height >= 150);
    int width, height;
    image_fit(full.width, full.height, 100, 100, false, &width, &height);
    assert_true(image_scale(&full, width, height, IMAGE_FILTER_LANCZOS, &a, &err));
    assert_true(image_scale(&part, width, height, IMAGE_FILTER_LANCZOS, &b, &err));
    double sum = 0.0;
    size_t count = image_stride(&a) * (size_t)a.height;
    for (size_t i = 0; i < count; i++) {
        sum += abs(a.pixels[i] - b.pixels[i]);
    }
    image_release(&full);
    image_release(&part);
    image_release(&a);
    image_release(&b);
    return sum / (double)count;
}

static void test_photographs(void **state)
{
    (void)state;
    const char *shared = getenv("THUMBTAG_SHARED");
    char folder[1024];
    snprintf(folder, sizeof(folder), "%s/data/clothing/validation/hat",
             shared ? shared : "../shared");
    DIR *dir = opendir(folder);
    if (!dir) {
        skip();
    }
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir)) && count < 12;) {
        if (entry->d_name[0] != '.') {
            char *path = file_join(folder, entry->d_name);
            double mean = difference(path);
            if (mean > 3.0) {
                fail_msg("%s differs by %.2f", path, mean);
            }
            free(path);
            count++;
        }
    }
    closedir(dir);
    assert_true(count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_formats),
        cmocka_unit_test(test_pnm_kinds),
        cmocka_unit_test(test_pnm_bitmaps),
        cmocka_unit_test(test_gif),
        cmocka_unit_test(test_png_kinds),
        cmocka_unit_test(test_area_means),
        cmocka_unit_test(test_png_area_alpha),
        cmocka_unit_test(test_png_interlaced),
        cmocka_unit_test(test_png_interlaced_damage),
        cmocka_unit_test(test_jpeg_kinds),
        cmocka_unit_test(test_jpeg_grey),
        cmocka_unit_test(test_D2_cmyk_is_inverted_always),
        cmocka_unit_test(test_jpeg_orientation),
        cmocka_unit_test(test_jpeg_hints),
        cmocka_unit_test(test_png_orientation),
        cmocka_unit_test(test_odd_orientation),
        cmocka_unit_test(test_webp),
        cmocka_unit_test(test_webp_animation),
        cmocka_unit_test(test_D4_a_frame_on_a_canvas),
        cmocka_unit_test(test_decoders),
        cmocka_unit_test(test_collection),
        cmocka_unit_test(test_photographs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
