#include "../../src/learn/discriminant.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pseudo.h"

enum { DIMS = 6, CLASSES = 3, COUNT = 14 };

struct set {
    size_t count;
    float x[COUNT][DIMS];
    uint32_t label[COUNT];
};

static void draw_set(struct set *set)
{
    uint64_t state = 5;
    set->count = COUNT;
    for (size_t i = 0; i < COUNT; i++) {
        /* Class 2 has one picture. */
        set->label[i] = i == 7 ? 2 : i % 2;
        for (size_t d = 0; d < DIMS; d++) {
            set->x[i][d] = 0.3f * pseudo_normal(&state) + (d == set->label[i] ? 0.4f : 0.0f);
        }
    }
}

static void fit(struct discriminant *d, const struct set *set, size_t classes)
{
    float scatter[DIMS * DIMS] = { 0 };
    float sums[CLASSES * DIMS] = { 0 };
    uint32_t counts[CLASSES] = { 0 };
    struct error err = { ERROR_NONE, "" };
    for (size_t i = 0; i < set->count; i++) {
        counts[set->label[i]]++;
        for (size_t a = 0; a < DIMS; a++) {
            sums[set->label[i] * DIMS + a] += set->x[i][a];
            for (size_t b = 0; b <= a; b++) {
                scatter[a * DIMS + b] += set->x[i][a] * set->x[i][b];
            }
        }
    }
    struct discriminant_data data = { .dims = DIMS,
                                      .classes = classes,
                                      .count = set->count,
                                      .prior = 0.5f,
                                      .stride = DIMS,
                                      .scatter = scatter,
                                      .sums = sums,
                                      .counts = counts };
    assert_true(discriminant_init(d, &data, &err));
}

static float score(const struct discriminant *d, size_t c, const float *x)
{
    float weights[DIMS];
    float sum = discriminant_weights(d, c, weights);
    for (size_t i = 0; i < DIMS; i++) {
        sum += weights[i] * x[i];
    }
    return sum;
}

/* One class about each side of 0 along the first axis, by hand:
 * x = +-(a +- b): m = +-a, S = 1/2 + 4 b^2 there. */
static void scores_are_those_of_the_formula(void **state)
{
    (void)state;
    struct set set = { .count = 4,
                       .x = { { 0.5f }, { 0.3f }, { -0.5f }, { -0.3f } },
                       .label = { 0, 0, 1, 1 } };
    struct discriminant d;
    fit(&d, &set, 2);
    float s = 0.5f + 4.0f * 0.01f;
    float m = 0.4f * 2.0f / 4.0f;
    float x[DIMS] = { 0.25f };
    assert_float_equal(score(&d, 0, x), 14.0f * (m * 0.25f - m * m / 2.0f) / s, 1e-4f);
    assert_float_equal(score(&d, 1, x), 14.0f * (-m * 0.25f - m * m / 2.0f) / s, 1e-4f);
    discriminant_release(&d);
}

/* The closed form is what a discriminant made without the picture says. */
static void leaving_one_out_is_making_it_anew(void **state)
{
    (void)state;
    struct set all;
    struct discriminant d;
    struct error err = { ERROR_NONE, "" };
    float x[COUNT][DIMS];
    float scores[COUNT][CLASSES];
    draw_set(&all);
    fit(&d, &all, CLASSES);
    memcpy(x, all.x, sizeof x);
    assert_true(discriminant_without(&d, x[0], all.label, COUNT, scores[0], &err));
    for (size_t i = 0; i < COUNT; i++) {
        struct set rest = all;
        struct discriminant without;
        rest.count = COUNT - 1;
        rest.label[i] = all.label[COUNT - 1];
        memcpy(rest.x[i], all.x[COUNT - 1], sizeof rest.x[i]);
        size_t classes = all.label[i] == 2 ? 2 : CLASSES;
        fit(&without, &rest, classes);
        for (size_t c = 0; c < classes; c++) {
            assert_float_equal(scores[i][c], score(&without, c, all.x[i]), 1e-3f);
        }
        if (classes < CLASSES) {
            assert_true(isinf(scores[i][2]) && scores[i][2] < 0.0f);
        }
        discriminant_release(&without);
    }
    discriminant_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_the_formula),
        cmocka_unit_test(leaving_one_out_is_making_it_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
