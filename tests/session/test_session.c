/* Moving, answering, undo, reviews, orders and statistics of a session. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "desk.h"

enum { CAT, DOG, OTHER };

/* On 1.jpg to 6.jpg and sub/7.jpg. */
static void open_desk(struct desk *d, enum session_mode mode, bool read_only)
{
    desk_open(d,
              &(struct session_options){
                  .mode = mode, .read_only = read_only, .annotator = "ann", .now_ms = CLOCK_MS });
}

static void reopen(struct desk *d, enum session_mode mode)
{
    desk_close(d);
    open_desk(d, mode, false);
}

static int setup(void **state)
{
    struct desk *d = desk_new("cat,dog,other");

    for (char name[] = "1.jpg"; name[0] <= '6'; name[0]++) {
        touch(d->folder, name);
    }
    touch(d->folder, "sub/7.jpg");
    open_desk(d, SESSION_LABEL, false);
    *state = d;
    return 0;
}

static void answer(struct desk *d, enum label_status status, size_t class_index)
{
    struct error err = { ERROR_NONE, "" };

    bool ok = session_answer(d->session, status, class_index, &err);
    assert_string_equal(err.message, "");
    assert_true(ok);
}

/* The current picture's number, as in its name; 0: none. */
static int current(const struct desk *d)
{
    uint32_t id = session_current(d->session);

    return id == CATALOG_NO_ID ? 0 : atoi(catalog_name(d->catalog, id));
}

static uint32_t id_of(const struct desk *d, int number)
{
    for (uint32_t id = 0; id < catalog_count(d->catalog); id++) {
        if (atoi(catalog_name(d->catalog, id)) == number) {
            return id;
        }
    }
    fail();
    return 0;
}

static const char *label_of(struct desk *d, int number)
{
    struct annotation a;

    if (!session_answer_of(d->session, id_of(d, number), &a)) {
        return "-";
    }
    return a.status == STATUS_LABELED ? a.label : label_status_name(a.status);
}

static size_t answered(const struct desk *d)
{
    struct session_stats stats;

    session_stats(d->session, &stats);
    return stats.answered;
}

static void test_answers_go_on(void **state)
{
    struct desk *d = *state;

    assert_int_equal(current(d), 1);
    assert_int_equal(session_total(d->session), 7);
    assert_int_equal(session_position(d->session), 0);
    session_shown(d->session, session_current(d->session));
    answer(d, STATUS_LABELED, DOG);
    assert_int_equal(current(d), 2);
    answer(d, STATUS_UNSURE, 0);
    answer(d, STATUS_NONE, 0);
    answer(d, STATUS_LABELED, CAT);
    answer(d, STATUS_LABELED, CAT);
    answer(d, STATUS_LABELED, CAT);
    assert_int_equal(current(d), 7);
    answer(d, STATUS_LABELED, OTHER);
    assert_int_equal(current(d), 0); /* nothing is left to go to */
    assert_true(session_at_end(d->session));
    assert_int_equal(session_position(d->session), 7);
    assert_int_equal(session_class_count(d->session, CAT), 3);
    assert_int_equal(session_class_count(d->session, DOG), 1);

    struct session_stats stats;
    session_stats(d->session, &stats);
    assert_int_equal(stats.total, 7);
    assert_int_equal(stats.answered, 7);
    assert_int_equal(stats.given, 7);
    assert_false(stats.listing);
    assert_int_equal(stats.by_status[STATUS_LABELED], 5);
    assert_int_equal(stats.by_status[STATUS_UNSURE], 1);
    assert_int_equal(stats.by_status[STATUS_NONE], 1);
    assert_int_equal(stats.by_status[STATUS_UNANSWERED], 0);

    char *text = scratch_read(d->csv, NULL);
    assert_non_null(strstr(text, LABELS_HEADER));
    assert_non_null(strstr(text, "\n1.jpg,dog,labeled,,,0,ann,2026-01-01T00:00:00.000Z\n"));
    assert_non_null(strstr(text, "\n2.jpg,,unsure,,,,ann,2026-01-01T00:00:01.000Z\n"));
    assert_non_null(strstr(text, "\n3.jpg,,none,"));
    assert_non_null(strstr(text, "\nsub/7.jpg,other,labeled,"));
    free(text);
}

/* Each answer is in the file before the next key. */
static void test_each_answer_is_on_the_disk(void **state)
{
    struct desk *d = *state;

    for (int i = 1; i <= 7; i++) {
        char want[32];
        answer(d, STATUS_LABELED, DOG);
        char *text = scratch_read(d->csv, NULL);
        snprintf(want, sizeof want, "%s%d.jpg,dog,", i == 7 ? "sub/" : "", i);
        assert_non_null(strstr(text, want));
        free(text);
    }
}

static void test_seconds_count_from_the_showing(void **state)
{
    struct desk *d = *state;
    uint32_t third = id_of(d, 3);
    struct annotation a;

    session_go(d->session, 2);
    session_shown(d->session, third);
    session_go(d->session, 0);
    answer(d, STATUS_LABELED, CAT); /* never shown: no seconds; the clock goes on 1 s */
    session_go(d->session, 2);
    session_shown(d->session, third); /* still the same showing */
    answer(d, STATUS_LABELED, CAT);
    assert_true(session_answer_of(d->session, id_of(d, 1), &a));
    assert_true(a.seconds < 0);
    assert_true(session_answer_of(d->session, third, &a));
    assert_true(a.seconds > 0.99f && a.seconds < 1.01f);
}

static void test_skipped_ones_come_again(void **state)
{
    struct desk *d = *state;

    answer(d, STATUS_LABELED, CAT);
    answer(d, STATUS_SKIPPED, 0);
    answer(d, STATUS_LABELED, CAT);
    answer(d, STATUS_SKIPPED, 0);
    for (int i = 5; i <= 7; i++) {
        assert_int_equal(current(d), i);
        answer(d, STATUS_LABELED, CAT);
    }
    assert_true(session_at_end(d->session));
    assert_true(session_move(d->session, MOVE_NEXT_OPEN)); /* once through those skipped */
    assert_int_equal(current(d), 2);
    answer(d, STATUS_SKIPPED, 0);
    assert_int_equal(current(d), 4);
    answer(d, STATUS_LABELED, DOG);
    assert_true(session_at_end(d->session));
    assert_true(session_move(d->session, MOVE_NEXT_OPEN));
    assert_int_equal(current(d), 2);
    answer(d, STATUS_LABELED, DOG);
    assert_true(session_at_end(d->session));
    assert_false(session_move(d->session, MOVE_NEXT_OPEN));
    assert_string_equal(label_of(d, 4), "dog");
    struct session_stats stats;
    session_stats(d->session, &stats);
    assert_int_equal(stats.by_status[STATUS_SKIPPED], 0);
}

static void test_work_goes_on_where_it_stopped(void **state)
{
    struct desk *d = *state;

    answer(d, STATUS_LABELED, CAT);
    answer(d, STATUS_SKIPPED, 0);
    answer(d, STATUS_UNSURE, 0);
    reopen(d, SESSION_LABEL);
    assert_int_equal(current(d), 4);
    assert_int_equal(answered(d), 3);
    struct session_stats stats;
    session_stats(d->session, &stats);
    assert_int_equal(stats.given, 0);
    for (int i = 4; i <= 7; i++) {
        answer(d, STATUS_NONE, 0);
    }
    reopen(d, SESSION_LABEL);
    assert_true(session_at_end(d->session)); /* there is but the skipped one */
    assert_true(session_move(d->session, MOVE_NEXT_OPEN));
    assert_int_equal(current(d), 2);
    answer(d, STATUS_NONE, 0);
    reopen(d, SESSION_LABEL);
    assert_true(session_at_end(d->session));
    assert_true(session_move(d->session, MOVE_PREVIOUS));
    assert_int_equal(current(d), 7);
}

/* Answering what has an answer changes it, and then goes to what has none. */
static void test_relabel(void **state)
{
    struct desk *d = *state;

    answer(d, STATUS_LABELED, CAT);
    answer(d, STATUS_LABELED, CAT);
    assert_true(session_move(d->session, MOVE_FIRST));
    answer(d, STATUS_LABELED, DOG);
    assert_int_equal(current(d), 3);
    assert_string_equal(label_of(d, 1), "dog");
    assert_int_equal(answered(d), 2);
    assert_int_equal(session_class_count(d->session, CAT), 1);
}

static void test_undo_and_redo(void **state)
{
    struct desk *d = *state;
    struct buf name = BUF_INIT;

    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_NOTHING);
    assert_int_equal(session_redo(d->session, &name, NULL, NULL), UNDO_NOTHING);
    answer(d, STATUS_LABELED, CAT);
    answer(d, STATUS_LABELED, DOG);
    session_move(d->session, MOVE_FIRST);
    answer(d, STATUS_SKIPPED, 0); /* 1 was a cat */
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_string_equal(buf_text(&name), "1.jpg");
    assert_int_equal(current(d), 1);
    assert_string_equal(label_of(d, 1), "cat"); /* the earlier answer is back */
    assert_int_equal(answered(d), 2);
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(current(d), 2);
    assert_string_equal(label_of(d, 2), "-");
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(current(d), 1);
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_NOTHING);
    assert_int_equal(answered(d), 0);
    assert_int_equal(session_redo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_string_equal(label_of(d, 1), "cat");
    assert_int_equal(current(d), 2); /* as it was after that answer */
    assert_int_equal(session_redo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_string_equal(label_of(d, 2), "dog");
    answer(d, STATUS_LABELED, OTHER); /* 3: a new answer ends what can be redone */
    assert_int_equal(session_redo(d->session, &name, NULL, NULL), UNDO_NOTHING);
    struct session_stats stats;
    session_stats(d->session, &stats);
    assert_int_equal(stats.given, 3);
    buf_release(&name);
}

static void test_undo_after_a_restart(void **state)
{
    struct desk *d = *state;
    struct buf name = BUF_INIT;

    answer(d, STATUS_LABELED, CAT);
    answer(d, STATUS_LABELED, DOG);
    reopen(d, SESSION_LABEL);
    assert_int_equal(current(d), 3);
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(current(d), 2);
    assert_string_equal(label_of(d, 2), "-");
    reopen(d, SESSION_LABEL);
    assert_int_equal(current(d), 2);
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(current(d), 1);
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_NOTHING);
    assert_int_equal(answered(d), 0);
    buf_release(&name);
}

/* The picture of an earlier answer may be gone by now. */
static void test_undo_elsewhere(void **state)
{
    struct desk *d = *state;
    struct buf name = BUF_INIT;
    char *gone = scratch_path(d->folder, "2.jpg");

    answer(d, STATUS_LABELED, CAT);
    answer(d, STATUS_LABELED, DOG);
    unlink(gone);
    reopen(d, SESSION_LABEL);
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_ELSEWHERE);
    assert_string_equal(buf_text(&name), "2.jpg");
    assert_int_equal(current(d), 3);
    assert_int_equal(session_redo(d->session, &name, NULL, NULL), UNDO_ELSEWHERE);
    free(gone);
    buf_release(&name);
}

static void test_moves(void **state)
{
    static const struct {
        int from;
        enum session_move move;
        int to; /* 0: no such way */
    } cases[] = {
        /* 2 and 5 have an answer, 4 is skipped */
        { 1, MOVE_NEXT, 2 },          { 7, MOVE_NEXT, 0 },          { 1, MOVE_PREVIOUS, 0 },
        { 7, MOVE_PREVIOUS, 6 },      { 1, MOVE_NEXT_OPEN, 3 },     { 3, MOVE_NEXT_OPEN, 6 },
        { 7, MOVE_NEXT_OPEN, 1 },     { 3, MOVE_PREVIOUS_OPEN, 1 }, { 1, MOVE_PREVIOUS_OPEN, 7 },
        { 6, MOVE_PREVIOUS_OPEN, 3 }, { 1, MOVE_FORWARD, 7 },       { 7, MOVE_FORWARD, 0 },
        { 5, MOVE_BACK, 1 },          { 1, MOVE_BACK, 0 },          { 4, MOVE_FIRST, 1 },
        { 1, MOVE_FIRST, 0 },         { 4, MOVE_LAST, 7 },          { 7, MOVE_LAST, 0 },
    };
    struct desk *d = *state;

    session_go(d->session, 1);
    answer(d, STATUS_LABELED, CAT);
    session_go(d->session, 4);
    answer(d, STATUS_LABELED, CAT);
    session_go(d->session, 3);
    answer(d, STATUS_SKIPPED, 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_true(session_go(d->session, (size_t)cases[i].from - 1));
        assert_int_equal(session_move(d->session, cases[i].move), cases[i].to != 0);
        assert_int_equal(current(d), cases[i].to ? cases[i].to : cases[i].from);
    }
}

static void test_go_and_find(void **state)
{
    struct desk *d = *state;

    assert_true(session_go(d->session, 6));
    assert_int_equal(current(d), 7);
    assert_true(session_go(d->session, 6)); /* where one is already */
    assert_false(session_go(d->session, 7));
    assert_false(session_go(d->session, SIZE_MAX));
    assert_true(session_find(d->session, "3.JP"));
    assert_int_equal(current(d), 3);
    assert_true(session_find(d->session, "jpg")); /* the next one */
    assert_int_equal(current(d), 4);
    assert_true(session_find(d->session, "sub/"));
    assert_int_equal(current(d), 7);
    assert_true(session_find(d->session, "jpg")); /* going round */
    assert_int_equal(current(d), 1);
    assert_true(session_find(d->session, "1.jpg")); /* only the current one */
    assert_int_equal(current(d), 1);
    assert_false(session_find(d->session, "cow"));
    assert_int_equal(current(d), 1);
}

/* 1 cat, 2 dog, 3 cat, 4 unsure, 5 none, 6 skipped, 7 a label of old. */
static void answer_all(struct desk *d)
{
    answer(d, STATUS_LABELED, CAT);
    answer(d, STATUS_LABELED, DOG);
    answer(d, STATUS_LABELED, CAT);
    answer(d, STATUS_UNSURE, 0);
    answer(d, STATUS_NONE, 0);
    answer(d, STATUS_SKIPPED, 0);
    struct annotation old = { .file_name = "sub/7.jpg",
                              .label = "ferret",
                              .status = STATUS_LABELED,
                              .confidence = -1,
                              .seconds = -1 };
    assert_true(labels_write(d->labels, &old, 1, NULL, NULL));
    reopen(d, SESSION_REVIEW);
}

static void test_filter(void **state)
{
    static const struct {
        bool statuses[STATUS_COUNT];
        bool classes[4];
        const char *want;
    } cases[] = {
        { { true, true, true, true, true }, { true, true, true, true }, "1234567" },
        { { [STATUS_LABELED] = true }, { true, true, true, true }, "1237" },
        { { [STATUS_LABELED] = true }, { [CAT] = true }, "13" },
        { { [STATUS_LABELED] = true }, { [3] = true }, "7" }, /* no class of ours */
        { { [STATUS_LABELED] = true }, { [OTHER] = true }, "" },
        { { [STATUS_LABELED] = true, [STATUS_UNSURE] = true }, { [DOG] = true }, "24" },
        { { [STATUS_SKIPPED] = true, [STATUS_NONE] = true }, { true }, "56" },
        { { [STATUS_UNANSWERED] = true }, { true, true, true, true }, "" },
        { { false }, { true, true, true, true }, "" },
    };
    struct desk *d = *state;

    answer_all(d);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool classes[4];
        char got[16] = "";
        struct session_filter filter = { .classes = classes };
        memcpy(filter.statuses, cases[i].statuses, sizeof filter.statuses);
        memcpy(classes, cases[i].classes, sizeof classes);
        assert_true(session_set_filter(d->session, &filter));
        size_t total = strlen(cases[i].want);
        assert_int_equal(session_total(d->session), total);
        session_move(d->session, MOVE_FIRST);
        for (size_t n = 0; n < total; n++) {
            assert_int_equal(session_position(d->session), n);
            got[n] = (char)('0' + current(d));
            assert_true(session_move(d->session, MOVE_NEXT));
            assert_int_equal(session_at_end(d->session), n + 1 == total);
        }
        assert_string_equal(got, cases[i].want);
        assert_false(session_move(d->session, MOVE_NEXT));
        assert_int_equal(session_move(d->session, MOVE_PREVIOUS), total != 0);
        assert_int_equal(current(d) != 0, total != 0);
        if (total) {
            assert_true(session_go(d->session, total - 1));
            assert_int_equal(current(d), cases[i].want[total - 1] - '0');
        }
        assert_false(session_go(d->session, total));
        assert_int_equal(session_find(d->session, "jpg"), total != 0);
    }
}

static void show_only(struct desk *d, enum label_status status, int class_index)
{
    bool classes[4] = { false };
    struct session_filter filter = { .classes = class_index < 0 ? NULL : classes };

    if (class_index >= 0) {
        classes[class_index] = true;
    }
    filter.statuses[status] = true;
    assert_true(session_set_filter(d->session, &filter));
}

static void test_filter_keeps_the_place(void **state)
{
    struct desk *d = *state;

    answer_all(d);
    session_go(d->session, 2);
    show_only(d, STATUS_LABELED, CAT);
    assert_int_equal(current(d), 3);
    show_only(d, STATUS_LABELED, DOG); /* 3 is not shown: the next one, going round */
    assert_int_equal(current(d), 2);
    show_only(d, STATUS_LABELED, -1); /* all classes */
    assert_int_equal(session_total(d->session), 4);
    assert_int_equal(current(d), 2);
}

/* A picture does not vanish from under the eyes when its class is changed. */
static void test_relabel_in_review(void **state)
{
    struct desk *d = *state;
    struct buf name = BUF_INIT;

    answer_all(d);
    show_only(d, STATUS_LABELED, CAT);
    assert_int_equal(current(d), 1);
    answer(d, STATUS_LABELED, DOG);
    assert_int_equal(current(d), 3); /* the next cat */
    assert_int_equal(session_total(d->session), 2);
    assert_true(session_shows(d->session, id_of(d, 1)));
    assert_true(session_move(d->session, MOVE_PREVIOUS));
    assert_int_equal(current(d), 1);
    assert_string_equal(label_of(d, 1), "dog");
    session_move(d->session, MOVE_LAST);
    answer(d, STATUS_UNSURE, 0); /* the last one */
    assert_true(session_at_end(d->session));
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(current(d), 3);
    assert_string_equal(label_of(d, 3), "cat");
    show_only(d, STATUS_LABELED, CAT); /* set anew, it looks again */
    assert_int_equal(session_total(d->session), 1);
    buf_release(&name);
}

static void test_rate(void **state)
{
    struct desk *d = *state;
    struct session_stats stats;

    for (int i = 0; i < 3; i++) {
        session_stats(d->session, &stats);
        assert_true(stats.per_minute == 0.0f); /* too few to tell */
        assert_true(stats.seconds_left < 0.0f);
        answer(d, STATUS_LABELED, CAT);
    }
    answer(d, STATUS_LABELED, CAT);
    session_stats(d->session, &stats); /* the clock of scripts: a second an answer */
    assert_true(stats.per_minute > 59.9f && stats.per_minute < 60.1f);
    assert_true(stats.seconds_left > 2.9f && stats.seconds_left < 3.1f);
    for (int i = 5; i <= 7; i++) {
        answer(d, STATUS_LABELED, CAT);
    }
    session_stats(d->session, &stats);
    assert_true(stats.seconds_left < 0.1f);
    assert_int_equal(stats.guesses_judged, 0);
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

/* Whatever the next key is, its picture was asked for before. */
static void test_ahead(void **state)
{
    static const enum session_move moves[] = { MOVE_NEXT, MOVE_PREVIOUS, MOVE_NEXT_OPEN };
    struct desk *d = *state;
    uint32_t ids[32];

    for (int round = 0; round < 8; round++) {
        size_t count = session_ahead(d->session, ids, 8, ARRAY_LEN(ids));
        uint32_t here = session_current(d->session);
        size_t position = session_position(d->session);
        assert_true(count >= 1);
        assert_int_equal(ids[0], here);
        for (size_t i = 0; i < count; i++) {
            assert_true(ids[i] < 7);
            assert_false(has_id(ids, i, ids[i]));
        }
        for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
            if (session_move(d->session, moves[i]) && !session_at_end(d->session)) {
                assert_true(has_id(ids, count, session_current(d->session)));
            }
            session_go(d->session, position);
        }
        answer(d, round == 1 || round == 3 ? STATUS_SKIPPED : STATUS_LABELED, CAT);
        if (session_at_end(d->session)) {
            assert_true(session_move(d->session, MOVE_NEXT_OPEN)); /* those skipped */
        } else {
            assert_true(has_id(ids, count, session_current(d->session)));
        }
    }
    assert_true(session_go(d->session, 0));
    assert_int_equal(session_ahead(d->session, ids, 8, 2), 2);
    assert_int_equal(session_ahead(d->session, ids, 0, 32) >= 1, true);
    assert_int_equal(session_ahead(d->session, ids, 8, 0), 0);
}

/* With most of a set answered, the pictures ahead are those without an answer. */
static void test_ahead_passes_over_answers(void **state)
{
    struct desk *d = *state;
    uint32_t ids[32];

    for (int i = 2; i <= 5; i++) {
        session_go(d->session, (size_t)i - 1);
        answer(d, STATUS_LABELED, CAT);
    }
    session_go(d->session, 0);
    size_t count = session_ahead(d->session, ids, 2, ARRAY_LEN(ids));
    assert_int_equal(ids[1], id_of(d, 6));
    assert_true(has_id(ids, count, id_of(d, 7)));
}

/* What undoing leads to was asked for, wherever it lies. */
static void test_ahead_has_what_undo_leads_to(void **state)
{
    static const size_t places[] = { 6, 1, 4 }; /* answered in that order, counted from 0 */
    struct desk *d = *state;
    struct buf name = BUF_INIT;
    uint32_t ids[32];

    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        session_go(d->session, places[i]);
        answer(d, STATUS_LABELED, CAT);
    }
    session_go(d->session, 0);
    for (size_t i = ARRAY_LEN(places); i-- > 0;) {
        size_t count = session_ahead(d->session, ids, i == 1 ? 4 : 0, ARRAY_LEN(ids));
        assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
        assert_int_equal(current(d), places[i] + 1);
        assert_true(has_id(ids, count, session_current(d->session)));
    }
    assert_int_equal(session_redo(d->session, &name, NULL, NULL), UNDO_DONE);
    size_t count = session_ahead(d->session, ids, 0, ARRAY_LEN(ids));
    session_undo(d->session, &name, NULL, NULL);
    assert_true(has_id(ids, count, session_current(d->session)));
    buf_release(&name);
}

/* Behind and ahead of the picture, of what the filter shows. */
static void test_ahead_of_what_is_shown(void **state)
{
    static const enum session_move moves[] = { MOVE_NEXT, MOVE_PREVIOUS };
    struct desk *d = *state;
    uint32_t ids[32];

    for (int i = 1; i <= 7; i++) {
        answer(d, STATUS_LABELED, i == 1 || i == 4 || i == 7 ? CAT : DOG);
    }
    reopen(d, SESSION_REVIEW);
    show_only(d, STATUS_LABELED, CAT);
    session_go(d->session, 1);
    assert_int_equal(current(d), 4);
    for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
        size_t count = session_ahead(d->session, ids, 1, ARRAY_LEN(ids));
        assert_int_equal(count, 3); /* nothing that is not shown */
        assert_true(session_move(d->session, moves[i]));
        assert_true(has_id(ids, count, session_current(d->session)));
        session_go(d->session, 1);
    }
}

static void test_read_only(void **state)
{
    struct desk *d = *state;
    struct buf name = BUF_INIT;
    struct error err;
    size_t len, len_after;

    answer_all(d);
    desk_close(d);
    char *before = scratch_read(d->csv, &len);
    size_t entries = scratch_count(d->folder);
    open_desk(d, SESSION_REVIEW, true);
    assert_int_equal(current(d), 1);
    assert_false(session_answer(d->session, STATUS_LABELED, DOG, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_int_equal(session_undo(d->session, &name, NULL, &err), UNDO_FAILED);
    assert_int_equal(session_redo(d->session, &name, NULL, &err), UNDO_FAILED);
    assert_int_equal(current(d), 1);
    assert_string_equal(label_of(d, 1), "cat");
    desk_close(d);
    char *after = scratch_read(d->csv, &len_after);
    assert_int_equal(len, len_after);
    assert_memory_equal(before, after, len);
    assert_int_equal(scratch_count(d->folder), entries);
    open_desk(d, SESSION_REVIEW, true);
    free(before);
    free(after);
    buf_release(&name);
}

/* No file may grow from here on, as on a full disk. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_failed_write(void **state)
{
    struct desk *d = *state;
    struct error err = { ERROR_NONE, "" };
    struct session_stats stats;
    struct stat st;

    signal(SIGXFSZ, SIG_IGN);
    answer(d, STATUS_LABELED, CAT);
    answer(d, STATUS_LABELED, DOG);
    assert_int_equal(stat(d->csv, &st), 0);
    limit_files((rlim_t)st.st_size + 5);
    for (int i = 0; i < 3; i++) {
        assert_false(session_answer(d->session, STATUS_LABELED, CAT, &err));
        assert_int_equal(err.kind, ERROR_IO);
        assert_non_null(strstr(err.message, "labels.csv"));
        assert_int_equal(current(d), 3);
        assert_string_equal(label_of(d, 3), "-");
        session_stats(d->session, &stats);
        assert_int_equal(stats.answered, 2);
        assert_int_equal(stats.given, 2);
        assert_int_equal(session_class_count(d->session, CAT), 1);
    }
    limit_files(RLIM_INFINITY);
    answer(d, STATUS_LABELED, CAT); /* the same key, once there is room again */
    assert_int_equal(current(d), 4);
    reopen(d, SESSION_LABEL);
    assert_string_equal(label_of(d, 1), "cat");
    assert_string_equal(label_of(d, 2), "dog");
    assert_string_equal(label_of(d, 3), "cat");
    assert_int_equal(answered(d), 3);
}

/* A CSV elsewhere has names that lead there; moved with the pictures, nothing
 * changes. */
static void test_csv_elsewhere(void **state)
{
    struct desk *d = *state;
    char *other = scratch_path(d->folder, "out");
    struct buf name = BUF_INIT;

    desk_close(d);
    assert_int_equal(mkdir(other, 0700), 0);
    free(d->csv);
    d->csv = scratch_path(other, "mine.csv");
    open_desk(d, SESSION_LABEL, false);
    answer(d, STATUS_LABELED, CAT);
    session_move(d->session, MOVE_LAST);
    answer(d, STATUS_LABELED, DOG);
    assert_true(session_name(d->session, id_of(d, 7), &name));
    assert_string_equal(buf_text(&name), "../sub/7.jpg");
    char *text = scratch_read(d->csv, NULL);
    assert_non_null(strstr(text, "\n../1.jpg,cat,"));
    assert_non_null(strstr(text, "\n../sub/7.jpg,dog,"));
    free(text);
    reopen(d, SESSION_LABEL);
    assert_string_equal(label_of(d, 7), "dog");
    assert_int_equal(current(d), 2);
    buf_release(&name);
    free(other);
}

/* Pictures that are still being found join in. */
static void test_growing_catalog(void **state)
{
    struct desk *d = *state;
    struct bell bell = BELL_INIT;
    int ends[2];
    char line[512];

    answer(d, STATUS_LABELED, CAT);
    assert_int_equal(pipe(ends), 0);
    struct catalog_source source = { .list_fd = ends[0], .separator = '\n' };
    struct catalog *c = catalog_new(&source, bell_ring, &bell, NULL);
    struct session_options options = { .mode = SESSION_LABEL,
                                       .csv_path = d->csv,
                                       .now_ms = CLOCK_MS };
    struct session *s = session_new(&options, c, d->labels, &d->classes, NULL, NULL);
    assert_non_null(s);
    assert_int_equal(session_current(s), CATALOG_NO_ID);
    struct error err;
    assert_false(session_answer(s, STATUS_LABELED, CAT, &err));
    assert_false(session_move(s, MOVE_NEXT));
    assert_false(session_find(s, "x"));
    assert_int_equal(session_ahead(s, (uint32_t[4]){ 0 }, 4, 4), 0);
    for (int i = 1; i <= 100; i++) {
        int n = snprintf(line, sizeof line, "%s/%d.jpg\n", d->folder, i);
        assert_int_equal(write(ends[1], line, (size_t)n), n);
    }
    bell_wait(&bell, 0);
    assert_true(session_poll(s));
    struct session_stats stats;
    session_stats(s, &stats);
    assert_true(stats.listing);
    assert_true(stats.total >= 64);
    assert_int_equal(stats.answered, 1);
    assert_int_equal(session_current(s), 1); /* 1.jpg has its answer */
    assert_true(session_answer(s, STATUS_LABELED, DOG, &err));
    close(ends[1]);
    catalog_wait(c, 60000);
    session_poll(s);
    session_stats(s, &stats);
    assert_false(stats.listing);
    assert_int_equal(stats.total, 100);
    assert_int_equal(stats.answered, 2);
    assert_false(session_poll(s));
    session_free(s);
    session_free(NULL);
    catalog_free(c);
    close(ends[0]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answers_go_on),
        TEST(test_each_answer_is_on_the_disk),
        TEST(test_seconds_count_from_the_showing),
        TEST(test_skipped_ones_come_again),
        TEST(test_work_goes_on_where_it_stopped),
        TEST(test_relabel),
        TEST(test_undo_and_redo),
        TEST(test_undo_after_a_restart),
        TEST(test_undo_elsewhere),
        TEST(test_moves),
        TEST(test_go_and_find),
        TEST(test_filter),
        TEST(test_filter_keeps_the_place),
        TEST(test_relabel_in_review),
        TEST(test_rate),
        TEST(test_ahead),
        TEST(test_ahead_passes_over_answers),
        TEST(test_ahead_has_what_undo_leads_to),
        TEST(test_ahead_of_what_is_shown),
        TEST(test_read_only),
        TEST(test_failed_write),
        TEST(test_csv_elsewhere),
        TEST(test_growing_catalog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
