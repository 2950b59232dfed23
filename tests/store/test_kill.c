/* kill -9 at random moments, 1,000 times; 100 times in a build with sanitizers
 * (THUMBTAG_KILLS says otherwise).
 *
 * A child answers single pictures and several at once, renames classes, undoes,
 * redoes, closes and opens as fast as it can. It tells over a pipe what it is about to do and, after the call has
 * returned, that it is done. Killed, all that was done must be in the file;
 * the one operation under way may be or not. Often the next child, not the
 * parent, opens what the last one left, and may be killed while it does. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "model.h"
#include "sanitized.h"
#include "scratch.h"

enum { ROUNDS_A_FOLDER = 20, MESSAGES_MAX = 60, SPIN_NS_MAX = 400000 };

enum tell { TELL_SETTLED, TELL_BEGIN, TELL_DONE };

struct message {
    enum tell tell;
    struct model_op op;
    bool happened; /* SETTLED: the operation under way at the kill counts */
};

struct game {
    struct model model;
    struct model_op under_way; /* at the last kill; MODEL_NOTHING if none */
    uint64_t random;
    long total;
};

static uint32_t draw(uint64_t *random, uint32_t below)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*random >> 33) % below);
}

/* Finds whether the operation under way counts; false if the file says neither
 * the one nor the other. */
static bool settle(struct game *g, const struct labels *l, bool *happened)
{
    *happened = false;
    if (!model_matches(&g->model, l)) {
        model_apply(&g->model, &g->under_way);
        *happened = true;
    }
    g->under_way.kind = MODEL_NOTHING;
    return model_matches(&g->model, l);
}

static void tell(int fd, enum tell what, const struct model_op *op, bool happened)
{
    struct message m = { .tell = what, .op = *op, .happened = happened };

    if (write(fd, &m, sizeof m) != (ssize_t)sizeof m)
        _exit(2);
}

static struct model_op draw_op(struct game *g)
{
    uint32_t r = draw(&g->random, 100);
    struct model_op op = { MODEL_ANSWER, (int)draw(&g->random, MODEL_PICTURES),
                           g->model.next_label };

    if (r >= 90)
        op.kind = MODEL_CLOSE;
    else if (r >= 75)
        op.kind = MODEL_REDO;
    else if (r >= 50)
        op.kind = MODEL_UNDO;
    else if (r >= 40)
        op.kind = MODEL_RENAME;
    else if (r >= 25)
        op.kind = MODEL_ANSWERS;
    return op;
}

/* Runs until it is killed. An exit is a failure: 3 answers lost, 4 an error. */
static void label_on(struct game *g, const char *csv, int fd)
{
    bool happened;
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);
    const struct model_op nothing = { MODEL_NOTHING, 0, 0 };

    if (l == NULL)
        _exit(4);
    if (!settle(g, l, &happened))
        _exit(3);
    tell(fd, TELL_SETTLED, &nothing, happened);
    for (;;) {
        struct model_op op = draw_op(g);
        tell(fd, TELL_BEGIN, &op, false);
        if (op.kind == MODEL_CLOSE) {
            if (!labels_close(l, NULL))
                _exit(4);
            l = labels_open(csv, LABELS_READ_WRITE, NULL, NULL);
            if (l == NULL)
                _exit(4);
        } else if (!model_do(l, &op, NULL)) {
            _exit(4);
        }
        model_apply(&g->model, &op);
        if (!model_matches(&g->model, l))
            _exit(3);
        tell(fd, TELL_DONE, &op, false);
    }
}

static void take_message(struct game *g, const struct message *m)
{
    if (m->tell == TELL_SETTLED) {
        if (m->happened)
            model_apply(&g->model, &g->under_way);
        g->under_way.kind = MODEL_NOTHING;
    } else if (m->tell == TELL_BEGIN) {
        g->under_way = m->op;
    } else {
        model_apply(&g->model, &m->op);
        g->under_way.kind = MODEL_NOTHING;
        g->total++;
    }
}

static void spin(long ns)
{
    struct timespec a, b;

    clock_gettime(CLOCK_MONOTONIC, &a);
    do
        clock_gettime(CLOCK_MONOTONIC, &b);
    while ((b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec < ns);
}

/* One child, from its start to its kill. */
static void play(struct game *g, const char *csv, int round)
{
    int pipe_fds[2], status, seen = 0;
    int kill_at = (int)draw(&g->random, MESSAGES_MAX);
    long spin_ns = (long)draw(&g->random, SPIN_NS_MAX);
    struct message m;

    assert_int_equal(pipe(pipe_fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(pipe_fds[0]);
        label_on(g, csv, pipe_fds[1]);
    }
    close(pipe_fds[1]);
    for (; seen < kill_at && read(pipe_fds[0], &m, sizeof m) == (ssize_t)sizeof m; seen++)
        take_message(g, &m);
    spin(spin_ns);
    kill(child, SIGKILL);
    while (read(pipe_fds[0], &m, sizeof m) == (ssize_t)sizeof m)
        take_message(g, &m);
    close(pipe_fds[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status))
        fail_msg("round %d: the child ended with %d", round, WEXITSTATUS(status));
}

/* The parent opens what is left, and tries undo, at times all the way. */
static void inspect(struct game *g, const char *csv, int round, int steps)
{
    struct error err = { .message = "" };
    bool happened;
    struct labels *l = labels_open(csv, LABELS_READ_WRITE, NULL, &err);

    if (l == NULL)
        fail_msg("round %d: %s", round, err.message);
    if (!settle(g, l, &happened))
        fail_msg("round %d: an acknowledged answer is lost", round);
    if (!model_matches_stack(&g->model, l, steps))
        fail_msg("round %d: undo is not what it was", round);
    if (!labels_close(l, &err))
        fail_msg("round %d: %s", round, err.message);
}

static void test_kill(void **state)
{
    const char *text = getenv("THUMBTAG_KILLS");
    int rounds = text != NULL ? atoi(text) : SANITIZED ? 100 : 1000;
    struct game *g = calloc(1, sizeof *g);
    char *folder = NULL, *csv = NULL;

    (void)state;
    assert_non_null(g);
    g->random = (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;
    print_message("seed %llu\n", (unsigned long long)g->random);
    for (int i = 0; i < rounds; i++) {
        if (folder == NULL) {
            folder = scratch_new();
            csv = scratch_path(folder, "labels.csv");
            memset(&g->model, 0, sizeof g->model);
            g->model.next_label = 1;
        }
        play(g, csv, i);
        bool last = i % ROUNDS_A_FOLDER == ROUNDS_A_FOLDER - 1 || i == rounds - 1;
        if (last)
            inspect(g, csv, i, MODEL_STEPS);
        else if (draw(&g->random, 3) > 0)
            inspect(g, csv, i, (int)draw(&g->random, 6));
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
