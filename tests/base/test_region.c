#include "base/region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct region whole;

static void test_within(void **state)
{
    static const struct {
        struct region region, part;
        bool some;
    } cases[] = {
        { { 0, 0, 0, 0 }, { 0, 0, 30, 20 }, true },
        { { 5, 6, 7, 8 }, { 5, 6, 7, 8 }, true },
        { { 20, 10, 10, 10 }, { 20, 10, 10, 10 }, true },
        { { 20, 10, 11, 12 }, { 20, 10, 10, 10 }, true },
        { { 29, 19, REGION_MAX, REGION_MAX }, { 29, 19, 1, 1 }, true },
        { { 30, 0, 1, 1 }, { 0 }, false },
        { { 0, 20, 1, 1 }, { 0 }, false },
        { { REGION_MAX, REGION_MAX, REGION_MAX, REGION_MAX }, { 0 }, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct region part;
        assert_int_equal(region_within(&cases[i].region, 30, 20, &part), cases[i].some);
        assert_true(!cases[i].some || region_equal(&part, &cases[i].part));
    }
}

/* The whole picture, then from top to bottom and from left to right. */
static void test_order(void **state)
{
    static const struct region sorted[] = { { 0, 0, 0, 0 }, { 9, 1, 2, 2 }, { 3, 5, 1, 2 },
                                            { 3, 5, 2, 2 }, { 3, 5, 1, 3 }, { 4, 5, 1, 1 } };
    size_t count = sizeof sorted / sizeof sorted[0];

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int order = region_compare(&sorted[i], &sorted[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static void test_text(void **state)
{
    struct buf text = BUF_INIT;
    struct region r = { 120, 80, 64, 48 };

    (void)state;
    buf_adds(&text, "photo.jpg");
    region_add_text(&text, &whole);
    assert_string_equal(buf_text(&text), "photo.jpg");
    region_add_text(&text, &r);
    assert_string_equal(buf_text(&text), "photo.jpg [120,80 64x48]");
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_within),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
