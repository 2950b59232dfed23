/* What passes between a session and its guesser. */
#include "session/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assist/guesser.h"
#include "listing.h"
#include "picture.h"
#include "scratch.h"

#define RGB_MODEL "tests/data/rgb/model.tflite" /* its features are mean colours */
#define PICTURES 24

struct room {
    char *folder, *csv;
    struct bell bell;
    struct classes classes;
    struct catalog *catalog;
    struct labels *labels;
    struct guesser *guesser;
    struct session *session;
};

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
    struct room *r = calloc(1, sizeof *r);

    assert_non_null(r);
    r->folder = scratch_new();
    r->csv = scratch_path(r->folder, "labels.csv");
    r->bell = (struct bell)BELL_INIT;
    classes_init(&r->classes);
    assert_true(classes_parse_list(&r->classes, "warm,cold", "test", NULL));
    make_pictures(r->folder);
    *state = r;
    return 0;
}

static void close_session(struct room *r)
{
    session_free(r->session);
    guesser_free(r->guesser);
    catalog_free(r->catalog);
    assert_true(labels_close(r->labels, NULL));
    r->labels = NULL;
}

static void open_session(struct room *r, enum session_mode mode, bool in_step)
{
    struct guesser_options guesser = {
        .model_path = RGB_MODEL, .classes = &r->classes, .workers = 2, .in_step = in_step
    };
    struct session_options options = {
        .mode = mode, .order = SESSION_FILE, .annotator = "test", .csv_path = r->csv
    };

    r->catalog = list_one(r->folder, &r->bell);
    r->labels = labels_open(r->csv, LABELS_READ_WRITE, NULL, NULL);
    r->guesser = guesser_new(&guesser, bell_ring, &r->bell, NULL);
    assert_non_null(r->guesser);
    r->session =
        session_new(&options, r->catalog, r->labels, &r->classes, guesser_assist(r->guesser), NULL);
    assert_non_null(r->session);
}

static int teardown(void **state)
{
    struct room *r = *state;

    close_session(r);
    classes_release(&r->classes);
    free(r->csv);
    scratch_remove(r->folder);
    free(r);
    return 0;
}

/* Has guesses made for the current picture, and waits for all to be done. */
static struct assist_status settle(struct room *r)
{
    struct buf path = BUF_INIT;
    struct assist_status status;
    uint32_t id = session_current(r->session);
    unsigned heard = 0;

    session_path(r->session, id, &path);
    struct guess_request request = { id, path.data, { 0 } };
    session_want_guesses(r->session, &request, 1);
    session_poll(r->session);
    while (!session_assist_settled(r->session)) {
        heard = bell_wait(&r->bell, heard);
        session_poll(r->session);
    }
    buf_release(&path);
    session_take_guess(r->session);
    assert_true(session_assist_status(r->session, &status));
    return status;
}

static void answer(struct room *r)
{
    uint32_t id = session_current(r->session);

    assert_true(
        session_answer(r->session, STATUS_LABELED, catalog_position(r->catalog, id) % 2, NULL));
}

static void test_answers_are_learned(void **state)
{
    struct room *r = *state;
    struct guess g;
    struct buf name = BUF_INIT;

    open_session(r, SESSION_LABEL, true);
    assert_int_equal(settle(r).answers, 0);
    assert_true(session_guess(r->session, &g));
    assert_int_equal(g.best, 2);
    for (int i = 0; i < 8; i++) {
        answer(r);
    }
    struct assist_status status = settle(r);
    assert_int_equal(status.answers, 8);
    assert_int_equal(status.state, ASSIST_PREDICTING);
    assert_true(session_guess(r->session, &g));
    assert_int_equal(g.best, 0);
    assert_true(session_answer(r->session, STATUS_SKIPPED, 0, NULL));
    assert_int_equal(settle(r).answers, 8);
    assert_true(session_guess(r->session, &g));
    assert_int_equal(g.best, 1);
    assert_int_equal(session_undo(r->session, &name, NULL, NULL), UNDO_DONE); /* the skip */
    assert_int_equal(session_undo(r->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(settle(r).answers, 7);
    assert_int_equal(session_redo(r->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(settle(r).answers, 8);
    while (session_undo(r->session, &name, NULL, NULL) == UNDO_DONE) {
    }
    status = settle(r);
    assert_int_equal(status.answers, 0);
    assert_int_equal(status.state, ASSIST_NEEDS_CLASSES);
    buf_release(&name);
}

static void test_answers_of_earlier_sessions(void **state)
{
    struct room *r = *state;
    struct guess g;
    struct annotation a;

    open_session(r, SESSION_LABEL, true);
    for (int i = 0; i < 8; i++) {
        answer(r);
    }
    close_session(r);
    open_session(r, SESSION_LABEL, true);
    assert_int_equal(settle(r).answers, 8);
    assert_true(session_guess(r->session, &g));
    assert_int_equal(g.best, 0);
    uint32_t id = session_current(r->session);
    assert_true(session_answer(r->session, STATUS_LABELED, 1, NULL));
    assert_true(session_answer_of(r->session, id, &a));
    assert_string_equal(a.guess, "warm"); /* what was guessed goes into the CSV */
    assert_true(a.confidence > 0.5f);
    settle(r);
    close_session(r);
    open_session(r, SESSION_REVIEW, true); /* which learns nothing from what it looks at */
    assert_int_equal(settle(r).answers, 0);
}

/* What the user has seen is what is accepted. */
static void test_a_guess_seen_stays(void **state)
{
    struct room *r = *state;
    struct guess seen, g;

    open_session(r, SESSION_LABEL, true);
    for (int i = 0; i < 6; i++) {
        answer(r);
    }
    settle(r);
    assert_true(session_guess(r->session, &seen));
    float confidence = seen.confidence;
    /* answers from elsewhere change what would be guessed */
    for (uint32_t i = 7; i < PICTURES; i++) {
        assist_answer(guesser_assist(r->guesser), catalog_id(r->catalog, i), i % 2);
    }
    settle(r);
    assert_true(session_guess(r->session, &g)); /* not shown yet: the newest */
    assert_true(g.confidence != confidence);
    assert_int_equal(g.best, 0);
    confidence = g.confidence;
    session_shown(r->session, session_current(r->session));
    for (uint32_t i = 7; i < PICTURES; i++) {
        assist_answer(guesser_assist(r->guesser), catalog_id(r->catalog, i), 1 - i % 2);
    }
    settle(r);
    assert_true(session_guess(r->session, &g));
    assert_int_equal(g.best, 0);
    assert_true(g.confidence == confidence);
    assert_true(g.classes[0] == confidence);
    assert_true(session_move(r->session, MOVE_NEXT)); /* until the picture goes */
    assert_false(session_guess(r->session, &g));
    session_take_guess(r->session);
    assert_true(session_move(r->session, MOVE_PREVIOUS));
    session_shown(r->session, session_current(r->session));
    settle(r);
    session_take_guess(r->session);
    assert_true(session_guess(r->session, &g));
    assert_true(g.confidence != confidence);
}

/* Where the user has seen that there is none, one may still come. */
static void test_no_guess_seen_does_not_stay(void **state)
{
    struct room *r = *state;
    struct guess g;

    open_session(r, SESSION_LABEL, true);
    settle(r);
    assert_true(session_guess(r->session, &g));
    assert_int_equal(g.best, 2);
    session_shown(r->session, session_current(r->session));
    for (uint32_t i = 1; i < 9; i++) {
        assist_answer(guesser_assist(r->guesser), catalog_id(r->catalog, i), i % 2);
    }
    settle(r);
    assert_true(session_guess(r->session, &g));
    assert_int_equal(g.best, 0);
}

/* Without being told to keep step: everything gets there in the end. */
static void test_all_is_looked_at(void **state)
{
    struct room *r = *state;

    open_session(r, SESSION_LABEL, false);
    struct assist_status status = settle(r);
    assert_int_equal(status.looked, PICTURES);
    assert_false(status.looking);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* ------------------------------------------------------------ the classes change */

static void change(struct room *r, const struct class_change *change, size_t rows)
{
    struct session_reclass done;
    struct error err = { ERROR_NONE, "" };
    if (!session_change_classes(r->session, change, &done, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(done.rows, rows);
}

/* The prediction for the current picture, once all is learned, and the answers learned. */
static void check_best(struct room *r, size_t best, size_t answers)
{
    struct guess g;
    assert_int_equal(settle(r).answers, answers);
    assert_true(session_guess(r->session, &g));
    assert_int_equal(g.best, best);
    assert_true(best == r->classes.count || g.classes[best] == g.confidence);
}

static void test_classes_change(void **state)
{
    struct room *r = *state;
    struct class_change c;
    struct keymap keymap;
    struct session_stats stats;
    struct buf name = BUF_INIT;
    keymap_init(&keymap);
    open_session(r, SESSION_LABEL, true);
    for (int i = 0; i < 8; i++) {
        answer(r);
    }
    uint32_t id = session_current(r->session);
    check_best(r, 0, 8);

    assert_true(class_change_remove(&c, &r->classes, "warm", NULL));
    change(r, &c, 4);
    check_best(r, 1, 4); /* of one class: no prediction */
    session_stats(r->session, &stats);
    assert_int_equal(stats.answered, 4);
    assert_int_equal(session_class_count(r->session, 0), 4);

    assert_int_equal(session_undo(r->session, &name, NULL, NULL), UNDO_CLASSES);
    assert_int_equal(session_reclassed(r->session)->rows, 4);
    assert_int_equal(session_reclassed(r->session)->shift.kind, CLASSES_GREW);
    assert_int_equal(session_current(r->session), id);
    check_best(r, 0, 8);
    assert_string_equal(r->classes.items[0].name, "warm");

    assert_true(class_change_rename(&c, &r->classes, "warm", "hot", NULL));
    change(r, &c, 4);
    check_best(r, 0, 8);

    assert_true(class_change_add(&c, &r->classes, &keymap, "mild", KEYCODE_NONE, NULL));
    change(r, &c, 0);
    check_best(r, 0, 8);

    assert_true(class_change_merge(&c, &r->classes, "hot", "mild", NULL));
    change(r, &c, 4);
    check_best(r, 1, 8);
    assert_int_equal(session_class_count(r->session, 1), 4);
    buf_release(&name);
}

/* A new class and its answer are one step. */
static void test_answer_with_a_new_class(void **state)
{
    struct room *r = *state;
    struct class_change c;
    struct session_reclass done;
    struct keymap keymap;
    struct annotation moved;
    struct buf name = BUF_INIT;
    struct error err;
    keymap_init(&keymap);
    open_session(r, SESSION_LABEL, true);
    uint32_t id = session_current(r->session);
    assert_true(class_change_add(&c, &r->classes, &keymap, "mild", KEYCODE_NONE, &err));
    assert_int_equal(c.after.key, '1'); /* the others have none here */
    assert_true(session_answer_new(r->session, &c, &done, &err));
    assert_int_equal(r->classes.count, 3);
    assert_int_equal(session_class_count(r->session, 2), 1);
    assert_int_not_equal(session_current(r->session), id);
    assert_int_equal(session_last_answered(r->session, 0), id);
    assert_int_equal(settle(r).answers, 1);
    assert_int_equal(session_undo(r->session, &name, &moved, &err), UNDO_DONE);
    assert_string_equal(moved.label, "mild");
    assert_int_equal(r->classes.count, 2);
    assert_int_equal(session_current(r->session), id);
    assert_int_equal(settle(r).answers, 0);
    assert_int_equal(session_redo(r->session, &name, &moved, &err), UNDO_DONE);
    assert_int_equal(r->classes.count, 3);
    assert_int_equal(session_class_count(r->session, 2), 1);
    assert_int_equal(settle(r).answers, 1);
    buf_release(&name);
}

/* The filter goes with the classes. */
static void test_filter_moves_along(void **state)
{
    struct room *r = *state;
    struct class_change c;
    bool classes[] = { false, true, false };
    struct session_filter filter = { .statuses = { [STATUS_LABELED] = true }, .classes = classes };
    open_session(r, SESSION_LABEL, true);
    for (int i = 0; i < 8; i++) {
        answer(r);
    }
    assert_true(class_change_merge(&c, &r->classes, "warm", "cold", NULL));
    assert_true(session_set_filter(r->session, &filter));
    assert_int_equal(session_total(r->session), 4);
    change(r, &c, 4);
    assert_true(class_change_rename(&c, &r->classes, "cold", "any", NULL));
    change(r, &c, 8);
    filter.classes = classes + 1;
    assert_true(session_set_filter(r->session, &filter));
    assert_int_equal(session_total(r->session), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answers_are_learned),
        TEST(test_answers_of_earlier_sessions),
        TEST(test_a_guess_seen_stays),
        TEST(test_no_guess_seen_does_not_stay),
        TEST(test_all_is_looked_at),
        cmocka_unit_test_setup_teardown(test_classes_change, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answer_with_a_new_class, setup, teardown),
        cmocka_unit_test_setup_teardown(test_filter_moves_along, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
