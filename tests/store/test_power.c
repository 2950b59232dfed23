/* Power loss, as disks and file systems reorder it. All that a run writes is
 * recorded; then the plug is pulled behind each call, again and again: of what was
 * not yet synced any part may be on the disk, in any order, writes half or as NUL
 * bytes. Each time the file is opened as if nothing had been: every answer that
 * was acknowledged is there, and undo goes all the way back. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "model.h"
#include "scratch.h"

/* ---------------------------------------------------------------- the record */

enum { FILES_MAX = 400, NAMES_MAX = 16, CALLS_MAX = 2000, FDS_MAX = 256, NO_FILE = -1 };

enum call_kind {
    CALL_WRITE,
    CALL_CUT,
    CALL_SYNC,
    CALL_CREATE,
    CALL_RENAME,
    CALL_UNLINK,
    CALL_SYNC_FOLDER
};

struct call {
    enum call_kind kind;
    int file;       /* as numbered below; of a rename, the one that is moved */
    int64_t offset; /* of a write; the size of a cut */
    char *bytes;
    size_t len;
    char name[64], to[64];
    int steps; /* of the scenario that were acknowledged before it */
};

static struct {
    bool on;
    struct call calls[CALLS_MAX];
    int count;
    int files; /* ever made; each has a number of its own */
    struct {
        char name[64];
        int file;
    } names[NAMES_MAX]; /* what is so while the run goes on */
    int of_fd[FDS_MAX];
    int steps;
} record;

static int *name_slot(const char *name, bool make)
{
    int empty = -1;

    for (int i = 0; i < NAMES_MAX; i++) {
        if (record.names[i].file != NO_FILE && strcmp(record.names[i].name, name) == 0) {
            return &record.names[i].file;
        }
        if (record.names[i].file == NO_FILE) {
            empty = i;
        }
    }
    if (!make) {
        return NULL;
    }
    assert_true(empty >= 0);
    snprintf(record.names[empty].name, sizeof record.names[empty].name, "%s", name);
    return &record.names[empty].file;
}

static struct call *add_call(enum call_kind kind, int file)
{
    assert_true(record.count < CALLS_MAX);
    struct call *c = &record.calls[record.count++];
    *c = (struct call){ .kind = kind, .file = file, .steps = record.steps };
    return c;
}

int __real_openat(int folder, const char *name, int flags, ...);
int __real_close(int fd);
ssize_t __real_pwrite(int fd, const void *bytes, size_t len, off_t offset);
int __real_ftruncate(int fd, off_t size);
int __real_renameat(int folder, const char *from, int to_folder, const char *to);
int __real_unlinkat(int folder, const char *name, int flags);
int __wrap_openat(int folder, const char *name, int flags, ...);
int __wrap___openat_2(int folder, const char *name, int flags);
int __wrap_close(int fd);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_renameat(int folder, const char *from, int to_folder, const char *to);
int __wrap_unlinkat(int folder, const char *name, int flags);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);

int __wrap_openat(int folder, const char *name, int flags, ...)
{
    mode_t mode = 0;

    if ((flags & O_CREAT) != 0) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    int fd = __real_openat(folder, name, flags, mode);
    if (fd < 0 || !record.on) {
        return fd;
    }
    assert_true(fd < FDS_MAX);
    int *slot = name_slot(name, false);
    if ((flags & O_CREAT) != 0) {
        slot = name_slot(name, true);
        *slot = record.files++;
        assert_true(record.files < FILES_MAX);
        snprintf(add_call(CALL_CREATE, *slot)->name, 64, "%s", name);
    }
    record.of_fd[fd] = slot ? *slot : NO_FILE;
    return fd;
}

/* What openat() is where the C library checks its arguments. */
int __wrap___openat_2(int folder, const char *name, int flags)
{
    return __wrap_openat(folder, name, flags);
}

int __wrap_close(int fd)
{
    if (fd >= 0 && fd < FDS_MAX) {
        record.of_fd[fd] = NO_FILE;
    }
    return __real_close(fd);
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    if (record.on) {
        assert_true(record.of_fd[fd] != NO_FILE);
        struct call *c = add_call(CALL_WRITE, record.of_fd[fd]);
        c->offset = offset;
        c->len = len;
        c->bytes = malloc(len);
        memcpy(c->bytes, bytes, len);
    }
    return __real_pwrite(fd, bytes, len, offset);
}

int __wrap_ftruncate(int fd, off_t size)
{
    if (record.on) {
        add_call(CALL_CUT, record.of_fd[fd])->offset = size;
    }
    return __real_ftruncate(fd, size);
}

static int sync_one(int fd)
{
    if (record.on) {
        add_call(record.of_fd[fd] == NO_FILE ? CALL_SYNC_FOLDER : CALL_SYNC, record.of_fd[fd]);
    }
    return 0;
}

int __wrap_fsync(int fd)
{
    return sync_one(fd);
}

int __wrap_fdatasync(int fd)
{
    return sync_one(fd);
}

int __wrap_renameat(int folder, const char *from, int to_folder, const char *to)
{
    if (record.on) {
        int *slot = name_slot(from, false);
        struct call *c = add_call(CALL_RENAME, *slot);
        snprintf(c->name, sizeof c->name, "%s", from);
        snprintf(c->to, sizeof c->to, "%s", to);
        *slot = NO_FILE;
        *name_slot(to, true) = c->file;
    }
    return __real_renameat(folder, from, to_folder, to);
}

int __wrap_unlinkat(int folder, const char *name, int flags)
{
    int rc = __real_unlinkat(folder, name, flags);

    int *slot = record.on && rc == 0 ? name_slot(name, false) : NULL;
    if (slot) {
        snprintf(add_call(CALL_UNLINK, *slot)->name, 64, "%s", name);
        *slot = NO_FILE;
    }
    return rc;
}

/* ------------------------------------------------------------- what is left */

enum fate { LOST, DONE, HALF, ZEROS };

struct disk {
    struct {
        char *bytes;
        size_t len;
    } files[FILES_MAX];
    struct {
        char name[64];
        int file;
    } names[NAMES_MAX];
};

static bool in_folder(const struct call *c)
{
    return c->kind == CALL_CREATE || c->kind == CALL_RENAME || c->kind == CALL_UNLINK;
}

/* Synced before call number `end`. */
static bool is_synced(int at, int end)
{
    const struct call *c = &record.calls[at];

    for (int i = at + 1; i < end; i++) {
        const struct call *s = &record.calls[i];
        if (in_folder(c) ? s->kind == CALL_SYNC_FOLDER
                         : s->kind == CALL_SYNC && s->file == c->file) {
            return true;
        }
    }
    return false;
}

static void resize(struct disk *d, int file, size_t len)
{
    size_t old = d->files[file].len;

    d->files[file].bytes = realloc(d->files[file].bytes, len + 1);
    if (len > old) {
        memset(d->files[file].bytes + old, 0, len - old);
    }
    d->files[file].len = len;
}

static void do_write(struct disk *d, const struct call *c, enum fate fate)
{
    size_t len = fate == HALF ? c->len / 2 : c->len, end = (size_t)c->offset + len;

    if (end > d->files[c->file].len) {
        resize(d, c->file, end);
    } else if (fate == ZEROS) {
        return; /* blocks that are there already are never zeros */
    }
    if (fate != ZEROS) {
        memcpy(d->files[c->file].bytes + c->offset, c->bytes, len);
    }
}

static void set_name(struct disk *d, const char *name, int file)
{
    int at = -1;

    for (int i = 0; i < NAMES_MAX; i++) {
        if (d->names[i].file != NO_FILE && strcmp(d->names[i].name, name) == 0) {
            d->names[i].file = file;
            return;
        }
        at = d->names[i].file == NO_FILE ? i : at;
    }
    if (file == NO_FILE) {
        return;
    }
    assert_true(at >= 0);
    snprintf(d->names[at].name, sizeof d->names[at].name, "%s", name);
    d->names[at].file = file;
}

static void do_call(struct disk *d, const struct call *c, enum fate fate)
{
    switch (c->kind) {
    case CALL_WRITE:
        do_write(d, c, fate);
        break;
    case CALL_CUT:
        resize(d, c->file, (size_t)c->offset);
        break;
    case CALL_CREATE:
        set_name(d, c->name, c->file);
        break;
    case CALL_RENAME:
        set_name(d, c->name, NO_FILE);
        set_name(d, c->to, c->file);
        break;
    case CALL_UNLINK:
        set_name(d, c->name, NO_FILE);
        break;
    case CALL_SYNC:
    case CALL_SYNC_FOLDER:
        break;
    }
}

static void put_files(struct disk *d, const char *folder)
{
    for (int i = 0; i < NAMES_MAX; i++) {
        if (d->names[i].file == NO_FILE) {
            continue;
        }
        char *path = scratch_path(folder, d->names[i].name);
        int f = d->names[i].file;
        scratch_write(path, d->files[f].len > 0 ? d->files[f].bytes : "", d->files[f].len);
        free(path);
    }
}

/* ------------------------------------------------------------------- the run */

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
    ANSWER(0), ANSWER(1), ANSWER(0), UNDO,  CLOSE,     ANSWER(3), CLOSE, UNDO,
    UNDO,      REDO,      ANSWER(1), CLOSE, REDO,      ANSWER(5), CLOSE, ANSWERS(2),
    RENAME(2), UNDO,      CLOSE,     REDO,  RENAME(0), CLOSE,
};

enum { STEPS = ARRAY_LEN(scenario), RANDOM_STATES = 12 };

static struct model *models; /* [n]: behind n steps */

static void run_scenario(const char *csv)
{
    struct labels *l = NULL;

    models[0].next_label = 1;
    record.on = true;
    for (int i = 0; i < STEPS; i++) {
        struct model_op op = scenario[i];
        models[i + 1] = models[i];
        if (!l) {
            l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);
        }
        assert_non_null(l);
        op.label = models[i].next_label;
        if (op.kind == MODEL_CLOSE) {
            assert_true(labels_close(l, NULL));
            l = NULL;
        } else {
            assert_true(model_do(l, &op, NULL));
            model_apply(&models[i + 1], &op);
        }
        record.steps = i + 1;
    }
    record.on = false;
}

/* The plug is pulled behind `end` calls; fates[i] is that of call i, if it was not
 * synced. */
static void check(int end, const enum fate *fates)
{
    struct disk *d = calloc(1, sizeof *d);
    char *folder = scratch_new(), *csv = scratch_path(folder, "labels.csv");
    struct error err = { .message = "" };
    int steps = end < record.count ? record.calls[end].steps : STEPS;
    struct model *m = malloc(sizeof *m);

    for (int i = 0; i < NAMES_MAX; i++) {
        d->names[i].file = NO_FILE;
    }
    for (int i = 0; i < end; i++) {
        if (is_synced(i, end)) {
            do_call(d, &record.calls[i], DONE);
        } else if (fates[i] != LOST) {
            do_call(d, &record.calls[i], fates[i]);
        }
    }
    put_files(d, folder);
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, &err);
    if (!l) {
        fail_msg("behind call %d: %s", end, err.message);
    }
    *m = models[steps];
    if (!model_matches(m, l) && steps < STEPS) {
        *m = models[steps + 1]; /* the operation under way */
    }
    if (!model_matches(m, l)) {
        fail_msg("behind call %d, step %d: answers lost, or never given", end, steps);
    }
    if (!model_matches_stack(m, l, 2 * STEPS)) {
        fail_msg("behind call %d, step %d: undo is not what it was", end, steps);
    }
    if (!labels_close(l, &err)) {
        fail_msg("behind call %d: %s", end, err.message);
    }
    for (int i = 0; i < record.files; i++) {
        free(d->files[i].bytes);
    }
    free(m);
    free(d);
    free(csv);
    scratch_remove(folder);
}

static uint64_t dice = 11;

static enum fate draw_fate(const struct call *c)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (enum fate)((dice >> 33) % (c->kind == CALL_WRITE ? 4 : 2));
}

static void test_power_loss(void **state)
{
    char *folder = scratch_new(), *csv = scratch_path(folder, "labels.csv");
    enum fate fates[CALLS_MAX];
    int states = 0;

    (void)state;
    models = calloc(STEPS + 1, sizeof *models);
    for (int i = 0; i < NAMES_MAX; i++) {
        record.names[i].file = NO_FILE;
    }
    for (int i = 0; i < FDS_MAX; i++) {
        record.of_fd[i] = NO_FILE;
    }
    run_scenario(csv);
    assert_true(record.count > 60);
    for (int end = 0; end <= record.count; end++) {
        int pending = 0;
        for (int i = 0; i < end; i++) {
            pending += !is_synced(i, end) && record.calls[i].kind != CALL_SYNC &&
                       record.calls[i].kind != CALL_SYNC_FOLDER;
        }
        int tries = pending == 0 ? 1 : RANDOM_STATES;
        for (int t = 0; t < tries; t++, states++) {
            for (int i = 0; i < end; i++) {
                fates[i] = t == 0 ? LOST : t == 1 ? DONE : draw_fate(&record.calls[i]);
            }
            check(end, fates);
        }
    }
    print_message("%d calls, %d states, 0 answers lost\n", record.count, states);
    for (int i = 0; i < record.count; i++) {
        free(record.calls[i].bytes);
    }
    free(models);
    free(csv);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_power_loss) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
