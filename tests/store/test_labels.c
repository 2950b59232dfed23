#include "store/labels.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "place.h"
#include "scratch.h"
#include "steps.h"

/* ----------------------------------------------------------------- helpers */

static bool try_label(struct labels *l, const char *name, const char *label, struct error *err)
{
    struct annotation a = {
        .file_name = name,
        .label = label,
        .status = STATUS_LABELED,
        .confidence = -1,
        .seconds = -1,
    };

    return labels_write(l, &a, 1, NULL, err);
}

static void label(struct labels *l, const char *name, const char *text)
{
    struct error err = { .message = "" };

    if (!try_label(l, name, text, &err)) {
        fail_msg("%s", err.message);
    }
}

/* "a=cat b=dog", the current answers in order. */
static void assert_state(const struct labels *l, const char *want)
{
    struct buf b = BUF_INIT;
    struct annotation a;

    for (uint32_t at = 0; labels_next(l, &at, &a);) {
        struct annotation found;
        assert_true(labels_find(l, a.file_name, NULL, &found));
        assert_string_equal(found.label, a.label);
        buf_addf(&b, "%s%s=%s", b.len > 0 ? " " : "", a.file_name,
                 a.status == STATUS_LABELED ? a.label : label_status_name(a.status));
    }
    assert_string_equal(buf_text(&b), want);
    buf_release(&b);
}

/* Takes back; the picture must be this one, NULL: there is nothing. */
static void undo(struct labels *l, const char *name)
{
    struct annotation a;
    struct error err = { .message = "" };

    if (!undo_one(l, &a, &err)) {
        fail_msg("%s", err.message);
    }
    if (!name) {
        assert_null(a.file_name);
    } else {
        assert_string_equal(a.file_name, name);
    }
}

static void redo(struct labels *l, const char *name)
{
    struct annotation a;
    struct error err = { .message = "" };

    if (!redo_one(l, &a, &err)) {
        fail_msg("%s", err.message);
    }
    if (!name) {
        assert_null(a.file_name);
    } else {
        assert_string_equal(a.file_name, name);
    }
}

/* The file's rows without their times: "a,cat,labeled,,,,\n". */
static char *rows_of(const char *path)
{
    char *text = scratch_read(path, NULL), *out = text;

    assert_memory_equal(text, LABELS_HEADER, strlen(LABELS_HEADER));
    for (char *line = text + strlen(LABELS_HEADER); *line;) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        size_t len = (size_t)(end - line) - 24;
        memmove(out, line, len);
        out += len;
        *out++ = '\n';
        line = end + 1;
    }
    *out = '\0';
    return text;
}

static void assert_rows(const char *path, const char *want)
{
    char *have = rows_of(path);

    assert_string_equal(have, want);
    free(have);
}

static void write_csv(const char *path, const char *rows)
{
    struct buf b = BUF_INIT;

    buf_adds(&b, LABELS_HEADER);
    buf_adds(&b, rows);
    scratch_write(path, b.data, b.len);
    buf_release(&b);
}

/* Runs the function on the open labels in a child that then ends without
 * closing them. */
static void crash_after(const char *csv, void (*work)(struct labels *l))
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);
        if (!l) {
            _exit(1);
        }
        work(l);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* ------------------------------------------------------------- the ordinary */

static void test_first_answer_makes_the_file(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);

    assert_false(scratch_exists(p->csv));
    assert_true(scratch_exists(p->lock));
    struct annotation a = {
        .file_name = "sub/a.jpg",
        .label = "cat",
        .status = STATUS_LABELED,
        .guess = "dog",
        .confidence = 0.87654f,
        .seconds = 1.25f,
        .annotator = "ann",
        .labeled_at_ms = 1700000000123,
    };
    assert_true(labels_write(l, &a, 1, NULL, NULL));
    char *text = scratch_read(p->csv, NULL);
    assert_string_equal(text, LABELS_HEADER
                        "sub/a.jpg,cat,labeled,dog,0.8765,1.25,ann,2023-11-14T22:13:20.123Z\n");
    free(text);
    close_it(l);
    assert_false(scratch_exists(p->lock));

    l = open_at(p->csv);
    assert_true(labels_find(l, "sub/a.jpg", NULL, &a));
    assert_string_equal(a.label, "cat");
    assert_string_equal(a.guess, "dog");
    assert_string_equal(a.annotator, "ann");
    assert_int_equal(a.status, STATUS_LABELED);
    assert_true(a.confidence > 0.87649f && a.confidence < 0.87651f);
    assert_true(a.seconds > 1.2499f && a.seconds < 1.2501f);
    assert_int_equal(a.labeled_at_ms, 1700000000123);
    close_it(l);
}

static void test_looking_writes_nothing(void **state)
{
    struct place *p = *state;

    close_it(open_at(p->csv));
    assert_int_equal(scratch_count(p->folder), 0);
}

static void test_counts(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);
    struct annotation skip = { .file_name = "b", .status = STATUS_SKIPPED, .confidence = -1 };
    const char *class;
    size_t count;

    label(l, "a", "cat");
    label(l, "b", "cat");
    label(l, "c", "dog");
    assert_int_equal(labels_class_count(l, "cat"), 2);
    assert_true(labels_write(l, &skip, 1, NULL, NULL));
    assert_int_equal(labels_class_count(l, "cat"), 1);
    assert_int_equal(labels_class_count(l, "cow"), 0);
    assert_int_equal(labels_count(l, STATUS_LABELED), 2);
    assert_int_equal(labels_count(l, STATUS_SKIPPED), 1);
    undo(l, "b");
    assert_int_equal(labels_class_count(l, "cat"), 2);
    assert_int_equal(labels_count(l, STATUS_SKIPPED), 0);

    uint32_t at = 0;
    assert_true(labels_next_class(l, &at, &class, &count));
    assert_string_equal(class, "cat");
    assert_int_equal(count, 2);
    assert_true(labels_next_class(l, &at, &class, &count));
    assert_string_equal(class, "dog");
    assert_false(labels_next_class(l, &at, &class, &count));
    close_it(l);
}

static void test_relabel_tidies(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);

    label(l, "a", "cat");
    label(l, "b", "cat");
    label(l, "a", "dog");
    assert_rows(p->csv, "a,cat,labeled,,,,,\nb,cat,labeled,,,,,\na,dog,labeled,,,,,\n");
    close_it(l);
    assert_rows(p->csv, "b,cat,labeled,,,,,\na,dog,labeled,,,,,\n");
    assert_rows(p->history, "a,cat,labeled,,,,,\nb,cat,labeled,,,,,\na,dog,labeled,,,,,\n");
}

static void test_times_increase(void **state)
{
    struct place *p = *state;
    struct annotation a;
    int64_t last = 4000000000000; /* 2096: ahead of the clock */

    write_csv(p->csv, "z,cat,labeled,,,,,2096-10-02T07:06:40.000Z\n");
    struct labels *l = open_at(p->csv);
    for (int i = 0; i < 20; i++) {
        label(l, i % 2 == 0 ? "a" : "b", "cat");
        assert_true(labels_find(l, i % 2 == 0 ? "a" : "b", NULL, &a));
        assert_int_equal(a.labeled_at_ms, ++last);
    }
    close_it(l);
    write_csv(p->csv, "z,cat,labeled,,,,,9999-12-31T23:59:59.999Z\n");
    l = open_at(p->csv);
    assert_false(try_label(l, "a", "cat", NULL));
    assert_state(l, "z=cat");
    close_it(l);
}

static void test_refused_answers(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);
    const struct annotation cases[] = {
        { .file_name = "", .label = "x", .status = STATUS_LABELED },
        { .file_name = NULL, .label = "x", .status = STATUS_LABELED },
        { .file_name = "a", .label = "", .status = STATUS_LABELED },
        { .file_name = "a", .label = "x", .status = STATUS_SKIPPED },
        { .file_name = "a", .status = STATUS_UNANSWERED },
        { .file_name = "a", .status = STATUS_COUNT },
        { .file_name = "a", .label = "\xff", .status = STATUS_LABELED },
        { .file_name = "a", .guess = "\xff", .status = STATUS_NONE },
        { .file_name = "a", .annotator = "\xff", .status = STATUS_NONE },
        { .file_name = "a", .status = STATUS_NONE, .confidence = 1.5f },
        { .file_name = "a", .status = STATUS_NONE, .labeled_at_ms = -1 },
        { .file_name = "a", .status = STATUS_NONE, .labeled_at_ms = INT64_C(253402300800000) },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err = { .kind = ERROR_NONE };
        assert_false(labels_write(l, &cases[i], 1, NULL, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
    }
    char *huge = malloc(LABELS_ROW_MAX + 1);
    memset(huge, 'x', LABELS_ROW_MAX);
    huge[LABELS_ROW_MAX] = '\0';
    assert_false(try_label(l, "a", huge, NULL));
    free(huge);
    assert_state(l, "");
    close_it(l);
    assert_false(scratch_exists(p->csv));
}

static void test_one_operation(void **state)
{
    struct place *p = *state;
    struct annotation list[3];
    struct labels *l = open_at(p->csv);

    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        list[i] = (struct annotation){ .file_name = &"c\0b\0a"[i * 2],
                                       .label = "x",
                                       .status = STATUS_LABELED,
                                       .labeled_at_ms = 1000 + (int64_t)i };
    }
    assert_true(labels_write(l, list, 3, NULL, NULL));
    assert_state(l, "c=x b=x a=x");
    /* the same again is not written */
    assert_true(labels_write(l, list, 3, NULL, NULL));
    assert_rows(p->csv, "c,x,labeled,,0,0,,\nb,x,labeled,,0,0,,\na,x,labeled,,0,0,,\n");
    /* one bad one and none counts */
    list[0].label = "y";
    list[2].label = "";
    assert_false(labels_write(l, list, 3, NULL, NULL));
    assert_state(l, "c=x b=x a=x");
    /* they are one step of undo */
    undo(l, "a");
    assert_state(l, "");
    redo(l, "a");
    assert_state(l, "c=x b=x a=x");
    close_it(l);
}

/* -------------------------------------------------------------------- names */

static const char *const names[][2] = {
    { "a b.jpg", "a b.jpg" },
    { "a,b.jpg", "\"a,b.jpg\"" },
    { "a\"b.jpg", "\"a\"\"b.jpg\"" },
    { "a\nb.jpg", "\"a\nb.jpg\"" },
    { "a\rb.jpg", "\"a\rb.jpg\"" },
    { " a.jpg", "\" a.jpg\"" },
    { "a.jpg ", "\"a.jpg \"" },
    { "\xF0\x9F\x98\xBA.jpg", "\xF0\x9F\x98\xBA.jpg" },
    { "\xC3\xA9t\xC3\xA9/a.jpg", "\xC3\xA9t\xC3\xA9/a.jpg" },
    { "50%.jpg", "50%.jpg" },
    { "\xE9t\xE9 50%.jpg", "bytes:%E9t%E9 50%25.jpg" },
    { "\xFF,\n\x01.jpg", "\"bytes:%FF,%0A%01.jpg\"" },
    { "\xF0\x9F\x98\xBA\xFF", "bytes:\xF0\x9F\x98\xBA%FF" },
    { "bytes:a%41", "bytes:bytes:a%2541" },
    { "bytes:", "bytes:bytes:" },
    { "bytes", "bytes" },
    { "\xED\xA0\x80", "bytes:%ED%A0%80" },
    { "=cmd()", "=cmd()" },
    { "../x/-rf", "../x/-rf" },
};

static void test_names(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);
    struct buf want = BUF_INIT;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        label(l, names[i][0], "x");
        buf_addf(&want, "%s,x,labeled,,,,,\n", names[i][1]);
    }
    close_it(l);
    for (size_t round = 0; round < 2; round++) {
        size_t i = 0;
        struct annotation a;
        l = open_at(p->csv);
        for (uint32_t at = 0; labels_next(l, &at, &a); i++) {
            assert_string_equal(a.file_name, names[i][0]);
        }
        assert_int_equal(i, ARRAY_LEN(names));
        /* only names without line ends can be compared line by line */
        label(l, "z", "x");
        undo(l, "z");
        close_it(l);
    }
    char *text = scratch_read(p->csv, NULL);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *row = scratch_path("", names[i][1]);
        assert_non_null(strstr(text, row + 1));
        free(row);
    }
    free(text);
    buf_release(&want);
}

/* --------------------------------------------------------------------- undo */

static void test_undo_redo(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);

    assert_false(labels_can_undo(l));
    assert_false(labels_can_redo(l));
    undo(l, NULL);
    redo(l, NULL);
    label(l, "a", "cat");
    label(l, "b", "cat");
    label(l, "a", "dog");
    undo(l, "a");
    assert_state(l, "b=cat a=cat");
    assert_true(labels_can_redo(l));
    undo(l, "b");
    undo(l, "a");
    undo(l, NULL);
    assert_state(l, "");
    assert_false(labels_can_undo(l));
    redo(l, "a");
    redo(l, "b");
    redo(l, "a");
    redo(l, NULL);
    assert_state(l, "b=cat a=dog");
    undo(l, "a");
    label(l, "c", "cow");
    assert_false(labels_can_redo(l));
    redo(l, NULL);
    undo(l, "c");
    undo(l, "b");
    assert_state(l, "a=cat");
    close_it(l);
    assert_rows(p->csv, "a,cat,labeled,,,,,\n");
}

/* At any moment "the last row of a picture counts, undone is none" holds. */
static void test_rows_while_undoing(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);

    label(l, "a", "cat");
    label(l, "a", "dog");
    undo(l, "a");
    undo(l, "a");
    redo(l, "a");
    assert_rows(p->csv, "a,cat,labeled,,,,,\na,dog,labeled,,,,,\na,cat,labeled,,,,,\n"
                        "a,,undone,,,,,\na,cat,labeled,,,,,\n");
    char *text = scratch_read(p->csv, NULL);
    const char *first = text + strlen(LABELS_HEADER);
    const char *last = text + strlen(text) - strlen("a,cat,labeled,,,,,\n") - 24;
    assert_memory_equal(first, last, strlen(last));
    free(text);
    close_it(l);
}

/* Each step in a session of its own, closed or killed. */
static void run_step(const char *csv, bool crash, void (*step)(struct labels *l))
{
    if (crash) {
        crash_after(csv, step);
        return;
    }
    struct labels *l = open_at(csv);
    step(l);
    close_it(l);
}

static void step_answers(struct labels *l)
{
    label(l, "a", "cat");
    label(l, "b", "cat");
    label(l, "a", "dog");
}

static void step_more(struct labels *l)
{
    label(l, "c", "cow");
    label(l, "b", "dog");
}

static void step_undo_three(struct labels *l)
{
    struct annotation a;

    for (int i = 0; i < 3; i++) {
        undo_one(l, &a, NULL);
    }
}

static void step_redo_two(struct labels *l)
{
    struct annotation a;

    redo_one(l, &a, NULL);
    redo_one(l, &a, NULL);
}

static void test_undo_across_sessions(void **state)
{
    struct place *p = *state;

    for (unsigned crashes = 0; crashes < 16; crashes++) {
        run_step(p->csv, (crashes & 1) != 0, step_answers);
        run_step(p->csv, (crashes & 2) != 0, step_more);
        struct labels *l = open_at(p->csv);
        assert_state(l, "a=dog c=cow b=dog");
        close_it(l);
        run_step(p->csv, (crashes & 4) != 0, step_undo_three);
        l = open_at(p->csv);
        assert_state(l, "b=cat a=cat");
        assert_true(labels_can_redo(l));
        close_it(l);
        run_step(p->csv, (crashes & 8) != 0, step_redo_two);
        l = open_at(p->csv);
        assert_state(l, "b=cat a=dog c=cow");
        redo(l, "b");
        redo(l, NULL);
        undo(l, "b");
        undo(l, "c");
        undo(l, "a");
        undo(l, "b");
        undo(l, "a");
        undo(l, NULL);
        assert_state(l, "");
        redo(l, "a");
        assert_state(l, "a=cat");
        undo(l, "a");
        close_it(l);
        assert_int_equal(unlink(p->csv), 0);
        assert_int_equal(unlink(p->history), 0);
    }
}

/* What the session undid before it read the past is redone before what was
 * undone then. */
static void test_redo_order(void **state)
{
    struct place *p = *state;

    run_step(p->csv, false, step_answers);
    run_step(p->csv, false, step_undo_three);
    struct labels *l = open_at(p->csv);
    redo(l, "a");
    redo(l, "b");
    undo(l, "b");
    redo(l, "b");
    redo(l, "a");
    redo(l, NULL);
    assert_state(l, "b=cat a=dog");
    close_it(l);

    l = open_at(p->csv);
    undo(l, "a");
    label(l, "d", "x");
    undo(l, "d");
    redo(l, "d");
    redo(l, NULL);
    close_it(l);
}

/* The file edited by hand between two sessions: what the history does not know
 * is not touched. */
static void test_undo_after_hand_edit(void **state)
{
    struct place *p = *state;

    run_step(p->csv, false, step_answers);
    write_csv(p->csv, "b,cow,labeled,,,,,2020-01-01T00:00:00.000Z\n"
                      "z,cow,labeled,,,,,2020-01-01T00:00:00.001Z\n");
    struct labels *l = open_at(p->csv);
    undo(l, NULL);
    assert_state(l, "b=cow z=cow");
    label(l, "b", "dog");
    undo(l, "b");
    undo(l, NULL);
    assert_state(l, "z=cow b=cow");
    close_it(l);
}

static void test_damaged_history(void **state)
{
    struct place *p = *state;
    struct annotation a;
    struct error err;

    run_step(p->csv, false, step_answers);
    scratch_write(p->history, "nonsense\n", 9);
    struct labels *l = open_at(p->csv);
    assert_false(undo_one(l, &a, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.message, ".labels.csv.history"));
    assert_state(l, "b=cat a=dog");
    label(l, "c", "cow");
    undo(l, "c");
    undo(l, NULL);
    close_it(l);

    assert_int_equal(unlink(p->history), 0);
    l = open_at(p->csv);
    undo(l, NULL);
    close_it(l);
}

/* A torn row at the end of the history is cut off before more is added. */
static void test_torn_history(void **state)
{
    struct place *p = *state;
    size_t len;

    run_step(p->csv, false, step_answers);
    char *text = scratch_read(p->history, &len);
    for (size_t cut = 1; cut < 45; cut++) {
        scratch_write(p->history, text, len - cut);
        run_step(p->csv, false, step_more);
        char *after = rows_of(p->history);
        assert_non_null(strstr(after, "c,cow,labeled,,,,,\n"));
        assert_non_null(strstr(after, "b,dog,labeled,,,,,\n"));
        free(after);
    }
    free(text);
}

/* -------------------------------------------------------------------- locks */

static void test_second_session(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);
    struct error err;
    char pid[32];

    label(l, "a", "cat");
    assert_null(labels_open(p->csv, LABELS_READ_WRITE, NULL, &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_non_null(strstr(err.message, pid));
    assert_non_null(strstr(err.message, p->csv));

    /* so is the same file in a folder that a link leads to */
    char *link = scratch_path(p->folder, "link"),
         *there = scratch_path(p->folder, "link/labels.csv");
    assert_int_equal(symlink(".", link), 0);
    assert_null(labels_open(there, LABELS_READ_WRITE, NULL, &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    free(link);
    free(there);

    struct labels *reader = labels_open(p->csv, LABELS_READ_ONLY, NULL, &err);
    assert_non_null(reader);
    assert_state(reader, "a=cat");
    close_it(reader);
    assert_true(scratch_exists(p->lock));
    label(l, "b", "cat");
    close_it(l);
    close_it(open_at(p->csv));
}

/* Opens, answers and closes again and again, whenever it is its turn. */
static int take_turns(const char *csv, int who)
{
    enum { TURNS = 40 };

    for (int turn = 0; turn < TURNS;) {
        char name[32];
        struct error err = { .kind = ERROR_NONE };
        struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, &err);
        if (!l && err.kind == ERROR_BUSY) {
            continue;
        }
        snprintf(name, sizeof name, "%d/%d", who, turn++);
        if (!l || !try_label(l, name, "x", &err) || !labels_close(l, &err)) {
            print_error("%s\n", err.message);
            return 1;
        }
    }
    return 0;
}

/* The lock file is made and removed all the time, and yet never are two in. */
static void test_sessions_in_turn(void **state)
{
    struct place *p = *state;
    pid_t children[3];

    for (int i = 0; i < 3; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            _exit(take_turns(p->csv, i));
        }
    }
    for (int i = 0; i < 3; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    struct labels *l = open_at(p->csv);
    assert_int_equal(labels_count(l, STATUS_LABELED), 120);
    close_it(l);
}

static void test_read_only(void **state)
{
    struct place *p = *state;
    struct annotation a = { .file_name = "b", .status = STATUS_NONE };
    struct error err;

    write_csv(p->csv, "a,cat,labeled,,,,,2020-01-01T00:00:00.000Z\nb,ca");
    char *before = scratch_read(p->csv, NULL);
    struct labels_report report;
    struct labels *l = labels_open(p->csv, LABELS_READ_ONLY, &report, &err);
    assert_non_null(l);
    assert_int_equal(report.torn_bytes, 4);
    assert_state(l, "a=cat");
    assert_false(labels_write(l, &a, 1, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_false(undo_one(l, &a, &err));
    assert_false(labels_can_undo(l));
    close_it(l);
    char *after = scratch_read(p->csv, NULL);
    assert_string_equal(before, after);
    assert_int_equal(scratch_count(p->folder), 1);
    free(before);
    free(after);
}

/* Another program replaces the file under a session. */
static void test_replaced_under_us(void **state)
{
    struct place *p = *state;
    struct labels *l = open_at(p->csv);
    struct error err;

    label(l, "a", "cat");
    assert_int_equal(unlink(p->csv), 0);
    write_csv(p->csv, "theirs,dog,labeled,,,,,2020-01-01T00:00:00.000Z\n");
    assert_false(try_label(l, "b", "cat", &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    assert_state(l, "a=cat");
    assert_false(labels_close(l, &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    assert_rows(p->csv, "theirs,dog,labeled,,,,,\n");
    char *saved = scratch_path(p->folder, "labels.csv.saved");
    assert_rows(saved, "a,cat,labeled,,,,,\n");
    free(saved);
    assert_false(scratch_exists(p->lock));
    close_it(open_at(p->csv));
}

/* ------------------------------------------------------------------ crashes */

static void step_mixed(struct labels *l)
{
    struct annotation a;

    step_answers(l);
    undo_one(l, &a, NULL);
    label(l, "c", "cow");
}

static void test_crash(void **state)
{
    struct place *p = *state;
    struct labels_report report;

    crash_after(p->csv, step_mixed);
    assert_true(scratch_exists(p->lock));
    assert_false(scratch_exists(p->history));
    struct labels *l = labels_open(p->csv, LABELS_READ_WRITE, &report, NULL);
    assert_non_null(l);
    assert_true(report.unclean);
    assert_int_equal(report.rows, 5);
    assert_state(l, "b=cat a=cat c=cow");
    assert_rows(p->csv, "b,cat,labeled,,,,,\na,cat,labeled,,,,,\nc,cow,labeled,,,,,\n");
    assert_rows(p->history, "a,cat,labeled,,,,,\nb,cat,labeled,,,,,\na,dog,labeled,,,,,\n"
                            "a,cat,labeled,,,,,\nc,cow,labeled,,,,,\n");
    undo(l, "c");
    undo(l, "b");
    close_it(l);
}

/* The history's tail cut at every length, as a kill while it was written. */
static void test_crash_while_moving(void **state)
{
    struct place *p = *state;
    size_t len;

    run_step(p->csv, false, step_answers);
    char *old = scratch_read(p->history, &len);
    crash_after(p->csv, step_mixed);
    char *csv = scratch_read(p->csv, NULL), *lock = scratch_read(p->lock, NULL);
    close_it(open_at(p->csv));
    size_t full_len;
    char *full = scratch_read(p->history, &full_len);
    assert_true(full_len > len);

    for (size_t have = len; have <= full_len; have++) {
        scratch_write(p->csv, csv, strlen(csv));
        scratch_write(p->lock, lock, strlen(lock));
        scratch_write(p->history, full, have);
        struct labels *l = open_at(p->csv);
        assert_state(l, "b=cat a=cat c=cow");
        char *now = scratch_read(p->history, NULL);
        assert_string_equal(now, full);
        free(now);
        close_it(l);
    }
    free(full);
    free(lock);
    free(csv);
    free(old);
}

/* The last row cut at every byte: what stands before it is all there, and the
 * file is whole again; a row that lacks only its line end counts. */
static void test_torn_at_every_byte(void **state)
{
    struct place *p = *state;

    for (size_t keep = 0; keep < 2; keep++) {
        const char *before = keep == 0 ? "" : "a,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n";
        for (size_t n = keep == 0 ? 11 : 0; n < ARRAY_LEN(names); n += keep == 0 ? 100 : 3) {
            struct buf b = BUF_INIT;
            buf_adds(&b, LABELS_HEADER);
            buf_adds(&b, before);
            size_t start = keep == 0 ? 0 : b.len;
            buf_addf(&b, "%s,\"d,\"\"g\",labeled,x,0.25,1.5,me,2020-01-01T00:00:01.000Z\n",
                     names[n][1]);
            for (size_t len = start; len <= b.len; len++) {
                scratch_write(p->csv, b.data, len);
                struct labels_report report;
                struct error err = { .message = "" };
                struct labels *l = labels_open(p->csv, LABELS_READ_WRITE, &report, &err);
                if (!l) {
                    fail_msg("%zu of %zu: %s", len, b.len, err.message);
                }
                size_t torn_from = len < sizeof LABELS_HEADER - 2 ? 0
                                   : start > 0                    ? start
                                                                  : sizeof LABELS_HEADER - 1;
                bool whole = len + 1 >= b.len;
                assert_int_equal(labels_count(l, STATUS_LABELED), keep + whole);
                if (!whole && len != sizeof LABELS_HEADER - 2) {
                    assert_int_equal(report.torn_bytes, len - torn_from);
                }
                label(l, "q", "r");
                close_it(l);
                l = open_at(p->csv);
                assert_int_equal(labels_count(l, STATUS_LABELED), keep + whole + 1);
                close_it(l);
                unlink(p->csv);
                unlink(p->history);
                unlink(p->torn);
            }
            buf_release(&b);
        }
    }
}

static void test_torn_bytes_are_saved(void **state)
{
    struct place *p = *state;
    static const char zeros[] = LABELS_HEADER "a,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n"
                                              "b,\0\0\0\0\0,2020-01-01T00:00:00.000Z\n";

    write_csv(p->csv, "a,cat,labeled,,,,,2020-01-01T00:00:00.000Z\nb,do");
    struct labels *l = open_at(p->csv);
    assert_state(l, "a=cat");
    close_it(l);
    char *torn = scratch_read(p->torn, NULL);
    assert_string_equal(torn, "b,do\n");
    free(torn);
    assert_rows(p->csv, "a,cat,labeled,,,,,\n");

    scratch_write(p->csv, zeros, sizeof zeros - 1);
    l = open_at(p->csv);
    assert_state(l, "a=cat");
    close_it(l);
    assert_rows(p->csv, "a,cat,labeled,,,,,\n");
    torn = scratch_read(p->torn, NULL);
    assert_string_equal(torn, "b,do\n");
    free(torn);
    char *second = scratch_path(p->folder, "labels.csv.torn-2");
    size_t len;
    torn = scratch_read(second, &len);
    assert_int_equal(len, 33 + 1);
    free(torn);
    free(second);
}

/* ------------------------------------------------------------ foreign files */

static void test_accepted(void **state)
{
    static const char row[] = "a,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n";
    static const char *const cases[] = {
        "\xEF\xBB\xBF" LABELS_HEADER "a,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n",
        LABELS_HEADER "a,cat,labeled,,,,,2020-01-01T00:00:00.000Z\r\n",
        LABELS_HEADER "\"a\",\"cat\",\"labeled\",\"\",,,,2020-01-01T00:00:00.000Z\n",
        LABELS_HEADER "a,cat,labeled,,,,,2020-01-01T00:00:00Z\n",
        LABELS_HEADER "bytes:%61,cat,labeled,,,,,2020-01-01T00:00:00Z\n",
        ("file_name,label,status,guess,confidence,seconds,annotator,labeled_at\r\n"
         "a,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n"),
    };
    struct place *p = *state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct annotation a;
        scratch_write(p->csv, cases[i], strlen(cases[i]));
        struct labels *l = open_at(p->csv);
        assert_true(labels_find(l, "a", NULL, &a));
        assert_string_equal(a.label, "cat");
        close_it(l);
        char *text = scratch_read(p->csv, NULL);
        assert_string_equal(text, cases[i]);
        free(text);

        l = open_at(p->csv);
        label(l, "b", "dog");
        close_it(l);
        text = scratch_read(p->csv, NULL);
        assert_memory_equal(text, LABELS_HEADER, strlen(LABELS_HEADER));
        assert_memory_equal(text + strlen(LABELS_HEADER), row, strlen(row));
        free(text);
    }
}

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        const char *tidy; /* NULL: refused */
    } cases[] = {
        { "0,0", "0,0" },
        { "1,1", "1,1" },
        { "0.5000,2.0", "0.5,2" },
        { ".5,10.", "0.5,10" },
        { "0.99996,100", "1,100" },
        { "1e-3,1.5E2", "0.001,150" },
        { "1e-99,0", "0,0" },
        { "1.1,1", NULL },
        { "-0.1,1", NULL },
        { "nan,1", NULL },
        { "0.1x,1", NULL },
        { "0.1,inf", NULL },
        { "0.1,4000001", NULL },
        { "0.1,1e999", NULL },
        { "0x1,1", NULL },
        { ".,1", NULL },
        { "1e,1", NULL },
        { "0,4000000", "0,4000000" },
        { "0.0001,0.001", "0.0001,0.001" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf text = BUF_INIT, want = BUF_INIT, have = BUF_INIT;
        struct error err;
        buf_addf(&text, "%sa,,none,,%s,,2020-01-01T00:00:00.000Z\n", LABELS_HEADER, cases[i].text);
        struct labels *l = labels_parse("x.csv", text.data, text.len, 0, NULL, &err);
        assert_int_equal(l != NULL, cases[i].tidy != NULL);
        if (l) {
            buf_addf(&want, "%sa,,none,,%s,,2020-01-01T00:00:00.000Z\n", LABELS_HEADER,
                     cases[i].tidy);
            assert_true(labels_format(l, &have, NULL));
            assert_string_equal(buf_text(&have), buf_text(&want));
        }
        labels_close(l, NULL);
        buf_release(&text);
        buf_release(&want);
        buf_release(&have);
    }
}

#define GOOD "a,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n"

/* Refused with the line, and left as it was: bytes, times, nothing beside it. */
static void test_refused_files(void **state)
{
    static const struct {
        const char *text;
        const char *tell;
    } cases[] = {
        { "name,class\na,cat\n", ":1: not a thumbtag file" },
        { "hello", ":1:" },
        { "\n", ":1:" },
        { "\x89PNG\r\n\x1a\n", ":1:" },
        { LABELS_HEADER "a,cat,labeled\n" GOOD, ":2: not 8 fields" },
        { LABELS_HEADER GOOD "a,cat,labelled,,,,,2020-01-01T00:00:00.000Z\n",
          ":3: unknown status" },
        { LABELS_HEADER "a,,labeled,,,,,2020-01-01T00:00:00.000Z\n" GOOD, ":2: status" },
        { LABELS_HEADER "a,cat,skipped,,,,,2020-01-01T00:00:00.000Z\n" GOOD, ":2: a label" },
        { LABELS_HEADER "a,cat,labeled,,2,,,2020-01-01T00:00:00.000Z\n" GOOD, ":2: confidence" },
        { LABELS_HEADER "a,cat,labeled,,,x,,2020-01-01T00:00:00.000Z\n" GOOD, ":2: seconds" },
        { LABELS_HEADER "a,cat,labeled,,,,,2020-02-30T00:00:00.000Z\n" GOOD, ":2: labeled_at" },
        { LABELS_HEADER "a,cat,labeled,,,,,yesterday\n" GOOD, ":2: labeled_at" },
        { LABELS_HEADER "\xff,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n" GOOD,
          ":2: not valid UTF-8" },
        { LABELS_HEADER ",cat,labeled,,,,,2020-01-01T00:00:00.000Z\n" GOOD, ":2: an empty" },
        { LABELS_HEADER "bytes:%00,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n" GOOD,
          "invalid percent code" },
        { LABELS_HEADER "bytes:%4,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n" GOOD,
          "invalid percent code" },
        { LABELS_HEADER "bytes:,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n" GOOD, "empty" },
        { LABELS_HEADER "a\"b,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n" GOOD, ":2: a quote" },
        { LABELS_HEADER "\"a,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n" GOOD GOOD,
          ":2: a quote that is never closed" },
        { LABELS_HEADER GOOD "a,cat\n", ":3: not 8 fields" },
    };
    struct place *p = *state;
    const struct timespec times[2] = { { 1000000000, 5 }, { 1000000000, 7 } };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct stat st;
        struct error err = { .message = "" };
        scratch_write(p->csv, cases[i].text, strlen(cases[i].text));
        assert_int_equal(utimensat(AT_FDCWD, p->csv, times, 0), 0);
        assert_null(labels_open(p->csv, LABELS_READ_WRITE, NULL, &err));
        assert_int_equal(err.kind, ERROR_DATA);
        if (!strstr(err.message, cases[i].tell) || !strstr(err.message, p->csv)) {
            fail_msg("'%s' does not tell '%s'", err.message, cases[i].tell);
        }
        char *text = scratch_read(p->csv, NULL);
        assert_string_equal(text, cases[i].text);
        free(text);
        assert_int_equal(stat(p->csv, &st), 0);
        assert_int_equal(st.st_mtim.tv_nsec, 7);
        assert_int_equal(scratch_count(p->folder), 1);
    }
}

/* A refused file keeps the lock file of a session that was killed. */
static void test_refused_keeps_recovery(void **state)
{
    struct place *p = *state;
    size_t len;

    crash_after(p->csv, step_mixed);
    char *csv = scratch_read(p->csv, &len);
    scratch_write(p->csv, "oops\n", 5);
    assert_null(labels_open(p->csv, LABELS_READ_WRITE, NULL, NULL));
    scratch_write(p->csv, csv, len);
    free(csv);
    struct labels *l = open_at(p->csv);
    undo(l, "c");
    undo(l, "b");
    assert_state(l, "a=cat");
    close_it(l);
}

static void test_row_limit(void **state)
{
    struct place *p = *state;
    struct buf b = BUF_INIT;
    struct error err = { .message = "" };

    buf_adds(&b, LABELS_HEADER GOOD "\"");
    for (int i = 0; i < 600000; i++) {
        buf_adds(&b, "bla\n");
    }
    buf_adds(&b, "\n" GOOD);
    scratch_write(p->csv, b.data, b.len);
    assert_null(labels_open(p->csv, LABELS_READ_WRITE, NULL, &err));
    assert_non_null(strstr(err.message, ":3:"));
    assert_non_null(strstr(err.message, "1 MiB"));
    buf_release(&b);
}

/* Files larger than the window that they stream through. */
static void test_large(void **state)
{
    enum { COUNT = 60000 };
    struct buf b = BUF_INIT, back = BUF_INIT;
    struct error err = { .message = "" };

    (void)state;
    buf_adds(&b, LABELS_HEADER);
    for (int i = 0; i < COUNT; i++) {
        buf_addf(&b,
                 "\"folder, %d/picture %d.jpg\",cat,labeled,dog,0.25,1.5,ann,"
                 "2020-01-01T00:00:00.000Z\n",
                 i % 100, i);
    }
    struct labels *l = labels_parse("x.csv", b.data, b.len, 0, NULL, &err);
    assert_non_null(l);
    assert_int_equal(labels_class_count(l, "cat"), COUNT);
    assert_true(labels_format(l, &back, NULL));
    assert_int_equal(b.len, back.len);
    assert_memory_equal(b.data, back.data, b.len);
    labels_close(l, NULL);
    buf_release(&b);
    buf_release(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_first_answer_makes_the_file),
        PLACE_TEST(test_looking_writes_nothing),
        PLACE_TEST(test_counts),
        PLACE_TEST(test_relabel_tidies),
        PLACE_TEST(test_times_increase),
        PLACE_TEST(test_refused_answers),
        PLACE_TEST(test_one_operation),
        PLACE_TEST(test_names),
        PLACE_TEST(test_undo_redo),
        PLACE_TEST(test_rows_while_undoing),
        PLACE_TEST(test_undo_across_sessions),
        PLACE_TEST(test_redo_order),
        PLACE_TEST(test_undo_after_hand_edit),
        PLACE_TEST(test_damaged_history),
        PLACE_TEST(test_torn_history),
        PLACE_TEST(test_second_session),
        PLACE_TEST(test_sessions_in_turn),
        PLACE_TEST(test_read_only),
        PLACE_TEST(test_replaced_under_us),
        PLACE_TEST(test_crash),
        PLACE_TEST(test_crash_while_moving),
        PLACE_TEST(test_torn_at_every_byte),
        PLACE_TEST(test_torn_bytes_are_saved),
        PLACE_TEST(test_accepted),
        PLACE_TEST(test_numbers),
        PLACE_TEST(test_refused_files),
        PLACE_TEST(test_refused_keeps_recovery),
        PLACE_TEST(test_row_limit),
        PLACE_TEST(test_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
