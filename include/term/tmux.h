/* tmux, for a program in one of its panes. A child process, `tmux
 * display-message ; list-clients`, tells where the pane is and which terminals
 * show it; what goes to these is wrapped, so that tmux passes it through. */
#ifndef TERM_TMUX_H
#define TERM_TMUX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/* tmux drops a sequence of 1 MiB and more, silently: of a wrapped one, at most. */
#define TMUX_SEQUENCE_MAX 1000000

/* What tmux told; all zero when it did not. Sizes and places are in cells. */
struct tmux_state {
    bool known;
    char version[24];
    bool passthrough; /* allow-passthrough is on, or tmux too old to have it */

    int clients;  /* terminals that show the window of the pane */
    bool visible; /* the pane is to be seen there, at one place in all of them, and
                     no mode of tmux (such as copy mode) covers it */
    bool keys;    /* one terminal shows it, and what comes from that arrives here */

    int row, col;   /* of the pane in the terminal, from 0; may be outside the view */
    int rows, cols; /* of the pane */
    int view_row, view_rows, view_cols; /* part of the terminal that shows the window */

    int cell_w, cell_h;           /* pixels of a cell there; 0: not known */
    int client_rows, client_cols; /* of the terminal */
    char term[32];                /* its TERM */
    char type[64];                /* its XTVERSION; of tmux's own asking */
    char features[160];           /* what tmux takes it to be capable of */
};

/* A question that is on its way. */
struct tmux_question {
    pid_t pid; /* 0: none */
    int fd;
    unsigned char serial; /* of a helper's; 0: a child of its own */
};

/* Inside tmux, starts a process that asks from now on instead of children; it ends
 * with ours. Before the sandbox is entered, and before any thread. */
bool tmux_helper_start(struct error *err);

/* Has the helper, or else a child, ask; needs $TMUX and $TMUX_PANE. False when there is
 * nobody to be asked. */
bool tmux_start(struct tmux_question *question);

/* Waits for the answer, at most timeout_ms, and ends a child. *state is all
 * zero when there was none. */
bool tmux_finish(struct tmux_question *question, int timeout_ms, struct tmux_state *state);

/* Both. */
bool tmux_ask(int timeout_ms, struct tmux_state *state);

/* Reads such an answer. */
bool tmux_parse(const char *text, size_t len, struct tmux_state *state);

/* Is that rectangle of the pane to be seen, the whole of it? */
bool tmux_shows(const struct tmux_state *state, int row, int col, int rows, int cols);

#endif
