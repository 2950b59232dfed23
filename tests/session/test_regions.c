/* Regions of pictures as items, answered in a session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "desk.h"
#include "region_items.h"
#include "session/sample.h"

static void open_desk(struct desk *d)
{
    struct error err = { ERROR_NONE, "" };
    const char *path = d->folder;
    static size_t calls; /* lives as long as the catalog */
    struct catalog_source source = { .paths = &path,
                                     .count = 1,
                                     .in_order = true,
                                     .list_fd = -1,
                                     .regions = regions_of,
                                     .regions_context = &calls };
    struct session_options options = {
        .mode = SESSION_LABEL, .order = SESSION_FILE, .annotator = "ann", .now_ms = CLOCK_MS
    };

    desk_open_on(d, catalog_list_all(&source, &err), &options, NULL);
}

static int setup(void **state)
{
    struct desk *d = desk_new("cat,dog");

    touch_regions(d->folder);
    open_desk(d);
    *state = d;
    return 0;
}

static void title_is(struct desk *d, uint32_t id, const char *title)
{
    struct buf text = BUF_INIT;

    assert_true(session_title(d->session, id, &text));
    assert_string_equal(buf_text(&text), title);
    buf_release(&text);
}

static void answer(struct desk *d, size_t class_index)
{
    struct error err = { ERROR_NONE, "" };

    assert_true(session_answer(d->session, STATUS_LABELED, class_index, &err));
}

/* Each item has a row of its own, and is found again. */
static void test_answers(void **state)
{
    struct desk *d = *state;
    struct annotation a;

    for (size_t i = 0; i < ITEMS; i++) {
        title_is(d, session_current(d->session), titles[i]);
        answer(d, i % 2);
    }
    desk_close(d);
    open_desk(d);
    for (size_t i = 0; i < ITEMS; i++) {
        uint32_t id = catalog_id(d->catalog, i);
        assert_true(session_answer_of(d->session, id, &a));
        assert_string_equal(a.label, i % 2 ? "dog" : "cat");
    }
    assert_true(labels_find(d->labels, "2.jpg", &of_2[1], &a));
    assert_string_equal(a.label, "dog");
    assert_false(labels_find(d->labels, "4.jpg", NULL, &a));
}

/* Undo and redo lead to the region, not to another one of its picture. */
static void test_undo(void **state)
{
    struct desk *d = *state;
    struct buf name = BUF_INIT;
    struct annotation moved;
    struct error err;

    for (size_t i = 0; i < 4; i++) {
        answer(d, 0);
    }
    desk_close(d);
    open_desk(d);
    assert_true(session_go(d->session, 0));
    assert_int_equal(session_undo(d->session, &name, &moved, &err), UNDO_DONE);
    assert_string_equal(buf_text(&name), titles[3]);
    title_is(d, session_current(d->session), titles[3]);
    assert_int_equal(session_undo(d->session, &name, &moved, &err), UNDO_DONE);
    title_is(d, session_current(d->session), titles[2]);
    assert_int_equal(session_redo(d->session, &name, &moved, &err), UNDO_DONE);
    assert_string_equal(buf_text(&name), titles[2]);
    buf_release(&name);
}

static void test_find(void **state)
{
    struct desk *d = *state;

    assert_true(session_find(d->session, "[20,7"));
    title_is(d, session_current(d->session), titles[3]);
    assert_true(session_find(d->session, "[20,7"));
    title_is(d, session_current(d->session), titles[5]);
    assert_true(session_find(d->session, "2.jpg"));
    title_is(d, session_current(d->session), titles[1]);
    assert_false(session_find(d->session, "[1,1"));
}

/* In the random order every item has a rank of its own. */
static void test_ranks(void **state)
{
    struct desk *d = *state;
    bool seen[ITEMS] = { false };

    assert_true(session_set_order(d->session, SESSION_RANDOM));
    for (size_t i = 0; i < ITEMS; i++) {
        uint32_t id = session_current(d->session);
        assert_int_not_equal(id, CATALOG_NO_ID);
        assert_false(seen[id]);
        seen[id] = true;
        answer(d, 0);
    }
    assert_true(session_at_end(d->session));
    for (size_t i = 0; i < ARRAY_LEN(of_2); i++) {
        for (size_t j = 0; j < i; j++) {
            assert_true(sample_rank("2.jpg", 5, &of_2[i]) != sample_rank("2.jpg", 5, &of_2[j]));
        }
    }
    assert_true(sample_rank("2.jpg", 5, of_4) != sample_rank("4.jpg", 5, of_4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_answers, setup, desk_teardown),
        cmocka_unit_test_setup_teardown(test_undo, setup, desk_teardown),
        cmocka_unit_test_setup_teardown(test_find, setup, desk_teardown),
        cmocka_unit_test_setup_teardown(test_ranks, setup, desk_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
