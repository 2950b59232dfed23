/* A session with a source of proposals that only proposes, as rules do: it learns nothing, looks
 * at no picture and orders nothing, and has no thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "desk.h"

enum { CAT, DOG };

#define RULE "names of files"

/* A rule: a.jpg and b.jpg are dogs; of the others it says nothing. */
static bool propose(void *self, uint32_t id, struct guess *guess, float *classes)
{
    const struct desk *d = self;
    const char *name = catalog_name(d->catalog, id);

    if (strcmp(name, "a.jpg") != 0 && strcmp(name, "b.jpg") != 0) {
        return false;
    }
    classes[CAT] = 0.25f;
    classes[DOG] = 0.75f;
    *guess = (struct guess){ .best = DOG, .confidence = 0.75f, .classes = classes, .source = RULE };
    return true;
}

static struct assist rule;

static void open_desk(struct desk *d, enum session_order order)
{
    struct session_options options = { .order = order, .annotator = "ann", .now_ms = CLOCK_MS };

    rule = (struct assist){ .self = d, .propose = propose };
    desk_open_on(d, list_one(d->folder, &d->bell), &options, &rule);
}

static int setup(void **state)
{
    struct desk *d = desk_new("cat,dog");

    touch(d->folder, "a.jpg");
    touch(d->folder, "b.jpg");
    touch(d->folder, "c.jpg");
    *state = d;
    return 0;
}

static void check_predicted(struct desk *d, const char *want)
{
    struct guess g;

    session_poll(d->session);
    session_take_guess(d->session);
    bool there = session_guess(d->session, &g);
    assert_string_equal(there ? d->classes.items[g.best].name : "", want);
}

static void test_what_is_proposed_is_recorded(void **state)
{
    struct desk *d = *state;
    struct annotation a;
    struct session_stats stats;

    open_desk(d, SESSION_FILE);
    uint32_t first = session_current(d->session);
    check_predicted(d, "dog");
    assert_true(session_answer(d->session, STATUS_LABELED, DOG, NULL));
    check_predicted(d, "dog");
    assert_true(session_answer(d->session, STATUS_LABELED, CAT, NULL));
    check_predicted(d, "");
    assert_true(session_answer_of(d->session, first, &a));
    assert_string_equal(a.guess, "dog");
    assert_string_equal(a.source, RULE);
    assert_true(a.confidence == 0.75f);
    assert_true(session_answer_of(d->session, session_last_answered(d->session, 0), &a));
    assert_string_equal(a.source, RULE);
    session_stats(d->session, &stats);
    assert_int_equal(stats.guesses_judged, 2);
    assert_int_equal(stats.guesses_right, 1);
}

/* Who answers again later, and without what proposed it then, keeps the whole proposal. */
static void test_a_proposal_keeps_its_source(void **state)
{
    struct desk *d = *state;
    struct annotation a;

    open_desk(d, SESSION_FILE);
    uint32_t first = session_current(d->session);
    check_predicted(d, "dog");
    assert_true(session_answer(d->session, STATUS_LABELED, DOG, NULL));
    desk_close(d);
    desk_open(d, &(struct session_options){ .order = SESSION_FILE, .now_ms = CLOCK_MS });
    assert_true(session_go(d->session, 0));
    assert_true(session_answer(d->session, STATUS_LABELED, CAT, NULL));
    assert_true(session_answer_of(d->session, first, &a));
    assert_string_equal(a.label, "cat");
    assert_string_equal(a.guess, "dog");
    assert_string_equal(a.source, RULE);
}

/* All that the others do in the background is not asked for. */
static void test_nothing_else_is_asked(void **state)
{
    struct desk *d = *state;
    struct assist_status status;
    struct buf name = BUF_INIT;

    open_desk(d, SESSION_FILE);
    struct guess_request request = { session_current(d->session), "a.jpg", { 0 } };
    session_want_guesses(d->session, &request, 1);
    assert_false(session_assist_status(d->session, &status));
    assert_true(session_assist_settled(d->session));
    assert_true(session_answer(d->session, STATUS_LABELED, CAT, NULL));
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    check_predicted(d, "dog");
    buf_release(&name);
}

/* There is no plan to follow. */
static void test_no_active_order(void **state)
{
    struct desk *d = *state;

    open_desk(d, SESSION_ACTIVE);
    assert_int_equal(session_order(d->session), SESSION_FILE);
    assert_false(session_set_order(d->session, SESSION_ACTIVE));
    assert_true(session_set_order(d->session, SESSION_RANDOM));
    assert_true(session_look_ahead(d->session, 2));
    session_begin_now(d->session);
    assert_int_equal(session_order(d->session), SESSION_RANDOM);
}

static void test_classes_change(void **state)
{
    struct desk *d = *state;
    struct class_change c;
    struct session_reclass done;

    open_desk(d, SESSION_FILE);
    check_predicted(d, "dog");
    assert_true(class_change_rename(&c, &d->classes, "dog", "hound", NULL));
    assert_true(session_change_classes(d->session, &c, &done, NULL));
    check_predicted(d, "hound");
    struct keymap keymap;
    keymap_init(&keymap);
    assert_true(class_change_add(&c, &d->classes, &keymap, "fox", KEYCODE_NONE, NULL));
    assert_true(session_change_classes(d->session, &c, &done, NULL));
    check_predicted(d, "hound");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_proposed_is_recorded),
        TEST(test_a_proposal_keeps_its_source),
        TEST(test_nothing_else_is_asked),
        TEST(test_no_active_order),
        TEST(test_classes_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
