/* A region decoded by itself, from a picture scaled no further down than it needs. */
#include "image/region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/encode.h"
#include "picture.h"
#include "scratch.h"

#define WIDTH 1600
#define HEIGHT 1200

static const struct region region = { 800, 600, 400, 200 };

/* Grey, the region light. */
static int set_up(void **state)
{
    static struct buf jpeg;
    struct image picture = IMAGE_INIT;

    assert_true(image_init(&picture, WIDTH, HEIGHT, 3, NULL));
    memset(picture.pixels, 60, (size_t)WIDTH * HEIGHT * 3);
    for (int y = region.y; y < region.y + region.height; y++) {
        memset(image_at(&picture, region.x, y), 200, (size_t)region.width * 3);
    }
    buf_init(&jpeg);
    assert_true(image_encode_jpeg(&picture, 95, &jpeg, NULL));
    image_release(&picture);
    *state = &jpeg;
    return 0;
}

static int tear_down(void **state)
{
    buf_release(*state);
    return 0;
}

static void assert_light(const struct image *picture)
{
    for (int y = 1; y + 1 < picture->height; y++) {
        for (int x = 1; x + 1 < picture->width; x++) {
            assert_in_range(image_at(picture, x, y)[0], 190, 210);
        }
    }
}

/* The hint is for the region, and never undercut; 0: full size. */
static void test_size(void **state)
{
    static const struct {
        int want_width, want_height, most;
    } cases[] = { { 0, 0, 400 },   { 400, 200, 400 }, { 200, 100, 200 }, { 100, 50, 100 },
                  { 96, 96, 200 }, { 3, 3, 50 },      { 900, 900, 400 }, { 1, 0, 50 } };
    const struct buf *jpeg = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct image out;
        int width = cases[i].want_width, height = cases[i].want_height;
        assert_true(
            image_decode_region(jpeg->data, jpeg->len, &region, NULL, width, height, &out, NULL));
        assert_true(out.width >= (width < 400 ? width : 400));
        assert_true(out.height >= (height < 200 ? height : 200));
        assert_int_equal(out.width, 2 * out.height);
#ifdef HAVE_LIBJPEG
        assert_in_range(out.width, 1, cases[i].most);
#endif
        assert_light(&out);
        image_release(&out);
    }
}

/* A picture that is stored lying on its side: the hint and the region are upright. */
static void test_turned(void **state)
{
    static const struct region upright = { HEIGHT - 600 - 200, 800, 200, 400 };
    const struct buf *jpeg = *state;
    uint8_t exif[PICTURE_EXIF_SIZE];
    struct buf turned = BUF_INIT;
    struct image out;

    picture_exif(exif, 6);
    buf_add(&turned, jpeg->data, 2);
    buf_add(&turned, "\xFF\xE1\0\042Exif\0\0", 10); /* 2 + 6 + 26 bytes */
    buf_add(&turned, exif, sizeof exif);
    buf_add(&turned, jpeg->data + 2, jpeg->len - 2);
    assert_true(image_decode_region(turned.data, turned.len, &upright, NULL, 100, 200, &out, NULL));
    assert_int_equal(out.height, 2 * out.width);
    assert_true(out.width >= 100);
#ifdef HAVE_LIBJPEG
    assert_int_equal(out.width, 100);
#endif
    assert_light(&out);
    image_release(&out);
    buf_release(&turned);
}

static void test_cut_and_outside(void **state)
{
    static const struct region cut = { 1500, 1150, 400, 200 }, gone = { 1600, 0, 5, 5 };
    static const struct region whole;
    const struct buf *jpeg = *state;
    struct image out;
    struct error err;

    assert_true(image_decode_region(jpeg->data, jpeg->len, &cut, NULL, 0, 0, &out, NULL));
    assert_int_equal(out.width, 100);
    assert_int_equal(out.height, 50);
    image_release(&out);
    assert_false(image_decode_region(jpeg->data, jpeg->len, &gone, NULL, 9, 9, &out, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_string_equal(err.message,
                        "the region [1600,0 5x5] is outside the picture of 1600x1200 pixels");
    assert_null(out.pixels);
    assert_true(image_decode_region(jpeg->data, jpeg->len, &whole, NULL, 0, 0, &out, NULL));
    assert_int_equal(out.width, WIDTH);
    image_release(&out);
}

/* Of a file, with its path in messages. */
static void test_file(void **state)
{
    static const struct region gone = { 0, 1200, 5, 5 };
    const struct buf *jpeg = *state;
    char *folder = scratch_new();
    char *path = scratch_path(folder, "photo.jpg");
    struct image out;
    struct error err;

    scratch_write(path, jpeg->data, jpeg->len);
    assert_true(image_decode_file_region(path, &region, NULL, 400, 200, &out, NULL));
    assert_int_equal(out.width, 400);
    assert_light(&out);
    image_release(&out);
    assert_false(image_decode_file_region(path, &gone, NULL, 9, 9, &out, &err));
    assert_non_null(strstr(err.message, "photo.jpg: the region [0,1200 5x5] is outside"));
    free(path);
    scratch_remove(folder);
}

/* What is too large to decode at the size that the region needs is decoded at the hint's. */
static void test_little_memory(void **state)
{
    const struct buf *jpeg = *state;
    struct image_limits limits = image_limits_default;
    struct image out;

    limits.memory = 1200000; /* half of the picture in both ways takes 1440000 */
#ifdef HAVE_LIBJPEG
    assert_true(image_decode_region(jpeg->data, jpeg->len, &region, &limits, 200, 100, &out, NULL));
    assert_in_range(out.width, 50, 199);
    assert_light(&out);
    image_release(&out);
#else
    assert_false(
        image_decode_region(jpeg->data, jpeg->len, &region, &limits, 200, 100, &out, NULL));
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_turned),
        cmocka_unit_test(test_cut_and_outside),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_little_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
