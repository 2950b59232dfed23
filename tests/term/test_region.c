/* Regions on the screen: what is shown of the picture around them, and their outline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "blocks_reader.h"
#include "graphics.h"
#include "image/decode.h"
#include "picture.h"
#include "scratch.h"
#include "term/frame.h"

#define WIDTH 300
#define HEIGHT 200

static const struct region region = { 100, 50, 40, 20 }; /* of another colour */
static const uint8_t inside[3] = { 200, 60, 60 };
static const uint8_t around[3] = { 60, 120, 60 };
static char *folder, *photo;

static int set_up(void **state)
{
    uint8_t *rgb = mem_array(WIDTH * HEIGHT, 3);
    struct buf file = BUF_INIT;

    (void)state;
    assert_non_null(rgb);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        int x = i % WIDTH - region.x, y = i / WIDTH - region.y;
        bool in = x >= 0 && x < region.width && y >= 0 && y < region.height;
        memcpy(rgb + 3 * i, in ? inside : around, 3);
    }
    picture_ppm(&file, WIDTH, HEIGHT, rgb);
    folder = scratch_new();
    photo = scratch_path(folder, "photo.ppm");
    scratch_write(photo, file.data, file.len);
    buf_release(&file);
    free(rgb);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(folder);
    free(photo);
    return 0;
}

/* A pane of 520 x 320 pixels: ten for each of the 52 x 32 around the region. */
static struct frame_style style_of(const struct protocol *protocol)
{
    return (struct frame_style){ .protocol = protocol,
                                 .enlarge = ENLARGE_SHARP,
                                 .pane = { .cols = 54,
                                           .rows = 17,
                                           .cell_w = 10,
                                           .cell_h = 20,
                                           .colors = 1 << 24,
                                           .registers = 256,
                                           .level = LEVEL_BEST,
                                           .image_id = 777 } };
}

static void render(struct frame *frame, const struct region *r, const struct protocol *protocol,
                   struct frame_view view)
{
    struct frame_style style = style_of(protocol);
    static const struct file_stamp none;
    const struct picture *picture = frame_decode(frame, photo, &none, r, &style, view, NULL, 0);

    frame_draw(frame, picture ? &picture->image : NULL, r, &style, view);
    picture_cache_put(NULL, picture);
}

static void read_kitty(const struct frame *frame, struct image *picture)
{
    struct kitty_command command;

    graphics_kitty(frame->bytes.data, frame->bytes.len, &command);
    assert_true(
        image_decode_bytes(command.data.data, command.data.len, NULL, 0, 0, picture, NULL, NULL));
    buf_release(&command.data);
}

static bool is(const struct image *picture, int x, int y, const uint8_t rgb[3])
{
    return memcmp(image_at(picture, x, y), rgb, 3) == 0;
}

/* 15 % of the longer side and a pixel, as far as the picture goes. */
static void test_surroundings(void **state)
{
    static const struct {
        struct region region, shown;
    } cases[] = {
        { { 0, 0, 0, 0 }, { 0, 0, 300, 200 } },
        { { 100, 50, 40, 20 }, { 93, 43, 54, 34 } },
        { { 0, 0, 40, 20 }, { 0, 0, 47, 27 } },
        { { 280, 190, 20, 10 }, { 276, 186, 24, 14 } },
        { { 280, 190, 900, 900 }, { 276, 186, 24, 14 } },
        { { 5, 5, 1, 1 }, { 4, 4, 3, 3 } },
        { { 300, 0, 5, 5 }, { 0, 0, 300, 200 } }, /* outside */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct region shown = frame_surroundings(&cases[i].region, WIDTH, HEIGHT);
        assert_true(region_equal(&shown, &cases[i].shown));
    }
}

/* Zoom 1 shows the surroundings, larger ones less, smaller ones all of the picture. */
static void test_views(void **state)
{
    static const struct {
        struct frame_view view;
        struct image_rect rect;
        double scale;
    } cases[] = {
        { { 1, .5f, .5f, 0, false }, { 93, 43, 54, 34 }, 10 },
        { { 1.5f, .5f, .5f, 0, false }, { 102, 49, 36, 23 }, 15 },
        { { .5f, .5f, .5f, 0, false }, { 66, 26, 108, 68 }, 5 },
        { { .25f, .5f, .5f, 0, false }, { 12, 0, 216, 136 }, 2.5 },
        { { 0, .5f, .5f, 0, false }, { 0, 0, 300, 200 }, 1.7 },
        { { 1, .5f, .5f, 0, true }, { 0, 0, 300, 200 }, 1 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct frame_style style = style_of(&protocol_kitty);
        struct frame_part part;
        frame_part(&style, cases[i].view, &region, WIDTH, HEIGHT, &part);
        assert_memory_equal(&part.rect, &cases[i].rect, sizeof part.rect);
        assert_true(part.scale > cases[i].scale - 1e-6 && part.scale < cases[i].scale + 1e-6);
    }
}

/* Just outside the region there is a light line, and a dark one around it; nothing of the
 * region is covered, and nothing else. */
static void test_outline(void **state)
{
    static const uint8_t light[3] = { 255, 255, 255 };
    static const uint8_t dark[3] = { 0, 0, 0 };
    struct frame frame;
    struct image picture = IMAGE_INIT;

    (void)state;
    render(&frame, &region, &protocol_kitty, FRAME_VIEW_ALL);
    assert_false(frame.failed);
    assert_int_equal(frame.grid_w, 540);
    assert_int_equal(frame.grid_h, 340);
    read_kitty(&frame, &picture);
    assert_int_equal(picture.width, 540);
    assert_int_equal(picture.height, 340);
    for (int y = 0; y < 340; y++) {
        for (int x = 0; x < 540; x++) { /* the region: 70 to 470, 70 to 270 */
            int out_x = x < 70 ? 70 - x : x >= 470 ? x - 469 : 0;
            int out_y = y < 70 ? 70 - y : y >= 270 ? y - 269 : 0;
            int out = out_x > out_y ? out_x : out_y;
            const uint8_t *wanted = out == 0 ? inside : out == 1 ? light : out == 2 ? dark : around;
            assert_true(is(&picture, x, y, wanted));
        }
    }
    image_release(&picture);
    frame_release(&frame);
}

/* A region in the corner is outlined within the picture, and one larger than the view not at
 * all. The whole picture has no outline. */
static void test_outline_at_the_edge(void **state)
{
    static const struct region corner = { 0, 0, WIDTH, 20 };
    static const struct region whole;
    struct frame frame;
    struct image picture = IMAGE_INIT;

    (void)state;
    render(&frame, &corner, &protocol_kitty, FRAME_VIEW_ALL);
    read_kitty(&frame, &picture);
    assert_int_equal(image_at(&picture, 0, 0)[0], 0);
    assert_int_equal(image_at(&picture, 1, 1)[0], 255);
    assert_int_equal(image_at(&picture, picture.width - 1, 1)[0], 0);
    assert_int_equal(image_at(&picture, picture.width - 2, 1)[0], 255);
    assert_true(is(&picture, 2, 2, around));
    image_release(&picture);
    frame_release(&frame);
    render(&frame, &region, &protocol_kitty, (struct frame_view){ 1.6f, .5f, .5f, 0, false });
    read_kitty(&frame, &picture);
    for (int x = 0; x < picture.width; x++) {
        assert_true(is(&picture, x, picture.height / 2, inside));
    }
    image_release(&picture);
    frame_release(&frame);
    render(&frame, &whole, &protocol_kitty, FRAME_VIEW_ALL);
    read_kitty(&frame, &picture);
    assert_true(is(&picture, 0, 0, around));
    image_release(&picture);
    frame_release(&frame);
}

/* In text blocks, whose cells have two colours, the dashes are seen as well. */
static void test_outline_in_blocks(void **state)
{
    struct frame frame;
    struct blocks_screen screen;

    (void)state;
    render(&frame, &region, &protocol_blocks, FRAME_VIEW_ALL);
    assert_false(frame.failed);
    blocks_read(buf_text(&frame.bytes), 1 << 24, frame.cols, frame.rows, &screen);
    int width = screen.cols * BLOCKS_SIDE, height = screen.rows * BLOCKS_SIDE;
    int middle = height / 2, left = width * 7 / 54 - 2;
    int light = 0, dark = 0;
    for (int y = middle - 24; y < middle + 24; y++) {
        const float *p = screen.rgb + 3 * ((size_t)y * (size_t)width + (size_t)left);
        light += p[0] > 180 && p[1] > 180 && p[2] > 180;
        dark += p[0] < 80 && p[1] < 80 && p[2] < 80;
    }
    assert_in_range(light, 12, 36);
    assert_in_range(dark, 12, 36);
    free(screen.rgb);
    frame_release(&frame);
}

static void test_outside(void **state)
{
    static const struct region gone = { 300, 20, 8, 8 };
    struct frame frame;

    (void)state;
    render(&frame, &gone, &protocol_kitty, FRAME_VIEW_ALL);
    assert_true(frame.failed);
    assert_int_equal(frame.bytes.len, 0);
    assert_non_null(strstr(frame.error.message,
                           "photo.ppm: the region [300,20 8x8] is outside the picture of 300x200 "
                           "pixels"));
    frame_release(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_surroundings),      cmocka_unit_test(test_views),
        cmocka_unit_test(test_outline),           cmocka_unit_test(test_outline_at_the_edge),
        cmocka_unit_test(test_outline_in_blocks), cmocka_unit_test(test_outside),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
