#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_empty(void **state)
{
    struct map m;
    uint32_t value = 7;

    (void)state;
    map_init(&m);
    assert_false(map_get(&m, "a", 1, &value));
    assert_int_equal(value, 7);
    map_release(&m);
}

static void test_many(void **state)
{
    enum { COUNT = 20000 };
    char(*keys)[16] = calloc(COUNT, sizeof *keys);
    struct map m;
    uint32_t value;

    (void)state;
    assert_non_null(keys);
    map_init(&m);
    for (uint32_t i = 0; i < COUNT; i++) {
        snprintf(keys[i], sizeof keys[i], "name%u", i);
        assert_true(map_put(&m, keys[i], strlen(keys[i]), i));
    }
    for (uint32_t i = 0; i < COUNT; i += 2) {
        assert_true(map_put(&m, keys[i], strlen(keys[i]), i + COUNT));
    }
    assert_int_equal(m.count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_true(map_get(&m, keys[i], strlen(keys[i]), &value));
        assert_int_equal(value, i % 2 == 0 ? i + COUNT : i);
    }
    assert_false(map_get(&m, "name20000", 9, &value));
    map_release(&m);
    free(keys);
}

/* Keys that begin alike, hold NULs or are empty are all different. */
static void test_bytes(void **state)
{
    static const char zeros[40];
    struct map m;
    uint32_t value;

    (void)state;
    map_init(&m);
    for (uint32_t len = 0; len <= sizeof zeros; len++) {
        assert_true(map_put(&m, zeros, len, len));
    }
    assert_int_equal(m.count, sizeof zeros + 1);
    for (uint32_t len = 0; len <= sizeof zeros; len++) {
        assert_true(map_get(&m, zeros, len, &value));
        assert_int_equal(value, len);
    }
    map_release(&m);
}

static void test_seeds_differ(void **state)
{
    struct map a, b;

    (void)state;
    map_init(&a);
    map_init(&b);
    assert_true(a.seed != b.seed);
    map_release(&a);
    map_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_seeds_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
