/* Files that lie, end early, or are not what they seem: an error or a picture,
 * never a crash, never more memory than allowed. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef HAVE_LIBWEBP
#include <webp/encode.h>
#endif

#include "base/file.h"
#include "base/mem.h"
#include "image/decode.h"
#include "jpeg_writer.h"
#include "picture.h"

static const struct image_limits small = {
    .file_bytes = 1 << 20,
    .pixels = 1000 * 1000,
    .memory = 16 << 20,
};

static const uint8_t grey_row[16] = { 0, 17, 34, 51, 68, 85, 102, 119, 136, 153, 170, 187, 204 };

/* Noise, so that nothing compresses to almost nothing. */
static void fill_noise(uint8_t *bytes, size_t len)
{
    uint32_t seed = 3;
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

/* A failure must say why and leave no pixels. */
static bool try_bytes(const void *bytes, size_t len, const struct image_limits *limits,
                      struct image_info *info, struct error *err)
{
    struct image image = { 1, 1, 1, (uint8_t *)1 };
    /* A copy of its own length: reads beyond the end are then seen. */
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    err->kind = ERROR_NONE;
    err->message[0] = '\0';
    bool ok = image_decode_bytes(copy, len, limits, 0, 0, &image, info, err);
    free(copy);
    if (ok) {
        assert_true(image.width >= 1 && image.height >= 1);
        assert_true(image.channels == 3 || image.channels == 4);
        volatile uint8_t last = image.pixels[image_stride(&image) * (size_t)image.height - 1];
        (void)last;
    } else {
        assert_null(image.pixels);
        assert_int_not_equal(err->kind, ERROR_NONE);
        assert_true(err->message[0] != '\0');
    }
    image_release(&image);
    return ok;
}

static void assert_refused(const struct buf *file, const struct image_limits *limits,
                           enum error_kind kind, const char *part)
{
    struct error err;
    assert_false(file->failed);
    if (try_bytes(file->data, file->len, limits, NULL, &err)) {
        fail_msg("not refused: %s", part);
    }
    if (err.kind != kind || !strstr(err.message, part)) {
        fail_msg("%s, not %s", err.message, part);
    }
}

/* -------------------------------------------------------------- made samples */

enum sample {
    SAMPLE_PNG,
    SAMPLE_GIF,
    SAMPLE_BMP,
    SAMPLE_TGA,
    SAMPLE_PNM,
    SAMPLE_JPEG,
    SAMPLE_PROGRESSIVE,
    SAMPLE_WEBP,
    SAMPLE_COUNT
};

static const char *const sample_names[SAMPLE_COUNT] = { "PNG", "GIF",  "BMP",         "TGA",
                                                        "PNM", "JPEG", "progressive", "WebP" };

static void make_jpeg(struct buf *out, const uint8_t *rgb, bool progressive)
{
#ifdef HAVE_LIBJPEG
    jpeg_write(out, &(struct jpeg_spec){ 24, 20, 3, JCS_YCbCr, rgb, 60, .progressive = progressive,
                                         .orientation = 6 });
#else
    (void)out;
    (void)rgb;
    (void)progressive;
#endif
}

static void make_webp(struct buf *out, const uint8_t *rgb)
{
#ifdef HAVE_LIBWEBP
    uint8_t *bytes = NULL;
    size_t len = WebPEncodeRGB(rgb, 24, 20, 72, 60, &bytes);
    buf_add(out, bytes, len);
    WebPFree(bytes);
#else
    (void)out;
    (void)rgb;
#endif
}

/* 24x20 pixels; empty when this build has no encoder for it. */
static void make_sample(struct buf *out, enum sample sample)
{
    static uint8_t rgb[24 * 20 * 3];
    fill_noise(rgb, sizeof(rgb));
    switch (sample) {
    case SAMPLE_PNG: {
        uint8_t exif[PICTURE_EXIF_SIZE];
        picture_exif(exif, 3);
        const struct png_chunk chunk = { "eXIf", exif, sizeof(exif) };
        picture_png(out, &(struct png_spec){ 24, 20, 8, PNG_RGB, rgb, 20, 72, &chunk, 1 });
        break;
    }
    case SAMPLE_GIF:
        for (size_t i = 0; i < sizeof(rgb); i++) {
            rgb[i] &= 127;
        }
        picture_gif(out, 24, 20, rgb, rgb);
        break;
    case SAMPLE_BMP:
        picture_bmp(out, 24, 20, rgb);
        break;
    case SAMPLE_TGA:
        picture_tga(out, 24, 20, rgb);
        break;
    case SAMPLE_PNM:
        picture_ppm(out, 24, 20, rgb);
        break;
    case SAMPLE_JPEG:
    case SAMPLE_PROGRESSIVE:
        make_jpeg(out, rgb, sample == SAMPLE_PROGRESSIVE);
        break;
    case SAMPLE_WEBP:
        make_webp(out, rgb);
        break;
    case SAMPLE_COUNT:
        break;
    }
}

/* Cut at every length: an error, or a picture that says that it is damaged.
 * The last bytes of some formats carry nothing of the picture. */
static void test_truncated(void **state)
{
    (void)state;
    static const size_t tail[SAMPLE_COUNT] = {
        [SAMPLE_PNG] = 16,
        [SAMPLE_GIF] = 4,
        [SAMPLE_JPEG] = 8,
        [SAMPLE_PROGRESSIVE] = 8,
    };
    for (int sample = 0; sample < SAMPLE_COUNT; sample++) {
        struct buf file = BUF_INIT;
        make_sample(&file, (enum sample)sample);
        for (size_t len = 0; len <= file.len; len++) {
            struct image_info info;
            struct error err;
            bool ok = try_bytes(file.data, len, &small, &info, &err);
            if (len == file.len && file.len && (!ok || info.damage[0])) {
                fail_msg("%s: whole, but %s%s", sample_names[sample], err.message, info.damage);
            }
            if (ok && !info.damage[0] && len + tail[sample] < file.len) {
                fail_msg("%s: cut at %zu of %zu, and nothing said", sample_names[sample], len,
                         file.len);
            }
        }
        buf_release(&file);
    }
}

/* One byte at a time, every value of a few. */
static void test_flipped_bytes(void **state)
{
    (void)state;
    static const uint8_t flips[] = { 0x01, 0x80, 0xFF };
    for (int sample = 0; sample < SAMPLE_COUNT; sample++) {
        struct buf file = BUF_INIT;
        make_sample(&file, (enum sample)sample);
        for (size_t at = 0; at < file.len; at++) {
            for (size_t f = 0; f < ARRAY_LEN(flips); f++) {
                struct image_info info;
                struct error err;
                file.data[at] = (char)(file.data[at] ^ flips[f]);
                try_bytes(file.data, file.len, &small, &info, &err);
                file.data[at] = (char)(file.data[at] ^ flips[f]);
            }
        }
        buf_release(&file);
    }
}

#ifdef HAVE_LIBJPEG

static void test_jpeg_damage(void **state)
{
    (void)state;
    static uint8_t rgb[64 * 64 * 3];
    fill_noise(rgb, sizeof(rgb));
    for (int progressive = 0; progressive < 2; progressive++) {
        struct buf file = BUF_INIT;
        struct image_info info;
        struct error err;
        jpeg_write(&file, &(struct jpeg_spec){ 64, 64, 3, JCS_YCbCr, rgb, 90,
                                               .progressive = progressive });
        assert_true(try_bytes(file.data, file.len - 2, NULL, &info, &err));
        assert_string_equal(info.damage, ""); /* only the end marker is gone */
        assert_true(try_bytes(file.data, file.len * 2 / 3, NULL, &info, &err));
        assert_non_null(strstr(info.damage, "ends early"));
        assert_non_null(strstr(info.damage, progressive ? "scan" : "row"));
        assert_false(try_bytes(file.data, 200, NULL, &info, &err));
        assert_non_null(strstr(err.message, "ends early"));
        assert_int_equal(err.kind, ERROR_DATA);
        buf_release(&file);
    }
}

/* The frame header's height and width stand behind FF C0/C2, length, depth. */
static char *jpeg_size_at(const struct buf *file)
{
    for (size_t i = 0; i + 9 < file->len; i++) {
        uint8_t marker = (uint8_t)file->data[i + 1];
        if ((uint8_t)file->data[i] == 0xFF && (marker == 0xC0 || marker == 0xC2)) {
            return file->data + i + 5;
        }
    }
    fail_msg("no frame header");
    return NULL;
}

static void test_jpeg_lying_size(void **state)
{
    (void)state;
    static const struct image_limits tight = { 1 << 20, 5000ull * 1000 * 1000, 64 << 20, 0,
                                               NULL,    IMAGE_LEVELS_AUTO,     0,        0 };
    for (int progressive = 0; progressive < 2; progressive++) {
        struct buf file = BUF_INIT;
        make_sample(&file, progressive ? SAMPLE_PROGRESSIVE : SAMPLE_JPEG);
        memcpy(jpeg_size_at(&file), "\xFF\xDC\xFF\xDC", 4); /* 65500 x 65500 */
        assert_refused(&file, NULL, ERROR_UNSUPPORTED, "65500x65500");
        assert_refused(&file, &tight, ERROR_UNSUPPORTED, "MiB");
        memcpy(jpeg_size_at(&file), "\0\0\0\x10", 4);
        assert_refused(&file, NULL, ERROR_UNSUPPORTED, "height");
        buf_release(&file);
    }
}

/* Many pixels are no matter where they are never held: 210 million at the size of a
 * window. At full size, or as coefficients of three components, they are. */
static void test_D10_many_pixels_are_scaled_while_decoding(void **state)
{
    (void)state;
    struct buf file = BUF_INIT;
    struct image image;
    struct image_info info;
    struct error err;
    make_sample(&file, SAMPLE_JPEG);
    memcpy(jpeg_size_at(&file), "\x36\xB0\x3A\x98", 4); /* 15000 x 14000 */
    if (!image_decode_bytes(file.data, file.len, NULL, 800, 600, &image, &info, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(info.width, 14000); /* the sample lies on its side */
    assert_int_equal(info.height, 15000);
    assert_int_equal(image.width, 1750);
    assert_int_equal(image.height, 1875);
    image_release(&image);
    assert_refused(&file, NULL, ERROR_UNSUPPORTED,
                   "15000x14000 pixels need 1204 MiB to decode, the limit is 512 MiB");
    memcpy(jpeg_size_at(&file), "\x9C\x40\x9C\x40", 4); /* 40000 x 40000 */
    assert_refused(&file, NULL, ERROR_UNSUPPORTED,
                   "40000x40000 pixels exceed the limit of 1000 million pixels");
    buf_release(&file);
}

/* Scaled down the result would fit, its coefficients would not. */
static void test_jpeg_coefficients(void **state)
{
    (void)state;
    struct error err;
    struct image image;
    for (int progressive = 0; progressive < 2; progressive++) {
        struct buf file = BUF_INIT;
        make_sample(&file, progressive ? SAMPLE_PROGRESSIVE : SAMPLE_JPEG);
        memcpy(jpeg_size_at(&file), "\x1F\x40\x1F\x40", 4); /* 8000 x 8000: 64 MP */
        bool ok = image_decode_bytes(file.data, file.len,
                                     &(struct image_limits){ 1 << 20, 100 * 1000 * 1000, 64 << 20,
                                                             0, NULL, IMAGE_LEVELS_AUTO, 0, 0 },
                                     100, 100, &image, NULL, &err);
        assert_int_equal(ok, !progressive);
        assert_true(ok || strstr(err.message, "the limit is 64 MiB"));
        image_release(&image);
        buf_release(&file);
    }
}

/* Eight threads, each within its own limit: together they stay within the budget, and
 * all are served. */
#define DECODERS 8

static void *decode_in_thread(void *context)
{
    const struct buf *file = context;
    struct image image;
    bool ok = image_decode_bytes(file->data, file->len, NULL, 100, 100, &image, NULL, NULL);
    image_release(&image);
    return ok ? context : NULL;
}

static void test_S3_decodes_share_one_budget(void **state)
{
    (void)state;
    struct buf file = BUF_INIT;
    pthread_t threads[DECODERS];
    make_sample(&file, SAMPLE_PROGRESSIVE);
    memcpy(jpeg_size_at(&file), "\x03\xE8\x03\xE8", 4); /* 1000x1000: 3 to 6 MB */
    for (uint64_t mib = 1; mib <= 16; mib *= 2) {
        image_budget_set(mib << 20);
        for (size_t i = 0; i < DECODERS; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, decode_in_thread, &file), 0);
        }
        for (size_t i = 0; i < DECODERS; i++) {
            void *result;
            pthread_join(threads[i], &result);
            assert_non_null(result);
        }
        /* One is more than the smallest: it is alone then. */
        assert_true(image_budget_peak() <= (mib < 8 ? 8 : mib) << 20);
        assert_true(image_budget_peak() >= 2 << 20);
    }
    image_budget_set(IMAGE_BUDGET_DEFAULT);
    buf_release(&file);
}

#else

static void no_libjpeg(void **state)
{
    (void)state;
    skip();
}
#define test_jpeg_damage no_libjpeg
#define test_jpeg_lying_size no_libjpeg
#define test_D10_many_pixels_are_scaled_while_decoding no_libjpeg
#define test_S3_decodes_share_one_budget no_libjpeg
#define test_jpeg_coefficients no_libjpeg

#endif

/* -------------------------------------------------------------- sizes, bombs */

static void test_png_lying_size(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        enum error_kind kind;
        const char *part;
    } rows[] = {
        { 0, 1, ERROR_DATA, "PNG" },
        { 1, 0, ERROR_DATA, "PNG" },
        { 20000, 20000, ERROR_UNSUPPORTED, "20000x20000" },
#ifdef HAVE_LIBPNG
        { 0x7FFFFFFF, 0x7FFFFFFF, ERROR_UNSUPPORTED, "2147483647x2147483647" },
#else
        { 0x7FFFFFFF, 0x7FFFFFFF, ERROR_DATA, "PNG" }, /* over stb_image's own limit */
#endif
        { 0xFFFFFFFF, 1, ERROR_DATA, "PNG" },
        { 14000, 14000, ERROR_UNSUPPORTED, "512 MiB" },
        { 300, 1, ERROR_DATA, "PNG" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        picture_png(&file, &(struct png_spec){ rows[i].width, rows[i].height, 8, PNG_GREY, grey_row,
                                               1, 16, NULL, 0 });
        assert_refused(&file, NULL, rows[i].kind, rows[i].part);
        buf_release(&file);
    }
}

static void test_long_and_thin(void **state)
{
    (void)state;
    uint8_t *samples = mem_array(10000, 1);
    for (int tall = 0; tall < 2; tall++) {
        struct buf file = BUF_INIT;
        struct image_info info;
        struct error err;
        picture_png(&file,
                    &(struct png_spec){ tall ? 1 : 10000, tall ? 10000 : 1, 8, PNG_GREY, samples,
                                        tall ? 10000 : 1, tall ? 1 : 10000, NULL, 0 });
        assert_true(try_bytes(file.data, file.len, NULL, &info, &err));
        assert_int_equal(info.width, tall ? 1 : 10000);
        assert_int_equal(info.height, tall ? 10000 : 1);
        buf_release(&file);
    }
    free(samples);
}

static void test_one_pixel(void **state)
{
    (void)state;
    struct buf file = BUF_INIT;
    struct image_info info;
    struct error err;
    picture_png(&file, &(struct png_spec){ 1, 1, 8, PNG_GREY, grey_row, 1, 1, NULL, 0 });
    assert_true(try_bytes(file.data, file.len, NULL, &info, &err));
    buf_release(&file);
}

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void assert_grown_below(long before, long limit_kib)
{
    long grown = peak_kib() - before;
    if (grown > limit_kib) {
        fail_msg("%ld KiB more than before", grown);
    }
}

/* A picture of 16 x 16 that inflates to 64 MiB is stopped within a few. */
static void test_png_bomb(void **state)
{
    (void)state;
    struct buf file = BUF_INIT;
    picture_png_bomb(&file, 16, 16, (size_t)64 << 20);
    assert_true(file.len < 1 << 20);
    long before = peak_kib();
#ifdef HAVE_LIBPNG
    struct image_info info;
    struct error err;
    assert_true(try_bytes(file.data, file.len, NULL, &info, &err));
    assert_non_null(strstr(info.damage, "Too much image data"));
#else
    assert_refused(&file, NULL, ERROR_DATA, "far more data than its 16x16 pixels");
#endif
    assert_grown_below(before, 16 << 10);
    buf_release(&file);
}

/* Honest in its header, and over the memory limit. */
static void test_png_over_memory(void **state)
{
    (void)state;
    struct buf file = BUF_INIT;
    static const struct image_limits limits = { 1 << 20, 100 * 1000 * 1000, 32 << 20, 0,
                                                NULL,    IMAGE_LEVELS_AUTO, 0,        0 };
    picture_png_bomb(&file, 6000, 1900, (size_t)6001 * 1900);
    assert_refused(&file, &limits, ERROR_UNSUPPORTED, "6000x1900");
    assert_refused(&file, &limits, ERROR_UNSUPPORTED, "32 MiB");
    struct image_info info;
    struct error err;
    assert_true(try_bytes(file.data, file.len, NULL, &info, &err));
    buf_release(&file);
}

#ifdef HAVE_LIBPNG

/* 100 million pixels within a few MiB, where the hint lets them be scaled: to
 * twice the hint, or where that is too much, to the hint. */
static void test_png_huge(void **state)
{
    (void)state;
    struct buf file = BUF_INIT;
    static const struct {
        size_t mib;
        int side;
    } rows[] = { { 16, 2000 }, { 6, 1000 } };
    picture_png_bomb(&file, 10000, 10000, (size_t)10001 * 10000);
    long before = peak_kib();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct image image;
        struct image_info info;
        struct error err = { .message = "" };
        const struct image_limits limits = {
            1 << 20, 100 * 1000 * 1000, rows[i].mib << 20, 0, NULL, IMAGE_LEVELS_AUTO, 0, 0
        };
        assert_refused(&file, &limits, ERROR_UNSUPPORTED, "10000x10000");
        if (!image_decode_bytes(file.data, file.len, &limits, 1000, 600, &image, &info, &err)) {
            fail_msg("%s", err.message);
        }
        assert_int_equal(info.width, 10000);
        assert_int_equal(image.width, rows[i].side);
        assert_int_equal(image.height, rows[i].side);
        image_release(&image);
    }
    assert_grown_below(before, 20 << 10);
    buf_release(&file);
}

/* Where a chunk's data begin. */
static char *png_chunk_at(const struct buf *file, const char *type)
{
    char *at = memmem(file->data, file->len, type, 4);
    assert_non_null(at);
    return at + 4;
}

static const uint8_t grey[4] = { 128, 128, 128, 255 };

/* Of 20 rows 12 are there; at full size, and averaged over 2 x 2. */
static void test_png_ends_early(void **state)
{
    (void)state;
    static uint8_t samples[24 * 20 * 4];
    for (int channels = 3; channels <= 4; channels++) {
        size_t row = 24 * (size_t)channels;
        struct buf file = BUF_INIT;
        for (size_t i = 0; i < sizeof(samples); i++) {
            samples[i] = (uint8_t)(channels == 4 && i % 4 == 3 ? 200 : 50);
        }
        picture_png(&file, &(struct png_spec){ 24, 20, 8, channels == 3 ? PNG_RGB : PNG_RGBA,
                                               samples, 20, row, NULL, 0 });
        size_t cut = (size_t)(png_chunk_at(&file, "IDAT") - file.data) + 2 + 12 * (row + 6) + 9;
        for (int shrink = 1; shrink <= 2; shrink++) {
            struct image image;
            struct image_info info;
            struct error err = { .message = "" };
            if (!image_decode_bytes(file.data, cut, NULL, shrink == 1 ? 24 : 6, 0, &image, &info,
                                    &err)) {
                fail_msg("%s", err.message);
            }
            assert_string_equal(info.damage, "the file ends early, at row 12 of 20");
            assert_int_equal(image.width, 24 / shrink);
            assert_int_equal(image.channels, channels);
            for (int y = 0; y < image.height; y++) {
                const uint8_t *expected = y < 12 / shrink ? samples : grey;
                assert_memory_equal(image_at(&image, 23 / shrink, y), expected, (size_t)channels);
            }
            image_release(&image);
        }
        buf_release(&file);
    }
}

/* Pixels whose checksum is wrong are shown; damaged beyond reading, those
 * before are. */
static void test_png_damage(void **state)
{
    (void)state;
    struct buf file = BUF_INIT;
    struct image_info info;
    struct error err;
    make_sample(&file, SAMPLE_PNG);
    char *pixels = png_chunk_at(&file, "IDAT");
    pixels[20] ^= 1;
    assert_true(try_bytes(file.data, file.len, NULL, &info, &err));
    assert_non_null(strstr(info.damage, "CRC"));
    pixels[20] ^= 1;
    char *length = pixels + 2 + 5 * (24 * 3 + 6) + 3; /* of the sixth row's block, inverted */
    *length ^= 1;
    assert_true(try_bytes(file.data, file.len, NULL, &info, &err));
    assert_non_null(strstr(info.damage, "at row 4 of 20")); /* zlib looks ahead */
    *length ^= 1;
    png_chunk_at(&file, "eXIf")[PICTURE_EXIF_SIZE] ^= 1; /* a checksum that does not matter */
    assert_true(try_bytes(file.data, file.len, NULL, &info, &err));
    assert_string_equal(info.damage, "");
    assert_int_equal(info.orientation, 3);
    buf_release(&file);
}

/* A text of 8 MiB beside one pixel. */
static void test_png_large_text(void **state)
{
    (void)state;
    struct buf file = BUF_INIT;
    struct image_info info;
    struct error err;
    size_t len = (size_t)8 << 20;
    char *text = mem_array(len, 1);
    memset(text, 'x', len);
    text[3] = '\0';
    const struct png_chunk chunk = { "tEXt", text, len };
    picture_png(&file, &(struct png_spec){ 1, 1, 8, PNG_GREY, grey_row, 1, 1, &chunk, 1 });
    assert_true(try_bytes(file.data, file.len, NULL, &info, &err));
    assert_string_equal(info.damage, "");
    free(text);
    buf_release(&file);
}

#else

static void no_libpng(void **state)
{
    (void)state;
    skip();
}
#define test_png_huge no_libpng
#define test_png_ends_early no_libpng
#define test_png_damage no_libpng
#define test_png_large_text no_libpng

#endif

/* ---------------------------------------------------------------- not pictures */

static void test_not_pictures(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        enum error_kind kind;
        const char *part;
    } rows[] = {
        { "", 0, ERROR_DATA, "empty" },
        { "x", 1, ERROR_DATA, "not a picture" },
        { "hello, world, this is text\n", 27, ERROR_DATA, "not a picture" },
        { "II*\0\10\0\0\0", 8, ERROR_UNSUPPORTED, "TIFF" },
        { "\0\0\0\x1c"
          "ftypheic\0\0\0\0",
          16, ERROR_UNSUPPORTED, "HEIC" },
        { "\xFF\xD8\xFF", 3, ERROR_DATA, "JPEG" },
        { "\x89PNG\r\n\x1a\n", 8, ERROR_DATA, "PNG" },
        { "GIF89a", 6, ERROR_DATA, "GIF" },
        { "P6\n", 3, ERROR_DATA, "PNM" },
        { "P6\n1 1\n65536\n...", 17, ERROR_DATA, "65536" },
        { "P6\n1 1\n255\n", 11, ERROR_DATA, "first pixel" },
        { "P6\n1111111111 1\n255\n...", 24, ERROR_DATA, "header" },
        { "P4\n1 1\n", 7, ERROR_DATA, "first pixel" },
        { "BM is how this text begins, and no more", 39, ERROR_DATA, "not a picture" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf file = BUF_INIT;
        buf_add(&file, rows[i].bytes, rows[i].len);
        assert_refused(&file, NULL, rows[i].kind, rows[i].part);
        buf_release(&file);
    }
}

/* ----------------------------------------------------------------- by path */

struct folder {
    char path[64];
};

static int folder_setup(void **state)
{
    static struct folder folder;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder.path, sizeof(folder.path), "%.40s/thumbtag-XXXXXX", tmp ? tmp : "/tmp");
    *state = &folder;
    return mkdtemp(folder.path) ? 0 : -1;
}

static int folder_teardown(void **state)
{
    const struct folder *folder = *state;
    DIR *dir = opendir(folder->path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
    return rmdir(folder->path);
}

static char *path_in(void **state, const char *name)
{
    const struct folder *folder = *state;
    char *path = file_join(folder->path, name);
    assert_non_null(path);
    return path;
}

static void assert_path_refused(char *path, const char *part)
{
    struct image image;
    struct error err = { .message = "" };
    assert_false(image_decode_file(path, NULL, 0, 0, &image, NULL, &err));
    assert_null(image.pixels);
    if (!strstr(err.message, path) || !strstr(err.message, part)) {
        fail_msg("%s", err.message);
    }
    free(path);
}

static void test_not_files(void **state)
{
    char *fifo = path_in(state, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_path_refused(fifo, "");
    char *loop = path_in(state, "loop");
    assert_int_equal(symlink("loop", loop), 0);
    assert_path_refused(loop, "");
    assert_path_refused(path_in(state, "."), "");
    assert_path_refused(path_in(state, "missing.jpg"), "No such file");
}

static void write_file(const char *path, const struct buf *file)
{
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(file->data, 1, file->len, stream), file->len);
    assert_int_equal(fclose(stream), 0);
}

static void test_unreadable(void **state)
{
    if (geteuid() == 0) {
        skip();
    }
    struct buf file = BUF_INIT;
    char *path = path_in(state, "secret.png");
    make_sample(&file, SAMPLE_PNG);
    write_file(path, &file);
    assert_int_equal(chmod(path, 0), 0);
    assert_path_refused(path, "ermission");
    buf_release(&file);
}

/* The content counts, not the name. */
static void test_wrong_name(void **state)
{
    struct buf file = BUF_INIT;
    struct image image;
    struct image_info info;
    struct error err = { .message = "" };
    char *path = path_in(state, "really-a-png.jpg");
    make_sample(&file, SAMPLE_PNG);
    write_file(path, &file);
    if (!image_decode_file(path, NULL, 0, 0, &image, &info, &err)) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(info.format, "PNG");
    assert_int_equal(image.width, 24);
    image_release(&image);
    free(path);
    buf_release(&file);
}

static void test_large_file(void **state)
{
    static const struct image_limits limits = { 100,  1000 * 1000,       1 << 20, 0,
                                                NULL, IMAGE_LEVELS_AUTO, 0,       0 };
    struct buf file = BUF_INIT;
    struct image image;
    struct error err = { .message = "" };
    char *path = path_in(state, "large.png");
    make_sample(&file, SAMPLE_PNG);
    write_file(path, &file);
    assert_false(image_decode_file(path, &limits, 0, 0, &image, NULL, &err));
    assert_non_null(strstr(err.message, "100"));
    assert_false(image_decode_bytes(file.data, file.len, &limits, 0, 0, &image, NULL, &err));
    assert_non_null(strstr(err.message, "the limit is 100"));
    buf_release(&file);
    free(path);
}

/* Files that once broke something, and some that were made to. */
static void test_collection(void **state)
{
    (void)state;
    DIR *dir = opendir("tests/data/bad");
    int count = 0;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct buf file = BUF_INIT;
        struct image_info info;
        struct error err;
        char *path = file_join("tests/data/bad", entry->d_name);
        if (file_read(path, 1 << 20, &file, NULL)) {
            try_bytes(file.data, file.len, &small, &info, &err);
            count++;
        }
        buf_release(&file);
        free(path);
    }
    closedir(dir);
    assert_true(count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png_bomb), /* first: it looks at the peak of memory */
        cmocka_unit_test(test_png_huge), /* and so does this */
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_flipped_bytes),
        cmocka_unit_test(test_jpeg_damage),
        cmocka_unit_test(test_jpeg_lying_size),
        cmocka_unit_test(test_D10_many_pixels_are_scaled_while_decoding),
        cmocka_unit_test(test_S3_decodes_share_one_budget),
        cmocka_unit_test(test_jpeg_coefficients),
        cmocka_unit_test(test_png_lying_size),
        cmocka_unit_test(test_long_and_thin),
        cmocka_unit_test(test_one_pixel),
        cmocka_unit_test(test_png_over_memory),
        cmocka_unit_test(test_png_ends_early),
        cmocka_unit_test(test_png_damage),
        cmocka_unit_test(test_png_large_text),
        cmocka_unit_test(test_not_pictures),
        cmocka_unit_test_setup_teardown(test_not_files, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_unreadable, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_wrong_name, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_large_file, folder_setup, folder_teardown),
        cmocka_unit_test(test_collection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
