/* Fails the first, the second, the third ... system call that changes a file,
 * once or from then on, until a run has fewer calls than that. After each run
 * the file is opened with all well again: every answer that was acknowledged is
 * there, none of those that were refused, and undo goes all the way back. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "model.h"
#include "scratch.h"

/* ------------------------------------------------------------------- faults */

enum fault_kind { FAULT_NONE, FAULT_ENOSPC, FAULT_EIO, FAULT_SHORT };

static struct {
    enum fault_kind kind;
    bool forever;
    int countdown; /* calls until the fault */
    bool hit;
} fault;

static int renames; /* that were made */

/* Removed as soon as it is opened, once. */
static const char *unlink_after_open;

/* True if this call is to fail; errno is set. */
static bool fails(void)
{
    if (fault.kind == FAULT_NONE || fault.kind == FAULT_SHORT || --fault.countdown > 0) {
        return false;
    }
    if (fault.countdown < 0 && !fault.forever) {
        return false;
    }
    fault.hit = true;
    errno = fault.kind == FAULT_EIO ? EIO : ENOSPC;
    return true;
}

int __real_openat(int folder, const char *name, int flags, ...);
ssize_t __real_pwrite(int fd, const void *bytes, size_t len, off_t offset);
int __real_ftruncate(int fd, off_t size);
int __real_renameat(int folder, const char *from, int to_folder, const char *to);
int __real_unlinkat(int folder, const char *name, int flags);
int __real_close(int fd);

int __wrap_openat(int folder, const char *name, int flags, ...);
int __wrap___openat_2(int folder, const char *name, int flags);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_renameat(int folder, const char *from, int to_folder, const char *to);
int __wrap_unlinkat(int folder, const char *name, int flags);
int __wrap_close(int fd);

int __wrap_openat(int folder, const char *name, int flags, ...)
{
    mode_t mode = 0;

    if ((flags & O_CREAT) != 0) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    if (fails()) {
        return -1;
    }
    int fd = __real_openat(folder, name, flags, mode);
    if (unlink_after_open && strcmp(name, unlink_after_open) == 0) {
        __real_unlinkat(folder, name, 0);
        unlink_after_open = NULL;
    }
    return fd;
}

/* What openat() is where the C library checks its arguments. */
int __wrap___openat_2(int folder, const char *name, int flags)
{
    return __wrap_openat(folder, name, flags);
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    if (fault.kind != FAULT_SHORT) {
        return fails() ? -1 : __real_pwrite(fd, bytes, len, offset);
    }
    /* a disk that fills up in the middle of a write: half of it, then nothing */
    fault.countdown--;
    if (fault.countdown > 0 || (fault.countdown < -1 && !fault.forever)) {
        return __real_pwrite(fd, bytes, len, offset);
    }
    fault.hit = true;
    if (fault.countdown == 0) {
        return __real_pwrite(fd, bytes, len / 2, offset);
    }
    errno = ENOSPC;
    return -1;
}

/* Nothing here pulls the plug, so the real calls would only take time. */
int __wrap_fsync(int fd)
{
    (void)fd;
    return fails() ? -1 : 0;
}

int __wrap_fdatasync(int fd)
{
    (void)fd;
    return fails() ? -1 : 0;
}

int __wrap_ftruncate(int fd, off_t size)
{
    return fails() ? -1 : __real_ftruncate(fd, size);
}

int __wrap_renameat(int folder, const char *from, int to_folder, const char *to)
{
    if (fails()) {
        return -1;
    }
    renames++;
    return __real_renameat(folder, from, to_folder, to);
}

int __wrap_unlinkat(int folder, const char *name, int flags)
{
    return fails() ? -1 : __real_unlinkat(folder, name, flags);
}

/* The descriptor is gone even when close() fails. */
int __wrap_close(int fd)
{
    bool fail = fails();
    int why = errno;

    __real_close(fd);
    errno = why;
    return fail ? -1 : 0;
}

/* ---------------------------------------------------------------- scenario */

#define ANSWER(picture)                                                                            \
    {                                                                                              \
        MODEL_ANSWER, picture, 0                                                                   \
    }
#define ANSWERS(picture)                                                                           \
    {                                                                                              \
        MODEL_ANSWERS, picture, 0                                                                  \
    }
#define RENAME(picture)                                                                            \
    {                                                                                              \
        MODEL_RENAME, picture, 0                                                                   \
    }
#define UNDO                                                                                       \
    {                                                                                              \
        MODEL_UNDO, 0, 0                                                                           \
    }
#define REDO                                                                                       \
    {                                                                                              \
        MODEL_REDO, 0, 0                                                                           \
    }
#define CLOSE                                                                                      \
    {                                                                                              \
        MODEL_CLOSE, 0, 0                                                                          \
    }

static const struct model_op scenario[] = {
    ANSWER(0), ANSWER(1), ANSWER(0),  UNDO,      ANSWER(2), CLOSE, /* tidied */
    ANSWER(3), ANSWER(4), CLOSE,                                   /* tidy as it is */
    UNDO,      UNDO,      UNDO,       REDO,      ANSWER(1), UNDO,  CLOSE, REDO,      ANSWER(5),
    ANSWER(5), CLOSE,     ANSWERS(4), RENAME(1), UNDO,      CLOSE, REDO,  RENAME(3), CLOSE,
};

struct run {
    struct model model;
    struct model_op refused; /* the first operation that failed */
    int nth;
};

static struct labels *open_twice(const char *csv)
{
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);

    return l ? l : labels_open(csv, LABELS_READ_WRITE, NULL, NULL);
}

/* Runs the scenario under the fault; what fails is given up, not repeated. */
static void run_scenario(const char *csv, struct run *run)
{
    struct labels *l = NULL;

    for (size_t i = 0; i < ARRAY_LEN(scenario); i++) {
        struct model_op op = scenario[i];
        struct error err = { .kind = ERROR_NONE };
        if (!l) {
            l = open_twice(csv);
        }
        if (!l) {
            return;
        }
        if (op.kind == MODEL_CLOSE) {
            labels_close(l, &err);
            l = NULL;
            continue;
        }
        op.label = run->model.next_label;
        if (model_do(l, &op, &err)) {
            model_apply(&run->model, &op);
        } else {
            assert_true(err.kind != ERROR_NONE);
            if (run->refused.kind == MODEL_NOTHING) {
                run->refused = op;
            }
        }
        /* in memory a failure has changed nothing */
        if (!model_matches(&run->model, l)) {
            fail_msg("call %d, step %zu: what is in memory is not so; %s", run->nth, i,
                     err.message);
        }
    }
}

/* With all well again. After a fault that lasted to the end even the cutting
 * back of the row may have failed, so that it may be there, whole. */
static void check(const char *csv, struct run *run, const char *what, int nth)
{
    struct error err = { .message = "" };
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, &err);

    if (!l) {
        fail_msg("%s, call %d: %s", what, nth, err.message);
    }
    if (!model_matches(&run->model, l)) {
        if (fault.forever) {
            model_apply(&run->model, &run->refused);
        }
        if (!model_matches(&run->model, l)) {
            fail_msg("%s, call %d: answers lost, or never given", what, nth);
        }
    }
    if (!model_matches_stack(&run->model, l, MODEL_STEPS)) {
        fail_msg("%s, call %d: undo is not what it was", what, nth);
    }
    if (!labels_close(l, &err)) {
        fail_msg("%s, call %d: %s", what, nth, err.message);
    }
}

static void run_faults(enum fault_kind kind, bool forever, const char *what)
{
    struct run *run = malloc(sizeof *run);
    int nth = 1;

    assert_non_null(run);
    for (bool hit = true; hit; nth++) {
        char *folder = scratch_new(), *csv = scratch_path(folder, "labels.csv");
        memset(run, 0, sizeof *run);
        run->model.next_label = 1;
        run->nth = nth;
        fault.kind = kind;
        fault.forever = forever;
        fault.countdown = nth;
        fault.hit = false;
        run_scenario(csv, run);
        hit = fault.hit;
        fault.kind = FAULT_NONE;
        check(csv, run, what, nth);
        free(csv);
        scratch_remove(folder);
    }
    /* the scenario is worth something only if it makes many calls */
    assert_true(nth > (kind == FAULT_SHORT ? 25 : 100));
    free(run);
}

static void test_no_space(void **state)
{
    (void)state;
    run_faults(FAULT_ENOSPC, false, "ENOSPC once");
    run_faults(FAULT_ENOSPC, true, "ENOSPC from");
}

static void test_io_error(void **state)
{
    (void)state;
    run_faults(FAULT_EIO, false, "EIO once");
    run_faults(FAULT_EIO, true, "EIO from");
}

static void test_short_write(void **state)
{
    (void)state;
    run_faults(FAULT_SHORT, false, "short write");
    run_faults(FAULT_SHORT, true, "short writes from");
}

static void set_fault(enum fault_kind kind, int nth)
{
    fault.kind = kind;
    fault.forever = false;
    fault.countdown = nth;
    fault.hit = false;
}

/* After a failed sync nothing that was appended since is believed: the file is
 * replaced before another answer counts. That is then made to fail as well, at
 * each of its calls; the try after that goes through. */
static void test_failed_sync_rewrites(void **state)
{
    bool hit = true;

    (void)state;
    for (int nth = 1; hit; nth++) {
        char *folder = scratch_new(), *csv = scratch_path(folder, "labels.csv");
        struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);
        struct annotation a = { .file_name = "a", .status = STATUS_NONE };
        struct stat before, after;

        assert_non_null(l);
        assert_true(labels_write(l, &a, 1, NULL, NULL));
        assert_int_equal(stat(csv, &before), 0);
        a.file_name = "b";
        set_fault(FAULT_EIO, 2); /* pwrite, fdatasync */
        assert_false(labels_write(l, &a, 1, NULL, NULL));
        assert_int_equal(stat(csv, &after), 0);
        assert_int_equal(before.st_ino, after.st_ino);
        assert_int_equal(before.st_size, after.st_size);
        renames = 0;
        set_fault(FAULT_EIO, nth);
        bool ok = labels_write(l, &a, 1, NULL, NULL);
        hit = fault.hit;
        set_fault(FAULT_NONE, 0);
        if (!ok && !labels_write(l, &a, 1, NULL, NULL)) {
            fail_msg("after a second fault at call %d no answer is taken", nth);
        }
        assert_true(renames > 0);
        assert_int_equal(labels_count(l, STATUS_NONE), 2);
        assert_true(labels_close(l, NULL));
        l = labels_open(csv, LABELS_READ_ONLY, NULL, NULL);
        assert_non_null(l);
        assert_int_equal(labels_count(l, STATUS_NONE), 2);
        assert_true(labels_close(l, NULL));
        free(csv);
        scratch_remove(folder);
    }
}

/* The lock file is removed by the one who held it just after we opened it. */
static void test_lock_removed_meanwhile(void **state)
{
    char *folder = scratch_new(), *csv = scratch_path(folder, "labels.csv");
    char *lock = scratch_path(folder, ".labels.csv.lock");
    struct error err;

    (void)state;
    unlink_after_open = ".labels.csv.lock";
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);
    assert_non_null(l);
    assert_null(unlink_after_open);
    assert_true(scratch_exists(lock));
    assert_null(labels_open(csv, LABELS_READ_WRITE, NULL, &err));
    assert_int_equal(err.kind, ERROR_BUSY);
    assert_true(labels_close(l, NULL));
    free(lock);
    free(csv);
    scratch_remove(folder);
}

/* ------------------------------------------------------------ a full disk */

static void answer_until_full(struct labels *l, struct model *m, bool *full)
{
    *full = false;
    for (int i = 0; !*full && i < 5000; i++) {
        struct model_op op = { MODEL_ANSWER, i % MODEL_PICTURES, m->next_label };
        struct error err = { .kind = ERROR_NONE };
        *full = !model_do(l, &op, &err);
        if (!*full) {
            model_apply(m, &op);
        } else {
            assert_int_equal(err.kind, ERROR_IO);
        }
        assert_true(model_matches(m, l));
    }
}

static void test_full_disk(void **state)
{
    char *folder = scratch_new(), *csv = scratch_path(folder, "labels.csv");
    char *filler = scratch_path(folder, "filler");
    static const char bytes[32 * 1024];
    struct model *m = calloc(1, sizeof *m);
    bool full;

    (void)state;
    if (mount("tmpfs", folder, "tmpfs", 0, "size=128k") != 0) {
        free(csv);
        free(filler);
        free(m);
        scratch_remove(folder);
        skip();
    }
    m->next_label = 1;
    scratch_write(filler, bytes, sizeof bytes);
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);
    assert_non_null(l);
    answer_until_full(l, m, &full);
    assert_true(full);
    answer_until_full(l, m, &full);
    assert_true(full);

    /* the user makes room, and goes on where the answer was refused */
    assert_int_equal(unlink(filler), 0);
    struct model_op op = { MODEL_ANSWER, 1, m->next_label };
    assert_true(model_do(l, &op, NULL));
    model_apply(m, &op);
    answer_until_full(l, m, &full);
    assert_true(full);
    /* no room to tidy either: the answers stay where they are */
    labels_close(l, NULL);

    l = labels_open(csv, LABELS_READ_ONLY, NULL, NULL);
    assert_non_null(l);
    assert_true(model_matches(m, l));
    labels_close(l, NULL);
    assert_int_equal(mount("tmpfs", folder, "tmpfs", MS_REMOUNT, "size=4m"), 0);
    l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);
    assert_non_null(l);
    assert_true(model_matches(m, l));
    assert_true(model_matches_stack(m, l, MODEL_STEPS));
    assert_true(labels_close(l, NULL));
    assert_int_equal(umount(folder), 0);
    free(csv);
    free(filler);
    free(m);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_space),
        cmocka_unit_test(test_io_error),
        cmocka_unit_test(test_short_write),
        cmocka_unit_test(test_failed_sync_rewrites),
        cmocka_unit_test(test_lock_removed_meanwhile),
        cmocka_unit_test(test_full_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
