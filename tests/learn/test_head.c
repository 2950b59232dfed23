#include "learn/head.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "pseudo.h"

/* Pictures of `classes` classes: class c has its features 2c and 2c + 1 about
 * `signal` higher. */
enum { DIMS = 40 };

static void draw(uint64_t *state, size_t c, float signal, float *embedding)
{
    for (size_t i = 0; i < DIMS; i++) {
        float mean = 1.0f + (i / 2 == c ? signal : 0.0f);
        embedding[i] = fmaxf(0.0f, mean + 0.5f * pseudo_normal(state));
    }
}

static struct head *new_head(size_t dims, size_t classes)
{
    struct error err = { ERROR_NONE, "" };
    struct head_parts parts = { 2, { { dims / 4, 0.7f }, { dims - dims / 4, 1.0f } } };
    struct head *h = head_new(&parts, &err);
    assert_non_null(h);
    assert_true(head_resize_classes(h, classes, &err));
    return h;
}

static struct head_model *refresh(struct head *h)
{
    struct error err = { ERROR_NONE, "" };
    struct head_model *m = head_refresh(h, &err);
    assert_string_equal(err.message, "");
    assert_non_null(m);
    return m;
}

/* As often as the search for the best prior may need to come to rest. */
static struct head_model *refresh_often(struct head *h)
{
    for (int i = 0; i < 20; i++) {
        head_model_free(refresh(h));
    }
    return refresh(h);
}

static void set(struct head *h, uint32_t id, const float *embedding, size_t c)
{
    struct error err = { ERROR_NONE, "" };
    assert_true(head_set(h, id, embedding, c, &err));
}

/* Ids 0 to n - 1: one of each class, then any. */
static void teach(struct head *h, uint64_t *state, size_t n, size_t classes, float signal)
{
    float x[DIMS];
    struct error err = { ERROR_NONE, "" };
    for (uint32_t id = 0; id < n; id++) {
        size_t c = (id < classes ? id : pseudo_bits(state)) % classes;
        draw(state, c, signal, x);
        assert_true(head_background(h, x, &err));
        set(h, id, x, c);
    }
}

struct score {
    float accuracy, confidence;
};

static struct score test(const struct head_model *m, uint64_t *state, size_t classes, float signal)
{
    enum { ROUNDS = 1000 };
    struct score score = { 0.0f, 0.0f };
    struct error err = { ERROR_NONE, "" };
    float x[DIMS];
    float p[64];
    for (size_t i = 0; i < ROUNDS; i++) {
        size_t best = 0;
        draw(state, i % classes, signal, x);
        assert_true(head_model_guess(m, x, 1, p, &err));
        for (size_t c = 0; c < head_model_classes(m); c++) {
            best = p[c] > p[best] ? c : best;
        }
        score.accuracy += best == i % classes ? 1.0f / ROUNDS : 0.0f;
        score.confidence += p[best] / ROUNDS;
    }
    return score;
}

static float sum(const float *p, size_t count)
{
    float total = 0.0f;
    for (size_t i = 0; i < count; i++) {
        assert_true(p[i] >= 0.0f && p[i] <= 1.0f);
        total += p[i];
    }
    return total;
}

static void learns_and_knows_how_well(void **state)
{
    (void)state;
    static const struct {
        size_t classes, answers;
        float signal, accuracy;
    } rows[] = {
        { 2, 2, 2.0f, 0.7f },     { 2, 40, 2.0f, 0.99f },  { 10, 30, 2.0f, 0.7f },
        { 10, 200, 2.0f, 0.98f }, { 10, 200, 0.5f, 0.2f }, { 20, 2000, 1.0f, 0.7f },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t random = i;
        struct head *h = new_head(DIMS, rows[i].classes);
        teach(h, &random, rows[i].answers, rows[i].classes, rows[i].signal);
        struct head_model *m = refresh(h);
        const struct head_quality *q = head_model_quality(m);
        struct score s = test(m, &random, rows[i].classes, rows[i].signal);
        assert_true(s.accuracy >= rows[i].accuracy);
        assert_int_equal(q->answers, rows[i].answers);
        assert_int_equal(q->classes, rows[i].classes);
        if (rows[i].answers >= 200) {
            assert_float_equal(s.confidence, s.accuracy, 0.08f);
            assert_float_equal(q->accuracy, s.accuracy, 0.1f);
            assert_true(q->trusted);
        }
        head_model_free(m);
        head_free(h);
    }
}

/* Features that tell nothing: no better than the majority, and it shows. */
static void distrusts_itself_where_there_is_nothing_to_learn(void **state)
{
    (void)state;
    uint64_t random = 1;
    float x[DIMS];
    struct head *h = new_head(DIMS, 3);
    for (uint32_t id = 0; id < 300; id++) {
        draw(&random, 0, 0.0f, x);
        set(h, id, x, id % 10 == 0 ? 1 : id % 10 == 1 ? 2 : 0);
    }
    struct head_model *m = refresh(h);
    const struct head_quality *q = head_model_quality(m);
    assert_float_equal(q->majority, 0.8f, 1e-6f);
    assert_false(q->trusted);
    struct score s = test(m, &random, 1, 0.0f);
    assert_float_equal(s.confidence, 0.8f, 0.05f);
    head_model_free(m);
    head_free(h);
}

/* Whether predictions are shown, by how many answers each class has, while at most one class has
 * more than one: held out, the only answer of a class is always wrong. */
static void shows_what_it_cannot_judge_yet(void **state)
{
    (void)state;
    static const struct {
        size_t classes;
        uint32_t answers[5];
        bool trusted;
    } rows[] = {
        { 2, { 1, 0 }, false },          /* one class */
        { 2, { 1, 1 }, true },           /* one of each */
        { 5, { 1, 1, 1, 1, 1 }, true },  /* the same */
        { 5, { 1, 1, 1, 1, 0 }, false }, /* it may be the class that is missing */
        { 5, { 2, 1, 1, 1, 1 }, true },
        { 5, { 6, 1, 1, 1, 1 }, true },
        { 5, { 7, 1, 1, 1, 1 }, false }, /* perhaps always the first */
        { 5, { 7, 0, 0, 0, 0 }, false },
        { 5, { 4, 4, 1, 1, 0 }, true }, /* can be judged: the two are told apart */
        { 5, { 4, 4, 1, 1, 1 }, true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t random = i;
        float x[DIMS];
        struct head *h = new_head(DIMS, rows[i].classes);
        uint32_t id = 0;
        for (size_t c = 0; c < rows[i].classes; c++) {
            for (uint32_t k = 0; k < rows[i].answers[c]; k++) {
                draw(&random, c, 3.0f, x);
                set(h, id++, x, c);
            }
        }
        struct head_model *m = refresh(h);
        assert_int_equal(head_model_quality(m)->trusted, rows[i].trusted);
        head_model_free(m);
        head_free(h);
    }
}

/* Taking answers back, or changing them, leaves what never having given them
 * would. */
static void undo_leaves_no_trace(void **state)
{
    (void)state;
    struct error err = { ERROR_NONE, "" };
    uint64_t random = 3;
    float x[60][DIMS];
    struct head *straight = new_head(DIMS, 4);
    struct head *crooked = new_head(DIMS, 4);
    for (uint32_t i = 0; i < 60; i++) {
        draw(&random, i % 4, 1.0f, x[i]);
        assert_true(head_background(straight, x[i], &err));
        assert_true(head_background(crooked, x[i], &err));
    }
    for (uint32_t i = 0; i < 60; i++) {
        set(crooked, i, x[i], (i + 1) % 4);
        if (i == 30) {
            head_model_free(refresh(crooked));
        }
    }
    for (uint32_t i = 0; i < 40; i++) {
        set(straight, i, x[i], i % 4);
        set(crooked, i, x[i], i % 4);
    }
    for (uint32_t i = 40; i < 60; i++) {
        head_remove(crooked, i);
        head_remove(crooked, i + 1000);
    }
    struct head_model *a = refresh_often(straight);
    struct head_model *b = refresh_often(crooked);
    for (size_t i = 0; i < 60; i++) {
        float p[4], q[4];
        assert_true(head_model_guess(a, x[i], 1, p, &err));
        assert_true(head_model_guess(b, x[i], 1, q, &err));
        for (size_t c = 0; c < 4; c++) {
            assert_float_equal(p[c], q[c], 1e-3f);
        }
    }
    assert_int_equal(head_model_quality(b)->answers, 40);
    head_model_free(a);
    head_model_free(b);
    head_free(straight);
    head_free(crooked);
}

/* More pictures than the basis is made of, and more values than it has. */
static void settles(void **state)
{
    (void)state;
    enum { WIDE = HEAD_RANK + 100, COUNT = HEAD_SETTLED + 300 };
    struct error err = { ERROR_NONE, "" };
    uint64_t random = 4;
    float *x = mem_array(WIDE, sizeof *x);
    struct head *h = new_head(WIDE, 2);
    size_t right = 0;
    assert_non_null(x);
    for (uint32_t i = 0; i < COUNT; i++) {
        for (size_t d = 0; d < WIDE; d++) {
            x[d] = pseudo_uniform(&random) + (d % 16 == i % 2 ? 0.5f : 0.0f);
        }
        assert_true(head_background(h, x, &err));
        if (i < 30 || i > HEAD_SETTLED + 200) {
            set(h, i, x, i % 2);
        }
        if (i % 100 == 0) {
            head_model_free(refresh(h));
        }
    }
    head_remove(h, 29);
    head_remove(h, HEAD_SETTLED + 299);
    struct head_model *m = refresh(h);
    assert_int_equal(head_model_quality(m)->answers, 29 + 98);
    for (uint32_t i = 0; i < 100; i++) {
        float p[2];
        for (size_t d = 0; d < WIDE; d++) {
            x[d] = pseudo_uniform(&random) + (d % 16 == i % 2 ? 0.5f : 0.0f);
        }
        assert_true(head_model_guess(m, x, 1, p, &err));
        right += p[i % 2] > 0.5f;
    }
    assert_true(right >= 95);
    head_model_free(m);
    head_free(h);
    free(x);
}

/* One class; pictures that are all the same; one that is nothing but zeros. */
static void poor_answers_do_no_harm(void **state)
{
    (void)state;
    struct error err = { ERROR_NONE, "" };
    float same[DIMS];
    float zero[DIMS] = { 0 };
    float p[3];
    for (size_t i = 0; i < DIMS; i++) {
        same[i] = 1.0f;
    }
    struct head *h = new_head(DIMS, 3);
    struct head_model *m = refresh(h);
    assert_true(head_model_guess(m, same, 1, p, &err));
    assert_float_equal(sum(p, 3), 0.0f, 0.0f);
    assert_false(head_model_quality(m)->trusted);
    head_model_free(m);
    for (uint32_t i = 0; i < 20; i++) {
        set(h, i, same, i < 10 ? 0 : i % 3);
        m = refresh(h);
        assert_true(head_model_guess(m, i % 2 ? zero : same, 1, p, &err));
        assert_float_equal(sum(p, 3), 1.0f, 1e-5f);
        assert_true(i < 3 || p[0] > p[1]);
        head_model_free(m);
    }
    set(h, 20, zero, 2);
    m = refresh(h);
    assert_true(head_model_guess(m, zero, 1, p, &err));
    assert_float_equal(sum(p, 3), 1.0f, 1e-5f);
    head_model_free(m);
    head_free(h);
}

static void refuses_what_it_cannot_learn(void **state)
{
    (void)state;
    struct error err = { ERROR_NONE, "" };
    float x[DIMS] = { 0 };
    struct head *h = new_head(DIMS, 2);
    assert_false(head_set(h, 0, x, 2, &err));
    assert_non_null(strstr(err.message, "class 2 of 2"));
    x[3] = NAN;
    assert_false(head_set(h, 0, x, 0, &err));
    assert_false(head_background(h, x, &err));
    assert_non_null(strstr(err.message, "not finite"));
    assert_false(head_resize_classes(h, HEAD_CLASSES_MAX + 1, &err));
    head_free(h);
}

/* A class that comes late takes nothing from those before. */
static void a_class_may_come_late(void **state)
{
    (void)state;
    struct error err = { ERROR_NONE, "" };
    uint64_t random = 6;
    float x[DIMS];
    float p[5];
    struct head *h = new_head(DIMS, 2);
    teach(h, &random, 40, 2, 2.0f);
    assert_true(head_resize_classes(h, 5, &err));
    for (uint32_t id = 40; id < 50; id++) {
        draw(&random, 4, 2.0f, x);
        set(h, id, x, 4);
    }
    struct head_model *m = refresh(h);
    assert_int_equal(head_model_classes(m), 5);
    size_t right = 0;
    for (size_t i = 0; i < 100; i++) {
        draw(&random, i % 3 == 2 ? 4 : i % 3, 2.0f, x);
        assert_true(head_model_guess(m, x, 1, p, &err));
        assert_float_equal(sum(p, 5), 1.0f, 1e-5f);
        right += p[i % 3 == 2 ? 4 : i % 3] > 0.5f;
    }
    assert_true(right >= 90);
    head_model_free(m);
    head_free(h);
}

/* One answer for each of a third of the classes, as an order that looks for new classes
 * gives: the guess is one of these, never a class of which nothing is known. */
static void a_class_without_answers_is_no_guess(void **state)
{
    (void)state;
    enum { ALL = 18, KNOWN = 6 };
    struct error err = { ERROR_NONE, "" };
    uint64_t random = 8;
    float x[DIMS];
    float p[ALL];
    size_t right = 0;
    struct head *h = new_head(DIMS, ALL);
    teach(h, &random, KNOWN, KNOWN, 2.0f);
    struct head_model *m = refresh(h);
    for (size_t i = 0; i < 100; i++) {
        size_t best = 0;
        draw(&random, i % KNOWN, 2.0f, x);
        assert_true(head_model_guess(m, x, 1, p, &err));
        assert_float_equal(sum(p, ALL), 1.0f, 1e-5f);
        for (size_t c = 1; c < ALL; c++) {
            best = p[c] > p[best] ? c : best;
        }
        assert_true(best < KNOWN);
        right += best == i % KNOWN;
    }
    assert_true(right >= 45); /* 17 at random */
    head_model_free(m);
    head_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_and_knows_how_well),
        cmocka_unit_test(distrusts_itself_where_there_is_nothing_to_learn),
        cmocka_unit_test(shows_what_it_cannot_judge_yet),
        cmocka_unit_test(undo_leaves_no_trace),
        cmocka_unit_test(settles),
        cmocka_unit_test(poor_answers_do_no_harm),
        cmocka_unit_test(refuses_what_it_cannot_learn),
        cmocka_unit_test(a_class_may_come_late),
        cmocka_unit_test(a_class_without_answers_is_no_guess),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
