#include "base/proportion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

/* Values worked out elsewhere. */
static void test_C10_intervals(void **state)
{
    static const struct {
        size_t hits, count;
        double low, high;
    } cases[] = {
        { 0, 0, 0.0, 1.0 },
        { 0, 1, 0.0, 0.7934507 },
        { 0, 10, 0.0, 0.2775328 },
        { 10, 10, 0.7224672, 1.0 },
        { 5, 10, 0.2365931, 0.7634069 },
        { 89, 100, 0.8136870, 0.9374580 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct interval got = proportion_interval(cases[i].hits, cases[i].count);
        assert_true(fabs(got.low - cases[i].low) < 1e-5);
        assert_true(fabs(got.high - cases[i].high) < 1e-5);
    }
}

static void test_C10_text(void **state)
{
    char text[PROPORTION_TEXT];

    (void)state;
    proportion_text(89, 100, text);
    assert_string_equal(text, "89 % (81 to 94 %)");
    proportion_text(20, 20, text);
    assert_string_equal(text, "100 % (84 to 100 %)");
}

/* Of equal probabilities the binomial distribution; its quantiles worked out elsewhere. */
static void test_sums(void **state)
{
    static const struct {
        size_t count;
        float p;
        double low, high;
    } cases[] = {
        { 0, 0.5f, 0, 0 },           { 10, 0.0f, 0, 0 },    { 10, 1.0f, 10, 10 },
        { 10, 0.5f, 2, 8 },          { 100, 0.05f, 1, 10 }, { 1000, 0.01f, 4, 17 },
        { 10000, 0.5f, 4902, 5098 },
    };
    float p[10000];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t k = 0; k < cases[i].count; k++) {
            p[k] = cases[i].p;
        }
        struct interval got = proportion_sum_interval(p, cases[i].count);
        assert_true(fabs(got.low - cases[i].low) < 0.5);
        assert_true(fabs(got.high - cases[i].high) < 0.5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_C10_intervals),
        cmocka_unit_test(test_C10_text),
        cmocka_unit_test(test_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
