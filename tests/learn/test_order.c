#include "learn/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pseudo.h"

#define DIMS 24
#define PICTURES 200

/* Clusters of pictures around axes of their own: of 120, 50 and 30. */
static size_t cluster_of(size_t picture)
{
    return picture < 120 ? 0 : picture < 170 ? 1 : 2;
}

static void picture_near(size_t axis, uint64_t *state, float *out)
{
    for (size_t j = 0; j < DIMS; j++) {
        out[j] = 0.3f * pseudo_normal(state) + (j == axis ? 3.0f : 0.0f);
    }
}

static float *clusters(void)
{
    float *x = calloc(PICTURES * DIMS, sizeof *x);
    uint64_t state = 1;

    assert_non_null(x);
    for (size_t i = 0; i < PICTURES; i++) {
        picture_near(cluster_of(i), &state, x + i * DIMS);
    }
    return x;
}

static size_t choose(const struct order_task *task, uint64_t seed, size_t most, size_t *chosen)
{
    struct random random = random_start(seed, 0);
    size_t count;

    assert_true(order_choose(task, &random, most, chosen, &count, NULL));
    return count;
}

static void test_each_picture_once(void **state)
{
    static const size_t mosts[] = { 0, 1, 7, PICTURES - 1, PICTURES, PICTURES + 50 };
    size_t chosen[PICTURES + 50];
    float *x = clusters();
    struct order_task task = { .dims = DIMS, .open = x, .open_count = PICTURES };

    (void)state;
    for (size_t m = 0; m < sizeof mosts / sizeof mosts[0]; m++) {
        bool seen[PICTURES] = { false };
        size_t count = choose(&task, m, mosts[m], chosen);
        assert_int_equal(count, mosts[m] < PICTURES ? mosts[m] : PICTURES);
        for (size_t i = 0; i < count; i++) {
            assert_true(chosen[i] < PICTURES);
            assert_false(seen[chosen[i]]);
            seen[chosen[i]] = true;
        }
    }
    task.open_count = 0;
    assert_int_equal(choose(&task, 1, 5, chosen), 0);
    free(x);
}

/* Pictures that are all alike, or that have nothing at all, are no trouble. */
static void test_all_alike(void **state)
{
    size_t chosen[8];
    float *x = calloc(PICTURES * DIMS, sizeof *x);
    struct order_task task = {
        .dims = DIMS, .open = x, .open_count = PICTURES, .taken = x, .taken_count = 3
    };

    (void)state;
    assert_int_equal(choose(&task, 1, 8, chosen), 8);
    for (size_t i = 0; i < PICTURES * DIMS; i++) {
        x[i] = 5.0f;
    }
    assert_int_equal(choose(&task, 1, 8, chosen), 8);
    free(x);
}

static void test_varied_and_typical(void **state)
{
    size_t chosen[3];
    size_t covered = 0;
    float *x = clusters();
    struct order_task task = { .dims = DIMS, .open = x, .open_count = PICTURES };

    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        choose(&task, seed, 3, chosen);
        bool hit[3] = { false };
        for (int i = 0; i < 3; i++) {
            hit[cluster_of(chosen[i])] = true;
        }
        covered += hit[0] && hit[1] && hit[2];
    }
    assert_true(covered >= 60); /* at random it would be 14; a fifth of the choices is */
    free(x);
}

static void test_stays_away_from_what_is_taken(void **state)
{
    size_t chosen[1];
    size_t elsewhere = 0;
    float *x = clusters();
    struct order_task task = {
        .dims = DIMS, .open = x, .open_count = 170, .taken = x, .taken_count = 60
    };

    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        choose(&task, seed, 1, chosen);
        elsewhere += cluster_of(chosen[0]) == 1; /* 50 of 170 */
    }
    assert_true(elsewhere >= 75);
    free(x);
}

/* Every fifth choice, counted with those before, is any picture. */
static void test_a_fifth_is_random(void **state)
{
    float *x = clusters();
    struct order_task task = { .dims = DIMS, .open = x, .open_count = PICTURES };

    (void)state;
    for (task.before = 0; task.before < 10; task.before++) {
        size_t chosen[1];
        size_t counts[PICTURES] = { 0 };
        size_t most = 0;
        for (uint64_t seed = 0; seed < 40; seed++) {
            choose(&task, seed, 1, chosen);
            counts[chosen[0]]++;
        }
        for (size_t i = 0; i < PICTURES; i++) {
            most = counts[i] > most ? counts[i] : most;
        }
        assert_true(task.before % 5 == 4 ? most < 10 : most == 40);
    }
    free(x);
}

/* What comes at random is taken from a draw in its order, also what is not among the
 * open ones, and each picture once. */
static void test_a_draw_is_taken_in_its_order(void **state)
{
    static const size_t draw[] = { 7, ORDER_UNSEEN, 3, ORDER_UNSEEN };
    size_t chosen[30];
    size_t count, drawn = 0;
    float *x = clusters();
    struct order_task task = {
        .dims = DIMS, .open = x, .open_count = 20, .draw = draw, .drawn = 4
    };
    bool seen[24] = { false };

    (void)state;
    struct random random = random_start(1, 0);
    assert_true(order_choose(&task, &random, 30, chosen, &count, NULL));
    for (size_t i = 0; i < count; i++) {
        assert_false(seen[chosen[i]]);
        seen[chosen[i]] = true;
        if (chosen[i] >= 20) {
            assert_int_equal(i % 5, 4);
            assert_int_equal(chosen[i], drawn ? 23 : 21);
            drawn++;
        }
    }
    assert_int_equal(drawn, 2);
    assert_int_equal(count, 22);
    free(x);
}

/* Two classes that are known well, and pictures between them. */
static void test_doubtful_ones_first(void **state)
{
    float *x = calloc(PICTURES * DIMS, sizeof *x);
    float *known = calloc(40 * DIMS, sizeof *known);
    uint64_t numbers = 7;
    size_t chosen[1];
    size_t doubtful = 0;
    struct head *head = head_new(&(struct head_parts){ 1, { { DIMS, 1.0f } } }, NULL);

    (void)state;
    assert_true(head_resize_classes(head, 2, NULL));
    for (size_t i = 0; i < PICTURES; i++) {
        picture_near(i < 180 ? i % 2 : 0, &numbers, x + i * DIMS);
        if (i >= 180) { /* half of each */
            x[i * DIMS] -= 1.5f;
            x[i * DIMS + 1] += 1.5f;
        }
        assert_true(head_background(head, x + i * DIMS, NULL));
    }
    for (size_t i = 0; i < 40; i++) {
        picture_near(i % 2, &numbers, known + i * DIMS);
        assert_true(head_set(head, (uint32_t)i, known + i * DIMS, i % 2, NULL));
    }
    struct head_model *model = head_refresh(head, NULL);
    struct order_task task = { .dims = DIMS, .open = x, .open_count = PICTURES, .model = model };
    for (uint64_t seed = 0; seed < 50; seed++) {
        choose(&task, seed, 1, chosen);
        doubtful += chosen[0] >= 180; /* a tenth of them */
    }
    assert_true(doubtful >= 35);
    head_model_free(model);
    head_free(head);
    free(known);
    free(x);
}

static void test_same_seed_same_order(void **state)
{
    size_t one[20], two[20], three[20];
    float *x = clusters();
    struct order_task task = { .dims = DIMS, .open = x, .open_count = PICTURES };

    (void)state;
    choose(&task, 5, 20, one);
    choose(&task, 5, 20, two);
    choose(&task, 6, 20, three);
    assert_memory_equal(one, two, sizeof one);
    assert_memory_not_equal(one, three, sizeof one);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_picture_once),
        cmocka_unit_test(test_all_alike),
        cmocka_unit_test(test_varied_and_typical),
        cmocka_unit_test(test_stays_away_from_what_is_taken),
        cmocka_unit_test(test_a_fifth_is_random),
        cmocka_unit_test(test_a_draw_is_taken_in_its_order),
        cmocka_unit_test(test_doubtful_ones_first),
        cmocka_unit_test(test_same_seed_same_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
