/* S1: a folder of pictures in which somebody has planted something under each
 * name that thumbtag uses there. Whatever is done in it (opened, answered,
 * closed, killed, opened again), no file outside is changed or made, and what
 * is refused is told by its name. */
#include "store/labels.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "scratch.h"
#include "steps.h"

#define ROW "a,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n"
#define THESIS "\\documentclass{thesis}\nChapter 1\n"

struct place {
    char *top;
    char *photos; /* is opened */
    char *home;   /* holds thesis.tex and nothing else, ever */
    char *thesis;
    char *csv;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);

    p->top = scratch_new();
    p->photos = scratch_path(p->top, "photos");
    p->home = scratch_path(p->top, "home");
    p->thesis = scratch_path(p->home, "thesis.tex");
    p->csv = scratch_path(p->photos, "labels.csv");
    assert_int_equal(mkdir(p->photos, 0755), 0);
    assert_int_equal(mkdir(p->home, 0755), 0);
    scratch_write(p->thesis, THESIS, strlen(THESIS));
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;

    free(p->photos);
    free(p->home);
    free(p->thesis);
    free(p->csv);
    scratch_remove(p->top);
    free(p);
    return 0;
}

/* ------------------------------------------------------------ what is planted */

enum plant { LINK, DANGLING, LINK_UP, HARD_LINK, FIFO, FOLDER, DEVICE, OTHERS, PLANTS };

static const char *const plant_names[PLANTS] = {
    [LINK] = "a symbolic link",
    [DANGLING] = "a dangling link",
    [LINK_UP] = "a link to a folder",
    [HARD_LINK] = "a hard link",
    [FIFO] = "a FIFO",
    [FOLDER] = "a folder",
    [DEVICE] = "a device",
    [OTHERS] = "another's file",
};

/* False where only root could. */
static bool plant(const struct place *p, enum plant what, const char *path)
{
    switch (what) {
    case LINK:
        return symlink("../home/thesis.tex", path) == 0;
    case DANGLING:
        return symlink("../home/.bashrc", path) == 0;
    case LINK_UP:
        return symlink("../home", path) == 0;
    case HARD_LINK:
        return link(p->thesis, path) == 0;
    case FIFO:
        return mkfifo(path, 0600) == 0;
    case FOLDER:
        return mkdir(path, 0700) == 0;
    case DEVICE:
        return mknod(path, S_IFCHR | 0666, makedev(1, 3)) == 0;
    case OTHERS:
        scratch_write(path, LABELS_HEADER, strlen(LABELS_HEADER));
        return chown(path, 65534, (gid_t)-1) == 0;
    case PLANTS:
        break;
    }
    return false;
}

static const struct {
    const char *name;
    bool refuses; /* a session cannot do without it */
} names[] = {
    { "labels.csv", true },          { ".labels.csv.lock", true },
    { ".labels.csv.history", true }, { "labels.csv.torn", false },
    { "labels.csv.torn-2", false },  { "labels.csv.saved", false },
    { "labels.csv.saved-2", false },
};

/* ------------------------------------------------------------ what is done there */

static bool give(struct labels *l, const char *name)
{
    struct annotation a = { .file_name = name, .label = "$(touch x)", .status = STATUS_LABELED };

    return labels_write(l, &a, 1, NULL, NULL);
}

static void session(const char *csv, struct error *err)
{
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, err);
    struct annotation a;

    if (!l) {
        return;
    }
    give(l, "$(touch x).png");
    undo_one(l, &a, NULL);
    redo_one(l, &a, NULL);
    give(l, "b");
    labels_close(l, NULL);
}

/* Another program replaces the file, so that the answers go to .saved. */
static void conflict(const char *csv)
{
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);
    struct stat st;

    if (!l) {
        return;
    }
    if (give(l, "c") && lstat(csv, &st) == 0 && S_ISREG(st.st_mode)) {
        unlink(csv);
        scratch_write(csv, LABELS_HEADER ROW, strlen(LABELS_HEADER ROW));
    }
    labels_close(l, NULL);
}

static void killed(const char *csv)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);
        if (l && give(l, "d")) {
            give(l, "e");
        }
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void assert_unharmed(const struct place *p, const char *what, const char *name)
{
    char *text = scratch_read(p->thesis, NULL);

    if (strcmp(text, THESIS) != 0) {
        fail_msg("%s as %s: the other file was changed", what, name);
    }
    if (scratch_count(p->home) != 1) {
        fail_msg("%s as %s: a file was made elsewhere", what, name);
    }
    free(text);
}

static void clear(const struct place *p)
{
    char *photos = strdup(p->photos);

    scratch_remove(photos);
    assert_int_equal(mkdir(p->photos, 0755), 0);
}

/* A folder as the archive brings it: labels with a torn row, the lock of a
 * session that was killed, and one planted name. */
static bool unpack(const struct place *p, enum plant what, const char *name)
{
    static const char csv[] = LABELS_HEADER ROW "b,ca";
    static const char lock[] = "pid 1\nhost x\nuser x\nsince x\nsession 69 0\nend\n";
    char *lock_path = scratch_path(p->photos, ".labels.csv.lock");
    char *path = scratch_path(p->photos, name);

    clear(p);
    scratch_write(p->csv, csv, strlen(csv));
    scratch_write(lock_path, lock, strlen(lock));
    unlink(path);
    bool planted = plant(p, what, path);
    free(lock_path);
    free(path);
    return planted;
}

static void test_S1_nothing_outside_is_touched(void **state)
{
    struct place *p = *state;

    for (size_t n = 0; n < ARRAY_LEN(names); n++) {
        for (int what = 0; what < PLANTS; what++) {
            struct error err = { .message = "" };
            char *path = scratch_path(p->photos, names[n].name);
            if (!unpack(p, (enum plant)what, names[n].name)) {
                free(path);
                continue;
            }
            session(p->csv, &err);
            if (names[n].refuses && err.kind != ERROR_DATA) {
                fail_msg("%s as %s is used", plant_names[what], names[n].name);
            }
            if (names[n].refuses && !strstr(err.message, path)) {
                fail_msg("'%s' does not name %s", err.message, path);
            }
            if (!names[n].refuses && err.kind != ERROR_NONE) {
                fail_msg("%s as %s: %s", plant_names[what], names[n].name, err.message);
            }
            assert_unharmed(p, plant_names[what], names[n].name);
            conflict(p->csv);
            killed(p->csv);
            session(p->csv, NULL);
            conflict(p->csv);
            assert_unharmed(p, plant_names[what], names[n].name);
            free(path);
        }
    }
}

/* The link is told with the file that it leads to, and how to use that. */
static void test_S1_a_linked_csv_names_its_target(void **state)
{
    struct place *p = *state;
    struct error err = { .message = "" };
    char *want = NULL;

    assert_true(plant(p, LINK, p->csv));
    assert_true(asprintf(&want, "-o %s/../home/thesis.tex", p->photos) > 0);
    assert_null(labels_open(p->csv, LABELS_READ_WRITE, NULL, &err));
    assert_non_null(strstr(err.message, p->csv));
    if (!strstr(err.message, want)) {
        fail_msg("'%s' does not tell '%s'", err.message, want);
    }
    assert_int_equal(scratch_count(p->photos), 1);
    free(want);
}

/* The folder's own path is the user's, links in it too; to look only, the file
 * may be one. */
static void test_S1_links_of_the_user(void **state)
{
    struct place *p = *state;
    char *link = scratch_path(p->top, "link"), *csv = scratch_path(p->top, "link/labels.csv");
    char *looked = scratch_path(p->top, "looked.csv");

    assert_int_equal(symlink("photos", link), 0);
    session(csv, NULL);
    assert_int_equal(symlink("photos/labels.csv", looked), 0);
    struct labels *l = labels_open(looked, LABELS_READ_ONLY, NULL, NULL);
    assert_non_null(l);
    assert_int_equal(labels_count(l, STATUS_LABELED), 2);
    labels_close(l, NULL);
    free(link);
    free(csv);
    free(looked);
}

/* ------------------------------------------------------- the lock's offsets */

/* Whatever the lock claims: the history keeps every byte it had, and only rows
 * come behind them. */
static void test_S1_offsets_are_checked(void **state)
{
    static const char *const claims[] = {
        "session 69 0",           "session 0 0",    "session 112 0",
        "session 69 1",           "session 69 30",  "session 69 69",
        "session 69 112",         "session 69 200", "session 69 999999999999",
        "session 999999999999 0", "session 69 -1",  "session -1 -1",
        "session 70 0",           "session x y",    "tidying",
    };
    static const char *const histories[] = {
        "hello\nthis is no history\n",
        LABELS_HEADER "old,cow,labeled,,,,,2019-01-01T00:00:00.000Z\n",
        LABELS_HEADER "old,cow,labeled,,,,,2019-01-01T00:00:00.000Z\n"
                      "older,cow,labeled,,,,,2019-01-01T00:00:00.001Z\n",
        "f",
        "",
    };
    struct place *p = *state;
    char *lock = scratch_path(p->photos, ".labels.csv.lock");
    char *history = scratch_path(p->photos, ".labels.csv.history");

    for (size_t h = 0; h < ARRAY_LEN(histories); h++) {
        for (size_t c = 0; c < ARRAY_LEN(claims); c++) {
            char *text = NULL;
            struct error err = { .message = "" };
            clear(p);
            scratch_write(p->csv, LABELS_HEADER ROW, strlen(LABELS_HEADER ROW));
            scratch_write(history, histories[h], strlen(histories[h]));
            assert_true(asprintf(&text, "pid 1\n%s\nend\n", claims[c]) > 0);
            scratch_write(lock, text, strlen(text));
            free(text);
            session(p->csv, &err);
            if (err.kind != ERROR_NONE) {
                fail_msg("%s: %s", claims[c], err.message);
            }
            text = scratch_read(history, NULL);
            if (strncmp(text, histories[h], strlen(histories[h])) != 0) {
                fail_msg("%s, history %zu: '%s'", claims[c], h, text);
            }
            free(text);
            killed(p->csv);
            session(p->csv, NULL);
            text = scratch_read(history, NULL);
            if (strncmp(text, histories[h], strlen(histories[h])) != 0) {
                fail_msg("%s, history %zu: '%s'", claims[c], h, text);
            }
            free(text);
        }
    }
    free(lock);
    free(history);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_S1_nothing_outside_is_touched),
        TEST(test_S1_a_linked_csv_names_its_target),
        TEST(test_S1_links_of_the_user),
        TEST(test_S1_offsets_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
