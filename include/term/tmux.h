/* Queries tmux, for a program in one of its panes. A child process, `tmux
 * display-message ; list-clients`, says where the pane is and which terminals show it.
 * The outer terminal is the one that tmux itself runs in. */
#ifndef TERM_TMUX_H
#define TERM_TMUX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/* Longest wrapped sequence, in bytes: tmux silently drops one of 1 MiB or more. */
#define TMUX_SEQUENCE_MAX 1000000

/* The state that tmux reported; all zero if it did not. Sizes and positions are in cells
 * unless noted. */
struct tmux_state {
    bool known;
    char version[24];
    bool passthrough; /* allow-passthrough is on, or tmux is too old to have it */

    int clients;  /* terminals that show the pane's window */
    bool visible; /* the pane is visible at the same place in all of them, and no mode of
                     tmux (such as copy mode) covers it */
    bool keys;    /* exactly one terminal shows the pane, and its input arrives here */

    int row, col;   /* of the pane in the outer terminal, from 0; may be outside the view */
    int rows, cols; /* of the pane */
    int view_row, view_rows, view_cols; /* part of the outer terminal that shows the window */

    int cell_w, cell_h;           /* pixels of a cell of the outer terminal; 0: not known */
    int client_rows, client_cols; /* size of the outer terminal */
    char term[32];                /* its TERM */
    char type[64];                /* its XTVERSION reply, as tmux got it */
    char features[160];           /* its features as tmux knows them */
};

/* A query in progress. */
struct tmux_question {
    pid_t pid; /* of the helper or the child; 0: none */
    int fd;
    unsigned char serial; /* of a query to the helper; 0: a child process */
};

/* Inside tmux, starts a helper process that runs the queries from now on; it ends with
 * this process. Call it before the sandbox is entered and before any thread starts. */
bool tmux_helper_start(struct error *err);

/* Starts a query by the helper, or else by a child process; needs $TMUX and $TMUX_PANE.
 * False when tmux cannot be asked. */
bool tmux_start(struct tmux_question *question);

/* Waits at most timeout_ms for the answer and ends the child process, if any. False, and
 * *state all zero, when there was no answer. */
bool tmux_finish(struct tmux_question *question, int timeout_ms, struct tmux_state *state);

/* tmux_start(), then tmux_finish(). */
bool tmux_ask(int timeout_ms, struct tmux_state *state);

/* Parses an answer of tmux. False, and *state all zero, when it is invalid. */
bool tmux_parse(const char *text, size_t len, struct tmux_state *state);

/* True when this rectangle of the pane is completely visible. */
bool tmux_shows(const struct tmux_state *state, int row, int col, int rows, int cols);

#endif
