/* Regions of pictures as items: how they are listed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "region_items.h"
#include "scratch.h"

static int setup(void **state)
{
    *state = scratch_new();
    touch_regions(*state);
    return 0;
}

static int teardown(void **state)
{
    scratch_remove(*state);
    return 0;
}

/* Items of one picture share its path and stand in order, whichever order they came in. */
static void check_items(const char *folder, bool in_order)
{
    size_t calls = 0;
    struct buf text = BUF_INIT;
    struct catalog_source source = { .paths = &folder,
                                     .count = 1,
                                     .in_order = in_order,
                                     .list_fd = -1,
                                     .regions = regions_of,
                                     .regions_context = &calls };
    struct catalog *c = catalog_list_all(&source, NULL);

    assert_non_null(c);
    assert_int_equal(calls, 4);
    assert_int_equal(catalog_count(c), ITEMS);
    for (size_t i = 0; i < ITEMS; i++) {
        uint32_t id = catalog_id(c, i);
        struct region region = catalog_region(c, id);
        buf_clear(&text);
        buf_adds(&text, catalog_name(c, id));
        region_add_text(&text, &region);
        assert_string_equal(buf_text(&text), titles[i]);
        char *wanted = scratch_path(folder, (char[]){ titles[i][0], '.', 'j', 'p', 'g', '\0' });
        catalog_path(c, id, &text);
        assert_string_equal(buf_text(&text), wanted);
        free(wanted);
    }
    buf_release(&text);
    catalog_free(c);
}

static void test_published_in_order(void **state)
{
    check_items(*state, true);
}

static void test_sorted_at_the_end(void **state)
{
    check_items(*state, false);
}

/* A list keeps its order, that of the regions too. */
static void test_a_list_keeps_its_order(void **state)
{
    const char *paths[] = { "4.jpg", "2.jpg" };
    size_t calls = 0;
    struct catalog_source source = { .paths = paths,
                                     .count = 2,
                                     .as_they_are = true,
                                     .list_fd = -1,
                                     .regions = regions_of,
                                     .regions_context = &calls };
    struct catalog *c = catalog_list_all(&source, NULL);

    (void)state;
    assert_non_null(c);
    assert_int_equal(catalog_count(c), 5);
    for (size_t i = 0; i < ARRAY_LEN(of_2); i++) {
        struct region region = catalog_region(c, catalog_id(c, 1 + i));
        assert_true(region_equal(&region, &of_2[i]));
    }
    catalog_free(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_published_in_order),
        TEST(test_sorted_at_the_end),
        TEST(test_a_list_keeps_its_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
