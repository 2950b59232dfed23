/* Which picture comes next, in each of the orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "desk.h"
#include "picture.h"

#define PICTURES 40
#define AHEAD 8

/* b/00.ppm, a/01.ppm, b/02.ppm, … in shades of grey. */
static void make_pictures(const char *folder)
{
    for (int i = 0; i < PICTURES; i++) {
        uint8_t rgb[8 * 8 * 3];
        char name[32];
        struct buf out = BUF_INIT;
        memset(rgb, i * 6, sizeof rgb);
        picture_ppm(&out, 8, 8, rgb);
        snprintf(name, sizeof name, "%c/%02d.ppm", i % 2 ? 'a' : 'b', i);
        touch(folder, name);
        char *path = scratch_path(folder, name);
        scratch_write(path, out.data, out.len);
        buf_release(&out);
        free(path);
    }
}

static int setup(void **state)
{
    struct desk *d = desk_new("dark,light");

    make_pictures(d->folder);
    *state = d;
    return 0;
}

/* A script's clock keeps step, as then what comes next does not hang on threads. */
static void start(struct desk *d, enum session_order order, bool guesses)
{
    struct session_options options = { .mode = SESSION_LABEL, .order = order, .now_ms = CLOCK_MS };

    if (guesses) {
        desk_open_guessing(d, &options, true);
    } else {
        desk_open(d, &options);
    }
}

/* As the screen does before each drawing, until nothing changes by itself: what is looked
 * ahead for while the guesser is busy is not the last word. */
static size_t settle(struct desk *d, uint32_t *ids)
{
    unsigned heard = 0;
    bool settled, changed;

    do {
        settled = session_assist_settled(d->session);
        session_poll(d->session);
        changed = session_look_ahead(d->session, AHEAD);
        if (!session_assist_settled(d->session)) {
            heard = bell_wait(&d->bell, heard);
            settled = false;
        }
    } while (!settled || changed);
    return session_ahead(d->session, ids, AHEAD, PICTURES);
}

/* Number of a picture by its name. */
static int number(const struct desk *d, uint32_t id)
{
    return id == CATALOG_NO_ID ? -1 : atoi(catalog_name(d->catalog, id));
}

static int current(const struct desk *d)
{
    return number(d, session_current(d->session));
}

static void answer(struct desk *d)
{
    assert_true(session_answer(d->session, STATUS_LABELED, current(d) >= PICTURES / 2, NULL));
}

/* Answers all; each picture comes up once. */
static void answer_all(struct desk *d, int *order)
{
    bool seen[PICTURES] = { false };
    uint32_t ids[PICTURES];

    for (int i = 0; i < PICTURES; i++) {
        size_t count = settle(d, ids);
        order[i] = current(d);
        assert_false(seen[order[i]]);
        seen[order[i]] = true;
        answer(d);
        if (i + 1 < PICTURES) { /* what was told to come has come */
            assert_true(count > 1);
            assert_int_equal(session_current(d->session), ids[1]);
        }
    }
}

static bool is_rising(const int *order)
{
    for (int i = 1; i < PICTURES; i++) {
        if (order[i] < order[i - 1]) {
            return false;
        }
    }
    return true;
}

static void test_by_name(void **state)
{
    struct desk *d = *state;
    int order[PICTURES];

    start(d, SESSION_NAME, false);
    answer_all(d, order);
    assert_true(is_rising(order)); /* through both folders at once */
}

static void test_by_name_goes_on_from_where_one_is(void **state)
{
    struct desk *d = *state;
    uint32_t ids[PICTURES];

    start(d, SESSION_NAME, false);
    settle(d, ids);
    assert_true(session_find(d->session, "30.ppm"));
    settle(d, ids);
    for (int i = 30; i < PICTURES; i++) {
        assert_int_equal(current(d), i);
        settle(d, ids);
        answer(d);
    }
    assert_int_equal(current(d), 0); /* and goes round */
}

static void test_random(void **state)
{
    struct desk *d = *state;
    int order[PICTURES];

    start(d, SESSION_RANDOM, false);
    answer_all(d, order);
    assert_false(is_rising(order));
}

static void test_active(void **state)
{
    struct desk *d = *state;
    int order[PICTURES];
    int lowest = PICTURES;
    int highest = -1;

    start(d, SESSION_ACTIVE, true);
    assert_int_equal(session_order(d->session), SESSION_ACTIVE);
    answer_all(d, order);
    for (int i = 0; i < 9; i++) { /* varied ones first: dark, light, and between */
        lowest = order[i] < lowest ? order[i] : lowest;
        highest = order[i] > highest ? order[i] : highest;
    }
    assert_true(lowest < 12 && highest >= 28);
    assert_false(is_rising(order));
}

/* What is made ready for stays: answers and what is learned from them only add
 * behind it. */
static void test_what_is_fixed_stays(void **state)
{
    struct desk *d = *state;
    uint32_t before[PICTURES], after[PICTURES];

    start(d, SESSION_ACTIVE, true);
    for (int step = 0; step < 12; step++) {
        uint32_t queue[AHEAD + 1];
        size_t queued = 0;
        size_t count = settle(d, before);
        assert_true(count > AHEAD);
        for (size_t i = 1; i < count; i++) {
            struct annotation a;
            if (!session_answer_of(d->session, before[i], &a)) {
                queue[queued++] = before[i];
            }
        }
        assert_int_equal(queued, AHEAD);
        answer(d);
        assert_int_equal(session_current(d->session), queue[0]);
        count = settle(d, after);
        size_t found = 0;
        for (size_t i = 1; i < count; i++) {
            found += found + 1 < queued && after[i] == queue[found + 1];
        }
        assert_int_equal(found, queued - 1); /* in the same order */
    }
}

/* Before anything has been looked at, the next one at random is there. */
static void test_first_ones_are_there_at_once(void **state)
{
    struct desk *d = *state;

    start(d, SESSION_ACTIVE, true);
    uint32_t first = session_current(d->session);
    assert_int_not_equal(first, CATALOG_NO_ID);
    answer(d);
    assert_int_not_equal(session_current(d->session), CATALOG_NO_ID);
    assert_int_not_equal(session_current(d->session), first);
}

static void test_way_back(void **state)
{
    static const enum session_order orders[] = { SESSION_ACTIVE, SESSION_NAME, SESSION_RANDOM };
    struct desk *d = *state;
    uint32_t ids[PICTURES], up[6];
    struct buf name = BUF_INIT;

    start(d, SESSION_ACTIVE, true);
    for (size_t o = 0; o < 3; o++) {
        assert_true(session_set_order(d->session, orders[o]));
        for (int i = 0; i < 5; i++) {
            settle(d, ids);
            up[i] = session_current(d->session);
            answer(d);
        }
        up[5] = session_current(d->session);
        settle(d, ids);
        for (int i = 4; i >= 2; i--) {
            assert_true(session_move(d->session, MOVE_PREVIOUS));
            assert_int_equal(session_current(d->session), up[i]);
        }
        assert_true(session_move(d->session, MOVE_NEXT));
        assert_int_equal(session_current(d->session), up[3]);
        answer(d); /* another answer: on with what was left */
        assert_int_equal(session_current(d->session), up[5]);
        settle(d, ids);
        assert_int_equal(session_undo(d->session, &name, NULL, NULL),
                         UNDO_DONE); /* of the change */
        assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
        settle(d, ids);
        answer(d);
        settle(d, ids);
        assert_true(session_current(d->session) == up[5] || session_current(d->session) == up[3]);
    }
    buf_release(&name);
}

static bool has_id(const uint32_t *ids, size_t count, uint32_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

/* In each order the way back and what undoing leads to were asked for. */
static void test_behind(void **state)
{
    struct desk *d = *state;
    uint32_t ids[PICTURES];
    struct buf name = BUF_INIT;

    start(d, SESSION_ACTIVE, true);
    for (int o = 0; o < SESSION_ORDERS; o++) {
        assert_true(session_set_order(d->session, (enum session_order)o));
        for (int i = 0; i < 6; i++) {
            settle(d, ids);
            answer(d);
        }
        for (int i = 0; i < 3; i++) {
            size_t count = settle(d, ids);
            assert_true(session_move(d->session, MOVE_PREVIOUS));
            assert_true(has_id(ids, count, session_current(d->session)));
        }
        for (int i = 0; i < 3; i++) {
            size_t count = settle(d, ids);
            assert_true(session_move(d->session, MOVE_NEXT));
            assert_true(has_id(ids, count, session_current(d->session)));
        }
        for (int i = 0; i < 5; i++) {
            size_t count = settle(d, ids);
            assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
            assert_true(has_id(ids, count, session_current(d->session)));
        }
        /* Even when nothing is to be made ahead. */
        size_t count = session_ahead(d->session, ids, 0, PICTURES);
        assert_true(session_move(d->session, MOVE_PREVIOUS));
        assert_true(has_id(ids, count, session_current(d->session)));
    }
    buf_release(&name);
}

static void test_jumps_come_back(void **state)
{
    struct desk *d = *state;
    uint32_t ids[PICTURES];

    start(d, SESSION_ACTIVE, true);
    settle(d, ids);
    answer(d);
    settle(d, ids);
    uint32_t left = session_current(d->session);
    uint32_t other = catalog_position(d->catalog, left) == 39 ? 38 : 39;
    assert_true(session_go(d->session, other));
    assert_int_equal(catalog_position(d->catalog, session_current(d->session)), other);
    settle(d, ids);
    answer(d);
    assert_int_equal(session_current(d->session), left);
    settle(d, ids);
    assert_true(session_move(d->session, MOVE_NEXT)); /* passed over: others first */
    assert_int_not_equal(session_current(d->session), left);
    settle(d, ids);
    answer(d);
    assert_int_not_equal(session_current(d->session), left);
}

static void test_skipped_ones_come_last(void **state)
{
    struct desk *d = *state;
    uint32_t ids[PICTURES];

    start(d, SESSION_ACTIVE, true);
    settle(d, ids);
    uint32_t skipped = session_current(d->session);
    assert_true(session_answer(d->session, STATUS_SKIPPED, 0, NULL));
    for (int i = 1; i < PICTURES; i++) {
        settle(d, ids);
        assert_int_not_equal(session_current(d->session), skipped);
        answer(d);
    }
    assert_true(session_at_end(d->session));
    assert_true(session_move(d->session, MOVE_NEXT_OPEN));
    assert_int_equal(session_current(d->session), skipped);
}

/* The pictures that come next, without answers; returns their number. */
static size_t upcoming(struct desk *d, uint32_t *next)
{
    uint32_t ids[PICTURES];
    size_t count = settle(d, ids);
    size_t open = 0;
    struct annotation a;

    for (size_t i = 0; i < count; i++) {
        if (ids[i] != session_current(d->session) && !session_answer_of(d->session, ids[i], &a)) {
            next[open++] = ids[i];
        }
    }
    return open;
}

/* However one looks around, what comes next stays as it was, and nothing that was
 * never its turn is in it; back from there, the picture that was up is next. */
static void test_A8_moving_leaves_what_comes_next(void **state)
{
    static const enum session_order orders[] = { SESSION_ACTIVE, SESSION_RANDOM };
    static const enum session_move moves[] = { MOVE_FORWARD, MOVE_BACK,    MOVE_LAST,
                                               MOVE_FIRST,   MOVE_FORWARD, MOVE_PREVIOUS_OPEN };
    struct desk *d = *state;
    uint32_t ids[PICTURES], before[PICTURES];

    start(d, SESSION_ACTIVE, true);
    for (size_t o = 0; o < ARRAY_LEN(orders); o++) {
        assert_true(session_set_order(d->session, orders[o]));
        settle(d, ids);
        answer(d);
        size_t count = upcoming(d, before);
        uint32_t up = session_current(d->session);
        for (size_t m = 0; m < ARRAY_LEN(moves); m++) {
            session_move(d->session, moves[m]);
            settle(d, ids);
        }
        assert_true(session_find(d->session, "13.ppm") && session_go(d->session, 17));
        settle(d, ids);
        assert_int_not_equal(session_current(d->session), up);
        assert_true(session_move(d->session, MOVE_NEXT_OPEN));
        assert_int_equal(session_current(d->session), up);
        for (size_t i = 0; i < count && i < AHEAD; i++) {
            settle(d, ids);
            answer(d);
            assert_int_equal(session_current(d->session), before[i]);
        }
    }
}

static void test_A8_ten_on_is_one_step(void **state)
{
    struct desk *d = *state;
    uint32_t ids[PICTURES];

    start(d, SESSION_RANDOM, false);
    settle(d, ids);
    assert_true(session_go(d->session, 5));
    assert_true(session_move(d->session, MOVE_FORWARD));
    assert_int_equal(session_position(d->session), 15);
    assert_true(session_move(d->session, MOVE_PREVIOUS));
    assert_int_equal(session_position(d->session), 5);
}

/* The random order is that of the names' ranks: the same after a restart, whatever
 * was looked at, and with what was passed over first. */
static void test_C10_random_is_the_same_in_every_session(void **state)
{
    struct desk *d = *state;
    uint32_t ids[PICTURES];
    int first[PICTURES];

    start(d, SESSION_RANDOM, false);
    for (int i = 0; i < PICTURES / 2; i++) {
        settle(d, ids);
        first[i] = current(d);
        assert_true(session_move(d->session, MOVE_NEXT)); /* passed over */
    }
    desk_close(d);
    start(d, SESSION_RANDOM, false);
    for (int i = 0; i < PICTURES / 2; i++) {
        settle(d, ids);
        assert_int_equal(current(d), first[i]);
        answer(d);
    }
}

/* ------------------------------------------------- accuracy on any picture */

static struct session_stats stats_of(struct desk *d)
{
    uint32_t ids[PICTURES + 8];
    struct session_stats stats;
    settle(d, ids);
    session_stats(d->session, &stats);
    return stats;
}

/* As the screen does: with the guess for the picture, as soon as there is one. */
static void answer_some(struct desk *d, int count)
{
    uint32_t ids[PICTURES];
    struct buf path = BUF_INIT;
    for (int i = 0; i < count; i++) {
        settle(d, ids);
        session_path(d->session, session_current(d->session), &path);
        struct guess_request wanted = { session_current(d->session), path.data, { 0 } };
        session_want_guesses(d->session, &wanted, 1);
        settle(d, ids);
        session_take_guess(d->session);
        answer(d);
    }
    buf_release(&path);
}

/* What came at random is known from the labels alone: after a restart, in a folder that
 * was moved, with a file that is new, and when answers were changed. */
static void test_C10_the_sample_is_remembered(void **state)
{
    struct desk *d = *state;
    char *moved = scratch_path(d->folder, "moved");
    char *from = scratch_path(d->folder, "set");
    char *there = scratch_path(from, "labels.csv");
    char *own = d->csv;

    assert_int_equal(mkdir(from, 0700), 0);
    for (int i = 0; i < 2; i++) {
        char name[2] = { (char)('a' + i), '\0' };
        char *old = scratch_path(d->folder, name);
        char *new = scratch_path(from, name);
        assert_int_equal(rename(old, new), 0);
        free(old);
        free(new);
    }
    d->csv = there;
    start(d, SESSION_RANDOM, true);
    answer_some(d, 30);
    struct session_stats first = stats_of(d);
    assert_int_equal(first.any_judged, 10); /* the last third */
    assert_in_range(first.any_right, 6, 10);
    uint32_t sample[PICTURES];
    assert_int_equal(session_sample(d->session, sample, PICTURES), 30);
    for (size_t i = 2; i < 30; i += 9) { /* other answers now: each still counts once */
        session_go(d->session, catalog_position(d->catalog, sample[i]));
        assert_true(session_answer(d->session, STATUS_NONE, 0, NULL));
    }
    struct session_stats changed = stats_of(d);
    assert_int_equal(changed.any_judged, first.any_judged);
    assert_true(changed.any_right < first.any_right);
    desk_close(d);

    start(d, SESSION_FILE, false);
    struct session_stats restarted = stats_of(d);
    assert_int_equal(restarted.any_judged, changed.any_judged);
    assert_int_equal(restarted.any_right, changed.any_right);
    desk_close(d);

    assert_int_equal(rename(from, moved), 0);
    free(d->csv);
    d->csv = scratch_path(moved, "labels.csv");
    start(d, SESSION_ACTIVE, true);
    struct session_stats elsewhere = stats_of(d);
    assert_int_equal(elsewhere.any_judged, changed.any_judged);
    assert_int_equal(elsewhere.any_right, changed.any_right);
    desk_close(d);

    touch(moved, "a/one_more.ppm");
    start(d, SESSION_FILE, false);
    struct session_stats grown = stats_of(d);
    assert_in_range(grown.any_judged, changed.any_judged - 3, changed.any_judged);
    desk_close(d);
    free(moved);
    free(from);
    free(d->csv);
    d->csv = own;
    start(d, SESSION_FILE, false);
}

/* In the active order only what was drawn counts, one in five. */
static void test_C10_active_order(void **state)
{
    struct desk *d = *state;
    uint32_t sample[PICTURES];

    start(d, SESSION_ACTIVE, true);
    answer_some(d, 20);
    assert_in_range(session_sample(d->session, sample, PICTURES), 4, 8);
    assert_in_range(stats_of(d).any_judged, 1, 3);
}

/* Labelled in the order of the files, next to nothing is at random. */
static void test_C10_file_order_measures_nothing(void **state)
{
    struct desk *d = *state;
    uint32_t sample[PICTURES];

    start(d, SESSION_FILE, true);
    answer_some(d, PICTURES / 2);
    assert_in_range(session_sample(d->session, sample, PICTURES), 0, 4);
    answer_some(d, PICTURES / 2);
    assert_int_equal(session_sample(d->session, sample, PICTURES), PICTURES);
}

/* "None of these" is a wrong guess, whatever it is; what was skipped is not judged. */
static void test_C10_what_counts(void **state)
{
    static const enum label_status statuses[] = { STATUS_NONE, STATUS_SKIPPED, STATUS_UNSURE };
    struct desk *d = *state;
    uint32_t sample[PICTURES];

    start(d, SESSION_RANDOM, true);
    answer_some(d, 24);
    struct session_stats before = stats_of(d);
    assert_int_equal(session_sample(d->session, sample, PICTURES), 24);
    assert_int_equal(before.any_judged, 8); /* the last third */
    for (size_t i = 0; i < 3; i++) {
        uint32_t id = sample[23 - i];
        assert_true(session_go(d->session, catalog_position(d->catalog, id)));
        assert_true(session_answer(d->session, statuses[i], 0, NULL));
    }
    struct session_stats after = stats_of(d);
    assert_int_equal(session_sample(d->session, sample, PICTURES), 22);
    assert_in_range(after.any_judged, 7, 8);
    assert_in_range(after.any_right, 4, after.any_judged - 1);
}

static void test_changing(void **state)
{
    struct desk *d = *state;
    uint32_t ids[PICTURES];

    start(d, SESSION_ACTIVE, false);
    assert_int_equal(session_order(d->session), SESSION_FILE); /* nobody to ask */
    assert_false(session_set_order(d->session, SESSION_ACTIVE));
    assert_true(session_set_order(d->session, SESSION_NAME));
    settle(d, ids);
    assert_int_equal(current(d), 1); /* a/01.ppm, the first by file */
    answer(d);
    assert_int_equal(current(d), 2);
    settle(d, ids);
    assert_true(session_set_order(d->session, SESSION_FILE));
    answer(d);
    assert_int_equal(current(d), 4); /* b/02.ppm, and on in its folder */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_by_name),
        TEST(test_by_name_goes_on_from_where_one_is),
        TEST(test_random),
        TEST(test_active),
        TEST(test_what_is_fixed_stays),
        TEST(test_first_ones_are_there_at_once),
        TEST(test_way_back),
        TEST(test_behind),
        TEST(test_jumps_come_back),
        TEST(test_skipped_ones_come_last),
        TEST(test_A8_moving_leaves_what_comes_next),
        TEST(test_A8_ten_on_is_one_step),
        TEST(test_C10_random_is_the_same_in_every_session),
        TEST(test_C10_the_sample_is_remembered),
        TEST(test_C10_active_order),
        TEST(test_C10_file_order_measures_nothing),
        TEST(test_C10_what_counts),
        TEST(test_changing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
