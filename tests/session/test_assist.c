/* A session and what proposes: a source that only proposes, as rules do, which learns nothing,
 * looks at no picture and orders nothing; and one that plans. Neither has a thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "desk.h"
#include "session/page.h"

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

/* Plans the highest ids first, when it is told to, for the queue that it was told last. */
struct planner {
    uint32_t queue[8];
    size_t queued;
    bool behind; /* has no plan for that queue yet */
    bool has_plan;
};

static bool propose_nothing(void *self, uint32_t id, struct guess *guess, float *classes)
{
    (void)self, (void)id, (void)guess, (void)classes;
    return false;
}

static size_t plan(void *self, uint32_t ids[ASSIST_PLAN])
{
    const struct planner *p = self;

    for (uint32_t i = 0; i < 3; i++) {
        ids[i] = 9 - i;
    }
    return p->has_plan ? 3 : 0;
}

static void draw(void *self, const uint32_t *ids, size_t count)
{
    (void)self, (void)ids, (void)count;
}

static void queue(void *self, const uint32_t *ids, size_t count)
{
    struct planner *p = self;

    assert_true(count <= ARRAY_LEN(p->queue));
    p->behind |= count != p->queued || memcmp(ids, p->queue, count * sizeof *ids) != 0;
    p->queued = count;
    memcpy(p->queue, ids, count * sizeof *ids);
}

static bool settled(void *self)
{
    const struct planner *p = self;
    return !p->behind;
}

static bool is_ahead(struct desk *d, uint32_t id)
{
    uint32_t ids[16];
    size_t count = session_ahead(d->session, ids, 4, ARRAY_LEN(ids));

    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

/* In a script the queue waits for the plan, also where whoever plans has nothing to do at first:
 * otherwise it would be filled at random on a slow machine, and from the plan on a fast one. */
static void test_scripts_wait_for_the_plan(void **state)
{
    struct desk *d = *state;
    struct planner p = { .queued = 0 };
    struct assist planner = { .self = &p,
                              .propose = propose_nothing,
                              .plan = plan,
                              .draw = draw,
                              .queue = queue,
                              .settled = settled };

    for (char name[] = "d.jpg"; name[0] <= 'j'; name[0]++) {
        touch(d->folder, name);
    }
    desk_open_on(d, list_one(d->folder, &d->bell),
                 &(struct session_options){ .order = SESSION_ACTIVE, .now_ms = CLOCK_MS },
                 &planner);
    uint32_t up = session_current(d->session);
    assert_true(session_assist_settled(d->session));
    session_look_ahead(d->session, 4);
    assert_int_equal(p.queued, 1); /* the current one */
    assert_false(session_assist_settled(d->session));
    session_look_ahead(d->session, 4);
    assert_int_equal(p.queued, 1);
    p.behind = false;
    p.has_plan = true;
    session_look_ahead(d->session, 4);
    assert_int_equal(p.queued, up < 7 ? 4 : 3);
    for (uint32_t id = 7; id <= 9; id++) {
        assert_true(is_ahead(d, id));
    }
}

/* What is reported of a page: '[' and ']' for hold(), 'a' for an answer. */
static struct buf reported;

static void note_hold(void *self, bool on)
{
    (void)self;
    buf_addc(&reported, on ? '[' : ']');
}

static void note_answer(void *self, uint32_t id, size_t class_index)
{
    (void)self, (void)id, (void)class_index;
    buf_addc(&reported, 'a');
}

static bool ask_page(void *self, const struct page_wish *wish)
{
    (void)self, (void)wish;
    return true;
}

static bool give_page(void *self, struct page_offer *offer)
{
    const struct desk *d = self;
    *offer = (struct page_offer){ .class_index = CAT, .count = 3, .of = 3, .right = 0.9f };
    for (size_t i = 0; i < offer->count; i++) {
        offer->items[i] = (struct page_item){ .id = catalog_id(d->catalog, i), .confidence = 0.9f };
    }
    return true;
}

/* Who learns must not begin with half of a page, or what is learned depends on threads. */
static void test_a_page_is_learned_at_once(void **state)
{
    struct desk *d = *state;
    struct session_options options = { .order = SESSION_FILE, .annotator = "ann" };
    struct page_answer answers[3] = { { .status = STATUS_LABELED, .class_index = CAT },
                                      { .status = STATUS_LABELED, .class_index = DOG },
                                      { .status = STATUS_LABELED, .class_index = CAT } };
    struct page page;
    struct buf name = BUF_INIT;

    rule = (struct assist){ .self = d,
                            .propose = propose,
                            .answer = note_answer,
                            .hold = note_hold,
                            .ask_page = ask_page,
                            .page = give_page };
    desk_open_on(d, list_one(d->folder, &d->bell), &options, &rule);
    session_want_pages(d->session, PAGE_SURE, 3);
    assert_true(session_page(d->session, 0, &page));
    assert_int_equal(page.count, 3);
    buf_init(&reported);
    assert_true(session_answer_page(d->session, answers, NULL));
    assert_string_equal(buf_text(&reported), "[aaa]");
    buf_clear(&reported);
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(buf_text(&reported)[0], '[');
    assert_non_null(strstr(buf_text(&reported), "aaa]"));
    buf_release(&reported);
    buf_release(&name);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_proposed_is_recorded), TEST(test_a_proposal_keeps_its_source),
        TEST(test_nothing_else_is_asked),        TEST(test_no_active_order),
        TEST(test_a_page_is_learned_at_once),    TEST(test_classes_change),
        TEST(test_scripts_wait_for_the_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
