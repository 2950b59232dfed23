/* Ranks, the front of the lowest ones, and how long the sample is. */
#include "session/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pseudo.h"

static const struct region whole;

/* Ranks are written nowhere, so they may never change. */
static void test_C10_ranks_never_change(void **state)
{
    (void)state;
    assert_true(sample_rank("", 0, &whole) == 0xd2151ca930d7eb67);
    assert_true(sample_rank("IMG_0001.jpg", 12, &whole) == 0x3721a47a704a9c8a);
    assert_true(sample_rank("a/IMG_0001.jpg", 14, &whole) == 0xa3a4c30168a6e6cc);
}

static uint64_t rank_at(uint32_t i)
{
    char name[32];
    int len = snprintf(name, sizeof name, "day%u/img%u.jpg", i % 7, i);
    return sample_rank(name, (size_t)len, &whole);
}

static void add(struct sample *s, uint32_t count)
{
    while (s->total < count) {
        assert_true(sample_add(s, rank_at((uint32_t)s->total)));
        if (s->total % 1000 == 0) {
            sample_sort(s);
        }
    }
    sample_sort(s);
}

static bool any(const void *context, uint32_t id)
{
    (void)context;
    (void)id;
    return true;
}

/* All pictures come in the order of their ranks, though few are kept sorted. */
static void test_C10_all_come_in_the_order_of_ranks(void **state)
{
    static const uint32_t counts[] = { 1, 100, 5000, 40000 };
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct sample s;
        size_t at = 0;
        size_t seen = 0;
        uint32_t id;
        uint64_t last = 0;
        sample_init(&s);
        add(&s, counts[i]);
        assert_true(s.count <= 6000);
        while (sample_next(&s, &at, any, NULL, &id)) {
            assert_int_equal(s.ranks[id], rank_at(id));
            assert_true(rank_at(id) >= last);
            last = rank_at(id);
            seen++;
        }
        assert_int_equal(seen, counts[i]);
        sample_release(&s);
    }
}

static bool is_closed(const void *context, uint32_t id)
{
    const bool *closed = context;
    return closed[id];
}

#define COUNT 10000

/* Labelled in the order of the files the sample is next to nothing, by rank it is
 * all that was labelled, and one in five by rank is enough. */
static void test_C10_length(void **state)
{
    static bool closed[COUNT];
    struct sample s;
    size_t at = 0;
    uint32_t id;

    (void)state;
    sample_init(&s);
    add(&s, COUNT);
    assert_int_equal(sample_length(&s, is_closed, closed), 0);
    memset(closed, true, COUNT / 2);
    assert_in_range(sample_length(&s, is_closed, closed), 0, 20);
    memset(closed, true, COUNT);
    assert_int_equal(sample_length(&s, is_closed, closed), COUNT);
    memset(closed, false, COUNT);
    for (int i = 0; i < 400; i++) {
        assert_true(sample_next(&s, &at, any, NULL, &id));
        closed[id] = true;
    }
    /* A tenth may be missing: files that are new, or passed over. */
    assert_in_range(sample_length(&s, is_closed, closed), 400, 445);
    memset(closed, true, 800); /* others, for other reasons */
    assert_in_range(sample_length(&s, is_closed, closed), 400, 520);
    sample_release(&s);
}

/* New files do not end a sample that they are a small part of. */
static void test_C10_new_files(void **state)
{
    static bool closed[COUNT + COUNT / 5];
    struct sample s;
    size_t at = 0;
    uint32_t id;

    (void)state;
    sample_init(&s);
    add(&s, COUNT);
    for (int i = 0; i < 1000; i++) {
        assert_true(sample_next(&s, &at, any, NULL, &id));
        closed[id] = true;
    }
    add(&s, COUNT + COUNT / 20);
    assert_in_range(sample_length(&s, is_closed, closed), 1000, 1200);
    add(&s, COUNT + COUNT / 5); /* one in six is new: no sample of all any more */
    assert_in_range(sample_length(&s, is_closed, closed), 0, 500);
    sample_release(&s);
}

/* Those chosen before it was their turn are told from those drawn, though some answers
 * were changed later. */
static void test_C10_drawn(void **state)
{
    static const struct {
        int64_t times[12];
        size_t count;
        const char *want; /* by place: drawn or not */
    } cases[] = {
        { { 0 }, 0, "" },
        { { 5 }, 1, "y" },
        { { 1, 2, 3, 4 }, 4, "yyyy" },
        { { 10, 3, 20, 4, 30, 40 }, 6, "ynynyy" },
        { { 10, 99, 20, 30, 40 }, 5, "yyyyy" }, /* changed later: kept, and nothing ends */
        { { 10, 3, 99, 20, 4, 30, 98, 40, 50, 5 }, 10, "ynyynyyyyn" },
        { { 0, 0, 0 }, 3, "yyy" }, /* times that are not known */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool drawn[12];
        char got[13] = "";
        assert_true(sample_drawn(cases[i].times, cases[i].count, drawn));
        for (size_t k = 0; k < cases[i].count; k++) {
            got[k] = drawn[k] ? 'y' : 'n';
        }
        assert_string_equal(got, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_C10_ranks_never_change),
        cmocka_unit_test(test_C10_all_come_in_the_order_of_ranks),
        cmocka_unit_test(test_C10_length),
        cmocka_unit_test(test_C10_new_files),
        cmocka_unit_test(test_C10_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
