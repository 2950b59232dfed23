/* Where labels may lie: file systems without locks (B5), folders that may not be
 * written (B6), folders that people share, and who may read what is made (S8). */
#include "store/labels.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <grp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "scratch.h"

struct place {
    char *top;
    char *folder;
    char *csv;
    char *lock;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);

    umask(022);
    p->top = scratch_new();
    p->folder = scratch_path(p->top, "photos");
    p->csv = scratch_path(p->folder, "labels.csv");
    p->lock = scratch_path(p->folder, ".labels.csv.lock");
    assert_int_equal(chmod(p->top, 0755), 0);
    assert_int_equal(mkdir(p->folder, 0755), 0);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;

    free(p->folder);
    free(p->csv);
    free(p->lock);
    scratch_remove(p->top);
    free(p);
    return 0;
}

static bool give(struct labels *l, const char *name, const char *annotator)
{
    struct annotation a = {
        .file_name = name, .label = "cat", .status = STATUS_LABELED, .annotator = annotator
    };

    return labels_write(l, &a, 1, NULL, NULL);
}

/* Opens, answers, and closes, or dies before that. */
static bool session(const char *csv, const char *name, const char *annotator, bool dies,
                    struct error *err)
{
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, err);

    if (!l) {
        return false;
    }
    if (!give(l, name, annotator)) {
        _exit(3);
    }
    if (dies) {
        _exit(0);
    }
    return labels_close(l, err);
}

/* -------------------------------------------------------------------- locks */

static int flock_errno, fcntl_errno; /* 0: the call works */

int __real_flock(int fd, int operation);
int __real_fcntl(int fd, int command, ...);
int __wrap_flock(int fd, int operation);
int __wrap_fcntl(int fd, int command, ...);

int __wrap_flock(int fd, int operation)
{
    if (flock_errno == 0) {
        return __real_flock(fd, operation);
    }
    errno = flock_errno;
    return -1;
}

int __wrap_fcntl(int fd, int command, ...)
{
    va_list args;

    va_start(args, command);
    void *argument = va_arg(args, void *);
    va_end(args);
    if (fcntl_errno == 0 || command != F_OFD_SETLK) {
        return __real_fcntl(fd, command, argument);
    }
    errno = fcntl_errno;
    return -1;
}

static const struct {
    int flock, fcntl;
} lock_cases[] = {
    { ENOSYS, 0 },      { EOPNOTSUPP, 0 },  { ENOLCK, 0 },          { 0, 0 },
    { ENOSYS, ENOSYS }, { ENOLCK, ENOLCK }, { EOPNOTSUPP, EINVAL },
};

static void test_B5_labels_without_flock(void **state)
{
    struct place *p = *state;

    for (size_t i = 0; i < ARRAY_LEN(lock_cases); i++) {
        struct labels_report report;
        struct error err = { .message = "" };
        flock_errno = lock_cases[i].flock;
        fcntl_errno = lock_cases[i].fcntl;
        struct labels *l = labels_open(p->csv, LABELS_READ_WRITE, &report, &err);
        if (!l) {
            fail_msg("case %zu: %s", i, err.message);
        }
        assert_int_equal(report.unlocked, lock_cases[i].fcntl != 0);
        assert_true(give(l, "a", "ann"));
        /* a second one is refused all the same */
        assert_null(labels_open(p->csv, LABELS_READ_WRITE, NULL, &err));
        assert_int_equal(err.kind, ERROR_BUSY);
        assert_non_null(strstr(err.message, "in use by"));
        assert_true(labels_close(l, NULL));
        assert_false(scratch_exists(p->lock));

        pid_t child = fork();
        if (child == 0) {
            session(p->csv, "b", "ann", true, NULL);
        }
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_true(scratch_exists(p->lock));
        l = labels_open(p->csv, LABELS_READ_WRITE, &report, NULL);
        assert_non_null(l);
        assert_true(report.unclean);
        assert_int_equal(labels_count(l, STATUS_LABELED), 2);
        assert_true(labels_close(l, NULL));
    }
    flock_errno = fcntl_errno = 0;
}

/* Left over by another host: nobody can know, so the user is asked. */
static void test_B5_left_over_by_another_host(void **state)
{
    static const char text[] = "pid 1\nhost elsewhere.example\nuser ann\nsince x\nend\n";
    struct place *p = *state;
    struct error err;

    scratch_write(p->lock, text, strlen(text));
    flock_errno = fcntl_errno = ENOSYS;
    assert_null(labels_open(p->csv, LABELS_READ_WRITE, NULL, &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    assert_non_null(strstr(err.message, "elsewhere.example"));
    assert_non_null(strstr(err.message, p->lock));
    flock_errno = fcntl_errno = 0;
    assert_true(session(p->csv, "a", "ann", false, NULL));
}

/* ------------------------------------------------------- what may be written */

/* Runs as another user; what it says comes back. */
static void as_user(uid_t uid, gid_t group, mode_t mask, bool (*work)(void *, struct error *),
                    void *context, struct error *err)
{
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct error why = { .kind = ERROR_NONE };
        umask(mask);
        if (setgroups(1, &group) != 0 || setresgid(group, group, group) != 0 ||
            setresuid(uid, uid, uid) != 0) {
            _exit(9);
        }
        if (work(context, &why)) {
            why.kind = ERROR_NONE;
        }
        ssize_t n = write(fds[1], &why, sizeof why);
        _exit(n == (ssize_t)sizeof why ? 0 : 8);
    }
    close(fds[1]);
    assert_int_equal(read(fds[0], err, sizeof *err), sizeof *err);
    close(fds[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

struct visit {
    const char *csv, *name, *annotator;
};

static bool visit(void *context, struct error *err)
{
    const struct visit *v = context;

    return session(v->csv, v->name, v->annotator, false, err);
}

static void assert_tells(const struct error *err, const char *what)
{
    if (!strstr(err->message, what)) {
        fail_msg("'%s' does not tell '%s'", err->message, what);
    }
}

static void test_B6_a_folder_that_may_not_be_written(void **state)
{
    struct place *p = *state;
    struct visit v = { p->csv, "a", "ann" };
    struct error err;

    if (geteuid() != 0) {
        skip();
    }
    as_user(65534, 65534, 022, visit, &v, &err);
    assert_int_equal(err.kind, ERROR_IO);
    assert_tells(&err, p->folder);
    assert_tells(&err, "Permission denied");
    assert_tells(&err, "-o FILE");
    assert_null(strstr(err.message, "No such file"));
    assert_int_equal(scratch_count(p->folder), 0);

    /* the folder may be written, the file may not */
    assert_int_equal(chmod(p->folder, 0777), 0);
    assert_true(session(p->csv, "a", "root", false, NULL));
    as_user(65534, 65534, 022, visit, &v, &err);
    assert_int_equal(err.kind, ERROR_IO);
    assert_tells(&err, p->csv);
    assert_tells(&err, "Permission denied");
    assert_tells(&err, "-o FILE");
}

static void test_B6_a_disk_that_may_not_be_written(void **state)
{
    struct place *p = *state;
    struct error err;

    if (geteuid() != 0 || mount("tmpfs", p->folder, "tmpfs", MS_RDONLY, "size=64k") != 0) {
        skip();
    }
    assert_null(labels_open(p->csv, LABELS_READ_WRITE, NULL, &err));
    assert_int_equal(umount(p->folder), 0);
    assert_tells(&err, p->folder);
    assert_tells(&err, "Read-only file system");
    assert_tells(&err, "-o FILE");
}

/* --------------------------------------------------------------------- rights */

static const char *const made[] = {
    ".labels.csv.lock",
    ".labels.csv.history",
    "labels.csv.torn",
    "labels.csv.saved",
};

static void wreck(const char *csv)
{
    static const char rows[] = LABELS_HEADER "a,cat,labeled,,,,,2020-01-01T00:00:00.000Z\n";

    assert_int_equal(unlink(csv), 0);
    scratch_write(csv, rows, strlen(rows));
}

/* Every file that is made beside labels.csv is open to the same people. */
static void test_S8_as_the_csv_never_wider(void **state)
{
    static const mode_t masks[] = { 0, 022, 027, 077 };
    static const mode_t modes[] = { 0600, 0640, 0644, 0660, 0664 };
    static const char torn[] = LABELS_HEADER "x,ca";
    struct place *p = *state;

    for (size_t m = 0; m < ARRAY_LEN(masks) * ARRAY_LEN(modes); m++) {
        mode_t mode = modes[m % ARRAY_LEN(modes)];
        size_t seen = 0;
        umask(022);
        scratch_write(p->csv, torn, strlen(torn));
        assert_int_equal(chmod(p->csv, mode), 0);
        umask(masks[m / ARRAY_LEN(modes)]);
        assert_true(session(p->csv, "a", "ann", false, NULL));
        struct labels *l = labels_open(p->csv, LABELS_READ_WRITE, NULL, NULL);
        assert_non_null(l);
        assert_true(give(l, "b", "ann"));
        for (size_t i = 0; i < 2 * ARRAY_LEN(made); i++) {
            char *path = scratch_path(p->folder, made[i % ARRAY_LEN(made)]);
            struct stat st;
            if (stat(path, &st) == 0) {
                if ((st.st_mode & 0777) != mode) {
                    fail_msg("%s: %o beside %o", path, st.st_mode & 0777, mode);
                }
                seen++;
            }
            free(path);
            if (i + 1 == ARRAY_LEN(made)) {
                wreck(p->csv);
                assert_false(labels_close(l, NULL));
            }
        }
        assert_int_equal(seen, 3 + 3);
        char *folder = strdup(p->folder);
        scratch_remove(folder);
        umask(022);
        assert_int_equal(mkdir(p->folder, 0755), 0);
    }
}

/* A CSV that is new follows the umask, and stays as it is when it is rewritten. */
static void test_S8_a_new_csv_follows_the_umask(void **state)
{
    static const mode_t masks[] = { 0, 002, 022, 027, 077 };
    struct place *p = *state;

    for (size_t m = 0; m < ARRAY_LEN(masks); m++) {
        struct stat st;
        umask(masks[m]);
        assert_true(session(p->csv, "a", "ann", false, NULL));
        struct labels *l = labels_open(p->csv, LABELS_READ_WRITE, NULL, NULL);
        assert_true(give(l, "a", "ann"));
        assert_true(labels_close(l, NULL)); /* rewritten: two rows of one picture */
        assert_int_equal(stat(p->csv, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0666 & ~masks[m]);
        char *folder = strdup(p->folder);
        scratch_remove(folder);
        umask(022);
        assert_int_equal(mkdir(p->folder, 0755), 0);
    }
}

/* ------------------------------------------------------------ two to five people */

enum { ANN = 4001, BOB = 4002, TEAM = 4100 };

static bool die(void *context, struct error *err)
{
    const struct visit *v = context;
    pid_t child = fork();

    if (child == 0) {
        session(v->csv, v->name, v->annotator, true, err);
    }
    return waitpid(child, NULL, 0) == child;
}

/* In turns, killed and closed, in a folder of their group: all rows are there,
 * and the history is one. */
static void test_S8_people_of_one_group(void **state)
{
    struct place *p = *state;
    struct stat st;
    char *history = scratch_path(p->folder, ".labels.csv.history");

    if (geteuid() != 0) {
        free(history);
        skip();
    }
    assert_int_equal(chown(p->folder, ANN, TEAM), 0);
    assert_int_equal(chmod(p->folder, 02775), 0);
    for (int i = 0; i < 8; i++) {
        struct error err;
        char name[32];
        struct visit v = { p->csv, name, i % 2 ? "bob" : "ann" };
        snprintf(name, sizeof name, "picture %d", i);
        as_user(i % 2 ? BOB : ANN, TEAM, 002, i % 3 == 2 ? die : visit, &v, &err);
        if (err.kind != ERROR_NONE) {
            fail_msg("session %d: %s", i, err.message);
        }
    }
    struct labels *l = labels_open(p->csv, LABELS_READ_ONLY, NULL, NULL);
    assert_non_null(l);
    assert_int_equal(labels_count(l, STATUS_LABELED), 8);
    labels_close(l, NULL);
    assert_int_equal(stat(history, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0664);
    assert_int_equal(st.st_gid, TEAM);
    free(history);
}

/* With an umask that keeps the group out, the second one is told of the file. */
static void test_S8_people_who_did_not_share(void **state)
{
    struct place *p = *state;
    struct visit ann = { p->csv, "a", "ann" }, bob = { p->csv, "b", "bob" };
    struct error err;

    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(chown(p->folder, ANN, TEAM), 0);
    assert_int_equal(chmod(p->folder, 02775), 0);
    as_user(ANN, TEAM, 022, die, &ann, &err);
    assert_int_equal(err.kind, ERROR_NONE);
    as_user(BOB, TEAM, 022, visit, &bob, &err);
    assert_int_equal(err.kind, ERROR_IO);
    assert_tells(&err, p->csv);
    assert_tells(&err, "Permission denied");
    as_user(ANN, TEAM, 022, visit, &ann, &err);
    if (err.kind != ERROR_NONE) {
        fail_msg("%s", err.message);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_B5_labels_without_flock),
        TEST(test_B5_left_over_by_another_host),
        TEST(test_B6_a_folder_that_may_not_be_written),
        TEST(test_B6_a_disk_that_may_not_be_written),
        TEST(test_S8_as_the_csv_never_wider),
        TEST(test_S8_a_new_csv_follows_the_umask),
        TEST(test_S8_people_of_one_group),
        TEST(test_S8_people_who_did_not_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
