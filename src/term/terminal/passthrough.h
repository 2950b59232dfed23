/* Wraps bytes so that tmux passes them to the outer terminal: ESC P tmux; BYTES ESC \ with
 * each ESC in BYTES doubled. Needs tmux's option allow-passthrough. */
#ifndef TERM_TERMINAL_PASSTHROUGH_H
#define TERM_TERMINAL_PASSTHROUGH_H

#include <stddef.h>

#include "base/buf.h"

/* Appends the bytes, wrapped as one sequence. tmux silently drops a sequence longer than
 * TMUX_SEQUENCE_MAX (term/tmux.h); the caller has to stay below. */
void passthrough_add(struct buf *out, const void *bytes, size_t len);

#endif
