/* The grid of a page and the keys of its thumbnails. */
#include "../../src/ui/page_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void test_usual_windows(void **state)
{
    static const struct {
        int cols, rows; /* of the pane: the window's without the panel and four lines */
        bool coarse;
        int across, down, box_cols, box_rows;
    } cases[] = {
        { 53, 20, false, 4, 3, 12, 5 },   /* 80x24 */
        { 53, 20, true, 4, 3, 12, 5 },    /* the same in text blocks */
        { 69, 30, false, 5, 4, 13, 6 },   /* 110x34 */
        { 69, 30, true, 4, 3, 16, 9 },    /* fewer, so that they show something */
        { 153, 56, false, 8, 6, 18, 8 },  /* 200x60: the most */
        { 203, 66, false, 8, 6, 24, 10 }, /* as many, larger */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sheet_grid g;
        struct page_room room = { cases[i].cols, cases[i].rows, 8, 16, cases[i].coarse };
        assert_true(page_plan_make(&g, &room));
        assert_int_equal(g.across, cases[i].across);
        assert_int_equal(g.down, cases[i].down);
        assert_int_equal(g.box_cols, cases[i].box_cols);
        assert_int_equal(g.box_rows, cases[i].box_rows);
    }
}

/* Whatever the window: all boxes and their captions lie in the pane, and do not touch. */
static void test_any_window(void **state)
{
    (void)state;
    for (int cols = 1; cols < 260; cols++) {
        for (int rows = 1; rows < 90; rows++) {
            struct sheet_grid g;
            struct page_room room = { cols, rows, 8, 17, rows % 2 };
            if (!page_plan_make(&g, &room)) {
                assert_true(cols < 20 || rows < 12);
                continue;
            }
            assert_in_range(g.across * g.down, PAGE_LEAST, SHEET_MAX);
            assert_true(g.row >= 0 && g.col >= 0);
            assert_true(g.row + g.down * g.row_pitch <= rows);
            assert_true(g.col + (g.across - 1) * g.col_pitch + g.box_cols <= cols);
            assert_true(g.box_rows >= 2 && g.box_rows < g.row_pitch);
            assert_true(g.box_cols >= 2 && g.box_cols < g.col_pitch);
        }
    }
}

/* Few are as large as the pane allows. */
static void test_few(void **state)
{
    static const struct page_room room = { 53, 20, 8, 16, false };
    static const int want[][3] = { { 1, 1, 1 }, { 2, 2, 1 }, { 3, 2, 2 }, { 6, 3, 2 } };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        struct sheet_grid g;
        page_plan_few(&g, &room, (size_t)want[i][0]);
        assert_int_equal(g.across, want[i][1]);
        assert_int_equal(g.down, want[i][2]);
        assert_int_equal(g.box_rows, 20 / g.down - 1);
        assert_true(g.col + (g.across - 1) * g.col_pitch + g.box_cols <= room.cols);
    }
}

static struct classes classes_of(const char *list, const struct keymap *map)
{
    struct classes c;
    classes_init(&c);
    assert_true(classes_parse_list(&c, list, "test", NULL));
    assert_true(keymap_assign(map, &c, NULL));
    return c;
}

static void text_of(const keycode *keys, size_t count, char *out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = keys[i] == KEYCODE_NONE ? '-' : (char)keys[i];
    }
    out[count] = '\0';
}

static void test_keys(void **state)
{
    struct keymap map;
    keycode keys[SHEET_MAX];
    char text[SHEET_MAX + 1];
    (void)state;
    keymap_init(&map);
    struct classes c = classes_of("dress,pants,b=shoes", &map);
    assert_true(page_plan_keys(&map, &c, keys, 12));
    text_of(keys, 12, text);
    assert_string_equal(text, "acdefghijklm"); /* b is a class */
    assert_true(page_plan_keys(&map, &c, keys, 40));
    text_of(keys, 40, text);
    /* Capital letters but those of commands, then the digits that no class has. */
    assert_string_equal(text, "acdefghijklmnopqrstuvwxyzABDEHIJMPTVWXY3");
    classes_release(&c);
}

/* Digits and small letters are all class keys: keys are both then. */
static void test_keys_of_many_classes(void **state)
{
    struct keymap map;
    keycode keys[SHEET_MAX];
    char text[SHEET_MAX + 1];
    char list[400] = "";
    (void)state;
    keymap_init(&map);
    for (int i = 0; i < 36; i++) {
        sprintf(list + strlen(list), "%sclass%d", i ? "," : "", i);
    }
    struct classes c = classes_of(list, &map);
    assert_false(page_plan_keys(&map, &c, keys, 24));
    text_of(keys, 24, text);
    assert_string_equal(text, "abcdefghijklmnopqrstuvwx");
    assert_false(page_plan_keys(&map, &c, keys, SHEET_MAX));
    text_of(keys, SHEET_MAX, text);
    assert_string_equal(text, "abcdefghijklmnopqrstuvwxyzABDEHIJMPTVWXY--------");
    assert_true(page_plan_keys(&map, &c, keys, 12)); /* there are enough capital letters */
    classes_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual_windows),
        cmocka_unit_test(test_any_window),
        cmocka_unit_test(test_few),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_keys_of_many_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
