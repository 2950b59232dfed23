#include "learn/curve.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "pseudo.h"

/* Classes are Gaussians about centres of their own. */
enum { CLASSES = 30, DIMS = 60, POOL = 600, TEST = 300 };

#define NOISE 1.5f

struct world {
    float centers[CLASSES][DIMS];
    float pool[POOL * DIMS], test[TEST * DIMS];
    uint32_t pool_classes[POOL], test_classes[TEST];
};

static void draw_set(const struct world *w, uint64_t *state, size_t count, float *x,
                     uint32_t *classes)
{
    for (size_t i = 0; i < count; i++) {
        classes[i] = (uint32_t)(pseudo_bits(state) % CLASSES);
        for (size_t j = 0; j < DIMS; j++) {
            float value = w->centers[classes[i]][j] + NOISE * pseudo_normal(state);
            x[i * DIMS + j] = value * fabsf(value); /* a head takes roots */
        }
    }
}

static struct world *new_world(uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    for (size_t c = 0; c < CLASSES; c++) {
        for (size_t j = 0; j < DIMS; j++) {
            w->centers[c][j] = pseudo_normal(&seed);
        }
    }
    draw_set(w, &seed, POOL, w->pool, w->pool_classes);
    draw_set(w, &seed, TEST, w->test, w->test_classes);
    return w;
}

static void curve(const struct world *w, bool active, uint64_t seed, const size_t *steps,
                  size_t count, struct curve_point *points)
{
    struct error err = { ERROR_NONE, "" };
    struct curve_task task = { .dims = DIMS,
                               .classes = CLASSES,
                               .parts = { 1, { { DIMS, 1.0f } } },
                               .pool = { POOL, w->pool, w->pool_classes },
                               .test = { TEST, w->test, w->test_classes },
                               .steps = steps,
                               .step_count = count,
                               .seed = seed,
                               .active = active };
    assert_true(curve_draw(&task, points, &err));
}

/* From 5 to 20 labels of 30 classes, where most labels are the first of their class: each
 * draw rises, but for a few test pictures. */
static void rises_from_the_first_labels_on(void **state)
{
    enum { FIRST = 5, LAST = 20, STEPS = LAST - FIRST + 1 };
    size_t steps[STEPS];
    struct curve_point points[STEPS];
    (void)state;
    for (size_t i = 0; i < STEPS; i++) {
        steps[i] = FIRST + i;
    }
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct world *w = new_world(seed);
        for (int active = 0; active < 2; active++) {
            float most = 0.0f;
            curve(w, active, seed, steps, STEPS, points);
            for (size_t i = 0; i < STEPS; i++) {
                assert_true(points[i].accuracy >= most - 0.05f);
                most = fmaxf(most, points[i].accuracy);
            }
            assert_true(points[STEPS - 1].accuracy >= points[0].accuracy + 0.1f);
        }
        free(w);
    }
}

static void active_order_is_no_worse_than_random(void **state)
{
    static const size_t steps[] = { 10, 20, 50 };
    enum { DRAWS = 8 };
    struct curve_point points[3];
    float mean[2][3] = { 0 };
    (void)state;
    for (uint64_t seed = 1; seed <= DRAWS; seed++) {
        struct world *w = new_world(seed);
        for (int active = 0; active < 2; active++) {
            curve(w, active, seed, steps, 3, points);
            for (size_t i = 0; i < 3; i++) {
                mean[active][i] += points[i].accuracy / DRAWS;
            }
        }
        free(w);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_true(mean[1][i] >= mean[0][i]);
    }
}

/* Where it is measured does not change what is labelled. */
static void steps_do_not_change_the_order(void **state)
{
    static const size_t few[] = { 30 };
    static const size_t many[] = { 3, 9, 10, 11, 30 };
    (void)state;
    for (int active = 0; active < 2; active++) {
        struct curve_point one[1], all[5];
        struct world *w = new_world(1);
        curve(w, active, 1, few, 1, one);
        curve(w, active, 1, many, 5, all);
        assert_float_equal(one[0].accuracy, all[4].accuracy, 0.02f);
        free(w);
    }
}

/* All of the pool can be labelled. */
static void labels_the_last_picture(void **state)
{
    static const size_t steps[] = { POOL - 1, POOL };
    struct curve_point points[2];
    struct world *w = new_world(2);
    (void)state;
    curve(w, true, 1, steps, 2, points);
    assert_true(points[1].accuracy >= 0.9f);
    assert_true(points[1].calibration_error <= 0.1f);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rises_from_the_first_labels_on),
        cmocka_unit_test(active_order_is_no_worse_than_random),
        cmocka_unit_test(steps_do_not_change_the_order),
        cmocka_unit_test(labels_the_last_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
