/* Pictures that may have several classes: what is switched on is written only when it is
 * confirmed, as one answer. */
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

#define PICTURES 12

enum { CAT, DOG, FOX, CLASSES };

static void open_desk(struct desk *d, enum session_mode mode, bool guesses)
{
    struct session_options options = {
        .mode = mode, .order = SESSION_FILE, .annotator = "ann", .now_ms = CLOCK_MS
    };

    if (guesses) {
        desk_open_guessing(d, &options, true);
    } else {
        desk_open(d, &options);
    }
}

static void reopen(struct desk *d, enum session_mode mode, bool guesses)
{
    desk_close(d);
    open_desk(d, mode, guesses);
}

/* Pictures by turns red and blue. */
static void make_pictures(const char *folder)
{
    for (int i = 0; i < PICTURES; i++) {
        char name[16];
        uint8_t pixels[8 * 8 * 3];
        struct buf ppm = BUF_INIT;
        for (size_t p = 0; p < sizeof pixels; p += 3) {
            pixels[p] = (uint8_t)(i % 2 ? 20 + i : 220 - i);
            pixels[p + 1] = (uint8_t)(60 + 5 * i);
            pixels[p + 2] = (uint8_t)(i % 2 ? 220 + i : 20 - i);
        }
        snprintf(name, sizeof name, "%02d.ppm", i);
        char *path = scratch_path(folder, name);
        picture_ppm(&ppm, 8, 8, pixels);
        scratch_write(path, ppm.data, ppm.len);
        buf_release(&ppm);
        free(path);
    }
}

static int setup(void **state)
{
    struct desk *d = desk_new("cat,dog,fox");

    make_pictures(d->folder);
    assert_true(classes_set_multi(&d->classes, "test", NULL));
    open_desk(d, SESSION_LABEL, false);
    *state = d;
    return 0;
}

static void confirm(struct desk *d)
{
    struct error err = { ERROR_NONE, "" };

    session_confirm(d->session, &err);
    assert_string_equal(err.message, "");
}

/* The label of the picture at the position, or its status. */
static const char *label_at(struct desk *d, size_t position)
{
    struct annotation a;

    if (!session_answer_of(d->session, catalog_id(d->catalog, position), &a)) {
        return "-";
    }
    return a.status == STATUS_LABELED ? a.label : label_status_name(a.status);
}

/* want: what is switched on, such as "c-f". */
static void assert_draft(struct desk *d, enum session_draft draft, const char *want)
{
    char is[CLASSES + 1] = "";
    const bool *on;

    assert_int_equal(session_draft(d->session, &on), draft);
    for (size_t i = 0; i < CLASSES; i++) {
        is[i] = on[i] ? d->classes.items[i].name[0] : '-';
    }
    assert_string_equal(is, want);
}

static void undo(struct desk *d)
{
    struct buf name = BUF_INIT;

    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_DONE);
    buf_release(&name);
}

static void test_one_answer(void **state)
{
    struct desk *d = *state;

    assert_draft(d, DRAFT_NOTHING, "---");
    session_toggle(d->session, FOX);
    session_toggle(d->session, DOG);
    session_toggle(d->session, CAT);
    session_toggle(d->session, DOG);
    assert_draft(d, DRAFT_TYPED, "c-f");
    assert_string_equal(label_at(d, 0), "-"); /* nothing is written yet */
    confirm(d);
    assert_string_equal(label_at(d, 0), "cat|fox"); /* in the order of the class list */
    assert_int_equal(session_position(d->session), 1);
    assert_draft(d, DRAFT_NOTHING, "---");
    confirm(d);
    assert_string_equal(label_at(d, 1), "none");
    assert_int_equal(session_class_count(d->session, CAT), 1);
    assert_int_equal(session_class_count(d->session, DOG), 0);
    assert_int_equal(session_other_count(d->session), 0);
    undo(d);
    undo(d);
    assert_string_equal(label_at(d, 0), "-");
    assert_int_equal(session_position(d->session), 0);
    assert_draft(d, DRAFT_NOTHING, "---");
}

static void test_begins_with_the_answer(void **state)
{
    struct desk *d = *state;

    session_toggle(d->session, CAT);
    session_toggle(d->session, FOX);
    confirm(d);
    reopen(d, SESSION_LABEL, false);
    session_go(d->session, 0);
    assert_draft(d, DRAFT_ANSWER, "c-f");
    session_toggle(d->session, CAT);
    assert_draft(d, DRAFT_TYPED, "--f");
    confirm(d);
    assert_string_equal(label_at(d, 0), "fox");
    session_go(d->session, 0);
    assert_true(session_answer(d->session, STATUS_SKIPPED, 0, NULL));
    session_go(d->session, 0);
    assert_draft(d, DRAFT_NOTHING, "---");
    assert_true(session_answer(d->session, STATUS_UNSURE, 0, NULL));
    session_go(d->session, 0);
    assert_draft(d, DRAFT_ANSWER, "---");
}

static void test_not_confirmed(void **state)
{
    struct desk *d = *state;

    assert_false(session_drop_draft(d->session));
    session_toggle(d->session, CAT);
    assert_false(session_left_draft(d->session));
    assert_true(session_drop_draft(d->session));
    assert_draft(d, DRAFT_NOTHING, "---");
    session_toggle(d->session, CAT);
    session_move(d->session, MOVE_NEXT);
    assert_true(session_left_draft(d->session));
    assert_false(session_left_draft(d->session));
    session_move(d->session, MOVE_PREVIOUS);
    assert_draft(d, DRAFT_NOTHING, "---");
    session_toggle(d->session, CAT);
    assert_true(session_answer(d->session, STATUS_UNSURE, 0, NULL)); /* said otherwise */
    assert_false(session_left_draft(d->session));
    assert_string_equal(label_at(d, 0), "unsure");
}

/* Names that are no class here cannot be switched off: they stay. In a label from elsewhere the
 * order may be another. */
static void test_labels_of_others(void **state)
{
    struct desk *d = *state;

    desk_close(d);
    scratch_write(d->csv, "file_name,label\n00.ppm,fox|owl|cat\n01.ppm,owl\n", 44);
    open_desk(d, SESSION_LABEL, false);
    assert_int_equal(session_other_count(d->session), 2);
    session_go(d->session, 0);
    assert_draft(d, DRAFT_ANSWER, "c-f");
    session_toggle(d->session, FOX);
    session_toggle(d->session, DOG);
    confirm(d);
    assert_string_equal(label_at(d, 0), "cat|dog|owl");
}

static void set_filter(struct desk *d, uint8_t *wanted, size_t count)
{
    struct session_filter filter = { .wanted = wanted };
    memset(filter.statuses, true, sizeof filter.statuses);
    assert_true(session_set_filter(d->session, &filter));
    assert_int_equal(session_total(d->session), count);
}

static void test_filter(void **state)
{
    static const struct {
        uint8_t wanted[CLASSES + 1];
        size_t count;
    } cases[] = {
        { { WANT_EITHER, WANT_EITHER, WANT_EITHER, WANT_EITHER }, PICTURES },
        { { WANT_HAS, WANT_EITHER, WANT_EITHER, WANT_EITHER }, 2 },
        { { WANT_HAS, WANT_HAS, WANT_EITHER, WANT_EITHER }, 1 },
        { { WANT_HAS, WANT_HAS_NOT, WANT_EITHER, WANT_EITHER }, 1 },
        { { WANT_HAS_NOT, WANT_EITHER, WANT_EITHER, WANT_EITHER }, PICTURES - 2 },
        { { WANT_EITHER, WANT_EITHER, WANT_EITHER, WANT_HAS }, 1 },
        { { WANT_HAS_NOT, WANT_EITHER, WANT_EITHER, WANT_HAS_NOT }, PICTURES - 3 },
    };
    struct desk *d = *state;

    desk_close(d);
    scratch_write(d->csv, "file_name,label\n00.ppm,dog|cat\n01.ppm,cat\n02.ppm,owl|fox\n", 58);
    open_desk(d, SESSION_REVIEW, false);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t wanted[CLASSES + 1];
        memcpy(wanted, cases[i].wanted, sizeof wanted);
        set_filter(d, wanted, cases[i].count);
    }
}

/* Waits for the prediction of the current picture, as the screen does. */
static void settle(struct desk *d)
{
    unsigned heard = 0;
    uint32_t id = session_current(d->session);
    struct buf path = BUF_INIT;

    session_path(d->session, id, &path);
    struct guess_request request = { id, path.data, { 0 } };
    session_poll(d->session);
    session_want_guesses(d->session, &request, 1);
    while (!session_assist_settled(d->session)) {
        heard = bell_wait(&d->bell, heard);
        session_poll(d->session);
    }
    session_take_guess(d->session);
    session_shown(d->session, id);
    buf_release(&path);
}

/* The classes change under the sets: renamed, merged, removed and added, and each answer has
 * the classes that its label says. */
static void test_classes_change(void **state)
{
    struct desk *d = *state;
    struct session_reclass done;
    struct class_change change;
    struct error err = { .message = "" };

    reopen(d, SESSION_LABEL, false);
    session_toggle(d->session, CAT);
    session_toggle(d->session, FOX);
    confirm(d);
    session_toggle(d->session, DOG);
    confirm(d);
    assert_true(class_change_merge(&change, &d->classes, "fox", "cat", &err));
    assert_true(session_change_classes(d->session, &change, &done, &err));
    assert_string_equal(label_at(d, 0), "cat");
    assert_int_equal(done.rows, 1);
    session_move(d->session, MOVE_FIRST);
    const bool *on;
    assert_int_equal(session_draft(d->session, &on), DRAFT_ANSWER);
    assert_true(on[CAT] && !on[DOG]);
    struct buf name = BUF_INIT;
    assert_int_equal(session_undo(d->session, &name, NULL, &err), UNDO_CLASSES);
    assert_string_equal(label_at(d, 0), "cat|fox");
    buf_release(&name);
}

static void change(struct desk *d, enum class_verb verb, const char *name, const char *to)
{
    struct error err = { .message = "" };
    struct session_reclass done;
    struct keymap map;
    struct class_change c;

    keymap_init(&map);
    assert_true(verb == CLASS_ADD     ? class_change_add(&c, &d->classes, &map, name, 0, &err)
                : verb == CLASS_MERGE ? class_change_merge(&c, &d->classes, name, to, &err)
                                      : class_change_remove(&c, &d->classes, name, &err));
    assert_true(session_change_classes(d->session, &c, &done, &err));
}

/* What is switched on and not confirmed stays on, whatever becomes of the other classes. */
static void test_classes_change_under_a_draft(void **state)
{
    struct desk *d = *state;
    struct buf name = BUF_INIT;
    const bool *on;

    session_toggle(d->session, CAT);
    session_toggle(d->session, FOX);
    change(d, CLASS_ADD, "gnu", NULL);
    assert_draft(d, DRAFT_TYPED, "c-f");
    assert_int_equal(session_draft(d->session, &on), DRAFT_TYPED);
    assert_false(on[CLASSES]);
    session_toggle(d->session, CLASSES);
    change(d, CLASS_MERGE, "cat", "dog"); /* what was cat is dog */
    assert_int_equal(session_draft(d->session, &on), DRAFT_TYPED);
    assert_true(on[0] && on[1] && on[2]);
    change(d, CLASS_REMOVE, "dog", NULL);
    assert_int_equal(session_draft(d->session, &on), DRAFT_TYPED);
    assert_true(on[0] && on[1]);
    assert_int_equal(session_undo(d->session, &name, NULL, NULL), UNDO_CLASSES);
    assert_int_equal(session_draft(d->session, &on), DRAFT_TYPED);
    assert_true(!on[0] && on[1] && on[2]);
    confirm(d);
    assert_string_equal(label_at(d, 0), "fox|gnu");
    buf_release(&name);
}

/* An undo that goes to another picture leaves what was switched here, which is said. */
static void test_undo_leaves_a_draft(void **state)
{
    struct desk *d = *state;

    session_toggle(d->session, CAT);
    confirm(d);
    session_toggle(d->session, DOG);
    undo(d);
    assert_int_equal(session_position(d->session), 0);
    assert_true(session_left_draft(d->session));
    session_toggle(d->session, CAT);
    confirm(d);
    session_move(d->session, MOVE_PREVIOUS);
    session_toggle(d->session, DOG);
    undo(d); /* of this picture: what was switched began with the answer that is gone */
    assert_draft(d, DRAFT_NOTHING, "---");
    assert_false(session_left_draft(d->session));
}

/* Open again are the pictures of which nobody's answer is left. */
static void test_pictures_that_a_removal_opens(void **state)
{
    static const char csv[] =
        LABELS_HEADER "00.ppm,cat,labeled,,,,ann,2026-01-01T00:00:00.000Z\n"
                      "01.ppm,cat|dog,labeled,,,,ann,2026-01-01T00:00:01.000Z\n"
                      "02.ppm,dog,labeled,,,,ann,2026-01-01T00:00:02.000Z\n"
                      "02.ppm,cat,labeled,,,,bob,2026-01-01T00:00:03.000Z\n"
                      "03.ppm,cat,labeled,,,,ann,2026-01-01T00:00:04.000Z\n"
                      "03.ppm,cat,labeled,,,,bob,2026-01-01T00:00:05.000Z\n"
                      "04.ppm,,unsure,,,,ann,2026-01-01T00:00:06.000Z\n";
    struct desk *d = *state;
    struct session_stats before, after;
    size_t count;

    desk_close(d);
    scratch_write(d->csv, csv, sizeof csv - 1);
    open_desk(d, SESSION_LABEL, false);
    assert_true(session_class_opens(d->session, "cat", &count, NULL));
    assert_int_equal(count, 2);
    session_stats(d->session, &before);
    change(d, CLASS_REMOVE, "cat", NULL);
    session_stats(d->session, &after);
    assert_int_equal(before.answered - after.answered, count);
    assert_true(session_class_opens(d->session, "fox", &count, NULL));
    assert_int_equal(count, 0);
}

static void test_predictions(void **state)
{
    struct desk *d = *state;
    struct session_stats stats;
    struct guess guess;
    struct annotation a;

    reopen(d, SESSION_LABEL, true);
    for (int i = 0; i < 6; i++) { /* red is cat and fox, blue is none of these */
        settle(d);
        session_toggle(d->session, CAT);
        session_toggle(d->session, i % 2 ? CAT : FOX);
        confirm(d);
        assert_string_equal(label_at(d, (size_t)i), i % 2 ? "none" : "cat|fox");
    }
    settle(d);
    assert_true(session_guess(d->session, &guess));
    assert_true(guess.classes[CAT] > 0.8f && guess.classes[FOX] > 0.8f);
    assert_true(guess.classes[DOG] < 0.2f);
    assert_true(guess.confidence > 0.5f && guess.confidence <= guess.classes[CAT]);
    assert_draft(d, DRAFT_PREDICTION, "c-f");
    session_toggle(d->session, CAT); /* instead of the proposal, which has it, too, */
    assert_draft(d, DRAFT_TYPED, "c--");
    session_drop_draft(d->session);
    assert_true(session_switch_predicted(d->session)); /* and on top of it */
    assert_draft(d, DRAFT_TYPED, "c-f");
    session_toggle(d->session, DOG);
    session_toggle(d->session, CAT);
    assert_draft(d, DRAFT_TYPED, "-df");
    session_drop_draft(d->session);
    confirm(d);
    assert_true(session_answer_of(d->session, catalog_id(d->catalog, 6), &a));
    assert_string_equal(a.label, "cat|fox");
    assert_string_equal(a.guess, "cat|fox");
    settle(d);
    assert_draft(d, DRAFT_PREDICTION, "---"); /* none of these is predicted, */
    session_stats(d->session, &stats);
    size_t judged = stats.guesses_judged, right = stats.guesses_right;
    confirm(d);
    session_stats(d->session, &stats); /* and right */
    assert_int_equal(stats.guesses_judged, judged + 1);
    assert_int_equal(stats.guesses_right, right + 1);
    assert_true(session_answer_of(d->session, catalog_id(d->catalog, 7), &a));
    assert_int_equal(a.status, STATUS_NONE);
    assert_string_equal(a.guess, "");
    assert_true(a.confidence > 0.5f);
    settle(d);
    session_toggle(d->session, CAT); /* half right is wrong */
    confirm(d);
    session_stats(d->session, &stats);
    assert_int_equal(stats.guesses_judged, judged + 2);
    assert_int_equal(stats.guesses_right, right + 1);
    undo(d);
    session_stats(d->session, &stats);
    assert_int_equal(stats.guesses_judged, judged + 1);
}

/* The accuracy on any picture: the whole set must be right, in any order. */
static void test_any_picture(void **state)
{
    struct desk *d = *state;
    struct session_stats stats;
    struct buf csv = BUF_INIT;

    desk_close(d);
    buf_adds(&csv, LABELS_HEADER);
    for (int i = 0; i < PICTURES; i++) {
        buf_addf(&csv, "%02d.ppm,%s,,ann,2026-01-01T00:00:%02d.000Z\n", i,
                 i % 3 == 0   ? "cat|fox,labeled,fox|cat,0.9"
                 : i % 3 == 1 ? "cat,labeled,cat|fox,0.6"
                              : ",none,,0.7",
                 i);
    }
    scratch_write(d->csv, csv.data, csv.len);
    buf_release(&csv);
    open_desk(d, SESSION_LABEL, false);
    session_stats(d->session, &stats);
    assert_int_equal(stats.any_judged, PICTURES / 3); /* the last third of the sample */
    uint32_t ids[PICTURES];
    size_t right = 0, count = session_sample(d->session, ids, PICTURES);
    assert_int_equal(count, PICTURES);
    for (size_t i = count - stats.any_judged; i < count; i++) {
        right += atoi(catalog_name(d->catalog, ids[i])) % 3 != 1;
    }
    assert_int_equal(stats.any_right, right);
}

static void test_separator_is_refused(void **state)
{
    struct error err = { ERROR_NONE, "" };
    struct classes c;

    (void)state;
    classes_init(&c);
    assert_true(classes_parse_list(&c, "a|b,c", "test", NULL));
    assert_false(classes_set_multi(&c, "--multi", &err));
    assert_non_null(strstr(err.message, "--multi: class name 'a|b' contains '|'"));
    assert_false(c.multi);
    classes_release(&c);
    assert_true(classes_set_multi(&c, "test", NULL));
    assert_false(classes_add(&c, "a|b", 3, KEYCODE_NONE, CLASS_COLOR_NONE, "-c", &err));
    assert_non_null(strstr(err.message, "-c: class name 'a|b' contains '|'"));
    classes_release(&c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_answer),
        TEST(test_begins_with_the_answer),
        TEST(test_not_confirmed),
        TEST(test_labels_of_others),
        TEST(test_filter),
        TEST(test_classes_change),
        TEST(test_classes_change_under_a_draft),
        TEST(test_undo_leaves_a_draft),
        TEST(test_pictures_that_a_removal_opens),
        TEST(test_predictions),
        TEST(test_any_picture),
        cmocka_unit_test(test_separator_is_refused),
    };
    return cmocka_run_group_tests_name("multi", tests, NULL, NULL);
}
