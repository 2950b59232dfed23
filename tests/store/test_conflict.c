/* S2: another program replaces labels.csv under a session, again and again. Each
 * time the session's answers go to a copy of their own, the next session is told,
 * and labels_take_in() loses none of them. */
#include "store/labels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "scratch.h"

struct place {
    char *folder;
    char *csv;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);

    p->folder = scratch_new();
    p->csv = scratch_path(p->folder, "labels.csv");
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;

    free(p->csv);
    scratch_remove(p->folder);
    free(p);
    return 0;
}

static struct labels *open_at(const char *csv, struct labels_report *report)
{
    struct error err = { .message = "" };
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, report, &err);

    if (!l) {
        fail_msg("%s", err.message);
    }
    return l;
}

static void give(struct labels *l, const char *annotator, const char *name, const char *label,
                 int64_t at)
{
    struct annotation a = { .file_name = name,
                            .label = label,
                            .status = STATUS_LABELED,
                            .confidence = 0.5f,
                            .guess = "cat",
                            .seconds = 1.5f,
                            .annotator = annotator,
                            .labeled_at_ms = at };

    assert_true(labels_write(l, &a, 1, NULL, NULL));
}

/* The same bytes as another file, as `git checkout` or an editor leaves them. */
static void replace(const char *csv)
{
    size_t len;
    char *bytes = scratch_read(csv, &len);

    assert_int_equal(unlink(csv), 0);
    scratch_write(csv, bytes, len);
    free(bytes);
}

/* A session of ann in which labels.csv is taken away under one answer. */
static void conflict(const char *csv, const char *name, const char *label, int64_t at)
{
    struct labels *l = open_at(csv, NULL);
    struct error err = { .message = "" };

    give(l, "ann", "first", "x", 1);
    size_t len;
    char *bytes = scratch_read(csv, &len);
    give(l, "ann", name, label, at);
    assert_int_equal(unlink(csv), 0);
    scratch_write(csv, bytes, len);
    free(bytes);
    assert_false(labels_close(l, &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    assert_non_null(strstr(err.message, "labels.csv.saved"));
}

static void assert_answers(const struct labels *l, const char *want)
{
    struct buf b = BUF_INIT;
    struct annotation a;

    for (uint32_t at = 0; labels_next_row(l, &at, &a);) {
        buf_addf(&b, "%s%s=%s/%s", b.len > 0 ? " " : "", a.file_name, a.label, a.annotator);
    }
    assert_string_equal(buf_text(&b), want);
    buf_release(&b);
}

static void test_S2_numbered_announced_taken_in(void **state)
{
    static const char *const names[] = { "labels.csv.saved", "labels.csv.saved-2",
                                         "labels.csv.saved-3" };
    struct place *p = *state;
    struct labels_report report;
    struct labels_taken taken;
    struct annotation a;

    conflict(p->csv, "b", "cat", 10);
    conflict(p->csv, "c", "dog", 20);
    conflict(p->csv, "b", "cow", 30);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *path = scratch_path(p->folder, names[i]);
        assert_true(scratch_exists(path));
        free(path);
    }
    struct labels *l = open_at(p->csv, &report);
    assert_int_equal(report.copies, 3);
    assert_string_equal(report.saved, "labels.csv.saved");
    assert_answers(l, "first=x/ann");
    give(l, "bob", "b", "hen", 25);
    assert_true(labels_take_in(l, &taken, NULL));
    assert_int_equal(taken.copies, 3);
    assert_int_equal(taken.rows, 6);
    assert_int_equal(taken.answers, 3);
    assert_true(labels_find(l, "c", NULL, &a));
    assert_string_equal(a.guess, "cat");
    assert_true(a.confidence > 0.499f && a.confidence < 0.501f);
    assert_true(labels_close(l, NULL));
    l = open_at(p->csv, &report);
    assert_int_equal(report.copies, 0);
    assert_answers(l, "first=x/ann b=hen/bob c=dog/ann b=cow/ann");
    assert_true(labels_take_in(l, &taken, NULL));
    assert_int_equal(taken.copies, 0);
    assert_true(labels_close(l, NULL));
    assert_int_equal(scratch_count(p->folder), 2);
}

/* An answer that is newer in labels.csv stays. */
static void test_S2_the_later_one_is_kept(void **state)
{
    struct place *p = *state;
    struct labels_taken taken;

    conflict(p->csv, "b", "cat", 10);
    struct labels *l = open_at(p->csv, NULL);
    give(l, "ann", "b", "dog", 11);
    assert_true(labels_take_in(l, &taken, NULL));
    assert_int_equal(taken.answers, 0);
    assert_answers(l, "first=x/ann b=dog/ann");
    assert_true(labels_close(l, NULL));
}

/* A copy that cannot be read stays, and so do those behind it. */
static void test_S2_a_damaged_copy_stays(void **state)
{
    struct place *p = *state;
    struct labels_taken taken;
    struct error err = { .message = "" };
    char *second = scratch_path(p->folder, "labels.csv.saved-2");

    conflict(p->csv, "b", "cat", 10);
    scratch_write(second, "nonsense\nthat is no CSV\n", 24);
    conflict(p->csv, "c", "cat", 20);
    struct labels *l = open_at(p->csv, NULL);
    assert_false(labels_take_in(l, &taken, &err));
    assert_int_equal(taken.copies, 1);
    assert_non_null(strstr(err.message, second));
    assert_answers(l, "first=x/ann b=cat/ann");
    assert_int_equal(unlink(second), 0);
    assert_true(labels_take_in(l, &taken, NULL));
    assert_answers(l, "first=x/ann b=cat/ann c=cat/ann");
    assert_true(labels_close(l, NULL));
    free(second);
}

/* Killed at any moment, the copy is there or its answers are. */
static void test_S2_killed_in_between(void **state)
{
    struct place *p = *state;
    struct labels_taken taken;

    conflict(p->csv, "b", "cat", 10);
    char *saved = scratch_path(p->folder, "labels.csv.saved");
    size_t len;
    char *bytes = scratch_read(saved, &len);
    struct labels *l = open_at(p->csv, NULL);
    assert_true(labels_take_in(l, &taken, NULL));
    assert_true(labels_close(l, NULL));
    scratch_write(saved, bytes, len); /* as if it had not been removed yet */
    l = open_at(p->csv, NULL);
    assert_true(labels_take_in(l, &taken, NULL));
    assert_int_equal(taken.answers, 0);
    assert_answers(l, "first=x/ann b=cat/ann");
    assert_true(labels_close(l, NULL));
    assert_false(scratch_exists(saved));
    free(bytes);
    free(saved);
    replace(p->csv);
    assert_true(labels_close(open_at(p->csv, NULL), NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_S2_numbered_announced_taken_in),
        TEST(test_S2_the_later_one_is_kept),
        TEST(test_S2_a_damaged_copy_stays),
        TEST(test_S2_killed_in_between),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
