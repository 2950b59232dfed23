#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"

static void dates_there_and_back(void **state)
{
    static const struct {
        int64_t ms;
        const char *iso;
    } cases[] = {
        { 0, "1970-01-01T00:00:00.000Z" },
        { 1, "1970-01-01T00:00:00.001Z" },
        { 999, "1970-01-01T00:00:00.999Z" },
        { 86399999, "1970-01-01T23:59:59.999Z" },
        { 951782400000, "2000-02-29T00:00:00.000Z" },
        { 1709164800123, "2024-02-29T00:00:00.123Z" },
        { 2147483648000, "2038-01-19T03:14:08.000Z" },
        { 4107542400000, "2100-03-01T00:00:00.000Z" },
        { 253402300799999, "9999-12-31T23:59:59.999Z" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char iso[CLOCK_ISO_SIZE];
        int64_t ms = -1;
        clock_format_iso(cases[i].ms, iso);
        assert_string_equal(iso, cases[i].iso);
        assert_true(clock_parse_iso(iso, strlen(iso), &ms));
        assert_true(ms == cases[i].ms);
    }
}

static void milliseconds_may_be_missing(void **state)
{
    int64_t ms = -1;
    (void)state;
    assert_true(clock_parse_iso("2026-11-23T17:03:05Z", 20, &ms));
    assert_true(ms == 1795453385000);
}

static void what_is_no_date_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "2026-11-23",
        "2026-11-23T17:03:05", /* no Z */
        "2026-11-23T17:03:05.123",
        "2026-11-23T17:03:05.12Z", /* milliseconds have three digits */
        "2026-11-23T17:03:05.1234Z",
        "2026-11-23T17:03:05.Z",
        "2026-11-23T17:03:05+00:00",
        "2026-11-23 17:03:05Z",
        "2026-11-23T17:03:05Zx",
        " 2026-11-23T17:03:05Z",
        "2026-11-23T17:03:05z",
        "2026-1-23T17:03:05Z",
        "+026-11-23T17:03:05Z",
        "2026-00-10T00:00:00Z",
        "2026-13-10T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-02-29T00:00:00Z", /* no leap year */
        "2100-02-29T00:00:00Z", /* nor is this */
        "2024-02-30T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "1969-12-31T23:59:59Z",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t ms = 77;
        if (clock_parse_iso(cases[i], strlen(cases[i]), &ms)) {
            fail_msg("'%s' was read as a date", cases[i]);
        }
        assert_true(ms == 77);
    }
}

static void nothing_behind_len_is_read(void **state)
{
    static const char text[] = "2026-11-23T17:03:05.123Z";
    (void)state;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        char *cut = malloc(len + 1);
        int64_t ms;
        assert_non_null(cut);
        cut = realloc(cut, len ? len : 1);
        assert_non_null(cut);
        memcpy(cut, text, len);
        assert_false(clock_parse_iso(cut, len, &ms));
        free(cut);
    }
}

static void the_time_zone_does_not_matter(void **state)
{
    char iso[CLOCK_ISO_SIZE];
    int64_t ms = -1;
    (void)state;
    setenv("TZ", "Pacific/Auckland", 1);
    tzset();
    clock_format_iso(1709164800123, iso);
    assert_true(clock_parse_iso(iso, strlen(iso), &ms));
    unsetenv("TZ");
    tzset();
    assert_string_equal(iso, "2024-02-29T00:00:00.123Z");
    assert_true(ms == 1709164800123);
}

static void the_clocks_go(void **state)
{
    (void)state;
    int64_t first = clock_monotonic_ns();
    int64_t second = clock_monotonic_ns();
    assert_true(first > 0 && second >= first);
    int64_t wall = clock_wall_ms() / 1000 - (int64_t)time(NULL);
    assert_true(wall >= -1 && wall <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_there_and_back),
        cmocka_unit_test(milliseconds_may_be_missing),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(nothing_behind_len_is_read),
        cmocka_unit_test(the_time_zone_does_not_matter),
        cmocka_unit_test(the_clocks_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
