/* iTerm2's inline images, read as a terminal does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "drawn.h"
#include "graphics.h"
#include "term/protocol.h"

static const int sizes[][2] = { { 1, 1 },   { 1, 40 },   { 40, 1 },    { 10, 20 },
                                { 11, 21 }, { 64, 48 },  { 7, 200 },   { 250, 13 },
                                { 33, 90 }, { 128, 90 }, { 299, 221 }, { 300, 222 } };

static struct pane pane_of(enum level level, bool tmux)
{
    return (struct pane){ .cols = 40,
                          .rows = 20,
                          .cell_w = 10,
                          .cell_h = 20,
                          .colors = 256,
                          .level = level,
                          .tmux = tmux };
}

static bool is_png(const struct buf *file)
{
    return file->len > 4 && memcmp(file->data, "\x89PNG", 4) == 0;
}

/* Whatever the number of samples, the size on the screen is the one asked for. */
static void test_iterm2(void **state)
{
    static const double bars[LEVEL_COUNT] = {
        [LEVEL_BEST] = 36,
        [LEVEL_DEFAULT] = 30,
        [LEVEL_SLOW] = 26,
        [LEVEL_LEAST] = 24,
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (int k = 0; k < LEVEL_COUNT * 4; k++) {
            int w = sizes[i][0], h = sizes[i][1], grid_w, grid_h, cols, rows;
            int shrunk = 1 + k / LEVEL_COUNT % 2;
            enum level level = (enum level)(k % LEVEL_COUNT);
            struct pane pane = pane_of(level, k / LEVEL_COUNT / 2);
            struct image picture = IMAGE_INIT;
            struct buf out = BUF_INIT;
            struct iterm2_file file;
            protocol_iterm2.grid(&pane, w, h, &grid_w, &grid_h);
            assert_true(grid_w == w && grid_h == h);
            drawn_make(&picture, (w + shrunk - 1) / shrunk, (h + shrunk - 1) / shrunk);
            assert_true(protocol_iterm2.encode(&picture, &pane, w, h, &out, NULL));
            assert_int_equal(graphics_iterm2(out.data, out.len, &file), out.len);
            assert_true(file.inlined && file.still && file.stretched);
            assert_int_equal(file.width, w);
            assert_int_equal(file.height, h);
            bool png = is_png(&file.data);
            assert_true(!png || level == LEVEL_BEST);
            double db = drawn_psnr(&picture, &file.data, png ? "PNG" : "JPEG");
            if (db < (png ? 99 : bars[level])) {
                fail_msg("%dx%d at level %d: %.1f dB", w, h, (int)level, db);
            }
            protocol_iterm2.cells(&pane, w, h, grid_w, grid_h, &cols, &rows);
            assert_int_equal(cols, (w + 9) / 10);
            assert_int_equal(rows, (h + 19) / 20);
            buf_release(&file.data);
            buf_release(&out);
            image_release(&picture);
        }
    }
}

/* The best level takes the smaller of the two, which of few colours is exact. */
static void test_iterm2_drawing(void **state)
{
    struct pane pane = pane_of(LEVEL_BEST, false);
    struct image picture = IMAGE_INIT;
    struct buf out = BUF_INIT;
    struct iterm2_file file;

    (void)state;
    assert_true(image_init(&picture, 200, 100, 3, NULL));
    for (int y = 20; y < 60; y++) {
        memset(image_at(&picture, 30, y), 255, 3 * 80);
    }
    assert_true(protocol_iterm2.encode(&picture, &pane, 200, 100, &out, NULL));
    graphics_iterm2(out.data, out.len, &file);
    assert_true(is_png(&file.data));
    assert_true(drawn_psnr(&picture, &file.data, "PNG") == 99);
    buf_release(&file.data);
    buf_release(&out);
    image_release(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iterm2),
        cmocka_unit_test(test_iterm2_drawing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
