#include "term/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "drawn.h"
#include "sixel_reader.h"
#include "term/color.h"

/* A picture of `colors` colours in squares, so that each is really there. */
static void make_squares(struct image *picture, int width, int height, int colors)
{
    assert_true(image_init(picture, width, height, 3, NULL));
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            int n = (x / 4 + y / 4 * 7) % colors;
            uint8_t *p = image_at(picture, x, y);
            p[0] = (uint8_t)(n * 255 / (colors > 1 ? colors - 1 : 1));
            p[1] = (uint8_t)(n * 91 % 256);
            p[2] = (uint8_t)(255 - p[0]);
        }
    }
}

static struct pane pane_of(int colors, int registers)
{
    return (struct pane){
        .cols = 40, .rows = 20, .cell_w = 10, .cell_h = 20, .colors = colors, .registers = registers
    };
}

static const struct protocol *const sixels[] = { &protocol_sixel, &protocol_libsixel };

/* Draws by sixel, reads it back, and compares: the largest difference of a
 * channel, and the mean one. */
static void round_trip(const struct protocol *protocol, const struct image *picture, int registers,
                       int *largest, double *mean)
{
    struct pane pane = pane_of(256, registers);
    struct buf out = BUF_INIT;

    assert_true(protocol->encode(picture, &pane, picture->width, picture->height, &out, NULL));
    struct sixel_picture got = sixel_read(&out);
    assert_int_equal(got.width, picture->width);
    assert_in_range(got.height, picture->height, picture->height + 5);
    assert_in_range(got.colors, 1, 256);
    *largest = 0;
    double sum = 0;
    for (int y = 0; y < picture->height; y++) {
        for (int x = 0; x < got.width; x++) {
            const uint8_t *shown = sixel_picture_at(&got, x, y);
            const uint8_t *want = image_at(picture, x, y);
            for (int i = 0; i < 3; i++) {
                int d = abs(shown[i] - want[i]);
                *largest = d > *largest ? d : *largest;
                sum += d;
            }
        }
    }
    *mean = sum / (3.0 * picture->width * picture->height);
    sixel_picture_free(&got);
    buf_release(&out);
}

/* libsixel sorts colours at 5 bits a channel, and sixel has 101 levels. */
static void test_sixel_round_trip(void **state)
{
    static const struct {
        int width, height, colors;
    } cases[] = {
        { 1, 6, 1 },      { 5, 7, 2 },       { 17, 13, 2 },     { 60, 8, 1 },   { 64, 48, 2 },
        { 64, 48, 16 },   { 64, 48, 64 },    { 63, 47, 16 },    { 200, 6, 16 }, { 3, 200, 16 },
        { 128, 90, 200 }, { 128, 128, 256 }, { 300, 222, 100 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct image picture = IMAGE_INIT;
        int largest;
        double mean;
        make_squares(&picture, cases[i].width, cases[i].height, cases[i].colors);
        for (size_t p = 0; p < ARRAY_LEN(sixels); p++) {
            round_trip(sixels[p], &picture, 256, &largest, &mean);
            assert_true(mean <= 6.0);
        }
        image_release(&picture);
    }
}

static void test_sixel_registers(void **state)
{
    static const struct {
        int registers;
        double mean;
    } cases[] = { { 2, 70 }, { 16, 25 }, { 64, 14 }, { 256, 8 } };

    (void)state;
    struct image picture = IMAGE_INIT;
    drawn_gradient(&picture, 120, 90);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int largest;
        double mean;
        for (size_t p = 0; p < ARRAY_LEN(sixels); p++) {
            round_trip(sixels[p], &picture, cases[i].registers, &largest, &mean);
            assert_true(mean <= cases[i].mean);
        }
    }
    image_release(&picture);
}

/* Counts the colours that the bytes define. */
static int count_registers(const struct protocol *protocol, const struct image *picture,
                           int registers)
{
    struct pane pane = pane_of(256, registers);
    struct buf out = BUF_INIT;
    bool defined[1024] = { false };
    int count = 0;
    assert_true(protocol->encode(picture, &pane, picture->width, picture->height, &out, NULL));
    for (const char *s = buf_text(&out); (s = strchr(s, '#')); s++) {
        int n, system;
        if (sscanf(s, "#%d;%d;", &n, &system) == 2) {
            assert_in_range(n, 0, registers - 1);
            count += !defined[n];
            defined[n] = true;
        }
    }
    buf_release(&out);
    return count;
}

static void test_sixel_keeps_to_the_registers(void **state)
{
    static const int registers[] = { 2, 3, 16, 255, 256 };
    struct image picture = IMAGE_INIT;

    (void)state;
    drawn_gradient(&picture, 120, 90);
    for (size_t i = 0; i < ARRAY_LEN(registers); i++) {
        for (size_t p = 0; p < ARRAY_LEN(sixels); p++) {
            assert_in_range(count_registers(sixels[p], &picture, registers[i]), 2, registers[i]);
        }
    }
    image_release(&picture);
}

static void test_sixel_leaves_the_picture_alone(void **state)
{
    struct image picture = IMAGE_INIT, before = IMAGE_INIT;
    struct pane pane = pane_of(256, 16);
    struct buf out = BUF_INIT;

    (void)state;
    drawn_gradient(&picture, 33, 20);
    drawn_gradient(&before, 33, 20);
    for (size_t p = 0; p < ARRAY_LEN(sixels); p++) {
        assert_true(sixels[p]->encode(&picture, &pane, 33, 20, &out, NULL));
        assert_memory_equal(picture.pixels, before.pixels, 33 * 20 * 3);
    }
    buf_release(&out);
    image_release(&picture);
    image_release(&before);
}

/* Whole bands, so that nothing of the background shows below; as many cells as
 * the pixels touch. */
static void test_sixel_geometry(void **state)
{
    static const struct {
        int w, h, grid_w, grid_h, cols, rows;
    } cases[] = {
        { 1, 1, 1, 6, 1, 1 },          { 10, 20, 10, 18, 1, 1 },       { 11, 24, 11, 24, 2, 2 },
        { 100, 125, 100, 120, 10, 6 }, { 399, 399, 399, 396, 40, 20 }, { 5, 5, 5, 6, 1, 1 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pane pane = pane_of(256, 256);
        int w, h, cols, rows;
        protocol_sixel.grid(&pane, cases[i].w, cases[i].h, &w, &h);
        assert_int_equal(w, cases[i].grid_w);
        assert_int_equal(h, cases[i].grid_h);
        protocol_sixel.cells(&pane, w, h, w, h, &cols, &rows);
        assert_int_equal(cols, cases[i].cols);
        assert_int_equal(rows, cases[i].rows);
    }
}

static void test_nearest_colors(void **state)
{
    static const struct {
        int32_t rgb;
        int in256, in16;
    } cases[] = {
        { 0x000000, 16, 0 },  { 0xFFFFFF, 231, 15 }, { 0xFF0000, 196, 9 }, { 0x00FF00, 46, 10 },
        { 0x0000FF, 21, 4 },  { 0xCD0000, 160, 1 },  { 0x7F7F7F, 244, 8 }, { 0x808080, 244, 8 },
        { 0x080808, 232, 0 }, { 0xEEEEEE, 255, 7 },  { 0x5F87AF, 67, 8 },  { 0xFFFF00, 226, 11 },
        { 0x00FFFF, 51, 14 }, { 0xE5E5E5, 254, 7 },  { 0x5C5CFF, 63, 12 }, { 0x010203, 16, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(color_nearest(cases[i].rgb, 256), cases[i].in256);
        assert_int_equal(color_nearest(cases[i].rgb, 16), cases[i].in16);
    }
}

static int32_t color_of_256(int index)
{
    static const int levels[] = { 0, 95, 135, 175, 215, 255 };
    if (index >= 232) {
        int v = 8 + 10 * (index - 232);
        return v << 16 | v << 8 | v;
    }
    index -= 16;
    return levels[index / 36] << 16 | levels[index / 6 % 6] << 8 | levels[index % 6];
}

static int square_distance(int32_t a, int32_t b)
{
    int sum = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        int d = (a >> shift & 255) - (b >> shift & 255);
        sum += d * d;
    }
    return sum;
}

/* The quick way finds a colour as near as a search through all of them. */
static void test_nearest_is_nearest(void **state)
{
    (void)state;
    for (int32_t r = 0; r < 256; r += 15) {
        for (int32_t g = 0; g < 256; g += 17) {
            for (int32_t b = 0; b < 256; b += 5) {
                int32_t rgb = r << 16 | g << 8 | b;
                int best = square_distance(rgb, color_of_256(16));
                for (int i = 17; i < 256; i++) {
                    int d = square_distance(rgb, color_of_256(i));
                    best = d < best ? d : best;
                }
                assert_int_equal(square_distance(rgb, color_of_256(color_nearest(rgb, 256))), best);
            }
        }
    }
}

static void test_table(void **state)
{
    size_t count = 0;

    (void)state;
    for (const struct protocol *p; (p = protocol_at(count)); count++) {
        assert_ptr_equal(protocol_by_name(p->name), p);
        assert_true(p->text[0] != '\0');
    }
    assert_int_equal(count, 6);
    assert_null(protocol_by_name("none"));
    assert_null(protocol_by_name(""));
    assert_null(protocol_by_name("regis"));
    assert_true(protocol_sixel_version()[0] != '\0');
}

static void test_choice(void **state)
{
    static const struct {
        const char *name;
        struct term_caps caps;
        const char *choice;
    } cases[] = {
        { "silent", { .late = true }, "blocks" },
        { "sixel", { .replies = { .da1 = true, .da1_sixel = true } }, "sixel" },
        { "kitty", { .replies = { .da1 = true, .kitty = true } }, "kitty" },
        { "kitty and sixel",
          { .replies = { .da1 = true, .kitty = true, .da1_sixel = true } },
          "kitty" },
        { "iTerm2", { .replies = { .da1 = true, .da1_sixel = true, .iterm2 = true } }, "iterm2" },
        { "iTerm2's, by name",
          { .replies = { .da1 = true, .da1_sixel = true, .name = "mintty 3.6.4" } },
          "iterm2" },
        { "tmux that does sixel",
          { .tmux = true,
            .replies = { .da1 = true, .da1_sixel = true },
            .around = { .known = true, .passthrough = true } },
          "sixel" },
        { "tmux, passthrough off",
          { .tmux = true,
            .replies = { .da1 = true },
            .outer = { .da1 = true, .da1_sixel = true },
            .around = { .known = true } },
          "blocks" },
        { "tmux, sixel around it",
          { .tmux = true,
            .replies = { .da1 = true },
            .outer = { .da1 = true, .da1_sixel = true },
            .around = { .known = true, .passthrough = true } },
          "sixel" },
        { "tmux, kitty around it",
          { .tmux = true,
            .replies = { .da1 = true },
            .outer = { .da1 = true, .kitty = true, .name = "kitty(0.32.0)" },
            .around = { .known = true, .passthrough = true } },
          "placeholders" },
        { "tmux, one around it that has no placeholders",
          { .tmux = true,
            .replies = { .da1 = true },
            .outer = { .da1 = true, .da1_sixel = true, .kitty = true, .name = "Konsole 23.08" },
            .around = { .known = true, .passthrough = true } },
          "sixel" },
        { "tmux, nothing is answered through it",
          { .tmux = true,
            .replies = { .da1 = true },
            .around = { .known = true, .passthrough = true } },
          "blocks" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *why = NULL;
        const struct protocol *got = protocol_choose(&cases[i].caps, &why);
        if (strcmp(got->name, cases[i].choice) != 0 || !why) {
            fail_msg("%s: %s", cases[i].name, got->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sixel_round_trip),
        cmocka_unit_test(test_sixel_registers),
        cmocka_unit_test(test_sixel_keeps_to_the_registers),
        cmocka_unit_test(test_sixel_leaves_the_picture_alone),
        cmocka_unit_test(test_sixel_geometry),
        cmocka_unit_test(test_nearest_colors),
        cmocka_unit_test(test_nearest_is_nearest),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
