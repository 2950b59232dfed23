/* Several classes a picture: each class has a probability of its own, which is calibrated. */
#include "learn/multi_head.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "pseudo.h"

enum { DIMS = 40, CLASSES_MAX = 8 };

/* A world of pictures: class c, which one in every[c] pictures has, raises the features 2c and
 * 2c + 1 by `signal`. */
struct world {
    size_t classes;
    unsigned every[CLASSES_MAX];
    float signal;
};

static size_t draw(const struct world *w, uint64_t *state, float *embedding, uint16_t *classes)
{
    size_t count = 0;
    for (size_t i = 0; i < DIMS; i++) {
        embedding[i] = 1.0f + 0.5f * pseudo_normal(state);
    }
    for (size_t c = 0; c < w->classes; c++) {
        if (w->every[c] && pseudo_bits(state) % w->every[c] == 0) {
            classes[count++] = (uint16_t)c;
            embedding[2 * c] += w->signal;
            embedding[2 * c + 1] += w->signal;
        }
    }
    for (size_t i = 0; i < DIMS; i++) {
        embedding[i] = fmaxf(0.0f, embedding[i]);
    }
    return count;
}

static struct multi_head *taught(const struct world *w, uint64_t *state, size_t answers)
{
    struct error err = { ERROR_NONE, "" };
    struct head_parts parts = { 2, { { DIMS / 4, 0.7f }, { DIMS - DIMS / 4, 1.0f } } };
    struct multi_head *h = multi_head_new(&parts, w->classes, &err);
    assert_non_null(h);
    for (uint32_t id = 0; id < answers; id++) {
        float x[DIMS];
        uint16_t classes[CLASSES_MAX];
        size_t count = draw(w, state, x, classes);
        assert_true(multi_head_background(h, x, &err));
        assert_true(multi_head_set(h, id, x, classes, count, &err));
    }
    return h;
}

static struct head_model *refresh(struct multi_head *h)
{
    struct error err = { ERROR_NONE, "" };
    struct head_model *m = multi_head_refresh(h, &err);
    assert_string_equal(err.message, "");
    assert_non_null(m);
    return m;
}

struct score {
    float whole;              /* share of pictures whose set was predicted right */
    float certainty;          /* and how often that was expected */
    float each[CLASSES_MAX];  /* share of pictures with that class right */
    float mean[CLASSES_MAX];  /* mean probability of the class */
    float share[CLASSES_MAX]; /* and the share that has it */
    float error;              /* expected calibration error over ten bins of probability */
};

static void test(const struct world *w, const struct head_model *m, uint64_t *state,
                 struct score *s)
{
    enum { ROUNDS = 2000, BINS = 10 };
    float sums[BINS] = { 0 };
    *s = (struct score){ .whole = 0.0f };
    for (size_t i = 0; i < ROUNDS; i++) {
        float x[DIMS], p[CLASSES_MAX];
        uint16_t classes[CLASSES_MAX];
        bool has[CLASSES_MAX] = { false };
        bool whole = true;
        size_t count = draw(w, state, x, classes);
        for (size_t k = 0; k < count; k++) {
            has[classes[k]] = true;
        }
        assert_true(head_model_guess(m, x, 1, p, NULL));
        for (size_t c = 0; c < w->classes; c++) {
            bool right = (p[c] > 0.5f) == has[c];
            size_t bin = p[c] < 1.0f ? (size_t)(p[c] * BINS) : BINS - 1;
            assert_true(p[c] >= 0.0f && p[c] <= 1.0f);
            s->each[c] += right / (float)ROUNDS;
            s->mean[c] += p[c] / ROUNDS;
            s->share[c] += has[c] / (float)ROUNDS;
            sums[bin] += p[c] - (float)has[c];
            whole = whole && right;
        }
        s->whole += whole / (float)ROUNDS;
        s->certainty += head_model_certainty(p, w->classes) / ROUNDS;
    }
    for (size_t b = 0; b < BINS; b++) {
        s->error += fabsf(sums[b]) / (float)(ROUNDS * w->classes);
    }
}

static void learns_each_class_and_knows_how_well(void **state)
{
    (void)state;
    static const struct {
        struct world world;
        size_t answers;
        float whole; /* at least */
    } rows[] = {
        { { 3, { 2, 2, 2 }, 2.0f }, 40, 0.8f },
        { { 3, { 2, 2, 2 }, 2.0f }, 400, 0.95f },
        { { 5, { 2, 3, 4, 6, 10 }, 1.5f }, 400, 0.75f },
        { { 5, { 2, 3, 4, 6, 10 }, 0.7f }, 800, 0.3f },
        { { 8, { 8, 8, 8, 8, 8, 8, 8, 20 }, 1.0f }, 1500, 0.5f },
        { { 2, { 2, 30 }, 1.0f }, 100, 0.7f },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t random = i + 1;
        struct score s;
        struct multi_head *h = taught(&rows[i].world, &random, rows[i].answers);
        struct head_model *m = refresh(h);
        const struct head_quality *q = head_model_quality(m);
        test(&rows[i].world, m, &random, &s);
        print_message("%zu: whole %.3f, expected %.3f, held out %.3f; error %.3f, held out %.3f\n",
                      i, (double)s.whole, (double)s.certainty, (double)q->accuracy, (double)s.error,
                      (double)q->calibration_error);
        assert_true(head_model_is_multi(m));
        assert_int_equal(head_model_classes(m), rows[i].world.classes);
        assert_int_equal(q->answers, rows[i].answers);
        assert_true(q->trusted);
        assert_true(s.whole >= rows[i].whole);
        assert_true(s.error < (rows[i].answers < 200 ? 0.08f : 0.03f));
        assert_float_equal(s.certainty, s.whole, rows[i].answers < 200 ? 0.1f : 0.05f);
        for (size_t c = 0; c < rows[i].world.classes; c++) {
            assert_float_equal(s.mean[c], s.share[c], rows[i].answers < 200 ? 0.1f : 0.04f);
        }
        if (rows[i].answers >= 400) {
            assert_float_equal(q->accuracy, s.whole, 0.08f);
            assert_true(q->calibration_error < 0.04f);
        }
        head_model_free(m);
        multi_head_free(h);
    }
}

/* Nothing to learn from the features: the classes' frequencies, and it says so. */
static void distrusts_itself_where_there_is_nothing_to_learn(void **state)
{
    (void)state;
    struct world w = { 3, { 2, 4, 8 }, 0.0f };
    uint64_t random = 7;
    struct score s;
    struct multi_head *h = taught(&w, &random, 300);
    struct head_model *m = refresh(h);
    test(&w, m, &random, &s);
    assert_false(head_model_quality(m)->trusted);
    assert_true(s.error < 0.06f);
    head_model_free(m);
    multi_head_free(h);
}

/* A class without an answer, one that every picture has, and answers with no class at all. */
static void copes_with_all_and_nothing(void **state)
{
    (void)state;
    struct world w = { 3, { 0, 1, 2 }, 2.0f };
    uint64_t random = 3;
    float x[DIMS], p[3];
    uint16_t classes[3];
    struct multi_head *h = taught(&w, &random, 0);
    struct head_model *m = refresh(h);
    draw(&w, &random, x, classes);
    assert_true(head_model_guess(m, x, 1, p, NULL));
    assert_false(head_model_quality(m)->trusted);
    head_model_free(m);
    multi_head_free(h);
    for (size_t answers = 1; answers <= 64; answers *= 4) {
        h = taught(&w, &random, answers);
        m = refresh(h);
        for (int i = 0; i < 20; i++) {
            draw(&w, &random, x, classes);
            assert_true(head_model_guess(m, x, 1, p, NULL));
            assert_true(p[0] <= 0.5f && p[0] < 1.5f / (float)(answers + 1));
            assert_true(p[1] >= 0.5f && p[1] > 1.0f - 1.5f / (float)(answers + 1));
            assert_true(isfinite(p[2]));
        }
        head_model_free(m);
        multi_head_free(h);
    }
}

/* An answer that is changed or taken back leaves no trace. */
static void forgets(void **state)
{
    (void)state;
    struct world w = { 2, { 2, 2 }, 2.0f };
    uint64_t random = 5, again = 5;
    float x[DIMS], p[2], q[2];
    uint16_t classes[2] = { 0, 1 };
    struct multi_head *h = taught(&w, &random, 50);
    struct multi_head *clean = taught(&w, &again, 50);
    draw(&(struct world){ 2, { 1, 1 }, 2.0f }, &random, x, (uint16_t[2]){ 0 });
    assert_true(multi_head_set(h, 50, x, classes, 0, NULL));
    assert_true(multi_head_set(h, 50, x, classes, 2, NULL));
    multi_head_remove(h, 50);
    struct head_model *a = refresh(h), *b = refresh(clean);
    assert_int_equal(head_model_quality(a)->answers, 50);
    assert_true(head_model_guess(a, x, 1, p, NULL) && head_model_guess(b, x, 1, q, NULL));
    assert_float_equal(p[0], q[0], 0.02f);
    assert_float_equal(p[1], q[1], 0.02f);
    head_model_free(a);
    head_model_free(b);
    multi_head_free(h);
    multi_head_free(clean);
}

static void refuses(void **state)
{
    (void)state;
    struct world w = { 2, { 2, 2 }, 2.0f };
    uint64_t random = 1;
    struct error err = { ERROR_NONE, "" };
    float x[DIMS] = { 0 };
    struct multi_head *h = taught(&w, &random, 5);
    assert_false(multi_head_set(h, 6, x, (uint16_t[1]){ 2 }, 1, &err));
    assert_string_equal(err.message, "class 2 of 2");
    x[3] = NAN;
    assert_false(multi_head_set(h, 6, x, (uint16_t[1]){ 1 }, 1, &err));
    assert_string_equal(err.message, "an embedding is not finite");
    multi_head_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_each_class_and_knows_how_well),
        cmocka_unit_test(distrusts_itself_where_there_is_nothing_to_learn),
        cmocka_unit_test(copes_with_all_and_nothing),
        cmocka_unit_test(forgets),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests_name("multi_head", tests, NULL, NULL);
}
