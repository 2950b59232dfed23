/* Runs tmux as a child process. */
#include "terminal/tmux_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

/* The fields are those of terminal/tmux_child.h. */
static const char pane_format[] =
    "P|#{version}|#{allow-passthrough}|#{window_id}|#{pane_id}|#{pane_active}|"
    "#{window_zoomed_flag}|#{pane_in_mode}|#{pane_left}|#{pane_top}|#{pane_width}|#{pane_height}";
static const char client_format[] =
    "C|#{window_id}|#{client_control_mode}|#{status}|#{status-position}|#{client_width}|"
    "#{client_height}|#{window_offset_x}|#{window_offset_y}|#{client_cell_width}|"
    "#{client_cell_height}|#{client_termname}|#{client_termfeatures}|#{client_termtype}";

static bool is_pane(const char *name)
{
    return name && name[0] == '%' && name[1] && strspn(name + 1, "0123456789") == strlen(name + 1);
}

static pid_t spawn(const char *pane, int out)
{
    char *const argv[] = { (char[]){ "tmux" },
                           (char[]){ "display-message" },
                           (char[]){ "-p" },
                           (char[]){ "-t" },
                           strdup(pane),
                           strdup(pane_format),
                           (char[]){ ";" },
                           (char[]){ "list-clients" },
                           (char[]){ "-F" },
                           strdup(client_format),
                           NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    pid_t pid = 0;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    /* A process group of its own, so that ^C and ^Z do not reach it. */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    bool ok = argv[4] && argv[5] && argv[9] &&
              posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0) == 0 &&
              posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0) == 0 &&
              posix_spawn_file_actions_adddup2(&files, out, 1) == 0 &&
              posix_spawnp(&pid, "tmux", &files, &attributes, argv, environ) == 0;
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    free(argv[4]);
    free(argv[5]);
    free(argv[9]);
    return ok ? pid : 0;
}

bool tmux_child_ask(struct tmux_question *question)
{
    const char *pane = getenv("TMUX_PANE");
    int ends[2];
    *question = (struct tmux_question){ 0, -1, 0 };
    if (!getenv("TMUX") || !is_pane(pane) || pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    question->pid = spawn(pane, ends[1]);
    close(ends[1]);
    if (!question->pid) {
        close(ends[0]);
        return false;
    }
    question->fd = ends[0];
    return true;
}

/* Reads up to `size` bytes, until end of file or the time-out. */
static size_t read_answer(int fd, int timeout_ms, char *out, size_t size)
{
    int64_t end = clock_monotonic_ns() + timeout_ms * 1000000LL;
    size_t len = 0;
    while (len < size) {
        int64_t left = (end - clock_monotonic_ns() + 999999) / 1000000;
        struct pollfd p = { fd, POLLIN, 0 };
        int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
        ssize_t n = ready > 0 ? read(fd, out + len, size - len) : 0;
        if ((ready < 0 || n < 0) && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        len += (size_t)n;
    }
    return len;
}

size_t tmux_child_answer(const struct tmux_question *question, int timeout_ms, char *out,
                         size_t size)
{
    size_t len = read_answer(question->fd, timeout_ms, out, size);
    close(question->fd);
    kill(question->pid, SIGKILL); /* if it has not ended by now, it hangs */
    while (waitpid(question->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    return len;
}
