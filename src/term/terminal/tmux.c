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
