/* Operations: several annotations that change together, items that are regions, several
 * classes in a label, notes, and what of all this is left after a kill. */
#include "store/labels.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "place.h"
#include "scratch.h"

enum { LOCK_OPERATIONS_MAX = 16 }; /* as in src/store/lock.h */

#define HEADER "file_name,label,status,guess,confidence,seconds,annotator,labeled_at"
#define T1 "2026-01-02T03:04:05.000Z"
#define T2 "2026-01-02T03:04:06.000Z"
#define T3 "2026-01-02T03:04:07.000Z"

/* "a=cat b=dog", the current annotations in order; regions as a[1,2,3,4]. */
static void assert_state(const struct labels *l, const char *want)
{
    struct buf b = BUF_INIT;
    struct annotation a;

    for (uint32_t at = 0; labels_next(l, &at, &a);) {
        buf_addf(&b, "%s%s", b.len > 0 ? " " : "", a.file_name);
        if (!region_is_whole(&a.region)) {
            buf_addf(&b, "[%d,%d,%d,%d]", a.region.x, a.region.y, a.region.width, a.region.height);
        }
        buf_addf(&b, "=%s", a.status == STATUS_LABELED ? a.label : label_status_name(a.status));
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

static void write_text(const char *path, const char *text)
{
    scratch_write(path, text, strlen(text));
}

static struct annotation labelled(const char *name, const char *label)
{
    return (struct annotation){ .file_name = name,
                                .label = label,
                                .status = STATUS_LABELED,
                                .confidence = -1,
                                .seconds = -1,
                                .annotator = "ann" };
}

static void write_one(struct labels *l, const struct annotation *a)
{
    struct error err = { .message = "" };

    if (!labels_write(l, a, 1, NULL, &err)) {
        fail_msg("%s", err.message);
    }
}

static void write_page(struct labels *l, const char *label)
{
    struct annotation list[] = { labelled("a", label), labelled("b", label), labelled("c", label) };
    struct error err = { .message = "" };

    if (!labels_write(l, list, ARRAY_LEN(list), NULL, &err)) {
        fail_msg("%s", err.message);
    }
}

static void step(struct labels *l, bool undo, size_t count, const char *about)
{
    struct labels_step s;
    struct error err = { .message = "" };

    if (!(undo ? labels_undo(l, &s, &err) : labels_redo(l, &s, &err))) {
        fail_msg("%s", err.message);
    }
    assert_true(s.done);
    assert_int_equal(s.count, count);
    if (!about) {
        assert_null(s.about);
    } else {
        assert_string_equal(s.about, about);
    }
}

/* Does the work in a process that is killed before it closes the file. */
static void killed_after(const char *csv, void (*work)(struct labels *l))
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        struct labels *l = open_at(csv);
        work(l);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

/* ------------------------------------------------------------------- class names */

struct renaming {
    const char *from, *to; /* NULL: the class is removed */
};

static bool rename_class(void *context, const struct annotation *a, struct amendment *to)
{
    const struct renaming *r = context;

    if (strcmp(a->label, r->from) != 0) {
        return false;
    }
    if (!r->to) {
        to->status = STATUS_UNANSWERED;
        to->label = "";
    } else {
        to->label = r->to;
    }
    return true;
}

static size_t rename_all(struct labels *l, const char *from, const char *to)
{
    struct renaming r = { from, to };
    const struct operation op = { "ann", "rename" };
    struct error err = { .message = "" };
    size_t changed;

    if (!labels_amend(l, rename_class, &r, &op, &changed, &err)) {
        fail_msg("%s", err.message);
    }
    return changed;
}

static const char two_people[] = HEADER "\n"
                                        "a,skrt,labeled,,,,ann," T1 "\n"
                                        "a,dress,labeled,,,,bob," T2 "\n"
                                        "b,skrt,labeled,skrt,0.5,,bob," T3 "\n";

/* A renamed class is not a new answer: order, time and person stay. */
static void test_rename_keeps_order(void **state)
{
    struct place *p = *state;

    write_text(p->csv, two_people);
    struct labels *l = open_at(p->csv);
    assert_int_equal(rename_all(l, "skrt", "skirt"), 2);
    assert_state(l, "a=dress b=skirt");
    assert_int_equal(labels_class_count(l, "skirt"), 1);
    assert_int_equal(labels_class_count(l, "skrt"), 0);
    close_it(l);
    assert_text(p->csv, HEADER "\n"
                               "a,skirt,labeled,,,,ann," T1 "\n"
                               "a,dress,labeled,,,,bob," T2 "\n"
                               "b,skirt,labeled,skrt,0.5,,bob," T3 "\n");
    l = open_at(p->csv);
    step(l, true, 2, "rename");
    assert_state(l, "a=dress b=skrt");
    step(l, false, 2, "rename");
    step(l, true, 2, "rename");
    close_it(l);
    assert_text(p->csv, two_people);
}

static void do_rename(struct labels *l)
{
    rename_all(l, "skrt", "skirt");
}

static void do_undo(struct labels *l)
{
    step(l, true, 2, "rename");
}

static void test_rename_killed(void **state)
{
    struct place *p = *state;
    struct labels_report report;

    write_text(p->csv, two_people);
    killed_after(p->csv, do_rename);
    struct labels *l = open_as(p->csv, LABELS_READ_WRITE, &report);
    assert_true(report.unclean);
    assert_false(report.broken_off);
    assert_string_equal(report.about, "rename");
    assert_state(l, "a=dress b=skirt");
    close_it(l);
    killed_after(p->csv, do_undo);
    l = open_at(p->csv);
    assert_state(l, "a=dress b=skrt");
    step(l, false, 2, "rename");
    assert_state(l, "a=dress b=skirt");
    close_it(l);
}

static void test_remove_class(void **state)
{
    struct place *p = *state;

    write_text(p->csv, two_people);
    struct labels *l = open_at(p->csv);
    assert_int_equal(rename_all(l, "skrt", NULL), 2);
    assert_state(l, "a=dress");
    close_it(l);
    l = open_at(p->csv);
    assert_state(l, "a=dress");
    step(l, true, 2, "rename");
    assert_state(l, "a=dress b=skrt");
    close_it(l);
    l = open_at(p->csv);
    assert_state(l, "a=dress b=skrt");
    close_it(l);
}

/* An operation that changed no annotation is a step of undo nevertheless. */
static void do_nothing_about(struct labels *l)
{
    const struct operation op = { "ann", "add fox\nkey 3" };

    assert_true(labels_write(l, NULL, 0, &op, NULL));
}

static void test_about_without_rows(void **state)
{
    struct place *p = *state;

    for (int killed = 0; killed < 2; killed++) {
        struct labels_report report;
        if (killed) {
            killed_after(p->csv, do_nothing_about);
        } else {
            struct labels *l = open_at(p->csv);
            do_nothing_about(l);
            close_it(l);
        }
        struct labels *l = open_as(p->csv, LABELS_READ_WRITE, &report);
        assert_string_equal(report.about, killed ? "add fox\nkey 3" : "");
        step(l, true, 0, "add fox\nkey 3");
        step(l, false, 0, "add fox\nkey 3");
        step(l, true, 0, "add fox\nkey 3");
        close_it(l);
        assert_text(p->csv, HEADER "\n");
    }
}

/* --------------------------------------------------------------------- many rows */

static void do_page(struct labels *l)
{
    write_page(l, "cat");
}

static void do_pages(struct labels *l)
{
    for (int i = 0; i < 50; i++) {
        char label[16];
        snprintf(label, sizeof label, "l%d", i);
        write_page(l, label);
        struct annotation one = labelled("d", label);
        write_one(l, &one);
    }
}

/* More operations than the lock file has room for: the rest is in the history already. */
static void test_many_pages_killed(void **state)
{
    struct place *p = *state;

    killed_after(p->csv, do_pages);
    struct labels *l = open_at(p->csv);
    assert_state(l, "a=l49 b=l49 c=l49 d=l49");
    for (int i = 49; i > 0; i--) {
        char want[64];
        step(l, true, 1, NULL);
        step(l, true, 3, NULL);
        snprintf(want, sizeof want, "d=l%d a=l%d b=l%d c=l%d", i - 1, i - 1, i - 1, i - 1);
        assert_state(l, want);
    }
    step(l, true, 1, NULL);
    step(l, true, 3, NULL);
    assert_state(l, "");
    close_it(l);
}

/* Cut at any byte, or with a hole in it, an operation has not happened, and its rows are in
 * NAME.torn; what was there before it stays. */
static void test_cut_at_every_byte(void **state)
{
    struct place *p = *state;
    size_t whole, begin, lock_len;
    struct annotation first = labelled("d", "dog");
    struct labels *l = open_at(p->csv);

    write_one(l, &first);
    close_it(l);
    free(scratch_read(p->csv, &begin));
    killed_after(p->csv, do_page);
    char *text = scratch_read(p->csv, &whole), *lock = scratch_read(p->lock, &lock_len);
    for (size_t len = begin; len <= whole; len++) {
        for (int hole = 0; hole < 2; hole++) {
            struct labels_report report;
            char *cut = calloc(1, whole + 1);
            memcpy(cut, text, len);
            scratch_write(p->csv, cut, hole ? whole : len);
            scratch_write(p->lock, lock, lock_len);
            free(cut);
            bool happened = len == whole, nothing = len == begin && !hole;
            l = open_as(p->csv, LABELS_READ_WRITE, &report);
            assert_state(l, happened ? "d=dog a=cat b=cat c=cat" : "d=dog");
            assert_int_equal(report.broken_off, !happened && !nothing);
            if (!happened && !nothing) {
                size_t torn;
                char *saved = scratch_read(p->torn, &torn);
                assert_int_equal(torn, (hole ? whole : len) - begin + 1);
                assert_memory_equal(saved, text + begin, len - begin);
                free(saved);
                unlink(p->torn);
            }
            close_it(l);
        }
    }
    free(text);
    free(lock);
}

/* The lock file had no room for one more operation, and the rows before it went to the
 * history; killed while it is closed, at any byte of what goes there, undo is what it was. */
static void test_history_cut_at_every_byte(void **state)
{
    struct place *p = *state;
    size_t csv_len, lock_len, before, whole;
    struct labels *l = open_at(p->csv);

    for (int i = 0; i <= LOCK_OPERATIONS_MAX; i++) {
        char label[16];
        snprintf(label, sizeof label, "l%d", i);
        write_page(l, label);
    }
    char *csv = scratch_read(p->csv, &csv_len), *lock = scratch_read(p->lock, &lock_len);
    free(scratch_read(p->history, &before));
    close_it(l);
    char *history = scratch_read(p->history, &whole);
    assert_in_range(before, 1000, whole - 100);
    for (size_t len = before; len <= whole; len++) {
        scratch_write(p->csv, csv, csv_len);
        scratch_write(p->lock, lock, lock_len);
        scratch_write(p->history, history, len);
        l = open_at(p->csv);
        assert_state(l, "a=l16 b=l16 c=l16");
        step(l, true, 3, NULL);
        step(l, true, 3, NULL);
        assert_state(l, "a=l14 b=l14 c=l14");
        close_it(l);
    }
    free(csv);
    free(lock);
    free(history);
}

/* A lock file that lies about operations moves rows at most into NAME.torn. */
static void test_planted_operations(void **state)
{
    static const char *const lines[] = {
        "operation 0 99999 00000000 do 3 - -",         "operation 69 400 00000000 do 3 - -",
        "operation 100 99999 00000000 do 3 - -",       "operation -5 10 0 do 1 - -",
        "operation 69 9999999999999999999 0 do 1 - -", "operation 69 10 zz do 1 - -",
        "operation 69 0 00000000 do 4294967295 - -",   "operation 69 1 00000000 what 1",
    };
    struct place *p = *state;

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct buf lock = BUF_INIT, all = BUF_INIT;
        write_text(p->csv, two_people);
        buf_addf(&lock, "pid 1\nhost x\nuser y\nsince z\nsession 69 0\n%s\nend\n", lines[i]);
        write_text(p->lock, lock.data);
        struct labels *l = open_at(p->csv);
        close_it(l);
        /* each byte is in the one file or in the other */
        char *csv = scratch_read(p->csv, NULL);
        buf_adds(&all, csv);
        if (scratch_exists(p->torn)) {
            char *torn = scratch_read(p->torn, NULL);
            buf_adds(&all, torn);
            free(torn);
            unlink(p->torn);
        }
        for (const char *row = two_people + sizeof HEADER; *row;) {
            size_t len = strcspn(row, "\n");
            char *line = mem_string(row, len);
            assert_non_null(strstr(buf_text(&all), line));
            free(line);
            row += len + 1;
        }
        free(csv);
        buf_release(&lock);
        buf_release(&all);
    }
}

#define ROWS 10000

static void do_rename_many(struct labels *l)
{
    rename_all(l, "skrt", "skirt");
}

/* Killed at any moment, all of 10,000 rows have the new name, or none. */
static void test_rename_of_10000_killed(void **state)
{
    struct place *p = *state;
    struct buf text = BUF_INIT;
    int seen[2] = { 0, 0 };

    buf_adds(&text, HEADER "\n");
    for (int i = 0; i < ROWS; i++) {
        buf_addf(&text, "photos/%d.jpg,skrt,labeled,,,,ann," T1 "\n", i);
    }
    for (long wait_us = 0; seen[1] < 3; wait_us += wait_us / 4 + 500) {
        scratch_write(p->csv, text.data, text.len);
        unlink(p->lock);
        int pipe_fds[2], status;
        char go;
        assert_int_equal(pipe(pipe_fds), 0);
        pid_t child = fork();
        if (child == 0) {
            struct labels *l = open_at(p->csv);
            if (write(pipe_fds[1], "x", 1) != 1) {
                _exit(1);
            }
            do_rename_many(l);
            raise(SIGKILL);
        }
        assert_int_equal(read(pipe_fds[0], &go, 1), 1);
        usleep((useconds_t)wait_us);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        close(pipe_fds[0]);
        close(pipe_fds[1]);
        struct labels *l = open_at(p->csv);
        size_t old = labels_class_count(l, "skrt"), new = labels_class_count(l, "skirt");
        assert_true((old == ROWS && new == 0) || (old == 0 && new == ROWS));
        seen[new == ROWS]++;
        close_it(l);
    }
    print_message("killed before: %d, after: %d\n", seen[0], seen[1]);
    buf_release(&text);
}

/* ----------------------------------------------------------------------- regions */

static struct annotation region_of(const char *name, const char *label, int x, int y, int w, int h)
{
    struct annotation a = labelled(name, label);

    a.region = (struct region){ x, y, w, h };
    return a;
}

static void test_regions(void **state)
{
    struct place *p = *state;
    struct annotation found,
        list[] = { region_of("a", "cat", 1, 2, 30, 40), region_of("a", "dog", 1, 2, 30, 41),
                   labelled("a", "scene") };
    struct labels *l = open_at(p->csv);

    write_one(l, &list[2]);
    assert_true(labels_write(l, list, 2, NULL, NULL));
    assert_state(l, "a=scene a[1,2,30,40]=cat a[1,2,30,41]=dog");
    assert_true(labels_find(l, "a", &list[1].region, &found));
    assert_string_equal(found.label, "dog");
    assert_true(labels_find(l, "a", NULL, &found));
    assert_string_equal(found.label, "scene");
    assert_false(labels_find(l, "a", &(struct region){ 1, 2, 30, 42 }, &found));
    close_it(l);
    char *text = scratch_read(p->csv, NULL);
    assert_non_null(strstr(text, HEADER ",x,y,width,height\n"));
    assert_non_null(strstr(text, ",1,2,30,40\n"));
    assert_non_null(strstr(text, ",,,,\n"));
    free(text);
    l = open_at(p->csv);
    assert_state(l, "a=scene a[1,2,30,40]=cat a[1,2,30,41]=dog");
    step(l, true, 2, NULL);
    assert_state(l, "a=scene");
    step(l, true, 1, NULL);
    assert_state(l, "");
    close_it(l);
}

static void test_columns(void **state)
{
    static const struct {
        const char *text;
        const char *want; /* the state; or the refusal */
        bool refused;
    } cases[] = {
        { "file_name,label,x,y,width,height\na,cat,1,2,3,4\na,dog,5,6,7,8\nb,cow,,,,\n",
          "a[1,2,3,4]=cat a[5,6,7,8]=dog b=cow", false },
        { "file_name,x,y,width,height,label\na,1.0,2.0,3.0,4.0,cat\n", "a[1,2,3,4]=cat", false },
        /* the picture's size is no region */
        { "file_name,label,width,height\na,cat,640,480\n", "a=cat", false },
        { "file_name,label,x,y\na,cat,left,top\n", "a=cat", false },
        { "file_name,label,source\na,cat,flickr\n", "a=cat", false },
        { "file_name,label,x,y,width,height\na,cat,1,2,3,\n",
          "width and height are not whole numbers of pixels from 1 to 10000000", true },
        { "file_name,label,x,y,width,height\na,cat,-1,2,3,4\n",
          "x and y are not whole numbers of pixels from 0 to 10000000", true },
        { "file_name,label,x,y,width,height\na,cat,1,2,0,4\n",
          "width and height are not whole numbers of pixels from 1 to 10000000", true },
        { "file_name,label,x,y,width,height\na,cat,1.5,2,3,4\n",
          "x and y are not whole numbers of pixels from 0 to 10000000", true },
    };
    struct place *p = *state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err = { .message = "" };
        write_text(p->csv, cases[i].text);
        struct labels *l = labels_open(p->csv, LABELS_READ_WRITE, NULL, &err);
        if (cases[i].refused) {
            assert_null(l);
            assert_non_null(strstr(err.message, cases[i].want));
            assert_non_null(strstr(err.message, "labels.csv:2:"));
        } else {
            assert_non_null(l);
            assert_state(l, cases[i].want);
            close_it(l);
            assert_text(p->csv, cases[i].text);
        }
    }
}

/* A file whose width and height are the picture's takes no regions, and loses nothing. */
static void test_no_room_for_regions(void **state)
{
    static const char text[] = "file_name,label,width,height\na,cat,640,480\n";
    struct place *p = *state;
    struct annotation a = region_of("b", "cat", 1, 2, 3, 4);
    struct error err;

    write_text(p->csv, text);
    struct labels *l = open_at(p->csv);
    assert_false(labels_write(l, &a, 1, NULL, &err));
    assert_non_null(strstr(err.message, "columns of its own named x, y, width or height"));
    close_it(l);
}

/* ------------------------------------------------------- several classes, notes */

static void test_several_classes(void **state)
{
    static const struct {
        enum labels_mode mode;
        size_t cat, dog, both;
    } cases[] = { { LABELS_READ_WRITE, 1, 0, 1 }, { LABELS_MULTI, 2, 1, 0 } };
    struct place *p = *state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        write_text(p->csv, HEADER "\na,cat|dog,labeled,,,,,\nb,cat,labeled,,,,,\n");
        struct labels *l = open_as(p->csv, cases[i].mode, NULL);
        assert_int_equal(labels_class_count(l, "cat"), cases[i].cat);
        assert_int_equal(labels_class_count(l, "dog"), cases[i].dog);
        assert_int_equal(labels_class_count(l, "cat|dog"), cases[i].both);
        assert_int_equal(labels_count(l, STATUS_LABELED), 2);
        struct annotation a = labelled("b", "dog|fox");
        write_one(l, &a);
        if (cases[i].mode & LABELS_MULTI) {
            assert_int_equal(labels_class_count(l, "fox"), 1);
            step(l, true, 1, NULL);
            assert_int_equal(labels_class_count(l, "fox"), 0);
        }
        close_it(l);
    }
}

static void test_label_classes(void **state)
{
    static const struct {
        const char *label, *want;
        bool multi;
    } cases[] = { { "", "", true },
                  { "cat", "cat;", true },
                  { "cat|dog", "cat;dog;", true },
                  { "cat|dog", "cat|dog;", false },
                  { "a||b", "a;;b;", true } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf b = BUF_INIT;
        size_t len = 0;
        for (const char *c = NULL; (c = label_class(cases[i].multi, cases[i].label, c, &len));) {
            buf_addf(&b, "%.*s;", (int)len, c);
        }
        assert_string_equal(buf_text(&b), cases[i].want);
        buf_release(&b);
    }
}

static struct annotation noted(const char *name, const char *label, const char *note)
{
    struct annotation a = labelled(name, label);

    a.status = label ? STATUS_LABELED : STATUS_UNANSWERED;
    a.note = note;
    return a;
}

static void assert_note(const struct labels *l, const char *name, const char *want)
{
    struct annotation a;

    labels_find(l, name, NULL, &a);
    assert_string_equal(a.note, want);
}

/* Notes come with an answer, stay when the answer changes, and stand without one. */
static void test_notes(void **state)
{
    struct place *p = *state;
    struct annotation a = noted("a", NULL, "blurred, left \"half\""), b = labelled("a", "cat");
    struct labels *l = open_at(p->csv);

    write_one(l, &a);
    assert_note(l, "a", "blurred, left \"half\"");
    assert_state(l, "");
    write_one(l, &b);
    assert_state(l, "a=cat");
    assert_note(l, "a", "blurred, left \"half\"");
    close_it(l);
    char *text = scratch_read(p->csv, NULL);
    assert_non_null(strstr(text, HEADER ",note\na,cat,labeled,,,,ann,"));
    assert_non_null(strstr(text, ",\"blurred, left \"\"half\"\"\"\n"));
    free(text);
    l = open_at(p->csv);
    step(l, true, 1, NULL);
    assert_state(l, "");
    assert_note(l, "a", "blurred, left \"half\"");
    close_it(l);
    l = open_at(p->csv);
    assert_note(l, "a", "blurred, left \"half\"");
    step(l, true, 1, NULL);
    assert_note(l, "a", "");
    close_it(l);
    l = open_at(p->csv);
    assert_note(l, "a", "");
    a.note = "two\nlines";
    assert_false(labels_write(l, &a, 1, NULL, NULL));
    close_it(l);
}

static void do_note(struct labels *l)
{
    struct annotation a = noted("b", NULL, "look again");

    write_one(l, &a);
}

/* The last row ends in a note: torn in it, it is no shorter note. */
static void test_torn_note(void **state)
{
    struct place *p = *state;
    struct annotation first = noted("a", "cat", "sharp");
    struct labels *l = open_at(p->csv);
    size_t whole;

    write_one(l, &first);
    close_it(l);
    killed_after(p->csv, do_note);
    char *text = scratch_read(p->csv, &whole);
    scratch_write(p->csv, text, whole - 4);
    l = open_at(p->csv);
    assert_note(l, "b", "");
    assert_note(l, "a", "sharp");
    close_it(l);
    assert_true(scratch_exists(p->torn));
    free(text);
}

/* A label that another program took out of its row does not come back by an undo. */
static void test_emptied_by_others(void **state)
{
    struct place *p = *state;
    struct annotation cat = labelled("a", "cat"), dog = labelled("a", "dog");
    struct labels *l = open_at(p->csv);

    write_one(l, &cat);
    close_it(l);
    write_text(p->csv, HEADER "\na,,,,,,ann,\n");
    l = open_at(p->csv);
    write_one(l, &dog);
    close_it(l);
    l = open_at(p->csv);
    step(l, true, 1, NULL);
    assert_state(l, "");
    close_it(l);
}

static void test_source(void **state)
{
    struct place *p = *state;
    struct annotation a = labelled("a", "cat");
    struct labels *l = open_at(p->csv);

    a.guess = "dog";
    a.confidence = 0.75f;
    a.source = "learner";
    write_one(l, &a);
    close_it(l);
    l = open_at(p->csv);
    assert_true(labels_find(l, "a", NULL, &a));
    assert_string_equal(a.source, "learner");
    close_it(l);
}

/* A column of that name of another program is not taken for ours when guess has been added. */
static void test_foreign_source(void **state)
{
    struct place *p = *state;
    struct annotation a = labelled("a", "cat");

    write_text(p->csv, "file_name,source,label,source\na,flickr,,2019\nb,web,dog,\n");
    for (int i = 0; i < 2; i++) {
        struct labels *l = open_at(p->csv);
        a.label = i == 0 ? "cat" : "dog";
        a.guess = "dog";
        a.source = "model";
        write_one(l, &a);
        close_it(l);
    }
    char *text = scratch_read(p->csv, NULL);
    assert_non_null(strstr(text, "file_name,source,label,source,status,guess,"));
    assert_non_null(strstr(text, "\na,flickr,dog,2019,labeled,dog,"));
    assert_non_null(strstr(text, "\nb,web,dog,,labeled,"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_rename_keeps_order),
        PLACE_TEST(test_rename_killed),
        PLACE_TEST(test_remove_class),
        PLACE_TEST(test_about_without_rows),
        PLACE_TEST(test_many_pages_killed),
        PLACE_TEST(test_cut_at_every_byte),
        PLACE_TEST(test_history_cut_at_every_byte),
        PLACE_TEST(test_planted_operations),
        PLACE_TEST(test_rename_of_10000_killed),
        PLACE_TEST(test_regions),
        PLACE_TEST(test_columns),
        PLACE_TEST(test_no_room_for_regions),
        PLACE_TEST(test_several_classes),
        cmocka_unit_test(test_label_classes),
        PLACE_TEST(test_notes),
        PLACE_TEST(test_torn_note),
        PLACE_TEST(test_emptied_by_others),
        PLACE_TEST(test_source),
        PLACE_TEST(test_foreign_source),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
