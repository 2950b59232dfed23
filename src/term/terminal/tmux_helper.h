/* A helper process that runs tmux, as the main process may not start programs once it is
 * in the sandbox. It knows only one command, "ask"; the pane is fixed when it starts. */
#ifndef TERMINAL_TMUX_HELPER_H
#define TERMINAL_TMUX_HELPER_H

#include "terminal/tmux_child.h"

/* Starts a query; false when there is no helper. */
bool tmux_helper_ask(struct tmux_question *question);

/* Waits at most timeout_ms for the answer; returns its length, 0: none. */
size_t tmux_helper_answer(const struct tmux_question *question, int timeout_ms, char *out,
                          size_t size);

#endif
