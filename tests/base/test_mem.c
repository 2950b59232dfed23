#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void products(void **state)
{
    size_t product = 0;
    (void)state;
    assert_true(mem_mul(6, 7, &product));
    assert_int_equal(product, 42);
    assert_true(mem_mul(0, SIZE_MAX, &product));
    assert_int_equal(product, 0);
    assert_true(mem_mul(SIZE_MAX, 1, &product));
    assert_true(product == SIZE_MAX);
    assert_false(mem_mul(SIZE_MAX, 2, &product));
    assert_false(mem_mul((size_t)1 << 32, (size_t)1 << 32, &product));
}

static void arrays(void **state)
{
    (void)state;
    unsigned char *zeroed = mem_array(100, 3);
    assert_non_null(zeroed);
    for (size_t i = 0; i < 300; i++) {
        assert_int_equal(zeroed[i], 0);
    }
    free(zeroed);
    void *empty = mem_array(0, 8);
    assert_non_null(empty);
    free(empty);
    assert_null(mem_array(SIZE_MAX / 4, 8)); /* overflows */
    assert_null(mem_array(SIZE_MAX / 2, 1)); /* is too much */
}

static void reserve_keeps_the_content(void **state)
{
    uint32_t *items = NULL;
    size_t cap = 0;
    size_t grown = 0;
    (void)state;
    for (uint32_t i = 0; i < 10000; i++) {
        size_t before = cap;
        assert_true(mem_reserve(&items, &cap, i + 1, sizeof *items));
        assert_true(cap > i);
        grown += cap != before;
        items[i] = i;
    }
    for (uint32_t i = 0; i < 10000; i++) {
        assert_int_equal(items[i], i);
    }
    assert_in_range(grown, 1, 30); /* geometric, not one by one */
    free(items);
}

static void reserve_fails_without_harm(void **state)
{
    uint64_t *items = NULL;
    size_t cap = 0;
    (void)state;
    assert_true(mem_reserve(&items, &cap, 1, sizeof *items));
    uint64_t *before = items;
    size_t cap_before = cap;
    assert_false(mem_reserve(&items, &cap, SIZE_MAX / 8 + 2, sizeof *items)); /* overflows */
    assert_false(mem_reserve(&items, &cap, SIZE_MAX / 16, sizeof *items));    /* is too much */
    assert_ptr_equal(items, before);
    assert_int_equal(cap, cap_before);
    free(items);
}

static void strings(void **state)
{
    (void)state;
    char *s = mem_string("abcdef", 3);
    assert_string_equal(s, "abc");
    free(s);
    s = mem_string(NULL, 0);
    assert_string_equal(s, "");
    free(s);
    s = mem_string("a\0b", 3);
    assert_memory_equal(s, "a\0b", 4);
    free(s);
    assert_null(mem_string("", SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products),
        cmocka_unit_test(arrays),
        cmocka_unit_test(reserve_keeps_the_content),
        cmocka_unit_test(reserve_fails_without_harm),
        cmocka_unit_test(strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
