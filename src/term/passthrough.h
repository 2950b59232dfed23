/* tmux hands on to the terminal around it what comes wrapped as
 * ESC P tmux; BYTES ESC \ with each ESC in BYTES doubled, where its option
 * allow-passthrough is on. */
#ifndef TERM_PASSTHROUGH_H
#define TERM_PASSTHROUGH_H

#include <stddef.h>

#include "base/buf.h"

/* Appends them wrapped, as one sequence: tmux 3.3 drops one of more than a
 * million bytes without a word, so the caller keeps below. */
void passthrough_add(struct buf *out, const void *bytes, size_t len);

#endif
