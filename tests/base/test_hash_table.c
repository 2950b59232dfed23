#include "base/hash_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"

enum { COUNT = 20000 };

/* The key of an element is its number. */
struct numbers {
    uint32_t values[COUNT];
    unsigned hash_bits; /* of the hash, the others are 0 */
    size_t compared;
};

static uint32_t hash_of(const struct numbers *n, uint32_t value)
{
    return (uint32_t)hash64(&value, sizeof value, 0) &
           (uint32_t)(((uint64_t)1 << n->hash_bits) - 1);
}

static uint32_t hash(const void *array, uint32_t at)
{
    const struct numbers *n = array;
    return hash_of(n, n->values[at]);
}

static bool same(const void *array, uint32_t at, const void *key)
{
    struct numbers *n = (struct numbers *)(uintptr_t)array;
    n->compared++;
    return n->values[at] == *(const uint32_t *)key;
}

static const struct hash_keys keys = { hash, same };

static uint32_t find(const struct hash_table *t, const struct numbers *n, uint32_t value)
{
    return hash_table_find(t, &keys, n, hash_of(n, value), &value);
}

static bool put(struct hash_table *t, struct numbers *n, uint32_t value, uint32_t at)
{
    bool ok = hash_table_put(t, &keys, n, hash_of(n, value), &value, at);
    n->values[at] = value;
    return ok;
}

static struct numbers *numbers_new(unsigned hash_bits)
{
    struct numbers *n = calloc(1, sizeof *n);
    assert_non_null(n);
    n->hash_bits = hash_bits;
    return n;
}

static void test_finds_all(void **state)
{
    static const struct {
        unsigned hash_bits;
        uint32_t count;
    } cases[] = {
        { 32, COUNT },
        { 8, 1000 }, /* many of one slot */
        { 0, 100 },  /* all of one slot */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct numbers *n = numbers_new(cases[i].hash_bits);
        struct hash_table t = { 0 };
        assert_int_equal(find(&t, n, 1), HASH_TABLE_NONE);
        for (uint32_t at = 0; at < cases[i].count; at++) {
            assert_true(put(&t, n, 3 * at, at));
            assert_int_equal(find(&t, n, 3 * at + 1), HASH_TABLE_NONE);
        }
        assert_int_equal(t.count, cases[i].count);
        for (uint32_t at = 0; at < cases[i].count; at++) {
            assert_int_equal(find(&t, n, 3 * at), at);
        }
        hash_table_release(&t);
        free(n);
    }
}

/* At most 3/4 of the slots are used, and hardly any element but the right one is looked at. */
static void test_costs(void **state)
{
    struct numbers *n = numbers_new(32);
    struct hash_table t = { 0 };
    (void)state;
    for (uint32_t at = 0; at < COUNT; at++) {
        assert_true(put(&t, n, at, at));
    }
    assert_int_equal(t.cap, 32768);
    n->compared = 0;
    for (uint32_t at = 0; at < COUNT; at++) {
        assert_int_equal(find(&t, n, at), at);
        assert_int_equal(find(&t, n, COUNT + at), HASH_TABLE_NONE);
    }
    assert_in_range(n->compared, COUNT, COUNT + COUNT / 1000);
    hash_table_release(&t);
    free(n);
}

/* The later element of a key takes the place of the earlier one, also where few keys have
 * high positions. */
static void test_replaces(void **state)
{
    struct numbers *n = numbers_new(32);
    struct hash_table t = { 0 };
    (void)state;
    for (uint32_t at = 0; at < COUNT; at++) {
        assert_true(put(&t, n, at % 10, at));
    }
    assert_int_equal(t.count, 10);
    for (uint32_t value = 0; value < 10; value++) {
        assert_int_equal(find(&t, n, value), COUNT - 10 + value);
    }
    hash_table_release(&t);
    free(n);
}

/* A position that no table has room for is refused, and changes nothing. */
static void test_refuses(void **state)
{
    struct numbers *n = numbers_new(32);
    struct hash_table t = { 0 };
    uint32_t value = 7;
    (void)state;
    assert_true(put(&t, n, 5, 0));
    assert_false(hash_table_put(&t, &keys, n, hash_of(n, value), &value, UINT32_MAX - 1));
    assert_int_equal(t.count, 1);
    assert_int_equal(find(&t, n, 5), 0);
    assert_int_equal(find(&t, n, value), HASH_TABLE_NONE);
    hash_table_release(&t);
    free(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_all),
        cmocka_unit_test(test_costs),
        cmocka_unit_test(test_replaces),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
