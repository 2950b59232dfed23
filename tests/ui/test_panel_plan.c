#include "../../src/ui/panel_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"

static const size_t counts[] = { 1, 2, 5, 12, 14, 15, 30, 33, 60, 200, 10000 };
static const int sizes[][2] = { { 48, 10 },  { 60, 14 },  { 80, 24 },  { 100, 30 },
                                { 120, 40 }, { 200, 60 }, { 500, 200 } };
static const int names[] = { 1, 3, 8, 14, 40, 255 };

struct plan_case {
    struct panel_wants wants;
    int screen_cols, rows, cols;
    bool others;
    struct panel_plan plan;
};

typedef void check_fn(const struct plan_case *c);

static void for_all(check_fn *check)
{
    for (size_t i = 0; i < ARRAY_LEN(counts) * ARRAY_LEN(sizes) * ARRAY_LEN(names) * 8; i++) {
        size_t n = i / 8;
        const int *size = sizes[n / ARRAY_LEN(counts) % ARRAY_LEN(sizes)];
        struct plan_case c = {
            .wants = { .classes = counts[n % ARRAY_LEN(counts)],
                       .name_cols = names[n / ARRAY_LEN(counts) / ARRAY_LEN(sizes)],
                       .key_cols = i & 1 ? 1 : 3,
                       .guesses = i & 2 },
            .screen_cols = size[0],
            .rows = size[1] - 4,
            .others = i & 4,
        };
        c.cols = panel_plan_cols(&c.wants, c.rows, c.screen_cols);
        panel_plan_make(&c.plan, &c.wants, c.rows, c.cols, c.others);
        check(&c);
    }
}

static void check_width(const struct plan_case *c)
{
    assert_true(c->cols >= 26);
    assert_true(c->cols <= 46 || c->cols <= c->screen_cols / 2);
    assert_true(c->screen_cols - c->cols >= 20); /* for the picture */
}

/* The picture keeps half of the screen, and the panel a least width. */
static void test_C8_width(void **state)
{
    (void)state;
    for_all(check_width);
}

/* Things stand one behind the other and end within `cols`. */
static void check_columns(const struct panel_columns *p, int cols)
{
    int key_end = p->key + p->key_cols;
    int count_end = p->count + p->count_cols;
    assert_true(p->mark >= 0 && p->mark < p->key);
    assert_true(key_end < p->name);
    assert_true(p->name_cols >= 1 && p->name + p->name_cols <= p->count);
    assert_true(count_end <= cols);
    if (p->bar_cols) {
        assert_true(p->percent_cols && p->bar >= count_end && p->bar + p->bar_cols <= p->percent);
    }
    if (p->percent_cols) {
        assert_true(p->percent >= count_end && p->percent + p->percent_cols <= cols);
    }
}

static void check_lists(const struct plan_case *c)
{
    const struct panel_plan *p = &c->plan;
    size_t places = (size_t)p->lists * (size_t)p->rows;
    check_columns(&p->in_list, p->list_cols);
    check_columns(&p->across, c->cols);
    assert_true(p->lists * p->list_cols <= c->cols);
    /* All classes have a place, or the likely ones have one of their own. */
    assert_true(places >= c->wants.classes || p->likely_rows > 0);
    assert_true(p->likely_rows <= PANEL_LIKELY_MAX);
    assert_true(!p->likely_rows || p->likely_row + p->likely_rows <= p->row);
}

static void test_C8_every_class_has_a_place(void **state)
{
    (void)state;
    for_all(check_lists);
}

/* From top to bottom, nothing over anything else, nothing below the panel. */
static void check_rows(const struct plan_case *c)
{
    const struct panel_plan *p = &c->plan;
    int end = p->row + p->rows;
    assert_true(p->row >= 1 && end <= c->rows);
    if (p->statuses) {
        assert_true(p->statuses > end - 1);
        end = p->statuses + (p->statuses_in_one ? 1 : 3);
    }
    if (p->others) {
        assert_true(c->others && p->others == end);
        end++;
    }
    assert_true(end <= c->rows);
    if (p->recent_rows) {
        assert_true(p->recent > end - 1);
        assert_true(p->recent + 1 + p->recent_rows <= c->rows);
    }
}

static void test_C8_nothing_over_anything_else(void **state)
{
    (void)state;
    for_all(check_rows);
}

/* How many classes are to be seen in their lists, and in how many lists. */
static void test_C8_sizes(void **state)
{
    static const struct {
        int cols, rows;
        size_t classes;
        int name_cols, lists;
        bool all;
    } cases[] = {
        { 80, 24, 12, 8, 1, true },   { 80, 24, 30, 8, 2, true },   { 80, 24, 60, 8, 2, false },
        { 80, 24, 30, 40, 2, true },  { 100, 30, 30, 8, 2, true },  { 120, 40, 30, 20, 1, true },
        { 120, 40, 60, 20, 2, true }, { 200, 60, 60, 12, 2, true }, { 200, 60, 200, 9, 4, true },
        { 48, 10, 12, 8, 1, false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct panel_wants wants = { .classes = cases[i].classes,
                                     .name_cols = cases[i].name_cols,
                                     .key_cols = 1,
                                     .guesses = true };
        struct panel_plan plan;
        int rows = cases[i].rows - 4;
        panel_plan_make(&plan, &wants, rows, panel_plan_cols(&wants, rows, cases[i].cols), false);
        assert_int_equal(plan.lists, cases[i].lists);
        assert_int_equal(plan.likely_rows == 0, cases[i].all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_C8_width),
        cmocka_unit_test(test_C8_every_class_has_a_place),
        cmocka_unit_test(test_C8_nothing_over_anything_else),
        cmocka_unit_test(test_C8_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
