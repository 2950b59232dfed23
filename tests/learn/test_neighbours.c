/* The nearest rows, against a plain search. */
#include "learn/neighbours.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/random.h"
#include "learn/head.h"

#define ROWS 301
#define RANK 17
#define MOST 9
#define SEEDS 70 /* more than are looked at at once */

static float rows[ROWS * RANK];

static float cosine(size_t a, size_t b)
{
    float sum = 0.0f;
    for (size_t i = 0; i < RANK; i++) {
        sum += rows[a * RANK + i] * rows[b * RANK + i];
    }
    return sum;
}

static int setup(void **state)
{
    struct random random = random_start(7, 1);
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        float square = 0.0f;
        for (size_t j = 0; j < RANK; j++) {
            rows[i * RANK + j] = random_normal(&random);
            square += rows[i * RANK + j] * rows[i * RANK + j];
        }
        for (size_t j = 0; j < RANK; j++) {
            rows[i * RANK + j] /= sqrtf(square);
        }
    }
    return head_available(NULL) ? 0 : 1;
}

static void test_nearest(void **state)
{
    static struct neighbour near[SEEDS * MOST];
    uint32_t seeds[SEEDS];

    (void)state;
    for (uint32_t i = 0; i < SEEDS; i++) {
        seeds[i] = i * 4;
    }
    assert_true(neighbours_find(rows, ROWS, RANK, seeds, SEEDS, MOST, near, NULL));
    for (size_t s = 0; s < SEEDS; s++) {
        const struct neighbour *found = near + s * MOST;
        assert_int_equal(found[0].row, seeds[s]);
        assert_true(fabsf(found[0].cosine - 1.0f) < 1e-5f);
        for (size_t i = 0; i < MOST; i++) {
            size_t nearer = 0;
            for (size_t r = 0; r < ROWS; r++) {
                nearer += cosine(seeds[s], r) > found[i].cosine + 1e-5f;
            }
            assert_true(nearer <= i);
            assert_true(fabsf(cosine(seeds[s], found[i].row) - found[i].cosine) < 1e-5f);
            assert_true(i == 0 || found[i].cosine <= found[i - 1].cosine);
        }
    }
}

/* Of rows that are as near the first are taken, so that nothing depends on chance. */
static void test_equal_ones(void **state)
{
    static const float same[4 * 2] = { 1, 0, 1, 0, 1, 0, 1, 0 };
    static const uint32_t seed = 3;
    struct neighbour near[2];

    (void)state;
    assert_true(neighbours_find(same, 4, 2, &seed, 1, 2, near, NULL));
    assert_int_equal(near[0].row, 0);
    assert_int_equal(near[1].row, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_equal_ones),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
