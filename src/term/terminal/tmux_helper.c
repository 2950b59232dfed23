/* The helper process that runs tmux outside the sandbox. */
#include "terminal/tmux_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"

#define CHILD_MS 1000 /* longest wait for tmux */
#define FILES_MAX 1024

/* In shared memory; the helper writes it before it sends back the query's serial number. */
struct answer {
    size_t len;
    char bytes[TMUX_ANSWER_MAX];
};

/* A process has one terminal, and one helper for it. */
static struct {
    pid_t pid;              /* 0: none */
    int questions, answers; /* pipes: the serial number of a query, and back */
    unsigned char serial;
    struct answer *answer; /* shared memory */
} helper;

/* Closes the parent's descriptors: a reader of the parent's output waits until all copies
 * are closed. */
static void close_others(void)
{
    if (syscall(SYS_close_range, 3u, ~0u, 0) != 0) {
        for (int fd = 3; fd < FILES_MAX; fd++) {
            close(fd);
        }
    }
}

/* The helper's main loop: runs queries until the pipe is closed. */
static void serve(int questions, int answers, struct answer *answer)
{
    int none = open("/dev/null", O_RDWR);
    setpgid(0, 0); /* ^C and ^Z are for the parent */
    if (none < 0 || dup2(questions, 0) < 0 || dup2(answers, 1) < 0 || dup2(none, 2) < 0) {
        _exit(1);
    }
    close_others();
    unsigned char serial;
    while (read(0, &serial, 1) == 1) {
        struct tmux_question question;
        answer->len =
            tmux_child_ask(&question)
                ? tmux_child_answer(&question, CHILD_MS, answer->bytes, sizeof answer->bytes)
                : 0;
        if (write(1, &serial, 1) != 1) {
            break;
        }
    }
    _exit(0);
}

bool tmux_helper_start(struct error *err)
{
    int down[2], up[2] = { -1, -1 };
    if (helper.pid || !getenv("TMUX")) {
        return true;
    }
    void *shared = mmap(NULL, sizeof *helper.answer, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        return error_nomem(err, sizeof *helper.answer, "answers from tmux");
    }
    if (pipe2(down, O_CLOEXEC) != 0) {
        error_errno(err, ERROR_IO, errno, "cannot create a pipe");
        munmap(shared, sizeof *helper.answer);
        return false;
    }
    pid_t pid = pipe2(up, O_CLOEXEC) == 0 ? fork() : -1;
    if (pid == 0) {
        serve(down[0], up[1], shared);
    }
    if (pid < 0) {
        error_errno(err, ERROR_IO, errno, "cannot start the process that queries tmux");
        close(down[1]);
        close(up[0]);
        munmap(shared, sizeof *helper.answer);
    } else {
        helper.pid = pid;
        helper.questions = down[1];
        helper.answers = up[0];
        helper.answer = shared;
    }
    close(down[0]);
    close(up[1]);
    return pid > 0;
}

bool tmux_helper_ask(struct tmux_question *question)
{
    if (!helper.pid) {
        return false;
    }
    helper.serial = helper.serial == 255 ? 1 : (unsigned char)(helper.serial + 1);
    *question = (struct tmux_question){ helper.pid, helper.answers, helper.serial };
    if (write(helper.questions, &helper.serial, 1) != 1) {
        question->pid = 0;
    }
    return true;
}

size_t tmux_helper_answer(const struct tmux_question *question, int timeout_ms, char *out,
                          size_t size)
{
    int64_t end = clock_monotonic_ns() + timeout_ms * 1000000LL;
    for (;;) {
        int64_t left = (end - clock_monotonic_ns() + 999999) / 1000000;
        struct pollfd p = { question->fd, POLLIN, 0 };
        unsigned char serial = 0;
        int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
        ssize_t n = ready > 0 ? read(question->fd, &serial, 1) : 0;
        if ((ready < 0 || n < 0) && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return 0;
        }
        if (serial == question->serial) { /* else an earlier query that timed out */
            size_t len = helper.answer->len < size ? helper.answer->len : size;
            memcpy(out, helper.answer->bytes, len);
            return len;
        }
    }
}
