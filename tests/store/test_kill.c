/* kill -9 in the midst of work, 1,000 times; 100 times in a build with sanitizers
 * (THUMBTAG_KILLS says otherwise). The same ones each time; THUMBTAG_SEED gives others.
 *
 * A child answers single pictures and several at once, renames classes, undoes, redoes,
 * closes and opens. Before one of its calls that change a file, or in the midst of a write, it
 * is killed. It tells over a pipe what it is about to do and, after the call has returned,
 * that it is done. All that was done must be in the files, and undo take it back; the one
 * operation under way has happened as a whole, or not at all. Which it is shows a copy of
 * the files, as an operation need not change an answer; the files themselves are often left
 * for the next child, which may be killed while it opens them. */
#include <fcntl.h>
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

#include "base/mem.h"
#include "model.h"
#include "sanitized.h"
#include "scratch.h"

/* In long rounds the lock file runs out of room for operations. */
enum { ROUNDS_A_FOLDER = 20, CALLS_MAX = 60, LONG_MAX = 300, LONG_ONE_IN = 4 };

enum tell { TELL_BEGIN, TELL_DONE };

struct message {
    enum tell tell;
    struct model_op op;
};

struct game {
    struct model model, tried;
    struct model_op under_way; /* at the last kill; MODEL_NOTHING if none */
    uint64_t seed, random;
    int round, call; /* the round and the call of the kill, for messages */
    long total;
};

static uint32_t draw(uint64_t *random, uint32_t below)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*random >> 33) % below);
}

/* ------------------------------------------------------------------- the kill */

static struct {
    int countdown; /* calls until the kill; 0: none comes */
    uint64_t random;
} death;

int __real_openat(int folder, const char *name, int flags, ...);
ssize_t __real_pwrite(int fd, const void *bytes, size_t len, off_t offset);
int __real_ftruncate(int fd, off_t size);
int __real_renameat(int folder, const char *from, int to_folder, const char *to);
int __real_unlinkat(int folder, const char *name, int flags);
int __wrap_openat(int folder, const char *name, int flags, ...);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_renameat(int folder, const char *from, int to_folder, const char *to);
int __wrap_unlinkat(int folder, const char *name, int flags);

static bool is_time(void)
{
    return death.countdown > 0 && --death.countdown == 0;
}

static void die_in_time(void)
{
    if (is_time()) {
        raise(SIGKILL);
    }
}

int __wrap_openat(int folder, const char *name, int flags, ...)
{
    mode_t mode = 0;

    if ((flags & O_CREAT) != 0) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
        die_in_time();
    }
    return __real_openat(folder, name, flags, mode);
}

/* A signal ends a write between two pages; the lock file is smaller than one. Rows may be
 * cut at any byte. */
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    if (is_time()) {
        bool lock = len > 4 && memcmp(bytes, "pid ", 4) == 0;
        size_t part = lock ? 0 : draw(&death.random, (uint32_t)len + 1);
        if (part > 0 && __real_pwrite(fd, bytes, part, offset) != (ssize_t)part) {
            _exit(2);
        }
        raise(SIGKILL);
    }
    return __real_pwrite(fd, bytes, len, offset);
}

int __wrap_ftruncate(int fd, off_t size)
{
    die_in_time();
    return __real_ftruncate(fd, size);
}

int __wrap_renameat(int folder, const char *from, int to_folder, const char *to)
{
    die_in_time();
    return __real_renameat(folder, from, to_folder, to);
}

int __wrap_unlinkat(int folder, const char *name, int flags)
{
    die_in_time();
    return __real_unlinkat(folder, name, flags);
}

/* ------------------------------------------------------------------ the child */

static void tell(int fd, enum tell what, const struct model_op *op)
{
    struct message m = { .tell = what, .op = *op };

    if (write(fd, &m, sizeof m) != (ssize_t)sizeof m) {
        _exit(2);
    }
}

static struct model_op draw_op(struct game *g)
{
    uint32_t r = draw(&g->random, 100);
    struct model_op op = { MODEL_ANSWER, (int)draw(&g->random, MODEL_PICTURES),
                           g->model.next_label };

    if (r >= 96) {
        op.kind = MODEL_CLOSE;
    } else if (r >= 75) {
        op.kind = MODEL_REDO;
    } else if (r >= 50) {
        op.kind = MODEL_UNDO;
    } else if (r >= 40) {
        op.kind = MODEL_RENAME;
    } else if (r >= 25) {
        op.kind = MODEL_ANSWERS;
    }
    return op;
}

/* Runs until it is killed. An exit is a failure: 3 answers lost, 4 an error. */
static void label_on(struct game *g, const char *csv, int fd)
{
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);

    if (!l) {
        _exit(4);
    }
    if (!model_matches(&g->model, l)) {
        _exit(3);
    }
    for (;;) {
        struct model_op op = draw_op(g);
        tell(fd, TELL_BEGIN, &op);
        if (op.kind == MODEL_CLOSE) {
            if (!labels_close(l, NULL)) {
                _exit(4);
            }
            l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);
            if (!l) {
                _exit(4);
            }
        } else if (!model_do(l, &op, NULL)) {
            _exit(4);
        }
        model_apply(&g->model, &op);
        if (!model_matches(&g->model, l)) {
            _exit(3);
        }
        tell(fd, TELL_DONE, &op);
    }
}

/* ----------------------------------------------------------------- the parent */

#define FAIL(g, format, ...)                                                                       \
    fail_msg("seed %llu, round %d, killed in call %d while doing %d: " format,                     \
             (unsigned long long)(g)->seed, (g)->round, (g)->call, (int)(g)->under_way.kind,       \
             __VA_ARGS__)

static void take_message(struct game *g, const struct message *m)
{
    g->under_way = m->op;
    if (m->tell == TELL_DONE) {
        model_apply(&g->model, &m->op);
        g->under_way.kind = MODEL_NOTHING;
        g->total++;
    }
}

/* One child, from its start to its kill. */
static void play(struct game *g, const char *csv)
{
    int pipe_fds[2], status;
    struct message m;

    bool is_long = draw(&g->random, LONG_ONE_IN) == 0;
    g->call = 1 + (int)draw(&g->random, is_long ? LONG_MAX : CALLS_MAX);
    g->under_way.kind = MODEL_NOTHING;
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(pipe_fds[0]);
        death.countdown = g->call;
        death.random = g->random;
        label_on(g, csv, pipe_fds[1]);
    }
    close(pipe_fds[1]);
    draw(&g->random, 1); /* the next child works on other things */
    while (read(pipe_fds[0], &m, sizeof m) == (ssize_t)sizeof m) {
        take_message(g, &m);
    }
    close(pipe_fds[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status)) {
        FAIL(g, "the child ended with %d", WEXITSTATUS(status));
    }
}

static void copy_files(const char *from, const char *to)
{
    static const char *const names[] = { "labels.csv", ".labels.csv.lock", ".labels.csv.history" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *source = scratch_path(from, names[i]), *copy = scratch_path(to, names[i]);
        if (scratch_exists(source)) {
            size_t len;
            char *bytes = scratch_read(source, &len);
            scratch_write(copy, bytes, len);
            free(bytes);
        }
        free(source);
        free(copy);
    }
}

/* Whether a copy of the files says what the model does, and undo goes so far as it says. */
static bool holds(struct game *g, const struct model *m, const char *folder, int steps)
{
    char *copy = scratch_new(), *csv = scratch_path(copy, "labels.csv");
    struct error err = { .message = "" };
    struct model *walked = malloc(sizeof *walked);

    assert_non_null(walked);
    model_copy(walked, m);
    copy_files(folder, copy);
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, &err);
    if (!l) {
        FAIL(g, "%s", err.message);
    }
    bool ok = model_matches(walked, l) && model_matches_stack(walked, l, steps);
    if (!labels_close(l, &err)) {
        FAIL(g, "%s", err.message);
    }
    free(walked);
    free(csv);
    scratch_remove(copy);
    return ok;
}

/* Finds whether the operation under way has happened. */
static void settle(struct game *g, const char *folder, int steps)
{
    if (holds(g, &g->model, folder, steps)) {
        return;
    }
    model_copy(&g->tried, &g->model);
    model_apply(&g->tried, &g->under_way);
    if (!holds(g, &g->tried, folder, steps)) {
        FAIL(g, "answers or %d steps of undo are not what they were", steps);
    }
    model_copy(&g->model, &g->tried);
}

/* The parent opens what is left, and tries undo. */
static void inspect(struct game *g, const char *csv, int steps)
{
    struct error err = { .message = "" };
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, &err);

    if (!l) {
        FAIL(g, "%s", err.message);
    }
    if (!model_matches(&g->model, l) || !model_matches_stack(&g->model, l, steps)) {
        FAIL(g, "opened, %d steps of undo are not what they were", steps);
    }
    if (!labels_close(l, &err)) {
        FAIL(g, "%s", err.message);
    }
}

static long number_in(const char *variable, long otherwise)
{
    const char *text = getenv(variable);

    return text ? atol(text) : otherwise;
}

static void test_kill(void **state)
{
    int rounds = (int)number_in("THUMBTAG_KILLS", SANITIZED ? 100 : 1000);
    struct game *g = calloc(1, sizeof *g);
    char *folder = NULL, *csv = NULL;

    (void)state;
    assert_non_null(g);
    g->seed = g->random = (uint64_t)number_in("THUMBTAG_SEED", 1);
    for (g->round = 0; g->round < rounds; g->round++) {
        bool last = g->round % ROUNDS_A_FOLDER == ROUNDS_A_FOLDER - 1 || g->round == rounds - 1;
        if (!folder) {
            folder = scratch_new();
            csv = scratch_path(folder, "labels.csv");
            g->model.done_count = g->model.undone_count = 0;
            memset(g->model.now, 0, sizeof g->model.now);
            g->model.next_label = 1;
        }
        play(g, csv);
        settle(g, folder, last ? MODEL_STEPS : 1 + (int)draw(&g->random, 6));
        if (draw(&g->random, 3) > 0) {
            inspect(g, csv, (int)draw(&g->random, 6));
        }
        if (last) {
            scratch_remove(folder);
            free(csv);
            folder = csv = NULL;
        }
    }
    print_message("%d kills, %ld operations acknowledged, 0 lost\n", rounds, g->total);
    free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_kill) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
