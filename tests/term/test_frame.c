#include "term/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "picture.h"
#include "pseudo.h"
#include "scratch.h"

static const struct region whole_region;

#define WIDTH 640
#define HEIGHT 400

static char *folder, *photo;

/* Noise on waves: nothing that few bytes could hold. */
static int set_up(void **state)
{
    uint8_t *rgb = mem_array(WIDTH * HEIGHT, 3);
    struct buf file = BUF_INIT;
    uint64_t random = 3;
    (void)state;
    assert_non_null(rgb);
    for (size_t i = 0; i < WIDTH * HEIGHT * 3; i++) {
        size_t x = i / 3 % WIDTH;
        rgb[i] = (uint8_t)(x / 4 + (i % 3) * 20 + pseudo_bits(&random) % 48);
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

static struct frame_style style_of(const struct protocol *protocol, enum level level, size_t most)
{
    return (struct frame_style){ .protocol = protocol,
                                 .enlarge = ENLARGE_SMOOTH,
                                 .max_bytes = most,
                                 .pane = { .cols = 60,
                                           .rows = 20,
                                           .cell_w = 10,
                                           .cell_h = 20,
                                           .colors = 1 << 24,
                                           .registers = 256,
                                           .level = level,
                                           .image_id = 777 } };
}

/* What needs more bytes than there may be is drawn coarser, then smaller; where the
 * terminal enlarges it, in the same place. */
static void test_limit_of_bytes(void **state)
{
    static const struct protocol *const protocols[] = { &protocol_sixel, &protocol_libsixel,
                                                        &protocol_kitty, &protocol_iterm2 };
    static const size_t limits[] = { 200000, 60000, 25000, 9000 };

    (void)state;
    for (size_t p = 0; p < ARRAY_LEN(protocols); p++) {
        for (int level = LEVEL_BEST; level <= LEVEL_SLOW; level++) {
            struct frame whole;
            struct frame_style style = style_of(protocols[p], (enum level)level, 0);
            frame_render(&whole, photo, &style, FRAME_VIEW_ALL);
            assert_false(whole.failed);
            assert_int_equal(whole.cols, 60);
            for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
                struct frame frame;
                style.max_bytes = limits[i];
                frame_render(&frame, photo, &style, FRAME_VIEW_ALL);
                assert_false(frame.failed);
                assert_in_range(frame.bytes.len, 1, limits[i]);
                assert_in_range(frame.grid_w, 16, whole.grid_w);
                if (protocols[p]->scales) {
                    assert_int_equal(frame.cols, whole.cols);
                    assert_int_equal(frame.rows, whole.rows);
                }
                if (whole.bytes.len <= limits[i]) { /* it is left alone */
                    assert_int_equal(frame.bytes.len, whole.bytes.len);
                    assert_int_equal(frame.grid_w, whole.grid_w);
                }
                frame_release(&frame);
            }
            frame_release(&whole);
        }
    }
}

/* A limit that nothing can keep ends all the same. */
static void test_limit_out_of_reach(void **state)
{
    struct frame frame;
    struct frame_style style = style_of(&protocol_sixel, LEVEL_BEST, 10);

    (void)state;
    frame_render(&frame, photo, &style, FRAME_VIEW_ALL);
    assert_false(frame.failed);
    assert_in_range(frame.grid_w, 1, 60);
    frame_release(&frame);
}

/* A level costs less than the one before. */
static void test_levels(void **state)
{
    static const struct protocol *const protocols[] = { &protocol_sixel, &protocol_kitty,
                                                        &protocol_iterm2 };

    (void)state;
    for (size_t p = 0; p < ARRAY_LEN(protocols); p++) {
        size_t before = SIZE_MAX;
        for (int level = 0; level < LEVEL_COUNT; level++) {
            struct frame frame;
            struct frame_style style = style_of(protocols[p], (enum level)level, 0);
            frame_render(&frame, photo, &style, FRAME_VIEW_ALL);
            assert_false(frame.failed);
            assert_true(frame.bytes.len < before - before / 20);
            before = frame.bytes.len;
            frame_release(&frame);
        }
    }
}

/* C11: zoomed, a picture fills the pane as far as there is anything of it, at the
 * scale that was asked for, but for what makes no sense any more. */
static void test_C11_views_fill_the_pane(void **state)
{
    static const struct {
        int width, height;
        enum enlarge enlarge;
        struct frame_view view;
        struct image_rect rect;
        int w, h;
        double scale;
    } cases[] = {
        /* in 600x400 pixels */
        { 1200,
          400,
          ENLARGE_SMOOTH,
          { 1, .5f, .5f, false, false },
          { 0, 0, 1200, 400 },
          600,
          200,
          .5 },
        { 1200,
          400,
          ENLARGE_SMOOTH,
          { 1.5f, .5f, .5f, false, false },
          { 200, 0, 800, 400 },
          600,
          300,
          .75 },
        { 1200,
          400,
          ENLARGE_SMOOTH,
          { 1, .5f, .5f, false, true },
          { 300, 0, 600, 400 },
          600,
          400,
          1 },
        { 1200,
          400,
          ENLARGE_SMOOTH,
          { 4, .5f, .5f, false, false },
          { 450, 100, 300, 200 },
          600,
          400,
          2 },
        { 1200, 400, ENLARGE_SMOOTH, { 4, 0, 1, false, false }, { 0, 200, 300, 200 }, 600, 400, 2 },
        { 300, 800, ENLARGE_SMOOTH, { 1, .5f, 0, false, true }, { 0, 0, 300, 400 }, 300, 400, 1 },
        { 60, 40, ENLARGE_NO, { 1, .5f, .5f, false, false }, { 0, 0, 60, 40 }, 60, 40, 1 },
        { 60, 40, ENLARGE_NO, { 4, .5f, .5f, false, false }, { 0, 0, 60, 40 }, 240, 160, 4 },
        { 60, 40, ENLARGE_SMOOTH, { 1, .5f, .5f, false, true }, { 0, 0, 60, 40 }, 60, 40, 1 },
        { 60, 40, ENLARGE_SMOOTH, { 9, .5f, .5f, false, false }, { 11, 8, 38, 25 }, 600, 400, 16 },
        { 6, 4, ENLARGE_SMOOTH, { 2, .5f, .5f, false, false }, { 0, 0, 6, 4 }, 600, 400, 100 },
        { 1, 1, ENLARGE_NO, { 9, 0, 1, false, false }, { 0, 0, 1, 1 }, 9, 9, 9 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct frame_style style = style_of(&protocol_kitty, LEVEL_BEST, 0);
        struct frame_part part;
        style.enlarge = cases[i].enlarge;
        frame_part(&style, cases[i].view, &whole_region, cases[i].width, cases[i].height, &part);
        assert_memory_equal(&part.rect, &cases[i].rect, sizeof part.rect);
        assert_int_equal(part.w, cases[i].w);
        assert_int_equal(part.h, cases[i].h);
        assert_true(part.scale > cases[i].scale - 1e-9 && part.scale < cases[i].scale + 1e-9);
    }
}

/* C11: a pixel for a pixel: nothing is resampled, though sixel draws whole bands. */
static void test_C11_pixel_for_pixel(void **state)
{
    static const struct protocol *const protocols[] = { &protocol_sixel, &protocol_kitty };

    (void)state;
    for (size_t p = 0; p < ARRAY_LEN(protocols); p++) {
        struct frame frame;
        struct frame_style style = style_of(protocols[p], LEVEL_BEST, 0);
        style.pane.cols = 30;
        style.pane.rows = 7;
        frame_render(&frame, photo, &style, (struct frame_view){ 1, 0, 0, false, true });
        assert_false(frame.failed);
        assert_int_equal(frame.grid_w, 300);
        assert_int_equal(frame.grid_h, p ? 140 : 138);
        frame_release(&frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit_of_bytes),
        cmocka_unit_test(test_limit_out_of_reach),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_C11_views_fill_the_pane),
        cmocka_unit_test(test_C11_pixel_for_pixel),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
