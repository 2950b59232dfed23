#include "term/screen.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "term/scripted.h"

static struct theme theme;
static struct scripted *terminal; /* of the screen that is open */

static struct screen *open_screen(int cols, int rows)
{
    struct scripted_options size = { .cols = cols, .rows = rows };
    struct error err = { ERROR_NONE, "" };
    terminal = scripted_new(&size, NULL, &err);
    struct screen_options options = {
        .theme = &theme, .timeout_ms = 1000, .backend = &scripted_backend, .backend_self = terminal
    };
    struct screen *s = screen_open(&options, &err);

    assert_string_equal(err.message, "");
    assert_non_null(s);
    return s;
}

static void close_screen(struct screen *s)
{
    screen_close(s);
    scripted_free(terminal);
}

/* What the terminal shows, and the line that describes the picture. */
static void dump_screen(struct screen *s, struct buf *dump)
{
    buf_clear(dump);
    scripted_dump(terminal, dump);
    if (scripted_has_picture(terminal)) {
        buf_adds(dump, screen_placement(s));
    }
}

/* Compares the whole screen, and closes it. */
static void check_screen(struct screen *s, const char *want)
{
    struct buf dump = BUF_INIT;

    screen_flush(s);
    dump_screen(s, &dump);
    assert_string_equal(buf_text(&dump), want);
    buf_release(&dump);
    close_screen(s);
}

static void test_size(void **state)
{
    static const int sizes[][2] = { { 100, 30 }, { 80, 24 }, { 1, 1 }, { 500, 200 }, { 20, 90 } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct screen *s = open_screen(sizes[i][0], sizes[i][1]);
        assert_int_equal(screen_cols(s), sizes[i][0]);
        assert_int_equal(screen_rows(s), sizes[i][1]);
        assert_int_equal(screen_caps(s)->cell_w, 10);
        assert_int_equal(screen_caps(s)->cell_h, 20);
        struct buf dump = BUF_INIT;
        dump_screen(s, &dump);
        assert_int_equal(dump.len, sizes[i][1]); /* empty lines */
        buf_release(&dump);
        /* the corners can be written to, and nothing beyond them */
        screen_put(s, 0, 0, -1, STYLE_TEXT, "x");
        screen_put(s, sizes[i][1] - 1, sizes[i][0] - 1, -1, STYLE_TEXT, "yz");
        screen_put(s, sizes[i][1], 0, -1, STYLE_TEXT, "below");
        screen_put(s, 0, sizes[i][0], -1, STYLE_TEXT, "beyond");
        screen_put(s, -1, 0, -1, STYLE_TEXT, "above");
        screen_put(s, 0, -1, -1, STYLE_TEXT, "before");
        screen_flush(s);
        dump_screen(s, &dump);
        assert_null(strpbrk(buf_text(&dump), "zboae"));
        assert_non_null(strchr(buf_text(&dump), 'y'));
        buf_release(&dump);
        close_screen(s);
    }
}

static void test_put(void **state)
{
    struct screen *s = open_screen(12, 6);

    (void)state;
    assert_int_equal(screen_put(s, 0, 2, -1, STYLE_TITLE, "hello"), 5);
    assert_int_equal(screen_put(s, 1, 2, 3, STYLE_TEXT, "hello"), 3);
    assert_int_equal(screen_put(s, 2, 8, -1, STYLE_TEXT, "hello"), 4);
    assert_int_equal(screen_put(s, 3, 8, 100, STYLE_TEXT, "hello"), 4);
    assert_int_equal(screen_put(s, 4, 0, 0, STYLE_TEXT, "hello"), 0);
    assert_int_equal(screen_put(s, 5, 0, -1, STYLE_TEXT, ""), 0);
    screen_put_colored(s, 4, 3, -1, STYLE_CLASS, 0x12AB34, "c");
    check_screen(s, "  hello\n"
                    "  hel\n"
                    "        hell\n"
                    "        hell\n"
                    "   c\n"
                    "\n");
}

static void test_wide_characters(void **state)
{
    struct screen *s = open_screen(12, 8);

    (void)state;
    assert_int_equal(screen_put(s, 0, 0, -1, STYLE_TEXT, "猫と犬"), 6);
    assert_int_equal(screen_put(s, 0, 6, -1, STYLE_TEXT, "|"), 1);
    assert_int_equal(screen_put(s, 1, 0, 5, STYLE_TEXT, "猫と犬"), 4); /* half of one is none */
    assert_int_equal(screen_put(s, 1, 5, -1, STYLE_TEXT, "|"), 1);
    assert_int_equal(screen_put(s, 2, 11, -1, STYLE_TEXT, "猫"), 0);
    assert_int_equal(screen_put(s, 3, 0, -1, STYLE_TEXT, "🐈x"), 3);
    assert_int_equal(screen_put(s, 4, 0, -1, STYLE_TEXT, "e\xCC\x81|"), 2); /* combining */
    assert_int_equal(screen_put(s, 5, 0, -1, STYLE_TEXT, "Größe"), 5);
    check_screen(s, "猫と犬|\n"
                    "猫と |\n"
                    "\n"
                    "🐈x\n"
                    "e\xCC\x81|\n"
                    "Größe\n"
                    "\n"
                    "\n");
}

/* Whatever a name holds, nothing of it is an order to the terminal. */
static void test_hostile_names(void **state)
{
    static const char *const names[] = {
        "a\033[2Jb",
        "a\033]0;title\007b",
        "a\xE2\x80\xAE"
        "gpj.exe",
        "a\xE2\x81\xA6z",
        "a\xFF\xFE"
        "b",
        "a\nb\r\tc",
        "\x9B"
        "31mred",
        "\xC2\x9B"
        "31m",
        "a\xE2\x80\xA8z",
        "\x7F\x01\x02",
        "\xEF\xBF\xBE",
        "\xC2\xADsoft",
        "a\xE2\x80\x8F"
        "b",
        "\xED\xA0\x80",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct screen *s = open_screen(40, 3);
        struct buf dump = BUF_INIT;
        screen_put_name(s, 0, 0, -1, STYLE_NAME, names[i], strlen(names[i]));
        screen_put(s, 1, 0, -1, STYLE_CLASS, names[i]);
        screen_put(s, 2, 0, -1, STYLE_TEXT, "end");
        screen_flush(s);
        dump_screen(s, &dump);
        const char *text = buf_text(&dump);
        assert_int_equal(text_valid_prefix(text, dump.len), dump.len);
        int lines = 0;
        for (size_t at = 0; at < dump.len;) {
            uint32_t code;
            at += text_decode(text + at, dump.len - at, &code);
            lines += code == '\n';
            assert_true(code == '\n' || !text_unsafe(code));
        }
        assert_int_equal(lines, 3);
        assert_string_equal(text + dump.len - 4, "end\n");
        buf_release(&dump);
        close_screen(s);
    }
}

static void test_names_are_elided(void **state)
{
    struct screen *s = open_screen(12, 4);

    (void)state;
    assert_int_equal(screen_put_name(s, 0, 0, -1, STYLE_NAME, "IMG_0001.jpg", 12), 12);
    assert_int_equal(screen_put_name(s, 1, 0, 9, STYLE_NAME, "some/long/name.jpg", 18), 9);
    assert_int_equal(screen_put_name(s, 2, 0, 1, STYLE_NAME, "some/long/name.jpg", 18), 1);
    assert_int_equal(screen_put_name(s, 3, 20, 9, STYLE_NAME, "x", 1), 0);
    check_screen(s, "IMG_0001.jpg\n"
                    "so…me.jpg\n"
                    "s\n"
                    "\n");
}

static void test_bars(void **state)
{
    struct screen *s = open_screen(10, 8);

    (void)state;
    screen_put_bar(s, 0, 1, 8, STYLE_TEXT, 0.0f);
    screen_put_bar(s, 1, 1, 8, STYLE_TEXT, 1.0f);
    screen_put_bar(s, 2, 1, 8, STYLE_TEXT, 0.5f);
    screen_put_bar(s, 3, 1, 8, STYLE_TEXT, 0.25f + 1.0f / 64);
    screen_put_bar(s, 4, 1, 8, STYLE_TEXT, 7.0f);
    screen_put_bar(s, 5, 1, 8, STYLE_TEXT, -1.0f);
    screen_put_bar(s, 6, 1, 0, STYLE_TEXT, 0.5f);
    screen_put_bar(s, 7, 5, 50, STYLE_TEXT, 0.1f); /* cut by the edge */
    check_screen(s, " ········\n"
                    " ████████\n"
                    " ████····\n"
                    " ██▏·····\n"
                    " ████████\n"
                    " ········\n"
                    "\n"
                    "     █████\n");
}

static void test_fill(void **state)
{
    struct screen *s = open_screen(6, 4);

    (void)state;
    for (int row = 0; row < 4; row++) {
        screen_put(s, row, 0, -1, STYLE_TEXT, "xxxxxx");
    }
    screen_fill(s, (struct cells){ 1, 1, 2, 3 }, STYLE_TITLE);
    screen_fill(s, (struct cells){ 3, 5, 10, 10 }, STYLE_TEXT);
    screen_fill(s, (struct cells){ 9, 0, 1, 1 }, STYLE_TEXT);
    check_screen(s, "xxxxxx\n"
                    "x   xx\n"
                    "x   xx\n"
                    "xxxxx\n");
}

static void test_pictures(void **state)
{
    struct screen *s = open_screen(20, 4);
    struct frame frame = { .cols = 4, .rows = 1, .grid_w = 40, .grid_h = 18 };
    struct cells pane = { 1, 2, 2, 11 };

    (void)state;
    frame.info = (struct image_info){ .width = 400, .height = 180, .format = "PNG" };
    buf_adds(&frame.bytes, "PIXELS");
    screen_put(s, 0, 0, -1, STYLE_TEXT, "title");
    screen_fill_pane(s, pane, true);
    uint64_t first = screen_picture(s, &frame, pane);
    assert_true(first > 0);
    assert_true(screen_busy(s));
    struct screen_event event;
    screen_wait(s, 1000, &event);
    assert_int_equal(event.kind, EVENT_SHOWN);
    assert_false(screen_busy(s));
    assert_int_equal(screen_shown(s), first);
    struct buf dump = BUF_INIT;
    dump_screen(s, &dump);
    assert_string_equal(buf_text(&dump), "title\n\n\n\n"
                                         "[picture 4x1 at row 1, column 5: 40x18 samples of PNG "
                                         "400x180]\n");
    /* A failed frame draws nothing, nor does none; the old one is gone. */
    frame.failed = true;
    screen_fill_pane(s, pane, true);
    assert_true(screen_picture(s, &frame, pane) > first);
    dump_screen(s, &dump);
    assert_string_equal(buf_text(&dump), "title\n\n\n\n");
    frame.failed = false;
    screen_fill_pane(s, pane, true);
    screen_picture(s, &frame, pane);
    screen_fill_pane(s, pane, true);
    screen_picture(s, NULL, pane);
    dump_screen(s, &dump);
    assert_string_equal(buf_text(&dump), "title\n\n\n\n");
    buf_release(&dump);
    buf_release(&frame.bytes);
    close_screen(s);
}

static void test_waiting(void **state)
{
    struct screen *s = open_screen(20, 4);
    struct screen_event event;

    (void)state;
    screen_wait(s, 0, &event);
    assert_int_equal(event.kind, EVENT_TIMEOUT);
    screen_wake(s);
    screen_wake(s);
    screen_wait(s, 60000, &event);
    assert_int_equal(event.kind, EVENT_WAKE);
    screen_wait(s, 1, &event);
    assert_int_equal(event.kind, EVENT_TIMEOUT);
    close_screen(s);
}

/* One after the other, as `review` from within a program would. */
static void test_opened_again(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct screen *s = open_screen(10 + i, 2);
        screen_put(s, 0, 0, -1, STYLE_TEXT, "again");
        screen_redraw(s);
        screen_put(s, 1, 0, -1, STYLE_TEXT, "and again");
        screen_bell(s);
        check_screen(s, "\nand again\n");
    }
    screen_close(NULL);
}

static int setup(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
    assert_true(theme_load_builtin(&theme, "dark", NULL));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_put),
        cmocka_unit_test(test_wide_characters),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_names_are_elided),
        cmocka_unit_test(test_bars),
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_opened_again),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
