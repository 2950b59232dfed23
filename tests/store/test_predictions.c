/* Rows that nobody has answered: predictions, which answers take over; and answers that were
 * checked. */
#include "store/labels.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "place.h"

#define HEADER "file_name,label,status,guess,confidence,seconds,annotator,labeled_at"
#define T1 "2026-01-02T03:04:05.000Z"
#define T2 "2026-01-02T03:04:06.000Z"

/* "a=cat(predicted) b=dog(ann)", all rows. */
static void assert_rows(const struct labels *l, const char *want)
{
    struct buf b = BUF_INIT;
    struct annotation a;

    for (uint32_t at = 0; labels_next_row(l, &at, &a);) {
        buf_addf(&b, "%s%s=%s(%s)%s", b.len > 0 ? " " : "", a.file_name,
                 label_status_has_label(a.status) ? a.label : label_status_name(a.status),
                 a.status == STATUS_PREDICTED ? "predicted" : a.annotator,
                 a.checked ? "checked" : "");
    }
    assert_string_equal(buf_text(&b), want);
    buf_release(&b);
}

static void assert_text(const char *path, const char *want)
{
    char *text = scratch_read(path, NULL);

    assert_string_equal(text, want);
    free(text);
}

static void predict(struct labels *l, const char *names, const char *label)
{
    struct annotation list[4];
    struct operation op = { .annotator = "ann", .about = OPERATION_PREDICTIONS };
    struct error err = { .message = "" };
    char name[4][2] = { "" };
    size_t count = strlen(names);

    for (size_t i = 0; i < count; i++) {
        name[i][0] = names[i];
        list[i] = (struct annotation){ .file_name = name[i],
                                       .label = label,
                                       .guess = label,
                                       .status = STATUS_PREDICTED,
                                       .confidence = 0.5f,
                                       .seconds = -1 };
    }
    if (!labels_write(l, list, count, &op, &err)) {
        fail_msg("%s", err.message);
    }
}

static void answer(struct labels *l, const char *name, const char *label, const char *who)
{
    struct error err = { .message = "" };
    struct annotation a = { .file_name = name,
                            .label = label,
                            .status = STATUS_LABELED,
                            .confidence = -1,
                            .seconds = -1,
                            .annotator = who };

    if (!labels_write(l, &a, 1, NULL, &err)) {
        fail_msg("%s", err.message);
    }
}

static void undo(struct labels *l, size_t count)
{
    struct labels_step s;
    struct error err = { .message = "" };

    if (!labels_undo(l, &s, &err)) {
        fail_msg("%s", err.message);
    }
    assert_true(s.done);
    assert_int_equal(s.count, count);
}

static void test_an_answer_takes_a_prediction_over(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);

    answer(l, "a", "cat", "bob");
    predict(l, "abc", "dog");
    assert_rows(l, "a=cat(bob) b=dog(predicted) c=dog(predicted)");
    assert_int_equal(labels_count(l, STATUS_PREDICTED), 2);
    assert_int_equal(labels_count(l, STATUS_LABELED), 1);
    assert_int_equal(labels_class_count(l, "dog"), 0);
    answer(l, "b", "cat", "ann");
    assert_rows(l, "a=cat(bob) c=dog(predicted) b=cat(ann)");
    close_it(l);
    l = open_at(p->csv);
    assert_rows(l, "a=cat(bob) c=dog(predicted) b=cat(ann)");
    answer(l, "c", "cat", "bob");
    undo(l, 1);
    assert_rows(l, "a=cat(bob) b=cat(ann) c=dog(predicted)");
    close_it(l);
}

/* In the session that made them, and in a later one. */
static void test_one_undo_takes_all_back(void **state)
{
    struct place *p = *state;

    for (int later = 0; later < 2; later++) {
        struct labels *l = open_at(p->csv);
        answer(l, "a", "cat", "bob");
        predict(l, "bcd", "dog");
        if (later) {
            close_it(l);
            l = open_at(p->csv);
        }
        assert_true(labels_undo_only(l, "ann", NULL));
        undo(l, 3);
        assert_rows(l, "a=cat(bob)");
        close_it(l);
        assert_int_equal(remove(p->csv), 0);
        assert_int_equal(remove(p->history), 0);
    }
}

/* By a later one, and to no prediction at all; an answer is refused that. */
static void test_is_replaced_and_taken_back(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);
    struct annotation back = { .file_name = "a", .note = "", .confidence = -1, .seconds = -1 };
    struct error err;

    predict(l, "ab", "dog");
    predict(l, "a", "cat");
    assert_rows(l, "b=dog(predicted) a=cat(predicted)");
    assert_true(labels_write(l, &back, 1, NULL, NULL));
    assert_rows(l, "b=dog(predicted)");
    answer(l, "b", "cat", "ann");
    back.file_name = "b";
    back.annotator = "ann";
    assert_false(labels_write(l, &back, 1, NULL, &err));
    close_it(l);
    l = open_at(p->csv);
    assert_rows(l, "b=cat(ann)");
    close_it(l);
}

/* Rows merged by hand: an answer counts, wherever it stands. */
static void test_never_counts_before_an_answer(void **state)
{
    struct place *p = *state;
    const char text[] = HEADER "\na,cat,labeled,,,,ann," T1 "\na,dog,predicted,dog,0.9,,," T2 "\n";
    struct annotation a;

    scratch_write(p->csv, text, sizeof text - 1);
    struct labels *l = open_at(p->csv);
    assert_true(labels_find(l, "a", NULL, &a));
    assert_string_equal(a.label, "cat");
    close_it(l);
}

/* A file that lists pictures, with a column of its own: the row stays one. */
static void test_takes_over_a_listed_row(void **state)
{
    struct place *p = *state;
    const char text[] = "file_name,label,place\na,,north\nb,,south\n";

    scratch_write(p->csv, text, sizeof text - 1);
    struct labels *l = open_at(p->csv);
    predict(l, "ab", "dog");
    answer(l, "a", "cat", "ann");
    close_it(l);
    l = open_at(p->csv);
    assert_rows(l, "b=dog(predicted) a=cat(ann)");
    close_it(l);
    char *bytes = scratch_read(p->csv, NULL);
    assert_non_null(strstr(bytes, "\na,cat,north,labeled"));
    assert_non_null(strstr(bytes, "\nb,dog,south,predicted"));
    free(bytes);
}

/* The row that is there, whoever wrote it; undone by who checked. */
static void test_an_answer_is_checked(void **state)
{
    struct place *p = *state;
    const char text[] = HEADER "\na,cat,labeled,,,,ann," T1 "\n";
    struct operation op = { .annotator = "bob", .about = OPERATION_CHECK };
    struct labels_step s;
    struct error err;

    scratch_write(p->csv, text, sizeof text - 1);
    struct labels *l = open_at(p->csv);
    assert_true(labels_check(l, "a", NULL, &op, NULL));
    assert_true(labels_check(l, "a", NULL, &op, NULL)); /* again: nothing */
    assert_false(labels_check(l, "b", NULL, &op, &err));
    close_it(l);
    assert_text(p->csv, HEADER ",checked\na,cat,labeled,,,,ann," T1 ",yes\n");

    l = open_at(p->csv);
    assert_rows(l, "a=cat(ann)checked");
    assert_true(labels_undo_only(l, "ann", NULL));
    assert_true(labels_undo(l, &s, NULL));
    assert_false(s.done);
    close_it(l);
    l = open_at(p->csv);
    assert_true(labels_undo_only(l, "bob", NULL));
    undo(l, 1);
    assert_rows(l, "a=cat(ann)");
    close_it(l);
    assert_text(p->csv, HEADER ",checked\na,cat,labeled,,,,ann," T1 ",\n");
}

/* What is answered anew is not checked any more. */
static void test_a_new_answer_is_not_checked(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);

    answer(l, "a", "cat", "ann");
    assert_true(labels_check(l, "a", NULL, NULL, NULL));
    assert_rows(l, "a=cat(ann)checked");
    answer(l, "a", "dog", "ann");
    assert_rows(l, "a=dog(ann)");
    undo(l, 1);
    assert_rows(l, "a=cat(ann)checked");
    close_it(l);
}

/* A column of another program with that name, where ours would not stand. */
static void test_a_foreign_column_named_checked(void **state)
{
    struct place *p = *state;
    const char text[] = "file_name,label,checked\na,cat,by Jo\n";

    scratch_write(p->csv, text, sizeof text - 1);
    struct labels *l = open_at(p->csv);
    assert_true(labels_check(l, "a", NULL, NULL, NULL));
    answer(l, "b", "dog", "ann");
    close_it(l);
    char *bytes = scratch_read(p->csv, NULL);
    assert_non_null(strstr(bytes, "\na,cat,by Jo,"));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_an_answer_takes_a_prediction_over),
        PLACE_TEST(test_one_undo_takes_all_back),
        PLACE_TEST(test_is_replaced_and_taken_back),
        PLACE_TEST(test_never_counts_before_an_answer),
        PLACE_TEST(test_takes_over_a_listed_row),
        PLACE_TEST(test_an_answer_is_checked),
        PLACE_TEST(test_a_new_answer_is_not_checked),
        PLACE_TEST(test_a_foreign_column_named_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
