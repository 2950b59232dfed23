/* Pages: many items answered as one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk.h"
#include "picture.h"
#include "session/page.h"

#define PICTURES 40
#define TAUGHT 10 /* three for each class: `other` has none, so it is rare */

enum { WARM, COLD, OTHER };

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
    struct desk *d = desk_new("warm,cold,other");

    make_pictures(d->folder);
    *state = d;
    return 0;
}

static void open_session(struct desk *d)
{
    struct session_options options = {
        .mode = SESSION_LABEL, .order = SESSION_FILE, .annotator = "test", .now_ms = CLOCK_MS
    };
    desk_open_guessing(d, &options, true);
}

static void settle(struct desk *d)
{
    unsigned heard = 0;
    session_poll(d->session);
    while (!session_assist_settled(d->session)) {
        heard = bell_wait(&d->bell, heard);
        session_poll(d->session);
    }
}

/* The class that the picture has. */
static size_t truth(const struct desk *d, uint32_t id)
{
    return (size_t)(atoi(catalog_name(d->catalog, id)) % 2 ? COLD : WARM);
}

/* Answers the next pictures one by one. */
static void teach(struct desk *d, int count)
{
    for (int i = 0; i < count; i++) {
        uint32_t id = session_current(d->session);
        assert_true(session_answer(d->session, STATUS_LABELED, truth(d, id), NULL));
    }
}

static bool get(struct desk *d, size_t ahead, struct page *page)
{
    settle(d);
    session_page_state(d->session); /* takes one over and asks for the next */
    settle(d);
    return session_page(d->session, ahead, page);
}

static enum label_status status_of(struct desk *d, uint32_t id)
{
    struct annotation a;
    return session_answer_of(d->session, id, &a) ? a.status : STATUS_UNANSWERED;
}

static bool is_on(const struct page *page, uint32_t id)
{
    for (size_t i = 0; i < page->count; i++) {
        if (page->ids[i] == id) {
            return true;
        }
    }
    return false;
}

static void check_same(const struct page *a, const struct page *b)
{
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->ids, b->ids, a->count * sizeof *a->ids);
    assert_int_equal(a->class_index, b->class_index);
}

static void accept(struct page_answer *answers, const struct page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        answers[i] =
            (struct page_answer){ .status = STATUS_LABELED, .class_index = page->class_index };
    }
}

static void test_the_surest_of_one_class(void **state)
{
    struct desk *d = *state;
    struct page page, next;

    open_session(d);
    assert_int_equal(session_page_state(d->session), PAGES_OFF);
    session_want_pages(d->session, PAGE_SURE, 6);
    assert_false(get(d, 0, &page)); /* nothing is predicted */
    assert_int_equal(session_page_state(d->session), PAGES_NONE);
    teach(d, TAUGHT - 2);
    assert_false(get(d, 0, &page)); /* there may be more of `other` */
    assert_int_equal(session_page_state(d->session), PAGES_NONE);
    teach(d, 2);
    assert_true(get(d, 0, &page));
    assert_int_equal(session_page_state(d->session), PAGES_READY);
    assert_int_equal(page.kind, PAGE_SURE);
    assert_int_equal(page.count, 6);
    assert_int_equal(page.of, (PICTURES - TAUGHT) / 2);
    assert_true(page.right > 0.7f && page.right <= 1.0f);
    for (size_t i = 0; i < page.count; i++) {
        assert_int_equal(truth(d, page.ids[i]), page.class_index);
        assert_int_equal(page.guesses[i].best, page.class_index);
        assert_int_equal(status_of(d, page.ids[i]), STATUS_UNANSWERED);
        assert_true(i == 0 || page.guesses[i].confidence <= page.guesses[i - 1].confidence);
    }
    assert_true(get(d, 1, &next));
    for (size_t i = 0; i < next.count; i++) {
        assert_false(is_on(&page, next.ids[i]));
    }
    assert_false(get(d, 2, &next));
}

static void test_a_page_stays(void **state)
{
    struct desk *d = *state;
    struct page page, next, now;
    struct page_answer answers[PAGE_MAX];

    open_session(d);
    session_want_pages(d->session, PAGE_SURE, 6);
    teach(d, TAUGHT);
    assert_true(get(d, 0, &page) && get(d, 1, &next));
    teach(d, 1); /* something is learned; it may be on the page */
    assert_true(get(d, 0, &now));
    for (size_t i = 0, at = 0; i < page.count; i++) {
        if (status_of(d, page.ids[i]) == STATUS_UNANSWERED) {
            assert_int_equal(now.ids[at++], page.ids[i]);
        }
    }
    assert_true(get(d, 1, &next));
    page = now;
    accept(answers, &page);
    assert_true(session_answer_page(d->session, answers, NULL));
    assert_true(get(d, 0, &now)); /* the one that was ahead */
    check_same(&now, &next);
}

static void test_one_operation(void **state)
{
    struct desk *d = *state;
    struct page page, now;
    struct page_answer answers[PAGE_MAX];
    struct session_stats before, after;
    struct annotation a;
    struct buf name = BUF_INIT;

    open_session(d);
    session_want_pages(d->session, PAGE_SURE, 6);
    teach(d, TAUGHT);
    assert_true(get(d, 0, &page));
    session_stats(d->session, &before);
    accept(answers, &page);
    answers[1].class_index = OTHER;
    answers[2].status = STATUS_UNSURE;
    answers[3].open = true;
    session_page_shown(d->session);
    assert_true(session_answer_page(d->session, answers, NULL));
    session_stats(d->session, &after);
    assert_int_equal(after.answered, before.answered + 5);
    assert_int_equal(after.given, before.given + 5);
    assert_true(session_answer_of(d->session, page.ids[0], &a));
    assert_string_equal(a.label, d->classes.items[page.class_index].name);
    assert_string_equal(a.guess, a.label);
    assert_true(a.confidence > 0.5f && a.seconds >= 0.0f);
    assert_string_equal(a.annotator, "test");
    assert_true(session_answer_of(d->session, page.ids[1], &a));
    assert_string_equal(a.label, "other");
    assert_string_equal(a.guess, d->classes.items[page.class_index].name);
    assert_int_equal(status_of(d, page.ids[2]), STATUS_UNSURE);
    assert_int_equal(status_of(d, page.ids[3]), STATUS_UNANSWERED);
    assert_int_equal(status_of(d, session_current(d->session)), STATUS_UNANSWERED);
    assert_int_equal(session_last_answered(d->session, 0), page.ids[0]);

    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(session_moved(d->session), 5);
    assert_int_equal(session_current(d->session), page.ids[0]);
    session_stats(d->session, &after);
    assert_int_equal(after.answered, before.answered);
    assert_int_equal(after.given, before.given);
    assert_int_equal(after.guesses_judged, before.guesses_judged);
    assert_true(get(d, 0, &now));
    check_same(&page, &now);

    assert_int_equal(session_redo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(session_moved(d->session), 5);
    session_stats(d->session, &after);
    assert_int_equal(after.answered, before.answered + 5);
    assert_true(get(d, 0, &now));
    assert_false(is_on(&now, page.ids[0]));
    buf_release(&name);
}

/* What the learner knows follows too: the marks of all are read anew. */
static void test_undo_after_a_restart(void **state)
{
    struct desk *d = *state;
    struct page page;
    struct page_answer answers[PAGE_MAX];
    struct assist_status status;
    struct buf name = BUF_INIT;

    open_session(d);
    session_want_pages(d->session, PAGE_SURE, 6);
    teach(d, TAUGHT);
    assert_true(get(d, 0, &page));
    accept(answers, &page);
    assert_true(session_answer_page(d->session, answers, NULL));
    settle(d);
    assert_true(session_assist_status(d->session, &status));
    assert_int_equal(status.answers, TAUGHT + 6);
    desk_close(d);
    open_session(d);
    settle(d);
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    assert_int_equal(session_current(d->session), page.ids[0]);
    settle(d);
    assert_true(session_assist_status(d->session, &status));
    assert_int_equal(status.answers, TAUGHT);
    for (size_t i = 0; i < page.count; i++) {
        assert_int_equal(status_of(d, page.ids[i]), STATUS_UNANSWERED);
    }
    assert_int_equal(session_redo(d->session, &name, NULL, NULL), UNDO_DONE);
    settle(d);
    assert_true(session_assist_status(d->session, &status));
    assert_int_equal(status.answers, TAUGHT + 6);
    buf_release(&name);
}

static void test_dismissed_ones_stay_away(void **state)
{
    struct desk *d = *state;
    struct page page, next, now;
    size_t pages = 0;

    open_session(d);
    session_want_pages(d->session, PAGE_SURE, 6);
    teach(d, TAUGHT);
    assert_true(get(d, 0, &page) && get(d, 1, &next));
    session_dismiss_page(d->session);
    assert_true(get(d, 0, &now));
    check_same(&next, &now);
    while (get(d, 0, &now)) {
        for (size_t i = 0; i < page.count; i++) {
            assert_false(is_on(&now, page.ids[i]));
        }
        session_dismiss_page(d->session);
        pages++;
    }
    assert_true(pages >= 4);
    assert_int_equal(session_page_state(d->session), PAGES_NONE);
    teach(d, PICTURES - TAUGHT); /* single ones are still there */
    assert_true(session_at_end(d->session));
}

/* All the folder, page by page. */
static void test_to_the_end(void **state)
{
    struct desk *d = *state;
    struct page page;
    struct page_answer answers[PAGE_MAX];

    open_session(d);
    session_want_pages(d->session, PAGE_KINDS, PAGE_MAX);
    teach(d, TAUGHT);
    while (get(d, 0, &page)) {
        accept(answers, &page);
        for (size_t i = 0; i < page.count; i++) {
            answers[i].class_index = truth(d, page.ids[i]);
        }
        assert_true(session_answer_page(d->session, answers, NULL));
    }
    while (!session_at_end(d->session)) {
        teach(d, 1);
    }
    for (uint32_t id = 0; id < PICTURES; id++) {
        assert_int_equal(status_of(d, id), STATUS_LABELED);
    }
}

static void test_refused(void **state)
{
    struct desk *d = *state;
    struct page_answer answers[PAGE_MAX] = { { .open = true } };
    struct error err;

    open_session(d);
    session_want_pages(d->session, PAGE_SURE, 6);
    assert_false(session_answer_page(d->session, answers, &err));
    assert_string_equal(err.message, "there is no page to answer");
    session_dismiss_page(d->session);
    desk_close(d);
    struct session_options options = { .mode = SESSION_LABEL, .order = SESSION_FILE };
    desk_open(d, &options); /* without an assistant */
    session_want_pages(d->session, PAGE_SURE, 6);
    assert_int_equal(session_page_state(d->session), PAGES_OFF);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_surest_of_one_class),
        TEST(test_a_page_stays),
        TEST(test_one_operation),
        TEST(test_undo_after_a_restart),
        TEST(test_dismissed_ones_stay_away),
        TEST(test_to_the_end),
        TEST(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
