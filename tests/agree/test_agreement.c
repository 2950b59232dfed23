/* The figures of the papers that define the measures, to the digits that they print, and to
 * four digits where they print the fraction. */
#include "agree/agreement.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agree/trust.h"
#include "base/mem.h"
#include "base/random.h"

#define NEAR(got, want) assert_true(fabs((got) - (want)) < 0.00005)

struct table {
    struct rating list[5000];
    size_t count, items;
};

static void add(struct table *t, size_t item, size_t annotator, size_t value)
{
    assert_true(t->count < ARRAY_LEN(t->list));
    t->list[t->count++] = (struct rating){ (uint32_t)item, (uint32_t)annotator, (uint32_t)value };
    t->items = item + 1 > t->items ? item + 1 : t->items;
}

static void make(struct ratings *r, const struct table *t, size_t annotators, size_t values)
{
    struct ratings shape = { .items = t->items, .annotators = annotators, .values = values };
    assert_true(ratings_make(r, &shape, t->list, t->count, NULL));
}

static void holds(struct estimate e)
{
    assert_true(e.low <= e.value && e.value <= e.high && e.low < e.high);
}

/* J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological
 * Measurement 20, 1960: 200 subjects, of which the judges agree on 70 %, expected 41 %;
 * kappa = (0.70 - 0.41) / (1 - 0.41) = .492. */
static void test_cohen_1960(void **state)
{
    static const size_t cells[3][3] = { { 88, 14, 18 }, { 10, 40, 10 }, { 2, 6, 12 } };
    struct table *t = *state;
    struct ratings r;
    struct pair_agreement p;
    for (size_t a = 0; a < 3; a++) {
        for (size_t b = 0; b < 3; b++) {
            for (size_t i = 0; i < cells[a][b]; i++) {
                add(t, t->items, 0, a);
                add(t, t->items - 1, 1, b);
            }
        }
    }
    make(&r, t, 2, 3);
    assert_int_equal(r.pattern_count, 9);
    assert_true(agreement_of_pair(&p, &r, 0, 1, NULL));
    assert_int_equal(p.items, 200);
    assert_int_equal(p.same, 140);
    NEAR(p.raw.value, 0.70);
    NEAR(p.kappa.value, 0.29 / 0.59);
    assert_true(fabs(p.kappa.value - 0.492) < 0.0005);
    assert_int_equal(p.cell_count, 9);
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(p.cells[i].first, i / 3);
        assert_int_equal(p.cells[i].second, i % 3);
        assert_int_equal(p.cells[i].items, cells[i / 3][i % 3]);
    }
    pair_agreement_release(&p);

    /* The other way round it is the same kappa. */
    assert_true(agreement_of_pair(&p, &r, 1, 0, NULL));
    NEAR(p.kappa.value, 0.29 / 0.59);
    assert_int_equal(p.cells[1].items, 10);
    pair_agreement_release(&p);
    ratings_release(&r);
}

/* J. L. Fleiss, Measuring nominal scale agreement among many raters, Psychological Bulletin 76,
 * 1971, table 1: diagnoses of 30 patients by six psychiatrists each, P = .5556, Pe = .2201,
 * kappa = .430; and of the single diagnoses .245, .245, .520, .471, .566. */
static void test_fleiss_1971(void **state)
{
    static const int diagnoses[30][5] = {
        { 0, 0, 0, 6, 0 }, { 0, 3, 0, 0, 3 }, { 0, 1, 4, 0, 1 }, { 0, 0, 0, 0, 6 },
        { 0, 3, 0, 3, 0 }, { 2, 0, 4, 0, 0 }, { 0, 0, 4, 0, 2 }, { 2, 0, 3, 1, 0 },
        { 2, 0, 0, 4, 0 }, { 0, 0, 0, 0, 6 }, { 1, 0, 0, 5, 0 }, { 1, 1, 0, 4, 0 },
        { 0, 3, 3, 0, 0 }, { 1, 0, 0, 5, 0 }, { 0, 2, 0, 3, 1 }, { 0, 0, 5, 0, 1 },
        { 3, 0, 0, 1, 2 }, { 5, 1, 0, 0, 0 }, { 0, 2, 0, 4, 0 }, { 1, 0, 2, 0, 3 },
        { 0, 0, 0, 0, 6 }, { 0, 1, 0, 5, 0 }, { 0, 2, 0, 1, 3 }, { 2, 0, 0, 4, 0 },
        { 1, 0, 0, 4, 1 }, { 0, 5, 0, 1, 0 }, { 4, 0, 0, 0, 2 }, { 0, 2, 0, 4, 0 },
        { 1, 0, 5, 0, 0 }, { 0, 0, 0, 0, 6 },
    };
    static const double single[5] = { 0.245, 0.245, 0.520, 0.471, 0.566 };
    struct table *t = *state;
    struct ratings r;
    struct agreement a;
    for (size_t i = 0; i < 30; i++) {
        size_t annotator = 0;
        for (size_t v = 0; v < 5; v++) {
            for (int n = 0; n < diagnoses[i][v]; n++) {
                add(t, i, annotator++, v);
            }
        }
    }
    make(&r, t, 6, 5);
    assert_true(agreement_measure(&a, &r, NULL));
    assert_int_equal(a.items, 30);
    assert_int_equal(a.shared, 30);
    assert_int_equal(a.unanimous, 5);
    NEAR(a.raw.value, 0.5556);
    NEAR(a.fleiss.value, 0.4302);
    holds(a.raw);
    holds(a.fleiss);
    holds(a.alpha);
    /* alpha = 1 - (1 - kappa) * (n - 1) / n, as each item has the same number of votes. */
    NEAR(a.alpha.value, 1.0 - (1.0 - a.fleiss.value) * 179.0 / 180.0);
    for (size_t c = 0; c < 5; c++) {
        double kappa = 1.0 - (1.0 - a.classes[c].alpha.value) * 180.0 / 179.0;
        assert_true(fabs(kappa - single[c]) < 0.0006);
    }
    assert_int_equal(a.classes[0].uses, 26);
    agreement_release(&a);
    ratings_release(&r);
}

/* K. Krippendorff, Computing Krippendorff's alpha-reliability, 2011, section C: four
 * observers, twelve units, values that are missing. alpha = .743, that is
 * (39 * 32 - 344) / (1560 - 344). */
static void test_krippendorff_2011(void **state)
{
    static const int units[4][12] = {
        { 1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0 },
        { 1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3 },
        { 0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0 },
        { 1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0 },
    };
    struct table *t = *state;
    struct ratings r;
    struct agreement a;
    for (size_t o = 0; o < 4; o++) {
        for (size_t u = 0; u < 12; u++) {
            if (units[o][u]) {
                add(t, u, o, (size_t)units[o][u] - 1);
            }
        }
    }
    make(&r, t, 4, 5);
    assert_true(agreement_measure(&a, &r, NULL));
    assert_int_equal(a.items, 12);
    assert_int_equal(a.shared, 11);
    NEAR(a.alpha.value, 904.0 / 1216.0);
    assert_true(fabs(a.alpha.value - 0.743) < 0.0005);
    holds(a.alpha);
    assert_int_equal(a.annotators[0].items, 9);
    assert_int_equal(a.annotators[1].items, 11);
    assert_int_equal(a.annotators[1].shared, 10);
    /* The value 5: three votes that agree with each other, and with no other one. */
    NEAR(a.classes[4].same.value, 1.0);
    NEAR(a.classes[4].alpha.value, 1.0);
    agreement_release(&a);
    ratings_release(&r);
}

/* A. P. Dawid and A. M. Skene, Maximum likelihood estimation of observer error-rates using the
 * EM algorithm, Applied Statistics 28, 1979: 45 patients and five anaesthetists, of whom the
 * first saw each patient three times. Their estimates have two digits; the others were worked
 * out by a plain implementation of the formulas. */
static void test_dawid_skene_1979(void **state)
{
    /* Each of three visits to the first one, and the other four. */
    static const char *const patients[45] = {
        "1111111", "3334334", "1122122", "2223121", "2223222", "2223322", "1222111", "3333433",
        "2222223", "2322223", "4444444", "2223343", "1111111", "2223212", "1211111", "1112111",
        "1111111", "1111111", "2222221", "2221322", "2222222", "2222221", "2223222", "2212222",
        "1111111", "1111111", "2322222", "1111111", "1111111", "1121121", "1111111", "3333233",
        "1111111", "2222222", "2223232", "4334343", "2212232", "2323233", "3333432", "1111111",
        "1111111", "1212111", "2322222", "1211111", "2222222",
    };
    static const double first[4][4] = { { 0.8895, 0.1105, 0.0, 0.0 },
                                        { 0.0706, 0.8764, 0.0530, 0.0 },
                                        { 0.0, 0.3388, 0.6612, 0.0 },
                                        { 0.0, 0.0, 0.5556, 0.4444 } };
    static const double shares[4] = { 0.399555, 0.421983, 0.111795, 0.066667 };
    static const double published[4] = { 0.40, 0.42, 0.11, 0.07 };
    static const double accuracy[5] = { 0.828763, 0.778869, 0.776648, 0.866943, 0.842372 };
    struct table *t = *state;
    struct ratings r;
    struct trust trust;
    double truth[4];
    for (size_t i = 0; i < 45; i++) {
        for (size_t v = 0; v < 7; v++) {
            add(t, i, v < 3 ? 0 : v - 2, (size_t)(patients[i][v] - '1'));
        }
    }
    make(&r, t, 5, 4);
    assert_true(trust_learn(&trust, &r, NULL));
    assert_true(trust.settled);
    assert_true(fabs(trust.log_likelihood + 192.890881) < 0.0001);
    for (size_t j = 0; j < 4; j++) {
        NEAR(trust.shares[j], shares[j]);
        assert_true(fabs(trust.shares[j] - published[j]) < 0.005);
        for (size_t l = 0; l < 4; l++) {
            assert_true(fabs(trust.rates[j * 4 + l] - first[j][l]) < 0.0001);
        }
    }
    for (uint32_t a = 0; a < 5; a++) {
        NEAR(trust_accuracy(&trust, a), accuracy[a]);
    }
    trust_of_pattern(&trust, &r, r.pattern_of[2], truth);
    NEAR(truth[1], 1.0);
    trust_release(&trust);
    ratings_release(&r);
}

/* The bootstrap must have the width that theory gives: of a share p of n items, a standard
 * error of sqrt(p (1 - p) / n). */
static void test_interval_of_a_share(void **state)
{
    struct table *t = *state;
    struct ratings r;
    struct pair_agreement p;
    for (size_t i = 0; i < 2000; i++) {
        add(t, i, 0, i % 2);
        add(t, i, 1, (i % 2 + (i % 5 == 0)) % 2);
    }
    make(&r, t, 2, 2);
    assert_int_equal(r.pattern_count, 4);
    assert_true(agreement_of_pair(&p, &r, 0, 1, NULL));
    NEAR(p.raw.value, 0.8);
    double width = 2.0 * 1.96 * sqrt(0.8 * 0.2 / 2000.0);
    assert_true(fabs((p.raw.high - p.raw.low) / width - 1.0) < 0.1);
    assert_int_equal(p.draws, 1000);
    struct pair_agreement again;
    assert_true(agreement_of_pair(&again, &r, 0, 1, NULL));
    assert_true(p.raw.low == again.raw.low && p.kappa.high == again.kappa.high);
    pair_agreement_release(&p);
    pair_agreement_release(&again);
    ratings_release(&r);
}

/* With small counts, too, where the binomials are drawn one success at a time. */
static void test_interval_of_few(void **state)
{
    struct table *t = *state;
    struct ratings r;
    struct agreement a;
    for (size_t i = 0; i < 40; i++) {
        add(t, i, 0, i % 4);
        add(t, i, 1, (i % 4 + (i % 10 == 0)) % 4);
    }
    make(&r, t, 2, 4);
    assert_true(agreement_measure(&a, &r, NULL));
    NEAR(a.raw.value, 0.9);
    double width = 2.0 * 1.96 * sqrt(0.9 * 0.1 / 40.0);
    assert_true(fabs((a.raw.high - a.raw.low) / width - 1.0) < 0.25);
    assert_true(a.raw.high <= 1.0);
    agreement_release(&a);
    ratings_release(&r);
}

/* Without anything to compare, or with one class only, there is no figure. */
static void test_undefined(void **state)
{
    struct table *t = *state;
    struct ratings r;
    struct agreement a;
    struct pair_agreement p;
    add(t, 0, 0, 0);
    add(t, 1, 1, 1);
    make(&r, t, 2, 2);
    assert_true(agreement_measure(&a, &r, NULL));
    assert_int_equal(a.items, 2);
    assert_int_equal(a.shared, 0);
    assert_true(isnan(a.raw.value) && isnan(a.fleiss.value) && isnan(a.alpha.value));
    assert_true(isnan(a.raw.low) && isnan(a.annotators[0].same.value));
    assert_true(agreement_of_pair(&p, &r, 0, 1, NULL));
    assert_int_equal(p.items, 0);
    assert_true(isnan(p.raw.value) && isnan(p.kappa.value));
    pair_agreement_release(&p);
    agreement_release(&a);
    ratings_release(&r);

    t->list[1] = (struct rating){ 0, 1, 0 };
    make(&r, t, 2, 2);
    assert_true(agreement_measure(&a, &r, NULL));
    NEAR(a.raw.value, 1.0);
    assert_true(isnan(a.fleiss.value) && isnan(a.alpha.value));
    agreement_release(&a);
    ratings_release(&r);
}

/* Sets of classes: {0}, {0, 1}, {1}. On the whole they agree on one item in three; on class 0
 * in all but one. */
static void test_sets(void **state)
{
    static size_t first[] = { 0, 1, 3, 4 };
    static uint32_t list[] = { 0, 0, 1, 1 };
    struct table *t = *state;
    struct ratings shape = { .items = 3, .annotators = 2, .values = 3, .classes = 2 };
    struct ratings r, one;
    struct agreement a, of_class;
    shape.class_first = first;
    shape.class_list = list;
    add(t, 0, 0, 0);
    add(t, 0, 1, 1);
    add(t, 1, 0, 2);
    add(t, 1, 1, 2);
    add(t, 2, 0, 2);
    add(t, 2, 1, 1);
    assert_true(ratings_make(&r, &shape, t->list, t->count, NULL));
    assert_true(agreement_measure(&a, &r, NULL));
    NEAR(a.raw.value, 1.0 / 3.0);
    assert_int_equal(a.classes[0].uses, 3);
    NEAR(a.classes[0].same.value, 2.0 / 3.0);
    assert_int_equal(a.classes[1].uses, 5);
    NEAR(a.classes[1].same.value, 4.0 / 5.0);

    assert_true(ratings_of_class(&one, &r, 0, NULL));
    assert_true(agreement_measure(&of_class, &one, NULL));
    NEAR(of_class.raw.value, 2.0 / 3.0);
    NEAR(of_class.alpha.value, a.classes[0].alpha.value);
    agreement_release(&of_class);
    ratings_release(&one);
    agreement_release(&a);
    ratings_release(&r);
}

/* Two who always agree are believed against three who answer at random, who often outvote
 * them. */
static void test_trust_beats_majority(void **state)
{
    struct table *t = *state;
    struct ratings r;
    struct trust trust;
    struct random random = random_start(7, 0);
    double truth[2];
    size_t right = 0;
    for (size_t i = 0; i < 400; i++) {
        add(t, i, 0, i % 2);
        add(t, i, 1, i % 2);
        for (size_t a = 2; a < 5; a++) {
            add(t, i, a, random_below(&random, 2));
        }
    }
    make(&r, t, 5, 2);
    assert_true(trust_learn(&trust, &r, NULL));
    for (size_t i = 0; i < 400; i++) {
        trust_of_pattern(&trust, &r, r.pattern_of[i], truth);
        right += truth[i % 2] > 0.5;
    }
    assert_int_equal(right, 400);
    assert_true(trust_accuracy(&trust, 0) > 0.99);
    assert_true(trust_accuracy(&trust, 3) < 0.6);
    trust_release(&trust);
    ratings_release(&r);
}

static void test_trust_refuses_too_much(void **state)
{
    struct ratings r = { .annotators = 10, .values = 100000 };
    struct trust trust;
    struct error err;
    (void)state;
    assert_false(trust_learn(&trust, &r, &err));
    assert_int_equal(err.kind, ERROR_UNSUPPORTED);
    trust_release(&trust);
}

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct table));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_cohen_1960),
        TEST(test_fleiss_1971),
        TEST(test_krippendorff_2011),
        TEST(test_dawid_skene_1979),
        TEST(test_interval_of_a_share),
        TEST(test_interval_of_few),
        TEST(test_undefined),
        TEST(test_sets),
        TEST(test_trust_beats_majority),
        TEST(test_trust_refuses_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
