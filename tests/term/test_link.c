#include "term/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#define MS 1000000
#define US 1000.0

/* A line with a terminal at its end, and what keeps either from its work. */
struct world {
    double mbits;
    int round_trip_ms;
    double ns_per_byte; /* that the terminal needs to draw a picture */
    bool ssh;
    const int *delays_ms; /* in turn, before each answer, as processors are busy */
    size_t delay_count;
    size_t turn;
    int trials;
    double worst_ms; /* of a picture on its way, the round trip apart */
};

static int64_t delay(struct world *w)
{
    return w->delay_count ? w->delays_ms[w->turn++ % w->delay_count] * (int64_t)MS : 0;
}

static double on_line(const struct world *w, size_t bytes)
{
    return (double)bytes * 8e3 / w->mbits;
}

/* As the screen does it. */
static void settle_doubt(struct world *w, struct link *link)
{
    if (!link->doubt) {
        return;
    }
    w->trials++;
    link_try(link);
    while (link_trial(link)) {
        size_t bytes = link_trial(link);
        int64_t half = (int64_t)on_line(w, bytes);
        int64_t first = w->round_trip_ms * (int64_t)MS + delay(w);
        /* An answer that was held up comes with the next one. */
        int64_t held = delay(w), later = half + delay(w) - held;
        link_tried(link, first, half + held, later > 0 ? later : 0);
    }
    assert_false(link->doubt);
}

/* Of one and the same picture, that fills a pane of usual size. */
static size_t bytes_at(const struct link *link, size_t full)
{
    static const double share[LEVEL_COUNT] = { 1.4, 1.0, 0.55, 0.4 };
    size_t bytes = (size_t)((double)full * share[link->level]);
    return link->max_bytes && bytes > link->max_bytes ? link->max_bytes : bytes;
}

/* Shows a picture; true when it was as large as there is room for. */
static bool show(struct world *w, struct link *link, size_t full)
{
    size_t bytes = bytes_at(link, full);
    double ns = on_line(w, bytes);
    double drawing = w->ns_per_byte * (double)bytes;
    ns = ns > drawing ? ns : drawing; /* they go on at the same time */
    w->worst_ms = ns / MS > w->worst_ms ? ns / MS : w->worst_ms;
    link_answered(link, bytes, (int64_t)ns + w->round_trip_ms * (int64_t)MS + delay(w));
    settle_doubt(w, link);
    return link->max_bytes == 0;
}

static void start(struct world *w, struct link *link)
{
    link_init(link, w->round_trip_ms * (int64_t)MS + delay(w), !w->ssh);
    settle_doubt(w, link);
}

static const int spikes[] = { 3, 0, 140, 0, 0, 1, 60, 35, 0, 700, 0, 2, 18, 90, 0, 0, 0, 230, 4 };
static const int busy[] = { 12, 31, 8, 55, 24, 17, 90, 36, 11, 29, 64, 20, 7, 42 };
static const int starting[] = { 180, 60, 2, 1, 420, 3 }; /* the terminal has just been begun */
static const int jitter[] = { 0, 9, 3, 22, 1, 14, 5, 0, 31, 8 };

#define DELAYS(d) d, ARRAY_LEN(d)

/* C1: whatever keeps the program, or a terminal on a fast line, from its work, pictures
 * are full size, the first one as well. */
static void test_C1_load_is_no_slow_line(void **state)
{
    static const struct {
        const char *name;
        struct world world;
        size_t full;
    } cases[] = {
        { "local", { 8000, 0, 0.1 * US, false, NULL, 0, 0, 0, 0 }, 300000 },
        { "local, spikes", { 8000, 0, 0.3 * US, false, DELAYS(spikes), 0, 0, 0 }, 400000 },
        { "local, busy", { 8000, 0, 0.5 * US, false, DELAYS(busy), 0, 0, 0 }, 400000 },
        { "local, starting", { 8000, 0, 0.3 * US, false, DELAYS(starting), 0, 0, 0 }, 300000 },
        { "a slow terminal", { 8000, 0, 8 * US, false, NULL, 0, 0, 0, 0 }, 300000 },
        { "a slow terminal, busy", { 8000, 0, 8 * US, false, DELAYS(busy), 0, 0, 0 }, 300000 },
        { "ssh nearby, spikes", { 900, 1, 0.3 * US, true, DELAYS(spikes), 0, 0, 0 }, 300000 },
        { "ssh far away", { 100, 150, 0.3 * US, true, NULL, 0, 0, 0, 0 }, 300000 },
        { "ssh, a slow terminal", { 200, 40, 9 * US, true, NULL, 0, 0, 0, 0 }, 300000 },
        { "ssh, jitter", { 100, 30, 0.3 * US, true, DELAYS(jitter), 0, 0, 0 }, 300000 },
        { "small pictures, busy", { 8000, 0, 0.5 * US, false, DELAYS(busy), 0, 0, 0 }, 5000 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t turn = 0; turn < 20; turn++) {
            struct world w = cases[i].world;
            struct link link;
            w.turn = turn;
            start(&w, &link);
            for (int n = 0; n < 200; n++) {
                if (link.max_bytes || link.level == LEVEL_SLOW || !show(&w, &link, cases[i].full)) {
                    print_error("%s, turn %zu: picture %d was limited\n", cases[i].name, turn, n);
                    fail();
                }
            }
            /* And that is not found out again and again. */
            assert_in_range(w.trials, 0, 10);
        }
    }
}

/* C2: a slow line is found out before the first picture, by its round trip, or by the
 * first pictures; then none takes long. */
static void test_C2_slow_lines_are_found_out(void **state)
{
    static const struct {
        struct world world;
        int longest_ms; /* that a picture is on its way, once settled */
    } cases[] = {
        { { 0.24, 300, 0.3 * US, true, NULL, 0, 0, 0, 0 }, 300 }, /* 30 kB/s and 150 ms */
        { { 0.24, 300, 0.3 * US, false, NULL, 0, 0, 0, 0 }, 300 },
        { { 0.24, 1, 0.3 * US, false, NULL, 0, 0, 0, 0 }, 300 },
        { { 0.128, 200, 0.3 * US, true, NULL, 0, 0, 0, 0 },
          400 }, /* the least that shows a thing */
        { { 1, 100, 0.3 * US, true, NULL, 0, 0, 0, 0 }, 300 },
        { { 1, 100, 0.3 * US, true, DELAYS(jitter), 0, 0, 0 }, 300 },
        { { 4, 30, 0.3 * US, true, NULL, 0, 0, 0, 0 }, 300 },
        { { 10, 10, 0.3 * US, true, DELAYS(jitter), 0, 0, 0 }, 330 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world w = cases[i].world;
        struct link link;
        start(&w, &link);
        show(&w, &link, 300000);
        if (w.round_trip_ms >= 20) {
            assert_in_range(w.worst_ms, 0, cases[i].longest_ms);
        } else if (w.mbits < 1) { /* one picture that took long is enough */
            w.worst_ms = 0;
            show(&w, &link, 300000);
            assert_in_range(w.worst_ms, 0, cases[i].longest_ms);
        }
        for (int n = 0; n < 8; n++) {
            show(&w, &link, 300000);
        }
        w.worst_ms = 0;
        for (int n = 0; n < 40; n++) {
            show(&w, &link, 300000);
        }
        assert_in_range(w.worst_ms, 0, cases[i].longest_ms);
        assert_in_range(link_speed(&link), w.mbits * 1e6 / 8 / 1.6, w.mbits * 1e6 / 8 * 1.6);
    }
}

/* Jitter of a quarter makes no difference: other frames would have to be made. */
static void test_steady_under_jitter(void **state)
{
    (void)state;
    struct link link;
    struct world w = { 0.88, 50, 0, true, NULL, 0, 0, 0, 0 };
    int changes = 0;
    start(&w, &link);
    for (int n = 0; n < 60; n++) {
        size_t before = link.max_bytes;
        w.mbits = n % 2 ? 0.88 : 1.12;
        show(&w, &link, 300000);
        changes += before != link.max_bytes;
    }
    assert_in_range(changes, 0, 2);
}

static void test_slower_and_faster_again(void **state)
{
    static const struct {
        double mbits;
        enum level level;
        bool limited;
    } steps[] = { { 8000, LEVEL_BEST, false },
                  { 0.8, LEVEL_SLOW, true },
                  { 8000, LEVEL_BEST, false },
                  { 100, LEVEL_DEFAULT, false } };

    (void)state;
    struct link link;
    struct world w = { 8000, 1, 0, true, NULL, 0, 0, 0, 0 };
    start(&w, &link);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        w.mbits = steps[i].mbits;
        for (int n = 0; n < 12; n++) {
            show(&w, &link, 300000);
        }
        assert_int_equal(link.level, steps[i].level);
        assert_int_equal(link.max_bytes > 0, steps[i].limited);
    }
}

/* ssh hands on what one of its packets holds as a whole: the halves of a trial may come
 * at once, and then tell nothing; a slow line is not taken for a fast one. */
static void test_C2_halves_in_one_packet(void **state)
{
    (void)state;
    struct link link;
    link_init(&link, 300 * (int64_t)MS, false);
    link_try(&link);
    link_tried(&link, 300 * (int64_t)MS, 270 * (int64_t)MS, 0);
    assert_true(link_trial(&link) > 0);
    link_tried(&link, 300 * (int64_t)MS, 136 * (int64_t)MS, 135 * (int64_t)MS);
    assert_int_equal(link_trial(&link), 0);
    assert_true(link.max_bytes > 0);

    link_init(&link, 300 * (int64_t)MS, false); /* each time */
    link_try(&link);
    for (int i = 0; link_trial(&link); i++) {
        assert_in_range(i, 0, 9);
        link_tried(&link, 300 * (int64_t)MS, 270 * (int64_t)MS, 0);
    }
    assert_true(link.max_bytes > 0);
    assert_in_range(link_speed(&link), 25000, 35000);
}

/* C1: a single quick picture lifts a line that was thought slow, step by step. */
static void test_C1_a_wrong_low_estimate_goes_soon(void **state)
{
    (void)state;
    struct link link;
    struct world w = { 0.24, 300, 0, true, NULL, 0, 0, 0, 0 };
    start(&w, &link);
    assert_int_equal(link.level, LEVEL_SLOW);
    w.mbits = 1000;
    int n = 0;
    for (; link.max_bytes && n < 10; n++) {
        show(&w, &link, 300000);
    }
    assert_in_range(n, 1, 4);
}

/* Answers that never came: nothing is believed. */
static void test_trial_without_answers(void **state)
{
    (void)state;
    struct link link;
    link_init(&link, 900 * (int64_t)MS, false);
    assert_true(link.doubt);
    link_try(&link);
    assert_true(link_trial(&link) > 0);
    link_give_up_trial(&link);
    assert_int_equal(link_trial(&link), 0);
    assert_false(link.doubt);
    assert_int_equal(link.level, LEVEL_DEFAULT);
    assert_int_equal(link.max_bytes, 0);
}

static void test_little_tells_nothing(void **state)
{
    (void)state;
    struct link link;
    link_init(&link, -1, true);
    assert_int_equal(link.level, LEVEL_DEFAULT);
    assert_int_equal(link.max_bytes, 0);
    assert_false(link.doubt);
    assert_false(link_answered(&link, 100, 900 * (int64_t)MS));
    assert_true(link.round_trip_ns == 900 * (int64_t)MS);
    assert_true(link_speed(&link) == 0.0);
    assert_false(link_answered(&link, 100, 3 * MS));
    assert_true(link.round_trip_ns == 3 * MS);

    /* A picture's time is no round trip, or all later ones would seem fast. */
    link_init(&link, -1, true);
    link_answered(&link, 100000, 800 * (int64_t)MS);
    assert_true(link.round_trip_ns < 0);
    link_answered(&link, 100000, 800 * (int64_t)MS);
    assert_in_range(link_speed(&link), 120000, 130000);
    for (int level = 0; level < LEVEL_COUNT; level++) {
        assert_true(level_name((enum level)level)[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_C1_load_is_no_slow_line),
        cmocka_unit_test(test_C1_a_wrong_low_estimate_goes_soon),
        cmocka_unit_test(test_C2_slow_lines_are_found_out),
        cmocka_unit_test(test_C2_halves_in_one_packet),
        cmocka_unit_test(test_steady_under_jitter),
        cmocka_unit_test(test_slower_and_faster_again),
        cmocka_unit_test(test_trial_without_answers),
        cmocka_unit_test(test_little_tells_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
