/* A9: two to five people label one set. Nobody's row takes the place of
 * another's, in the file and in the history; what is current is what was
 * written last; undo brings back what was current before. */
#include "store/labels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "place.h"
#include "scratch.h"
#include "steps.h"

static void give(struct labels *l, const char *annotator, const char *name, const char *label)
{
    struct annotation a = { .file_name = name,
                            .label = label,
                            .status = STATUS_LABELED,
                            .confidence = -1,
                            .seconds = -1,
                            .annotator = annotator };
    struct error err = { .message = "" };

    if (!labels_write(l, &a, 1, NULL, &err)) {
        fail_msg("%s", err.message);
    }
}

/* "a=cat/ann b=dog/bob": the current answers, or all. */
static void assert_answers(const struct labels *l, bool all, const char *want)
{
    struct buf b = BUF_INIT;
    struct annotation a;

    for (uint32_t at = 0; all ? labels_next_row(l, &at, &a) : labels_next(l, &at, &a);) {
        buf_addf(&b, "%s%s=%s/%s", b.len > 0 ? " " : "", a.file_name, a.label, a.annotator);
    }
    assert_string_equal(buf_text(&b), want);
    buf_release(&b);
}

/* The rows without their times. */
static void assert_rows(const char *path, const char *want)
{
    char *text = scratch_read(path, NULL), *at = strchr(text, '\n') + 1;
    struct buf b = BUF_INIT;

    for (char *end; (end = strchr(at, '\n')); at = end + 1) {
        buf_add(&b, at, (size_t)(end - at) - 24);
        buf_addc(&b, '\n');
    }
    assert_string_equal(buf_text(&b), want);
    buf_release(&b);
    free(text);
}

static void test_A9_rows_of_two_people(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);

    give(l, "ann", "a", "cat");
    give(l, "ann", "b", "cat");
    close_it(l);
    l = open_at(p->csv);
    give(l, "bob", "a", "dog");
    assert_int_equal(labels_count(l, STATUS_LABELED), 2);
    assert_int_equal(labels_class_count(l, "cat"), 1);
    assert_int_equal(labels_class_count(l, "dog"), 1);
    assert_answers(l, false, "b=cat/ann a=dog/bob");
    give(l, "bob", "a", "cow"); /* only his own is replaced */
    close_it(l);
    assert_rows(p->csv, "a,cat,labeled,,,,ann,\nb,cat,labeled,,,,ann,\na,cow,labeled,,,,bob,\n");
    assert_rows(p->history, "a,cat,labeled,,,,ann,\nb,cat,labeled,,,,ann,\n"
                            "a,dog,labeled,,,,bob,\na,cow,labeled,,,,bob,\n");
    l = open_at(p->csv);
    assert_answers(l, false, "b=cat/ann a=cow/bob");
    assert_answers(l, true, "a=cat/ann b=cat/ann a=cow/bob");
    give(l, "ann", "a", "dog");
    assert_answers(l, false, "b=cat/ann a=dog/ann");
    close_it(l);
    assert_rows(p->csv, "b,cat,labeled,,,,ann,\na,cow,labeled,,,,bob,\na,dog,labeled,,,,ann,\n");
}

static void undo(struct labels *l, const char *name)
{
    struct annotation a;

    assert_true(undo_one(l, &a, NULL));
    if (!name) {
        assert_null(a.file_name);
    } else {
        assert_string_equal(a.file_name, name);
    }
}

static void test_A9_undo_brings_back_what_was_current(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);
    struct annotation a;

    give(l, "bob", "a", "x");
    give(l, "ann", "a", "y");
    give(l, "bob", "a", "z");
    undo(l, "a"); /* bob's is x again, and ann's was later than that */
    assert_answers(l, false, "a=y/ann");
    assert_answers(l, true, "a=x/bob a=y/ann");
    close_it(l);
    assert_rows(p->csv, "a,x,labeled,,,,bob,\na,y,labeled,,,,ann,\n");
    l = open_at(p->csv);
    assert_answers(l, false, "a=y/ann");
    assert_true(redo_one(l, &a, NULL));
    assert_answers(l, false, "a=z/bob");
    undo(l, "a");
    undo(l, "a");
    assert_answers(l, false, "a=x/bob");
    undo(l, "a");
    assert_answers(l, true, "");
    undo(l, NULL);
    close_it(l);
}

/* Another person's answers are theirs to undo: they are passed over, and stay undoable. */
static void test_A9_undo_of_one_person(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);
    struct annotation a;

    give(l, "bob", "a", "x");
    give(l, "ann", "a", "y");
    give(l, "bob", "b", "z");
    give(l, "ann", "b", "w");
    close_it(l);
    l = open_at(p->csv);
    assert_true(labels_undo_only(l, "bob", NULL));
    undo(l, "b");
    undo(l, "a");
    undo(l, NULL);
    assert_answers(l, true, "a=y/ann b=w/ann");
    assert_true(redo_one(l, &a, NULL));
    assert_answers(l, true, "a=y/ann b=w/ann a=x/bob");
    close_it(l);
    l = open_at(p->csv);
    assert_true(labels_undo_only(l, "eve", NULL));
    undo(l, NULL);
    assert_true(redo_one(l, &a, NULL));
    assert_null(a.file_name);
    close_it(l);
    l = open_at(p->csv);
    assert_true(labels_undo_only(l, "ann", NULL));
    undo(l, "b");
    undo(l, "a");
    undo(l, NULL);
    assert_answers(l, true, "a=x/bob");
    close_it(l);
    l = open_at(p->csv);
    assert_true(labels_undo_only(l, "bob", NULL));
    assert_true(redo_one(l, &a, NULL));
    assert_answers(l, true, "a=x/bob b=z/bob");
    close_it(l);
}

/* Version 0.1.0 wrote no annotator into a row that takes back. */
static void test_A9_rows_of_0_1_0(void **state)
{
    static const char csv[] = LABELS_HEADER "a,cat,labeled,,,,ann,2020-01-01T00:00:00.000Z\n"
                                            "b,cat,labeled,,,,ann,2020-01-01T00:00:01.000Z\n"
                                            "b,,undone,,,,,2020-01-01T00:00:02.000Z\n";
    struct place *p = *state;
    struct annotation a;

    scratch_write(p->csv, csv, strlen(csv));
    scratch_write(p->history, csv, strlen(csv));
    struct labels *l = open_at(p->csv);
    assert_answers(l, true, "a=cat/ann");
    assert_true(redo_one(l, &a, NULL));
    assert_answers(l, true, "a=cat/ann b=cat/ann");
    undo(l, "b");
    undo(l, "a");
    undo(l, NULL);
    close_it(l);
}

/* --------------------------------------------------- at random, and cut off */

enum { PICTURES = 3, PEOPLE = 3, STEPS = 4000 };

/* What is so: 0, or a number of an answer that is never used twice. */
struct state {
    int rows[PICTURES][PEOPLE];
    int current[PICTURES];
};

struct game {
    struct state states[STEPS + 1]; /* states[at] is so, those above can be redone */
    int at, top;
    uint64_t random;
};

static int draw(struct game *g, int below)
{
    g->random = g->random * 6364136223846793005u + 1442695040888963407u;
    return (int)((g->random >> 33) % (unsigned)below);
}

static const char *picture_name(int i)
{
    return &"a\0b\0c"[i * 2];
}

static const char *person_name(int i)
{
    return &"ann\0bob\0\0\0\0"[i * 4]; /* the last one has no name */
}

static void check(const struct game *g, const struct labels *l, const char *when)
{
    const struct state *s = &g->states[g->at];
    int rows[PICTURES][PEOPLE] = { 0 };
    struct annotation a;

    for (uint32_t at = 0; labels_next_row(l, &at, &a);) {
        int person = a.annotator[0] == 'a' ? 0 : a.annotator[0] == 'b' ? 1 : 2;
        rows[a.file_name[0] - 'a'][person] = atoi(a.label);
    }
    if (memcmp(rows, s->rows, sizeof rows) != 0) {
        fail_msg("%s: rows are not what they were", when);
    }
    for (int i = 0; i < PICTURES; i++) {
        bool found = labels_find(l, picture_name(i), NULL, &a);
        if ((found ? atoi(a.label) : 0) != s->current[i]) {
            fail_msg("%s: of %s %s is current, not %d", when, picture_name(i), a.label,
                     s->current[i]);
        }
    }
}

static void copy_file(const char *from, const char *to, const char *name)
{
    char *a = scratch_path(from, name), *b = scratch_path(to, name);
    size_t len;

    if (scratch_exists(a)) {
        char *bytes = scratch_read(a, &len);
        scratch_write(b, bytes, len);
        free(bytes);
    }
    free(a);
    free(b);
}

/* What the next session finds if this one is killed now. */
static void check_killed(const struct game *g, const struct place *p)
{
    char *folder = scratch_new(), *csv = scratch_path(folder, "labels.csv");
    static const char *const names[] = { "labels.csv", ".labels.csv.lock", ".labels.csv.history" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        copy_file(p->folder, folder, names[i]);
    }
    struct labels *l = open_at(csv);
    check(g, l, "killed");
    close_it(l);
    l = open_at(csv);
    check(g, l, "killed and closed");
    close_it(l);
    free(csv);
    scratch_remove(folder);
}

static void answer(struct game *g, struct labels *l, int number)
{
    int picture = draw(g, PICTURES), person = draw(g, PEOPLE);
    char label[16];

    snprintf(label, sizeof label, "%d", number);
    give(l, person_name(person), picture_name(picture), label);
    struct state *s = &g->states[g->at + 1];
    *s = g->states[g->at];
    s->rows[picture][person] = s->current[picture] = number;
    g->top = ++g->at;
}

static void test_A9_at_random(void **state)
{
    struct place *p = *state;
    struct game *g = calloc(1, sizeof *g);
    struct labels *l = open_at(p->csv);
    struct annotation a;

    g->random = 9;
    for (int i = 1; i < STEPS; i++) {
        int what = draw(g, 100);
        if (what < 50) {
            answer(g, l, i);
        } else if (what < 75) {
            assert_true(undo_one(l, &a, NULL));
            assert_int_equal(a.file_name != NULL, g->at > 0);
            g->at -= g->at > 0;
        } else if (what < 92) {
            assert_true(redo_one(l, &a, NULL));
            assert_int_equal(a.file_name != NULL, g->at < g->top);
            g->at += g->at < g->top;
        } else if (what < 96) {
            close_it(l);
            l = open_at(p->csv);
        } else {
            check_killed(g, p);
        }
        check(g, l, "now");
    }
    close_it(l);
    free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_A9_rows_of_two_people),
        PLACE_TEST(test_A9_undo_brings_back_what_was_current),
        PLACE_TEST(test_A9_undo_of_one_person),
        PLACE_TEST(test_A9_rows_of_0_1_0),
        PLACE_TEST(test_A9_at_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
