/* Runs tmux and parses its answer. */
#include "term/tmux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "terminal/tmux_helper.h"

#define CELLS_MAX 10000
#define FIELDS_MAX 16

/* The fields of the answer's lines, which start with their kind, P or C. Names, which may
 * contain any character, are last. `status` is "off", "on" or a number of lines. */
enum {
    PANE_VERSION = 1,
    PANE_PASSTHROUGH,
    PANE_WINDOW,
    PANE_ID,
    PANE_ACTIVE,
    PANE_ZOOMED,
    PANE_MODE,
    PANE_LEFT,
    PANE_TOP,
    PANE_WIDTH,
    PANE_HEIGHT,
    PANE_FIELDS
};
static const char pane_format[] =
    "P|#{version}|#{allow-passthrough}|#{window_id}|#{pane_id}|#{pane_active}|"
    "#{window_zoomed_flag}|#{pane_in_mode}|#{pane_left}|#{pane_top}|#{pane_width}|#{pane_height}";
enum {
    CLIENT_WINDOW = 1,
    CLIENT_CONTROL,
    CLIENT_STATUS,
    CLIENT_POSITION,
    CLIENT_WIDTH,
    CLIENT_HEIGHT,
    CLIENT_OFFSET_X,
    CLIENT_OFFSET_Y,
    CLIENT_CELL_W,
    CLIENT_CELL_H,
    CLIENT_TERM,
    CLIENT_FEATURES,
    CLIENT_TYPE,
    CLIENT_FIELDS
};
static const char client_format[] =
    "C|#{window_id}|#{client_control_mode}|#{status}|#{status-position}|#{client_width}|"
    "#{client_height}|#{window_offset_x}|#{window_offset_y}|#{client_cell_width}|"
    "#{client_cell_height}|#{client_termname}|#{client_termfeatures}|#{client_termtype}";

/* ------------------------------------------------------------ what it says */
struct line {
    char *fields[FIELDS_MAX];
    int count;
};

/* Splits text in place into at most `max` fields; the last one may contain '|'. */
static void split(char *text, struct line *line, int max)
{
    line->count = 0;
    while (text && line->count < max) {
        line->fields[line->count++] = text;
        text = line->count < max ? strchr(text, '|') : NULL;
        if (text) {
            *text++ = '\0';
        }
    }
}

/* 0 if there is no number, as for formats that this version of tmux does not know. */
static int number(const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);
    return *end || n < 0 || n > CELLS_MAX ? 0 : (int)n;
}

static void copy(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%.*s", (int)size - 1, text);
}

/* True when allow-passthrough (`option`) is on, or tmux is older than 3.3, which has no such
 * option. */
static bool passes(const char *option, const char *version)
{
    int major = 0, minor = 0;
    if (option[0]) {
        return strcmp(option, "1") == 0 || strcmp(option, "on") == 0 || strcmp(option, "all") == 0;
    }
    return sscanf(version, "%2d.%2d", &major, &minor) == 2 && major * 100 + minor < 303;
}

/* The window and the place of the pane, to compare with those of the clients. */
struct place {
    char window[16];
    int left, top;
    bool hidden, active;
};

static bool take_pane(const struct line *l, struct tmux_state *s, struct place *p)
{
    if (l->count < PANE_FIELDS) {
        return false;
    }
    copy(s->version, sizeof s->version, l->fields[PANE_VERSION]);
    s->passthrough = passes(l->fields[PANE_PASSTHROUGH], s->version);
    copy(p->window, sizeof p->window, l->fields[PANE_WINDOW]);
    p->active = number(l->fields[PANE_ACTIVE]) == 1;
    p->hidden = (number(l->fields[PANE_ZOOMED]) && !p->active) || number(l->fields[PANE_MODE]);
    p->left = number(l->fields[PANE_LEFT]);
    p->top = number(l->fields[PANE_TOP]);
    s->cols = number(l->fields[PANE_WIDTH]);
    s->rows = number(l->fields[PANE_HEIGHT]);
    return s->cols > 0 && s->rows > 0;
}

/* Takes the line of a client, that is a terminal. The first one that shows the window
 * determines the pane's position; all others must show it at the same position, as a
 * picture goes to all of them. */
static void take_client(const struct line *l, struct tmux_state *s, const struct place *p)
{
    if (l->count < CLIENT_FIELDS || number(l->fields[CLIENT_CONTROL]) ||
        strcmp(l->fields[CLIENT_WINDOW], p->window) != 0) {
        return;
    }
    const char *status = l->fields[CLIENT_STATUS];
    int lines = strcmp(status, "on") == 0 ? 1 : number(status);
    int first = strcmp(l->fields[CLIENT_POSITION], "top") == 0 ? lines : 0;
    int row = first + p->top - number(l->fields[CLIENT_OFFSET_Y]);
    int col = p->left - number(l->fields[CLIENT_OFFSET_X]);
    int rows = number(l->fields[CLIENT_HEIGHT]) - lines;
    int cols = number(l->fields[CLIENT_WIDTH]);
    if (s->clients++) {
        s->visible = s->visible && s->row == row && s->col == col && s->view_row == first;
        s->view_rows = rows < s->view_rows ? rows : s->view_rows;
        s->view_cols = cols < s->view_cols ? cols : s->view_cols;
        return;
    }
    s->visible = !p->hidden;
    s->row = row;
    s->col = col;
    s->view_row = first;
    s->view_rows = rows;
    s->view_cols = cols;
    s->client_rows = rows + lines;
    s->client_cols = cols;
    s->cell_w = number(l->fields[CLIENT_CELL_W]);
    s->cell_h = number(l->fields[CLIENT_CELL_H]);
    copy(s->term, sizeof s->term, l->fields[CLIENT_TERM]);
    copy(s->features, sizeof s->features, l->fields[CLIENT_FEATURES]);
    copy(s->type, sizeof s->type, l->fields[CLIENT_TYPE]);
}

bool tmux_parse(const char *text, size_t len, struct tmux_state *state)
{
    struct place place = { 0 };
    memset(state, 0, sizeof *state);
    bool ok = false;
    char copied[1024];
    for (const char *end = text + len; text < end;) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((stop ? stop : end) - text);
        if (n < sizeof copied && !memchr(text, '\0', n)) {
            struct line line;
            memcpy(copied, text, n);
            copied[n] = '\0';
            split(copied, &line, copied[0] == 'P' ? PANE_FIELDS : CLIENT_FIELDS);
            if (copied[0] == 'P' && !ok) {
                ok = take_pane(&line, state, &place);
            } else if (copied[0] == 'C' && ok) {
                take_client(&line, state, &place);
            }
        }
        text += n + 1;
    }
    if (!ok) {
        memset(state, 0, sizeof *state);
    }
    state->known = ok;
    state->keys = state->visible && state->clients == 1 && place.active;
    return ok;
}

/* --------------------------------------------------------------- the child */
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

bool tmux_start(struct tmux_question *question)
{
    return (tmux_helper_ask(question) || tmux_child_ask(question)) && question->pid;
}

bool tmux_finish(struct tmux_question *question, int timeout_ms, struct tmux_state *state)
{
    char answer[TMUX_ANSWER_MAX];
    memset(state, 0, sizeof *state);
    if (!question->pid) {
        return false;
    }
    size_t len = question->serial ? tmux_helper_answer(question, timeout_ms, answer, sizeof answer)
                                  : tmux_child_answer(question, timeout_ms, answer, sizeof answer);
    *question = (struct tmux_question){ 0, -1, 0 };
    return tmux_parse(answer, len, state);
}

bool tmux_ask(int timeout_ms, struct tmux_state *state)
{
    struct tmux_question question;
    tmux_start(&question);
    return tmux_finish(&question, timeout_ms, state);
}

/* --------------------------------------------------------- what goes through */
bool tmux_shows(const struct tmux_state *s, int row, int col, int rows, int cols)
{
    return s->visible && row >= 0 && col >= 0 && row + rows <= s->rows && col + cols <= s->cols &&
           s->row + row >= s->view_row && s->row + row + rows <= s->view_row + s->view_rows &&
           s->col + col >= 0 && s->col + col + cols <= s->view_cols;
}
