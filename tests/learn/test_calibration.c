#include "../../src/learn/calibration.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* How far counts are to be believed as frequencies. */
static void concentration_follows_the_counts(void **state)
{
    static const struct {
        size_t classes;
        uint32_t counts[10];
        float least, most;
    } rows[] = {
        { 1, { 7 }, 1.0f, 1.0f },
        { 4, { 2, 1, 1, 1 }, 1.0f, 4.0f },
        { 10, { 20, 22, 19, 18, 20, 21, 20, 17, 23, 20 }, 16.0f, 32.0f },
        { 10, { 100, 50, 33, 25, 20, 16, 14, 12, 11, 10 }, 1.0f, 2.0f },
        { 3, { 9000, 900, 100 }, 1.0f, 1.0f },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        float a = calibration_concentration(rows[i].counts, rows[i].classes);
        assert_true(a >= rows[i].least && a <= rows[i].most);
    }
}

/* Two classes; of four answers that score 2 for one of them, three are right, so that
 * log 3 / 2 is the most likely t. */
static float fit(size_t fours)
{
    enum { MOST = 400 };
    static float scores[MOST * 4][2];
    static uint32_t labels[MOST * 4];
    uint32_t counts[2] = { 1000, 1000 };
    float loss;
    for (size_t i = 0; i < 4 * fours; i++) {
        scores[i][i / 4 % 2] = 2.0f;
        scores[i][1 - i / 4 % 2] = 0.0f;
        labels[i] = (uint32_t)(i % 4 ? i / 4 % 2 : 1 - i / 4 % 2);
    }
    struct calibration_data data = { .rows = 4 * fours,
                                     .classes = 2,
                                     .scores = scores[0],
                                     .labels = labels,
                                     .counts = counts,
                                     .concentration = 1.0f,
                                     .seen_share = 1.0f,
                                     .expected = logf(logf(3.0f) / 2.0f) };
    return calibration_fit(&data, &loss);
}

/* What many answers say is believed; few say it with less certainty. */
static void few_answers_make_cautious(void **state)
{
    float likeliest = logf(3.0f) / 2.0f;
    (void)state;
    assert_float_equal(fit(400), likeliest, 0.05f * likeliest);
    assert_true(fit(10) < fit(100) && fit(100) < fit(400) && fit(400) < likeliest);
    assert_true(fit(2) < 0.85f * likeliest && fit(2) > 0.5f * likeliest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(concentration_follows_the_counts),
        cmocka_unit_test(few_answers_make_cautious),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
