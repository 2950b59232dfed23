#include "term/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#define MS 1000000

/* Of one and the same picture. */
static size_t bytes_at(enum level level)
{
    static const size_t bytes[LEVEL_COUNT] = { 200000, 140000, 80000, 60000 };
    return bytes[level];
}

/* Shows a picture over a link of that speed; returns how long it was on its way. */
static int64_t show(struct link *link, double bytes_per_second, int64_t round_trip_ns, int *changes)
{
    size_t bytes = bytes_at(link->level);
    if (link->max_bytes && bytes > link->max_bytes) {
        bytes = link->max_bytes;
    }
    int64_t ns = (int64_t)((double)bytes / bytes_per_second * 1e9);
    *changes += link_answered(link, bytes, ns + round_trip_ns);
    return ns;
}

static void test_level_follows_the_link(void **state)
{
    static const struct {
        double mbits;
        int round_trip_ms;
        enum level first, settled;
        int longest_ms; /* that a picture is on its way, once settled */
    } cases[] = {
        { 0.128, 200, LEVEL_SLOW, LEVEL_SLOW, 400 }, /* the least that shows anything */
        { 1, 100, LEVEL_SLOW, LEVEL_SLOW, 300 },     { 1, 400, LEVEL_SLOW, LEVEL_SLOW, 300 },
        { 4, 30, LEVEL_SLOW, LEVEL_SLOW, 300 },      { 20, 5, LEVEL_DEFAULT, LEVEL_DEFAULT, 100 },
        { 50, 40, LEVEL_SLOW, LEVEL_DEFAULT, 100 },  { 300, 1, LEVEL_DEFAULT, LEVEL_DEFAULT, 15 },
        { 4000, 0, LEVEL_DEFAULT, LEVEL_BEST, 15 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t round_trip = cases[i].round_trip_ms * (int64_t)MS;
        double speed = cases[i].mbits * 1e6 / 8;
        struct link link;
        int changes = 0;
        link_init(&link, round_trip);
        assert_int_equal(link.level, cases[i].first);
        for (int n = 0; n < 6; n++) {
            show(&link, speed, round_trip, &changes);
        }
        assert_int_equal(link.level, cases[i].settled);
        assert_in_range(link_speed(&link), speed / 1.5, speed * 1.5);
        changes = 0;
        for (int n = 0; n < 20; n++) {
            assert_in_range(show(&link, speed, round_trip, &changes), 0,
                            cases[i].longest_ms * (int64_t)MS);
        }
        assert_int_equal(changes, 0);
    }
}

/* Jitter of a quarter makes no difference: other frames would have to be made. */
static void test_steady_under_jitter(void **state)
{
    (void)state;
    struct link link;
    int changes = 0;
    link_init(&link, 50 * MS);
    for (int n = 0; n < 60; n++) {
        show(&link, n % 2 ? 110e3 : 140e3, 50 * MS, &changes);
    }
    assert_in_range(changes, 1, 3);
}

static void test_slower_and_faster_again(void **state)
{
    static const struct {
        double speed;
        enum level level;
        bool limited;
    } steps[] = { { 500e6, LEVEL_BEST, false },
                  { 100e3, LEVEL_SLOW, true },
                  { 3e6, LEVEL_DEFAULT, true },
                  { 500e6, LEVEL_BEST, false } };

    (void)state;
    struct link link;
    int changes = 0;
    link_init(&link, MS);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        for (int n = 0; n < 12; n++) {
            show(&link, steps[i].speed, MS, &changes);
        }
        assert_int_equal(link.level, steps[i].level);
        assert_int_equal(link.max_bytes > 0, steps[i].limited);
    }
}

static void test_little_tells_nothing(void **state)
{
    (void)state;
    struct link link;
    link_init(&link, -1);
    assert_int_equal(link.level, LEVEL_DEFAULT);
    assert_int_equal(link.max_bytes, 0);
    assert_false(link_answered(&link, 100, 900 * (int64_t)MS));
    assert_true(link.round_trip_ns == 900 * (int64_t)MS);
    assert_true(link_speed(&link) == 0.0);
    assert_false(link_answered(&link, 100, 3 * MS));
    assert_true(link.round_trip_ns == 3 * MS);

    /* A picture's time is no round trip, or all later ones would seem fast. */
    link_init(&link, -1);
    link_answered(&link, 100000, 800 * (int64_t)MS);
    assert_true(link.round_trip_ns < 0);
    link_answered(&link, 100000, 800 * (int64_t)MS);
    assert_in_range(link_speed(&link), 120000, 130000);
    for (int level = 0; level < LEVEL_COUNT; level++) {
        assert_true(level_name((enum level)level)[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_level_follows_the_link),
        cmocka_unit_test(test_steady_under_jitter),
        cmocka_unit_test(test_slower_and_faster_again),
        cmocka_unit_test(test_little_tells_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
