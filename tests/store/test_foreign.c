/* D7: labels.csv as people and other programs leave it. All of it is read; an
 * answer is added in the file's own form, and what is not ours stays. */
#include "store/labels.h"

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
#include "scratch.h"
#include "steps.h"

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

#define T0 "2020-01-01T00:00:00.000Z"
#define T1 "2020-01-01T00:00:01.000Z"
#define A_ROW "a,cat,labeled,,,,ann," T0 "\n"
#define B_ROW "b,dog,labeled,,,,ann," T1 "\n"

/* The answer that is added: z is a cow, says bob. T stands for its time. */
#define Z_ROW "z,cow,labeled,,,,bob,T\n"

static const struct {
    const char *what;
    const char *text;
    const char *answers; /* as they are read */
    const char *after;   /* the file with the answer, closed */
} files[] = {
    { "a blank line at the end", LABELS_HEADER A_ROW B_ROW "\n", "a=cat/ann b=dog/ann",
      LABELS_HEADER A_ROW B_ROW Z_ROW },
    { "blank lines between", LABELS_HEADER "\n\n" A_ROW "\n  \n" B_ROW, "a=cat/ann b=dog/ann",
      LABELS_HEADER A_ROW B_ROW Z_ROW },
    { "CRLF and blank lines", LABELS_HEADER "\r\n" A_ROW "\r\n" B_ROW, "a=cat/ann b=dog/ann",
      LABELS_HEADER A_ROW B_ROW Z_ROW },
    { "rows of separators", LABELS_HEADER A_ROW ",,,,,,,\n" B_ROW, "a=cat/ann b=dog/ann",
      LABELS_HEADER A_ROW B_ROW Z_ROW },
    { "an empty time", LABELS_HEADER "a,cat,labeled,,,,ann,\n" B_ROW, "a=cat/ann b=dog/ann",
      LABELS_HEADER "a,cat,labeled,,,,ann,\n" B_ROW Z_ROW },
    { "an empty time at the end", LABELS_HEADER A_ROW "b,dog,labeled,,,,ann,\n",
      "a=cat/ann b=dog/ann", LABELS_HEADER A_ROW "b,dog,labeled,,,,ann,\n" Z_ROW },
    { "a byte order mark", "\xEF\xBB\xBF" LABELS_HEADER A_ROW "\n", "a=cat/ann",
      LABELS_HEADER A_ROW Z_ROW },
    { "names written otherwise",
      LABELS_HEADER "./a,cat,labeled,,,,ann," T0 "\nx//./b,dog,labeled,,,,ann," T1 "\n",
      "a=cat/ann x/b=dog/ann",
      LABELS_HEADER "./a,cat,labeled,,,,ann," T0 "\nx//./b,dog,labeled,,,,ann," T1 "\n" Z_ROW },
    { "columns moved",
      "label,file_name,labeled_at,annotator,seconds,confidence,guess,status\n"
      "cat,a," T0 ",ann,1.5,0.25,dog,labeled\n",
      "a=cat/ann",
      "label,file_name,labeled_at,annotator,seconds,confidence,guess,status\n"
      "cat,a," T0 ",ann,1.5,0.25,dog,labeled\n"
      "cow,z,T,bob,,,,labeled\n" },
    { "columns added",
      "id,file_name,label,status,guess,confidence,seconds,note,annotator,labeled_at,split\n"
      "7,a,cat,labeled,,,,\"blurry, dark\",ann," T0 ",train\n"
      ",b,dog,labeled,,,,,ann," T1 ",\n",
      "a=cat/ann b=dog/ann",
      "id,file_name,label,status,guess,confidence,seconds,note,annotator,labeled_at,split\n"
      "7,a,cat,labeled,,,,\"blurry, dark\",ann," T0 ",train\n"
      ",b,dog,labeled,,,,,ann," T1 ",\n"
      ",z,cow,labeled,,,,,bob,T,\n" },
    { "two columns", "file_name,label\na,cat\nb,dog\n", "a=cat/ b=dog/",
      "file_name,label,status,guess,confidence,seconds,annotator,labeled_at\n"
      "a,cat,labeled,,,,,\nb,dog,labeled,,,,,\n" Z_ROW },
    { "two columns without an end", "file_name,label\na,cat\nb,dog", "a=cat/ b=dog/",
      "file_name,label,status,guess,confidence,seconds,annotator,labeled_at\n"
      "a,cat,labeled,,,,,\nb,dog,labeled,,,,,\n" Z_ROW },
    { "a list that is to be labelled", "file_name,label,split\na,cat,x\nz,,y\nq,,\n", "a=cat/",
      "file_name,label,split,status,guess,confidence,seconds,annotator,labeled_at\n"
      "a,cat,x,labeled,,,,,\nq,,,,,,,,\nz,cow,y,labeled,,,,bob,T\n" },
    { "semicolons",
      "file_name;label;status;guess;confidence;seconds;annotator;labeled_at\n"
      "a;cat;labeled;;0,5;1,25;ann;" T0 "\n\"x;y\";1,5;labeled;;;;ann;" T1 "\n",
      "a=cat/ann x;y=1,5/ann",
      "file_name;label;status;guess;confidence;seconds;annotator;labeled_at\n"
      "a;cat;labeled;;0.5;1.25;ann;" T0 "\n\"x;y\";1,5;labeled;;;;ann;" T1 "\n"
      "z;cow;labeled;;;;bob;T\n" },
    { "tabs, lined up", "file_name \tlabel\tnote\na\tcat\t1\n", "a=cat/",
      "file_name\tlabel\tnote\tstatus\tguess\tconfidence\tseconds\tannotator\tlabeled_at\n"
      "a\tcat\t1\tlabeled\t\t\t\t\t\n"
      "z\tcow\t\tlabeled\t\t\t\tbob\tT\n" },
    { "an index column of pandas", ",file_name,label\n0,a,cat\n1,b,dog\n", "a=cat/ b=dog/",
      ",file_name,label,status,guess,confidence,seconds,annotator,labeled_at\n"
      "0,a,cat,labeled,,,,,\n1,b,dog,labeled,,,,,\n,z,cow,labeled,,,,bob,T\n" },
};

static void assert_answers(const struct labels *l, const char *want, const char *what)
{
    struct buf b = BUF_INIT;
    struct annotation a;

    for (uint32_t at = 0; labels_next_row(l, &at, &a);) {
        buf_addf(&b, "%s%s=%s/%s", b.len > 0 ? " " : "", a.file_name, a.label, a.annotator);
    }
    if (strcmp(buf_text(&b), want) != 0) {
        fail_msg("%s: '%s'", what, buf_text(&b));
    }
    buf_release(&b);
}

static bool give_z(struct labels *l)
{
    struct annotation a = { .file_name = "z",
                            .label = "cow",
                            .status = STATUS_LABELED,
                            .confidence = -1,
                            .seconds = -1,
                            .annotator = "bob" };

    return labels_write(l, &a, 1, NULL, NULL);
}

/* A time of this session becomes T. */
static void assert_file(const char *path, const char *want, const char *what)
{
    char *text = scratch_read(path, NULL);
    struct buf b = BUF_INIT;

    for (const char *p = text; *p; p++) {
        bool now = strnlen(p, 24) == 24 && p[4] == '-' && p[10] == 'T' && p[23] == 'Z' &&
                   strncmp(p, "2020", 4) != 0;
        buf_addc(&b, now ? 'T' : *p);
        p += now ? 23 : 0;
    }
    if (strcmp(buf_text(&b), want) != 0) {
        fail_msg("%s: '%s'\nwant '%s'", what, buf_text(&b), want);
    }
    buf_release(&b);
    free(text);
}

static struct labels *open_at(const char *csv, const char *what)
{
    struct error err = { .message = "" };
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, &err);

    if (!l) {
        fail_msg("%s: %s", what, err.message);
    }
    return l;
}

static void test_D7_files_of_others(void **state)
{
    struct place *p = *state;

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        const char *what = files[i].what;
        struct error err = { .message = "" };
        scratch_write(p->csv, files[i].text, strlen(files[i].text));
        struct labels *l = open_at(p->csv, what);
        assert_answers(l, files[i].answers, what);
        assert_true(labels_close(l, NULL));
        assert_file(p->csv,
                    files[i].text[strlen(files[i].text) - 1] == '\n'
                        ? files[i].text
                        : "file_name,label\na,cat\nb,dog\n",
                    what);
        l = open_at(p->csv, what);
        assert_true(give_z(l));
        if (!labels_close(l, &err)) {
            fail_msg("%s: %s", what, err.message);
        }
        assert_file(p->csv, files[i].after, what);
        /* undone, the file is what it was but for its form */
        struct annotation a;
        l = open_at(p->csv, what);
        assert_true(undo_one(l, &a, NULL));
        assert_answers(l, files[i].answers, what);
        assert_true(redo_one(l, &a, NULL));
        if (!labels_close(l, &err)) {
            fail_msg("%s: %s", what, err.message);
        }
        assert_file(p->csv, files[i].after, what);
        char *folder = strdup(p->folder);
        scratch_remove(folder);
        assert_int_equal(mkdir(p->folder, 0755), 0);
    }
}

/* Killed after the answer, the next session finds the same. */
static void test_D7_killed(void **state)
{
    struct place *p = *state;

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        scratch_write(p->csv, files[i].text, strlen(files[i].text));
        pid_t child = fork();
        int status;
        if (child == 0) {
            struct labels *l = labels_open(p->csv, LABELS_READ_WRITE, NULL, NULL);
            _exit(l && give_z(l) ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        struct labels *l = open_at(p->csv, files[i].what);
        struct annotation a;
        assert_true(labels_find(l, "z", NULL, &a));
        assert_string_equal(a.label, "cow");
        assert_true(undo_one(l, &a, NULL));
        assert_string_equal(a.file_name, "z");
        assert_true(redo_one(l, &a, NULL));
        assert_true(labels_close(l, NULL));
        assert_file(p->csv, files[i].after, files[i].what);
        char *folder = strdup(p->folder);
        scratch_remove(folder);
        assert_int_equal(mkdir(p->folder, 0755), 0);
    }
}

/* Absolute names are those of the pictures they lead to, and stay as they are. */
static void test_D7_absolute_names(void **state)
{
    struct place *p = *state;
    char *other = scratch_new(), *link = scratch_path(other, "link");
    char *sub = scratch_path(p->folder, "sub");
    char *text = NULL, *after = NULL;
    struct annotation a;

    assert_int_equal(mkdir(sub, 0755), 0);
    assert_int_equal(symlink(p->folder, link), 0);
    assert_true(asprintf(&text,
                         "%s%s/a.jpg,cat,labeled,,,,ann," T0 "\n"
                         "%s/sub/b.jpg,dog,labeled,,,,ann," T0 "\n"
                         "/nowhere/at/all.jpg,dog,labeled,,,,ann," T0 "\n",
                         LABELS_HEADER, p->folder, link) > 0);
    scratch_write(p->csv, text, strlen(text));
    struct labels *l = open_at(p->csv, "absolute");
    assert_answers(l, "a.jpg=cat/ann sub/b.jpg=dog/ann /nowhere/at/all.jpg=dog/ann", "absolute");
    assert_true(labels_find(l, "sub/b.jpg", NULL, &a));
    assert_true(give_z(l));
    assert_true(labels_close(l, NULL));
    assert_true(asprintf(&after, "%s" Z_ROW, text) > 0);
    assert_file(p->csv, after, "absolute");
    free(after);
    free(text);
    free(link);
    free(sub);
    scratch_remove(other);
}

/* The row's name in one form, the file's in another: it is the file's, unless both
 * are there, and stays in the CSV as it stood. */
static void test_D7_normal_forms(void **state)
{
    static const struct {
        const char *written, *file, *other; /* other: a second file, or NULL */
    } cases[] = {
        { "caf\u00e9.jpg", "cafe\u0301.jpg", NULL },
        { "cafe\u0301.jpg", "caf\u00e9.jpg", NULL },
        { "\ud55c.jpg", "\u1112\u1161\u11ab.jpg", NULL },
        { "./cafe\u0301.jpg", "caf\u00e9.jpg", NULL },
        { "caf\u00e9.jpg", "caf\u00e9.jpg", "cafe\u0301.jpg" },
        { "nowhere\u00e9.jpg", "nowhere\u00e9.jpg", NULL },
    };
    struct place *p = *state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *file = scratch_path(p->folder, cases[i].file), *text = NULL, *after = NULL;
        struct annotation a;
        assert_true(
            asprintf(&text, LABELS_HEADER "%s,cat,labeled,,,,ann," T0 "\n", cases[i].written) > 0);
        assert_true(asprintf(&after, "%s" Z_ROW, text) > 0);
        scratch_write(p->csv, text, strlen(text));
        if (i + 1 < ARRAY_LEN(cases)) {
            scratch_write(file, "", 0);
        }
        if (cases[i].other) {
            char *other = scratch_path(p->folder, cases[i].other);
            scratch_write(other, "", 0);
            free(other);
        }
        struct labels *l = open_at(p->csv, cases[i].written);
        assert_true(labels_find(l, cases[i].file, NULL, &a));
        assert_string_equal(a.file_name, cases[i].file);
        assert_true(!cases[i].other || !labels_find(l, cases[i].other, NULL, &a));
        assert_true(give_z(l));
        assert_true(labels_close(l, NULL));
        assert_file(p->csv, after, cases[i].written);
        char *folder = strdup(p->folder);
        scratch_remove(folder);
        assert_int_equal(mkdir(p->folder, 0755), 0);
        free(after);
        free(text);
        free(file);
    }
}

/* One's own row keeps its foreign values through answers and undo. */
static void test_D7_foreign_values_stay(void **state)
{
    static const char text[] =
        "file_name,label,status,note,guess,confidence,seconds,annotator,labeled_at\n"
        "z,cat,labeled,\"a \"\"good\"\" one\",,,,bob," T0 "\n";
    struct place *p = *state;
    struct annotation a;

    scratch_write(p->csv, text, strlen(text));
    struct labels *l = open_at(p->csv, "foreign");
    assert_true(give_z(l));
    assert_true(labels_close(l, NULL));
    assert_file(p->csv,
                "file_name,label,status,note,guess,confidence,seconds,annotator,labeled_at\n"
                "z,cow,labeled,\"a \"\"good\"\" one\",,,,bob,T\n",
                "answered");
    l = open_at(p->csv, "foreign");
    assert_true(undo_one(l, &a, NULL));
    assert_true(labels_close(l, NULL));
    l = open_at(p->csv, "foreign");
    assert_true(labels_find(l, "z", NULL, &a));
    assert_true(labels_close(l, NULL));
    assert_file(p->csv, text, "taken back");
}

static const struct {
    const char *text;
    const char *tell;
} refused[] = {
    { "file_name,label,label\na,cat,dog\n", ":1: a column appears twice in the header" },
    { "name;class\na;cat\n", ":1: not a thumbtag file" },
    { "file_name;label\na;cat;dog\nb;c\n", ":2: not as many fields as the header" },
    { "file_name,label,status\na,cat,done\n", ":2: unknown status, in 'a,cat,done'" },
    { LABELS_HEADER "a,cat,labeled,,,,,01.02.2020\n", ":2: labeled_at" },
    { LABELS_HEADER "a,cat,labeled,,0.5.5,,," T0 "\n", ":2: confidence" },
};

static void test_D7_what_cannot_be_read(void **state)
{
    struct place *p = *state;

    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct error err = { .message = "" };
        scratch_write(p->csv, refused[i].text, strlen(refused[i].text));
        assert_null(labels_open(p->csv, LABELS_READ_WRITE, NULL, &err));
        assert_int_equal(err.kind, ERROR_DATA);
        if (!strstr(err.message, refused[i].tell)) {
            fail_msg("'%s' does not tell '%s'", err.message, refused[i].tell);
        }
        assert_file(p->csv, refused[i].text, "refused");
        assert_int_equal(scratch_count(p->folder), 1);
    }
}

/* Pictures that a file only lists are iterated over with the others. */
static void test_pictures_without_an_answer(void **state)
{
    static const char text[] = "file_name,label,status\na,,\nb,cat,\nc,,skipped\n";
    (void)state;
    struct labels *l = labels_parse("labels", text, sizeof text - 1, 0, NULL, NULL);
    struct buf b = BUF_INIT;
    struct annotation a;

    assert_non_null(l);
    for (uint32_t at = 0; labels_next_item(l, &at, &a);) {
        buf_addf(&b, "%s=%s/%d ", a.file_name, a.label, (int)a.status);
    }
    assert_string_equal(buf_text(&b), "a=/0 b=cat/1 c=/2 ");
    buf_release(&b);
    assert_true(labels_close(l, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_D7_files_of_others),         TEST(test_D7_killed),
        TEST(test_D7_absolute_names),          TEST(test_D7_normal_forms),
        TEST(test_D7_foreign_values_stay),     TEST(test_D7_what_cannot_be_read),
        TEST(test_pictures_without_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
