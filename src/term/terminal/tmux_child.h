/* Asks tmux about its panes and clients, with a child of the calling process. */
#ifndef TERMINAL_TMUX_CHILD_H
#define TERMINAL_TMUX_CHILD_H

#include "term/tmux.h"

#define TMUX_ANSWER_MAX 16384

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

/* Starts a query; false when there is no tmux. */
bool tmux_child_ask(struct tmux_question *question);

/* Waits at most timeout_ms for the answer; returns its length, 0: none. */
size_t tmux_child_answer(const struct tmux_question *question, int timeout_ms, char *out,
                         size_t size);

#endif
