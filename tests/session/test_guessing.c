/* What passes between a session and its guesser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk.h"
#include "picture.h"

#define PICTURES 24

/* 00.ppm, 01.ppm, …: reddish ones are even, bluish ones odd. */
static void make_pictures(const char *folder)
{
    for (int i = 0; i < PICTURES; i++) {
        uint8_t rgb[8 * 8 * 3];
        char name[32];
        struct buf out = BUF_INIT;
        for (int p = 0; p < 64; p++) {
            uint8_t *at = rgb + 3 * p;
            at[i % 2 ? 2 : 0] = (uint8_t)(0xC0 + i * 37 % 48);
            at[1] = (uint8_t)(0x40 + i * 11 % 48);
            at[i % 2 ? 0 : 2] = (uint8_t)(0x20 + i * 23 % 48);
        }
        picture_ppm(&out, 8, 8, rgb);
        snprintf(name, sizeof name, "%02d.ppm", i);
        char *path = scratch_path(folder, name);
        scratch_write(path, out.data, out.len);
        buf_release(&out);
        free(path);
    }
}

static int setup(void **state)
{
    struct desk *d = desk_new("warm,cold");

    make_pictures(d->folder);
    *state = d;
    return 0;
}

static void open_session(struct desk *d, enum session_mode mode, bool in_step)
{
    struct session_options options = { .mode = mode, .order = SESSION_FILE, .annotator = "test" };

    desk_open_guessing(d, &options, in_step);
}

/* Has guesses made for the current picture, and waits for all to be done. */
static struct assist_status settle(struct desk *d)
{
    struct buf path = BUF_INIT;
    struct assist_status status;
    uint32_t id = session_current(d->session);
    unsigned heard = 0;

    session_path(d->session, id, &path);
    struct guess_request request = { id, path.data, { 0 } };
    session_want_guesses(d->session, &request, 1);
    session_poll(d->session);
    while (!session_assist_settled(d->session)) {
        heard = bell_wait(&d->bell, heard);
        session_poll(d->session);
    }
    buf_release(&path);
    session_take_guess(d->session);
    assert_true(session_assist_status(d->session, &status));
    return status;
}

static void answer(struct desk *d)
{
    uint32_t id = session_current(d->session);

    assert_true(
        session_answer(d->session, STATUS_LABELED, catalog_position(d->catalog, id) % 2, NULL));
}

static void test_answers_are_learned(void **state)
{
    struct desk *d = *state;
    struct guess g;
    struct buf name = BUF_INIT;

    open_session(d, SESSION_LABEL, true);
    assert_int_equal(settle(d).answers, 0);
    assert_true(session_guess(d->session, &g));
    assert_int_equal(g.best, 2);
    for (int i = 0; i < 8; i++) {
        answer(d);
    }
    struct assist_status status = settle(d);
    assert_int_equal(status.answers, 8);
    assert_int_equal(status.state, ASSIST_PREDICTING);
    assert_true(session_guess(d->session, &g));
    assert_int_equal(g.best, 0);
    assert_true(session_answer(d->session, STATUS_SKIPPED, 0, NULL));
    assert_int_equal(settle(d).answers, 8);
    assert_true(session_guess(d->session, &g));
    assert_int_equal(g.best, 1);
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE); /* the skip */
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(settle(d).answers, 7);
    assert_int_equal(session_redo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(settle(d).answers, 8);
    while (session_undo(d->session, &name, NULL, NULL) == UNDO_DONE) {
    }
    status = settle(d);
    assert_int_equal(status.answers, 0);
    assert_int_equal(status.state, ASSIST_NEEDS_CLASSES);
    buf_release(&name);
}

static void test_answers_of_earlier_sessions(void **state)
{
    struct desk *d = *state;
    struct guess g;
    struct annotation a;

    open_session(d, SESSION_LABEL, true);
    for (int i = 0; i < 8; i++) {
        answer(d);
    }
    desk_close(d);
    open_session(d, SESSION_LABEL, true);
    assert_int_equal(settle(d).answers, 8);
    assert_true(session_guess(d->session, &g));
    assert_int_equal(g.best, 0);
    uint32_t id = session_current(d->session);
    assert_true(session_answer(d->session, STATUS_LABELED, 1, NULL));
    assert_true(session_answer_of(d->session, id, &a));
    assert_string_equal(a.guess, "warm"); /* what was guessed goes into the CSV */
    assert_true(a.confidence > 0.5f);
    settle(d);
    desk_close(d);
    open_session(d, SESSION_REVIEW, true); /* which learns nothing from what it looks at */
    assert_int_equal(settle(d).answers, 0);
}

/* What the user has seen is what is accepted. */
static void test_a_guess_seen_stays(void **state)
{
    struct desk *d = *state;
    struct guess seen, g;

    open_session(d, SESSION_LABEL, true);
    for (int i = 0; i < 6; i++) {
        answer(d);
    }
    settle(d);
    assert_true(session_guess(d->session, &seen));
    float confidence = seen.confidence;
    /* answers from elsewhere change what would be guessed */
    for (uint32_t i = 7; i < PICTURES; i++) {
        assist_answer(guesser_assist(d->guesser), catalog_id(d->catalog, i), i % 2);
    }
    settle(d);
    assert_true(session_guess(d->session, &g)); /* not shown yet: the newest */
    assert_true(g.confidence != confidence);
    assert_int_equal(g.best, 0);
    confidence = g.confidence;
    session_shown(d->session, session_current(d->session));
    for (uint32_t i = 7; i < PICTURES; i++) {
        assist_answer(guesser_assist(d->guesser), catalog_id(d->catalog, i), 1 - i % 2);
    }
    settle(d);
    assert_true(session_guess(d->session, &g));
    assert_int_equal(g.best, 0);
    assert_true(g.confidence == confidence);
    assert_true(g.classes[0] == confidence);
    assert_true(session_move(d->session, MOVE_NEXT)); /* until the picture goes */
    assert_false(session_guess(d->session, &g));
    session_take_guess(d->session);
    assert_true(session_move(d->session, MOVE_PREVIOUS));
    session_shown(d->session, session_current(d->session));
    settle(d);
    session_take_guess(d->session);
    assert_true(session_guess(d->session, &g));
    assert_true(g.confidence != confidence);
}

/* Where the user has seen that there is none, one may still come. */
static void test_no_guess_seen_does_not_stay(void **state)
{
    struct desk *d = *state;
    struct guess g;

    open_session(d, SESSION_LABEL, true);
    settle(d);
    assert_true(session_guess(d->session, &g));
    assert_int_equal(g.best, 2);
    session_shown(d->session, session_current(d->session));
    for (uint32_t i = 1; i < 9; i++) {
        assist_answer(guesser_assist(d->guesser), catalog_id(d->catalog, i), i % 2);
    }
    settle(d);
    assert_true(session_guess(d->session, &g));
    assert_int_equal(g.best, 0);
}

/* Without being told to keep step: everything gets there in the end. */
static void test_all_is_looked_at(void **state)
{
    struct desk *d = *state;

    open_session(d, SESSION_LABEL, false);
    struct assist_status status = settle(d);
    assert_int_equal(status.looked, PICTURES);
    assert_false(status.looking);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, desk_teardown)

/* ------------------------------------------------------------ the classes change */

static void change(struct desk *d, const struct class_change *change, size_t rows)
{
    struct session_reclass done;
    struct error err = { ERROR_NONE, "" };
    if (!session_change_classes(d->session, change, &done, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(done.rows, rows);
}

/* The prediction for the current picture, once all is learned, and the answers learned. */
static void check_best(struct desk *d, size_t best, size_t answers)
{
    struct guess g;
    assert_int_equal(settle(d).answers, answers);
    assert_true(session_guess(d->session, &g));
    assert_int_equal(g.best, best);
    assert_true(best == d->classes.count || g.classes[best] == g.confidence);
}

static void test_classes_change(void **state)
{
    struct desk *d = *state;
    struct class_change c;
    struct keymap keymap;
    struct session_stats stats;
    struct buf name = BUF_INIT;
    keymap_init(&keymap);
    open_session(d, SESSION_LABEL, true);
    for (int i = 0; i < 8; i++) {
        answer(d);
    }
    uint32_t id = session_current(d->session);
    check_best(d, 0, 8);

    assert_true(class_change_remove(&c, &d->classes, "warm", NULL));
    change(d, &c, 4);
    check_best(d, 1, 4); /* of one class: no prediction */
    session_stats(d->session, &stats);
    assert_int_equal(stats.answered, 4);
    assert_int_equal(session_class_count(d->session, 0), 4);

    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_CLASSES);
    assert_int_equal(session_reclassed(d->session)->rows, 4);
    assert_int_equal(session_reclassed(d->session)->shift.kind, CLASSES_GREW);
    assert_int_equal(session_current(d->session), id);
    check_best(d, 0, 8);
    assert_string_equal(d->classes.items[0].name, "warm");

    assert_true(class_change_rename(&c, &d->classes, "warm", "hot", NULL));
    change(d, &c, 4);
    check_best(d, 0, 8);

    assert_true(class_change_add(&c, &d->classes, &keymap, "mild", KEYCODE_NONE, NULL));
    change(d, &c, 0);
    check_best(d, 0, 8);

    assert_true(class_change_merge(&c, &d->classes, "hot", "mild", NULL));
    change(d, &c, 4);
    check_best(d, 1, 8);
    assert_int_equal(session_class_count(d->session, 1), 4);
    buf_release(&name);
}

/* A new class and its answer are one step. */
static void test_answer_with_a_new_class(void **state)
{
    struct desk *d = *state;
    struct class_change c;
    struct session_reclass done;
    struct keymap keymap;
    struct annotation moved;
    struct buf name = BUF_INIT;
    struct error err;
    keymap_init(&keymap);
    open_session(d, SESSION_LABEL, true);
    uint32_t id = session_current(d->session);
    assert_true(class_change_add(&c, &d->classes, &keymap, "mild", KEYCODE_NONE, &err));
    assert_int_equal(c.after.key, '1'); /* the others have none here */
    assert_true(session_answer_new(d->session, &c, &done, &err));
    assert_int_equal(d->classes.count, 3);
    assert_int_equal(session_class_count(d->session, 2), 1);
    assert_int_not_equal(session_current(d->session), id);
    assert_int_equal(session_last_answered(d->session, 0), id);
    assert_int_equal(settle(d).answers, 1);
    assert_int_equal(session_undo(d->session, &name, &moved, &err), UNDO_DONE);
    assert_string_equal(moved.label, "mild");
    assert_int_equal(d->classes.count, 2);
    assert_int_equal(session_current(d->session), id);
    assert_int_equal(settle(d).answers, 0);
    assert_int_equal(session_redo(d->session, &name, &moved, &err), UNDO_DONE);
    assert_int_equal(d->classes.count, 3);
    assert_int_equal(session_class_count(d->session, 2), 1);
    assert_int_equal(settle(d).answers, 1);
    buf_release(&name);
}

/* The filter goes with the classes. */
static void test_filter_moves_along(void **state)
{
    struct desk *d = *state;
    struct class_change c;
    bool classes[] = { false, true, false };
    struct session_filter filter = { .statuses = { [STATUS_LABELED] = true }, .classes = classes };
    open_session(d, SESSION_LABEL, true);
    for (int i = 0; i < 8; i++) {
        answer(d);
    }
    assert_true(class_change_merge(&c, &d->classes, "warm", "cold", NULL));
    assert_true(session_set_filter(d->session, &filter));
    assert_int_equal(session_total(d->session), 4);
    change(d, &c, 4);
    assert_true(class_change_rename(&c, &d->classes, "cold", "any", NULL));
    change(d, &c, 8);
    filter.classes = classes + 1;
    assert_true(session_set_filter(d->session, &filter));
    assert_int_equal(session_total(d->session), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answers_are_learned),
        TEST(test_answers_of_earlier_sessions),
        TEST(test_a_guess_seen_stays),
        TEST(test_no_guess_seen_does_not_stay),
        TEST(test_all_is_looked_at),
        cmocka_unit_test_setup_teardown(test_classes_change, setup, desk_teardown),
        cmocka_unit_test_setup_teardown(test_answer_with_a_new_class, setup, desk_teardown),
        cmocka_unit_test_setup_teardown(test_filter_moves_along, setup, desk_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
