/* Notes in a session: beside any answer, found, undone, and of several people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "desk.h"

static void open_desk(struct desk *d, const char *annotator)
{
    desk_open(d, &(struct session_options){
                     .order = SESSION_FILE, .annotator = annotator, .now_ms = CLOCK_MS });
}

static void reopen(struct desk *d, const char *annotator)
{
    desk_close(d);
    open_desk(d, annotator);
}

static int setup(void **state)
{
    struct desk *d = desk_new("cat,dog");

    touch(d->folder, "a.jpg");
    touch(d->folder, "b.jpg");
    touch(d->folder, "c.jpg");
    open_desk(d, "ann");
    *state = d;
    return 0;
}

static void note(struct desk *d, const char *text)
{
    struct error err = { ERROR_NONE, "" };

    session_write_note(d->session, text, &err);
    assert_string_equal(err.message, "");
}

static void answer(struct desk *d, size_t class_index)
{
    assert_true(session_answer(d->session, STATUS_LABELED, class_index, NULL));
}

/* "a=cat b=-(blurred)": the pictures up to `last`, with their answers and notes. */
static void assert_pictures(struct desk *d, const char *want)
{
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < catalog_count(d->catalog); i++) {
        struct annotation a;
        uint32_t id = catalog_id(d->catalog, i);
        const char *label = session_answer_of(d->session, id, &a) ? a.label : "-";
        const char *about = session_note(d->session, id);
        buf_addf(&text, "%s%.1s=%s", i ? " " : "", catalog_name(d->catalog, id), label);
        if (about[0]) {
            buf_addf(&text, "(%s)", about);
        }
    }
    assert_string_equal(buf_text(&text), want);
    buf_release(&text);
}

static void undo(struct desk *d, bool is_note)
{
    struct buf name = BUF_INIT;
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(session_changed_note(d->session), is_note);
    buf_release(&name);
}

/* Without an answer, with one, through a new answer, and in a later session. */
static void test_stands_beside_answers(void **state)
{
    struct desk *d = *state;
    struct session_stats stats;

    note(d, "blurred");
    assert_int_equal(session_position(d->session), 0);
    assert_pictures(d, "a=-(blurred) b=- c=-");
    answer(d, 0);
    session_go(d->session, 0);
    answer(d, 1);
    assert_pictures(d, "a=dog(blurred) b=- c=-");
    reopen(d, "ann");
    assert_pictures(d, "a=dog(blurred) b=- c=-");
    note(d, "look again");
    session_go(d->session, 0);
    note(d, "sharp");
    session_stats(d->session, &stats);
    assert_int_equal(stats.given, 0);
    assert_int_equal(stats.answered, 1);
    assert_pictures(d, "a=dog(sharp) b=-(look again) c=-");
    reopen(d, "ann");
    assert_pictures(d, "a=dog(sharp) b=-(look again) c=-");
    session_go(d->session, 0);
    note(d, "");
    assert_pictures(d, "a=dog b=-(look again) c=-");
}

/* A note is no newer answer: the time of the answer stays. */
static void test_answer_keeps_its_time(void **state)
{
    struct desk *d = *state;
    struct annotation before, after;

    answer(d, 0);
    assert_true(session_answer_of(d->session, catalog_id(d->catalog, 0), &before));
    session_go(d->session, 0);
    note(d, "blurred");
    assert_true(session_answer_of(d->session, catalog_id(d->catalog, 0), &after));
    assert_int_equal(after.labeled_at_ms, before.labeled_at_ms);
}

static void test_undo(void **state)
{
    struct desk *d = *state;
    struct buf name = BUF_INIT;

    answer(d, 0);
    session_go(d->session, 0);
    note(d, "blurred");
    note(d, "left half");
    reopen(d, "ann");
    undo(d, true);
    assert_int_equal(session_position(d->session), 0);
    assert_pictures(d, "a=cat(blurred) b=- c=-");
    undo(d, true);
    assert_pictures(d, "a=cat b=- c=-");
    undo(d, false);
    assert_pictures(d, "a=- b=- c=-");
    assert_int_equal(session_redo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_false(session_changed_note(d->session));
    assert_int_equal(session_redo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_true(session_changed_note(d->session));
    assert_int_equal(session_position(d->session), 0); /* where the note is to be seen */
    assert_pictures(d, "a=cat(blurred) b=- c=-");
    buf_release(&name);
}

static void test_find(void **state)
{
    struct desk *d = *state;

    session_go(d->session, 2);
    note(d, "a black Bird");
    session_go(d->session, 0);
    assert_int_equal(session_find(d->session, "bird"), MATCH_NOTE);
    assert_int_equal(session_position(d->session), 2);
    assert_int_equal(session_find(d->session, "b.jpg"), MATCH_NAME);
    assert_int_equal(session_position(d->session), 1);
    assert_int_equal(session_find(d->session, "fish"), MATCH_NOTHING);
    reopen(d, "ann");
    assert_int_equal(session_find(d->session, "bird"), MATCH_NOTE);
}

/* One sees the other's note, and cannot overwrite it. */
static void test_of_two_people(void **state)
{
    struct desk *d = *state;
    struct annotation a;

    answer(d, 0);
    session_go(d->session, 0);
    note(d, "by ann");
    reopen(d, "bob");
    session_go(d->session, 0);
    assert_pictures(d, "a=cat(by ann) b=- c=-");
    note(d, "by bob");
    assert_pictures(d, "a=cat(by bob) b=- c=-");
    reopen(d, "ann");
    assert_pictures(d, "a=cat(by ann) b=- c=-");
    assert_true(labels_find_by(d->labels, "a.jpg", NULL, "ann", &a));
    assert_string_equal(a.label, "cat");
}

static void test_refused(void **state)
{
    struct desk *d = *state;
    struct error err = { ERROR_NONE, "" };

    assert_false(session_write_note(d->session, "two\nlines", &err));
    assert_string_not_equal(err.message, "");
    assert_pictures(d, "a=- b=- c=-");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_stands_beside_answers),
        TEST(test_answer_keeps_its_time),
        TEST(test_undo),
        TEST(test_find),
        TEST(test_of_two_people),
        TEST(test_refused),
    };
    return cmocka_run_group_tests_name("notes", tests, NULL, NULL);
}
