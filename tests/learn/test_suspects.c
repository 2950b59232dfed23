#include "learn/suspects.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "pseudo.h"

/* Pictures of CLASSES Gaussians; class c has its features 4c to 4c + 3 higher. */
enum { DIMS = 40, CLASSES = 5, COUNT = 400 };

struct set {
    float x[COUNT][DIMS];
    size_t truth[COUNT], label[COUNT];
    bool planted[COUNT];
    size_t errors;
};

/* One label of `one_in` is wrong. */
static void fill(struct set *s, float signal, size_t one_in)
{
    uint64_t state = 7;

    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < COUNT; i++) {
        s->truth[i] = s->label[i] = i % CLASSES;
        s->planted[i] = i % one_in == one_in / 2;
        if (s->planted[i]) {
            s->label[i] = (s->truth[i] + 1 + i / one_in % (CLASSES - 1)) % CLASSES;
            s->errors++;
        }
        for (size_t j = 0; j < DIMS; j++) {
            float mean = 2.0f + (j / 4 == s->truth[i] ? signal : 0.0f);
            s->x[i][j] = fmaxf(0.0f, mean + 0.7f * pseudo_normal(&state));
        }
    }
}

static struct head *new_head(size_t classes)
{
    struct head_parts parts = { 1, { { DIMS, 1.0f } } };
    struct head *h = head_new(&parts, NULL);

    assert_non_null(h);
    assert_true(head_resize_classes(h, classes, NULL));
    return h;
}

static void refresh(struct head *h)
{
    struct error err = { ERROR_NONE, "" };
    struct head_model *m = head_refresh(h, &err);

    assert_string_equal(err.message, "");
    head_model_free(m);
}

static struct head *learned(const struct set *s)
{
    struct head *h = new_head(CLASSES);

    for (size_t i = 0; i < COUNT; i++) {
        assert_true(head_background(h, s->x[i], NULL));
        assert_true(head_set(h, (uint32_t)i, s->x[i], s->label[i], NULL));
    }
    refresh(h);
    return h;
}

static struct suspect *find(const struct head *h, size_t *count)
{
    struct error err = { ERROR_NONE, "" };
    struct suspect *list;

    assert_true(suspects_find(h, &list, count, &err));
    assert_string_equal(err.message, "");
    return list;
}

/* The errors come first, and what is proposed for them is the truth. */
static void test_planted_errors_come_first(void **state)
{
    static struct set s;
    size_t count, early = 0, right = 0, doubted = 0;

    (void)state;
    fill(&s, 2.5f, 20);
    struct head *h = learned(&s);
    struct suspect *list = find(h, &count);
    assert_int_equal(count, COUNT);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(list[i].class_index, s.label[list[i].id]);
        assert_true(i == 0 || list[i - 1].own <= list[i].own);
        doubted += list[i].doubted;
        if (i < s.errors + 4 && s.planted[list[i].id]) {
            early++;
            right += list[i].other == s.truth[list[i].id];
        }
    }
    assert_int_equal(early, s.errors);
    assert_true(right + 1 >= s.errors);
    assert_in_range(doubted, s.errors / 2, s.errors + 4);
    free(list);
    head_free(h);
}

/* With pure noise nothing tells errors apart, and a label has no say in its own case: other
 * classes are likelier for as many as chance has it. */
static void test_a_label_has_no_say_in_its_own_case(void **state)
{
    static struct set s;
    size_t count, doubted = 0;

    (void)state;
    fill(&s, 0.0f, 20);
    struct head *h = learned(&s);
    struct suspect *list = find(h, &count);
    for (size_t i = 0; i < count; i++) {
        doubted += list[i].best_other > list[i].own;
    }
    assert_true(doubted > COUNT * 7 / 10); /* by chance 8 of 10 */
    free(list);
    head_free(h);
}

/* Close to what a head says that never had the answer. */
static void test_is_what_a_head_without_it_says(void **state)
{
    static struct set s;
    float judged[CLASSES], guessed[CLASSES];

    (void)state;
    fill(&s, 1.0f, 20);
    struct head *h = learned(&s);
    for (uint32_t id = 0; id < 40; id++) {
        refresh(h);
        assert_true(suspects_judge(h, id, judged, NULL));
        head_remove(h, id);
        struct head_model *m = head_refresh(h, NULL);
        assert_true(head_model_guess(m, s.x[id], 1, guessed, NULL));
        head_model_free(m);
        assert_true(head_set(h, id, s.x[id], s.label[id], NULL));
        float sum = 0.0f;
        for (size_t c = 0; c < CLASSES; c++) {
            assert_true(fabsf(judged[c] - guessed[c]) < 0.05f);
            sum += judged[c];
        }
        assert_true(fabsf(sum - 1.0f) < 1e-4f);
    }
    head_free(h);
}

/* The list has what is said of each. */
static void test_list_and_judge_agree(void **state)
{
    static struct set s;
    float p[CLASSES];
    size_t count;

    (void)state;
    fill(&s, 0.5f, 10);
    struct head *h = learned(&s);
    struct suspect *list = find(h, &count);
    for (size_t i = 0; i < count; i++) {
        assert_true(suspects_judge(h, list[i].id, p, NULL));
        assert_true(fabsf(p[list[i].class_index] - list[i].own) < 1e-5f);
        assert_true(fabsf(p[list[i].other] - list[i].best_other) < 1e-5f);
        for (size_t c = 0; c < CLASSES; c++) {
            assert_true(c == list[i].class_index || p[c] <= list[i].best_other + 1e-5f);
        }
    }
    free(list);
    head_free(h);
}

/* Before the first fit, and with another answer since the last one. */
static void test_needs_a_fit_to_the_answers(void **state)
{
    static struct set s;
    struct suspect *list;
    size_t count;
    float p[CLASSES];
    struct error err;

    (void)state;
    fill(&s, 1.0f, 20);
    struct head *h = new_head(CLASSES);
    assert_true(suspects_find(h, &list, &count, NULL));
    assert_int_equal(count, 0);
    head_free(h);
    h = learned(&s);
    assert_true(head_set(h, 3, s.x[3], (s.label[3] + 1) % CLASSES, NULL));
    assert_false(suspects_find(h, &list, &count, &err));
    assert_false(suspects_judge(h, 3, p, &err));
    refresh(h);
    assert_true(suspects_judge(h, 3, p, NULL));
    assert_false(suspects_judge(h, COUNT, p, &err));
    head_free(h);
}

/* Nothing can be said of the only answer of a class, and classes without answers do not count. */
static void test_the_only_answer_of_a_class(void **state)
{
    static struct set s;
    size_t count;
    float p[CLASSES + 2];

    (void)state;
    fill(&s, 1.5f, 1000);
    struct head *h = new_head(CLASSES + 2);
    for (size_t i = 0; i < 50; i++) {
        size_t c = i == 10 ? CLASSES + 1 : s.label[i] % 2;
        assert_true(head_set(h, (uint32_t)i, s.x[i], c, NULL));
    }
    refresh(h);
    struct suspect *list = find(h, &count);
    assert_int_equal(count, 49);
    for (size_t i = 0; i < count; i++) {
        assert_int_not_equal(list[i].id, 10);
        assert_true(list[i].other < 2 || list[i].other == CLASSES + 1);
    }
    assert_true(suspects_judge(h, 10, p, NULL));
    assert_true(p[CLASSES + 1] == 0.0f);
    free(list);
    head_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted_errors_come_first),
        cmocka_unit_test(test_a_label_has_no_say_in_its_own_case),
        cmocka_unit_test(test_is_what_a_head_without_it_says),
        cmocka_unit_test(test_list_and_judge_agree),
        cmocka_unit_test(test_needs_a_fit_to_the_answers),
        cmocka_unit_test(test_the_only_answer_of_a_class),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
