/* Memory shared out among threads: who waits, who goes first, and that nobody waits
 * for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>

#include "base/budget.h"
#include "base/mem.h"

struct worker {
    struct budget *budget;
    pthread_t thread;
    uint64_t bytes;
    unsigned rank;
    atomic_int *served; /* counts those who have got theirs */
    int place;          /* among them */
};

static void *take_and_give(void *context)
{
    struct worker *w = context;
    struct budget_lease lease = { 0 };
    budget_take(w->budget, &lease, w->bytes, w->rank);
    w->place = atomic_fetch_add(w->served, 1);
    budget_give(w->budget, &lease);
    return NULL;
}

static void start(struct worker *w)
{
    assert_int_equal(pthread_create(&w->thread, NULL, take_and_give, w), 0);
}

/* Until so many are in the queue. */
static void wait_for_waiters(struct budget *b, size_t count)
{
    while (budget_waiting(b) != count) {
        sched_yield();
    }
}

static void test_S3_within_the_budget_nobody_waits(void **state)
{
    (void)state;
    struct budget b = BUDGET_INIT(100);
    struct budget_lease one = { 0 }, two = { 0 };
    budget_take(&b, &one, 60, 0);
    budget_take(&b, &two, 30, 0);
    budget_take(&b, &two, 10, 0);
    budget_take(&b, &two, 0, 0);
    assert_int_equal(two.bytes, 40);
    assert_int_equal(budget_peak(&b), 100);
    budget_give(&b, &one);
    budget_give(&b, &one);
    budget_take(&b, &one, 60, 0);
    budget_give(&b, &one);
    budget_give(&b, &two);
    assert_int_equal(budget_peak(&b), 100);
}

/* By rank, and by their turn within one. */
static void test_S3_the_first_rank_is_served_first(void **state)
{
    (void)state;
    struct budget b = BUDGET_INIT(100);
    struct budget_lease all = { 0 };
    atomic_int served = 0;
    static const unsigned ranks[] = { 7, 7, 0, 3, 0, 9 };
    static const int places[] = { 3, 4, 0, 2, 1, 5 };
    struct worker workers[ARRAY_LEN(ranks)];
    budget_take(&b, &all, 100, 0);
    for (size_t i = 0; i < ARRAY_LEN(ranks); i++) {
        workers[i] = (struct worker){ &b, .bytes = 100, .rank = ranks[i], .served = &served };
        start(&workers[i]);
        wait_for_waiters(&b, i + 1);
    }
    assert_int_equal(served, 0);
    budget_give(&b, &all);
    for (size_t i = 0; i < ARRAY_LEN(ranks); i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].place, places[i]);
    }
    assert_int_equal(budget_peak(&b), 100);
}

/* A wish beyond the budget is met alone; what is small waits behind it. */
static void test_S3_more_than_all_is_met_alone(void **state)
{
    (void)state;
    struct budget b = BUDGET_INIT(100);
    struct budget_lease some = { 0 };
    atomic_int served = 0;
    struct worker big = { &b, .bytes = 500, .served = &served };
    struct worker small = { &b, .bytes = 1, .served = &served };
    budget_take(&b, &some, 1, 0);
    start(&big);
    wait_for_waiters(&b, 1);
    start(&small);
    wait_for_waiters(&b, 2);
    budget_give(&b, &some);
    pthread_join(big.thread, NULL);
    pthread_join(small.thread, NULL);
    assert_int_equal(big.place, 0);
    assert_int_equal(budget_peak(&b), 500);
}

/* Leases that grow: all hold something and want more than is left. */
static void *grow(void *context)
{
    struct worker *w = context;
    struct budget_lease lease = { 0 };
    for (int i = 0; i < 200; i++) {
        budget_take(w->budget, &lease, 10, w->rank);
        budget_take(w->budget, &lease, w->bytes, w->rank);
        budget_give(w->budget, &lease);
    }
    return NULL;
}

static void test_S3_leases_that_grow_never_jam(void **state)
{
    (void)state;
    struct budget b = BUDGET_INIT(100);
    struct worker workers[8];
    for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
        workers[i] = (struct worker){ &b, .bytes = i % 2 ? 80 : 150, .rank = (unsigned)i % 3 };
        assert_int_equal(pthread_create(&workers[i].thread, NULL, grow, &workers[i]), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
        pthread_join(workers[i].thread, NULL);
    }
    assert_true(budget_peak(&b) <= 100 + 150);
}

/* A larger budget wakes those who wait. */
static void test_S3_a_new_limit_counts_at_once(void **state)
{
    (void)state;
    struct budget b = BUDGET_INIT(100);
    struct budget_lease some = { 0 };
    atomic_int served = 0;
    struct worker w = { &b, .bytes = 100, .served = &served };
    budget_take(&b, &some, 50, 0);
    start(&w);
    wait_for_waiters(&b, 1);
    budget_set_limit(&b, 150);
    pthread_join(w.thread, NULL);
    assert_int_equal(budget_limit(&b), 150);
    budget_give(&b, &some);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_S3_within_the_budget_nobody_waits),
        cmocka_unit_test(test_S3_the_first_rank_is_served_first),
        cmocka_unit_test(test_S3_more_than_all_is_met_alone),
        cmocka_unit_test(test_S3_leases_that_grow_never_jam),
        cmocka_unit_test(test_S3_a_new_limit_counts_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
