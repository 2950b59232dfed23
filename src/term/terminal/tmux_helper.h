/* A process beside ours that runs tmux for us, as ours may run nothing once it is in
 * the sandbox. It takes no orders but "ask": which pane is settled when it starts. */
#ifndef TERMINAL_TMUX_HELPER_H
#define TERMINAL_TMUX_HELPER_H

#include "term/tmux.h"

#define TMUX_ANSWER_MAX 16384

/* Asks; false when there is no helper. */
bool tmux_helper_ask(struct tmux_question *question);

/* Waits for that answer, at most timeout_ms; its length, 0: none. */
size_t tmux_helper_answer(const struct tmux_question *question, int timeout_ms, char *out,
                          size_t size);

/* tmux.c: the same by a child of the calling process. */
bool tmux_child_ask(struct tmux_question *question);
size_t tmux_child_answer(const struct tmux_question *question, int timeout_ms, char *out,
                         size_t size);

#endif
