/* kitty's protocol, directly and by placeholders: what a terminal reads from the
 * bytes is the picture that was given, where it belongs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/term/terminal/passthrough.h"
#include "base/mem.h"
#include "drawn.h"
#include "graphics.h"
#include "term/protocol.h"

#define NAME 0x12345
#define SHORT_NAME(name) (16 + (name) % 240) /* as one of 256 colours */
#define NUMBERS 297                          /* rows and columns that placeholders can tell */

static const int sizes[][2] = { { 1, 1 },   { 1, 40 },   { 40, 1 },    { 9, 19 },   { 10, 20 },
                                { 11, 21 }, { 64, 48 },  { 100, 125 }, { 7, 200 },  { 250, 13 },
                                { 33, 90 }, { 128, 90 }, { 299, 221 }, { 300, 222 } };

/* PSNR that a level keeps to. */
static const double bars[LEVEL_COUNT] = {
    [LEVEL_BEST] = 99,
    [LEVEL_DEFAULT] = 32,
    [LEVEL_SLOW] = 26,
    [LEVEL_LEAST] = 20,
};

static struct pane pane_of(enum level level, bool tmux)
{
    return (struct pane){ .cols = 40,
                          .rows = 20,
                          .cell_w = 10,
                          .cell_h = 20,
                          .colors = 1 << 24,
                          .registers = 256,
                          .level = level,
                          .tmux = tmux,
                          .image_id = NAME };
}

/* A picture as frames would give it, and what it became. */
struct drawing {
    const struct protocol *protocol;
    struct pane pane;
    int w, h, cols, rows;
    struct image picture;
    struct buf bytes, outer, text; /* all; through tmux; the rest */
};

/* shrunk: so many times fewer samples on a side than the grid has. */
static void draw(struct drawing *d, const struct protocol *protocol, struct pane pane, int w, int h,
                 int shrunk)
{
    int grid_w, grid_h;
    *d = (struct drawing){ .protocol = protocol, .pane = pane, .w = w, .h = h };
    protocol->grid(&pane, w, h, &grid_w, &grid_h);
    protocol->cells(&pane, w, h, grid_w, grid_h, &d->cols, &d->rows);
    drawn_make(&d->picture, (grid_w + shrunk - 1) / shrunk, (grid_h + shrunk - 1) / shrunk);
    assert_true(protocol->encode(&d->picture, &pane, w, h, &d->bytes, NULL));
    if (pane.tmux && !protocol->outer) {
        graphics_tmux(d->bytes.data, d->bytes.len, &d->outer, &d->text);
    } else {
        buf_add(&d->outer, d->bytes.data, d->bytes.len);
    }
}

static void release(struct drawing *d)
{
    image_release(&d->picture);
    buf_release(&d->bytes);
    buf_release(&d->outer);
    buf_release(&d->text);
}

static void check_picture(const struct drawing *d, const struct kitty_command *command)
{
    assert_int_equal(command->action, 'T');
    assert_int_equal(command->format, 100);
    assert_int_equal(command->quiet, 2);
    double db = drawn_psnr(&d->picture, &command->data, "PNG");
    if (db < bars[d->pane.level]) {
        fail_msg("%s, level %d, %dx%d: %.1f dB", d->protocol->name, (int)d->pane.level, d->w, d->h,
                 db);
    }
}

static void test_kitty(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (int level = 0; level < LEVEL_COUNT; level++) {
            for (int tmux = 0; tmux < 2; tmux++) { /* makes no difference: the screen wraps */
                struct drawing d;
                struct kitty_command command;
                draw(&d, &protocol_kitty, pane_of((enum level)level, tmux), sizes[i][0],
                     sizes[i][1], 1);
                assert_int_equal(graphics_kitty(d.outer.data, d.outer.len, &command), d.outer.len);
                check_picture(&d, &command);
                assert_int_equal(command.id, NAME);
                assert_int_equal(command.placement, 1);
                assert_true(command.stays && !command.virtual);
                assert_int_equal(command.cols, 0); /* pixel for pixel */
                assert_int_equal(command.rows, 0);
                assert_int_equal(d.picture.width, d.w);
                assert_int_equal(d.picture.height, d.h);
                assert_int_equal(d.cols, (d.w + 9) / 10);
                assert_int_equal(d.rows, (d.h + 19) / 20);
                buf_release(&command.data);
                release(&d);
            }
        }
    }
}

/* Fewer samples are stretched over whole cells: at most half a cell off. */
static void test_kitty_scales(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct drawing d;
        struct kitty_command command;
        draw(&d, &protocol_kitty, pane_of(LEVEL_BEST, false), sizes[i][0], sizes[i][1], 2);
        assert_int_equal(graphics_kitty(d.outer.data, d.outer.len, &command), d.outer.len);
        check_picture(&d, &command);
        if (d.picture.width == d.w && d.picture.height == d.h) {
            assert_int_equal(command.cols, 0);
        } else {
            assert_true(command.cols >= 1 && command.cols <= d.cols);
            assert_true(command.rows >= 1 && command.rows <= d.rows);
            assert_true(abs(command.cols * 10 - d.w) <= 5 || command.cols == 1);
            assert_true(abs(command.rows * 20 - d.h) <= 10 || command.rows == 1);
        }
        buf_release(&command.data);
        release(&d);
    }
}

static void test_wipe(void **state)
{
    static const struct {
        const struct protocol *protocol;
        int colors;
        uint32_t name;
        bool tmux, wrapped;
    } cases[] = {
        { &protocol_kitty, 1 << 24, 0xFFFFFF, false, false },
        { &protocol_kitty, 256, 0xFFFFFF, true, false },
        { &protocol_placeholders, 1 << 24, 0xFFFFFF, false, false },
        { &protocol_placeholders, 256, SHORT_NAME(0xFFFFFF), false, false },
        { &protocol_placeholders, 1 << 24, SHORT_NAME(0xFFFFFF), true, true },
        { &protocol_placeholders, 256, SHORT_NAME(0xFFFFFF), true, true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pane pane = pane_of(LEVEL_BEST, cases[i].tmux);
        struct buf outer = BUF_INIT, rest = BUF_INIT;
        struct kitty_command command;
        char wipe[64];
        pane.image_id = 0xFFFFFF;
        pane.colors = cases[i].colors;
        cases[i].protocol->wipe(&pane, wipe, sizeof wipe);
        graphics_tmux(wipe, strlen(wipe), &outer, &rest);
        const struct buf *bytes = cases[i].wrapped ? &outer : &rest;
        assert_int_equal(outer.len + rest.len, bytes->len);
        assert_int_equal(graphics_kitty(bytes->data, bytes->len, &command), bytes->len);
        assert_int_equal(command.action, 'd');
        assert_int_equal(command.delete, 'I');
        assert_int_equal(command.id, cases[i].name);
        assert_int_equal(command.quiet, 2);
        assert_int_equal(command.data.len, 0);
        buf_release(&command.data);
        buf_release(&outer);
        buf_release(&rest);
    }
}

/* ------------------------------------------------------------- placeholders */

/* What the terminal shows in the cells: the picture, enlarged or not until it
 * touches two sides of the box, in its middle; (x, y) of the box. -1 beside it. */
static int shown(const struct image *picture, int box_w, int box_h, int x, int y, int channel)
{
    double sx = (double)box_w / picture->width;
    double sy = (double)box_h / picture->height;
    double scale = sx < sy ? sx : sy;
    int px = (int)((x + 0.5 - (box_w - picture->width * scale) / 2) / scale + 1) - 1;
    int py = (int)((y + 0.5 - (box_h - picture->height * scale) / 2) / scale + 1) - 1;
    bool inside = px >= 0 && py >= 0 && px < picture->width && py < picture->height;
    return inside ? image_at(picture, px, py)[channel] : -1;
}

/* The screen, put together cell by cell from the parts that these name, is the
 * picture with its margins, once. */
static void check_cells(const struct drawing *d, const struct placeholder *cells, int width,
                        int height)
{
    int box_w = d->cols * d->pane.cell_w;
    int box_h = d->rows * d->pane.cell_h;
    int margin_x = (box_w - d->picture.width) / 2;
    int margin_y = (box_h - d->picture.height) / 2;
    assert_true(margin_x == 0 || margin_y == 0);
    for (int y = 0; y < height * d->pane.cell_h; y++) {
        for (int x = 0; x < width * d->pane.cell_w; x++) {
            const struct placeholder *cell =
                &cells[y / d->pane.cell_h * width + x / d->pane.cell_w];
            int part_x = cell->col * d->pane.cell_w + x % d->pane.cell_w;
            int part_y = cell->row * d->pane.cell_h + y % d->pane.cell_h;
            bool inside = x >= margin_x && y >= margin_y && x - margin_x < d->picture.width &&
                          y - margin_y < d->picture.height;
            int got = cell->written ? shown(&d->picture, box_w, box_h, part_x, part_y, 0) : -1;
            int want = inside ? image_at(&d->picture, x - margin_x, y - margin_y)[0] : -1;
            if (got != want) {
                fail_msg("%dx%d: pixel %d,%d: %d, not %d", d->w, d->h, x, y, got, want);
            }
        }
    }
}

static void check_placeholders(const struct drawing *d, uint32_t name)
{
    struct kitty_command command;
    size_t end = graphics_kitty(d->outer.data, d->outer.len, &command);
    const char *text = d->pane.tmux ? d->text.data : d->outer.data + end;
    size_t len = d->pane.tmux ? d->text.len : d->outer.len - end;
    int width = d->cols + 2, height = d->rows + 2;
    struct placeholder *cells = mem_array((size_t)width * (size_t)height, sizeof *cells);

    assert_non_null(cells);
    assert_true(!d->pane.tmux || end == d->outer.len);
    check_picture(d, &command);
    assert_true(command.virtual);
    assert_int_equal(command.id, name);
    assert_int_equal(command.cols, d->cols);
    assert_int_equal(command.rows, d->rows);
    graphics_placeholders(text, len, width, height, cells);
    for (int i = 0; i < width * height; i++) {
        bool inside = i % width < d->cols && i / width < d->rows;
        assert_int_equal(cells[i].written, inside);
        if (inside) {
            assert_int_equal(cells[i].id, name);
            assert_int_equal(cells[i].col, i % width);
            assert_int_equal(cells[i].row, i / width);
        }
    }
    check_cells(d, cells, width, height);
    free(cells);
    buf_release(&command.data);
}

static void test_placeholders(void **state)
{
    static const struct {
        int colors;
        bool tmux;
        uint32_t id, name;
    } names[] = {
        { 1 << 24, false, NAME, NAME },
        { 1 << 24, true, NAME, SHORT_NAME(NAME) }, /* tmux may change other colours */
        { 256, false, NAME, SHORT_NAME(NAME) },
        { 256, true, 0xF0, 16 },
        { 16, true, 0xFFFFFF, SHORT_NAME(0xFFFFFF) },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (int level = 0; level < LEVEL_COUNT; level++) {
            for (size_t k = 0; k < ARRAY_LEN(names); k++) {
                struct pane pane = pane_of((enum level)level, names[k].tmux);
                struct drawing d;
                pane.colors = names[k].colors;
                pane.image_id = names[k].id;
                draw(&d, &protocol_placeholders, pane, sizes[i][0], sizes[i][1], 1);
                assert_true(d.cols == (d.w + 9) / 10 && d.rows == (d.h + 19) / 20);
                check_placeholders(&d, names[k].name);
                release(&d);
            }
        }
    }
}

/* There are numbers for so many rows and columns only. */
static void test_placeholders_shrink(void **state)
{
    static const struct {
        int w, h, cols, rows;
    } cases[] = {
        { NUMBERS * 2, 8, NUMBERS, 2 },      { NUMBERS * 2 + 1, 8, NUMBERS, 2 },
        { NUMBERS * 4, 40, NUMBERS, 5 },     { 6, NUMBERS * 4, 3, NUMBERS },
        { 1188, 3 * NUMBERS * 4, 198, 297 }, { 3 * NUMBERS * 2, 1, NUMBERS, 1 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pane pane = pane_of(LEVEL_BEST, true);
        struct drawing d;
        pane.cols = pane.rows = 1000;
        pane.cell_w = 2;
        pane.cell_h = 4;
        draw(&d, &protocol_placeholders, pane, cases[i].w, cases[i].h, 1);
        assert_int_equal(d.cols, cases[i].cols);
        assert_int_equal(d.rows, cases[i].rows);
        check_placeholders(&d, SHORT_NAME(NAME));
        release(&d);
    }
}

/* Fewer samples than the grid: the terminal enlarges them over the same cells. */
static void test_placeholders_scale(void **state)
{
    struct drawing d, whole;

    (void)state;
    draw(&whole, &protocol_placeholders, pane_of(LEVEL_DEFAULT, true), 300, 222, 1);
    draw(&d, &protocol_placeholders, pane_of(LEVEL_DEFAULT, true), 300, 222, 2);
    assert_int_equal(d.text.len, whole.text.len);
    assert_memory_equal(d.text.data, whole.text.data, d.text.len);
    assert_true(d.outer.len < whole.outer.len / 2);
    release(&d);
    release(&whole);
}

static void test_passthrough(void **state)
{
    static const struct {
        const char *bytes, *wrapped;
    } cases[] = {
        { "x", "\033Ptmux;x\033\\" },
        { "\033", "\033Ptmux;\033\033\033\\" },
        { "\033\\", "\033Ptmux;\033\033\\\033\\" },
        { "a\033\033[mb", "\033Ptmux;a\033\033\033\033[mb\033\\" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = BUF_INIT, outer = BUF_INIT, pane = BUF_INIT;
        passthrough_add(&out, cases[i].bytes, strlen(cases[i].bytes));
        assert_string_equal(buf_text(&out), cases[i].wrapped);
        graphics_tmux(out.data, out.len, &outer, &pane);
        assert_string_equal(buf_text(&outer), cases[i].bytes);
        assert_int_equal(pane.len, 0);
        buf_release(&out);
        buf_release(&outer);
        buf_release(&pane);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kitty),
        cmocka_unit_test(test_kitty_scales),
        cmocka_unit_test(test_wipe),
        cmocka_unit_test(test_placeholders),
        cmocka_unit_test(test_placeholders_shrink),
        cmocka_unit_test(test_placeholders_scale),
        cmocka_unit_test(test_passthrough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
