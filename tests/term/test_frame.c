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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit_of_bytes),
        cmocka_unit_test(test_limit_out_of_reach),
        cmocka_unit_test(test_levels),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
