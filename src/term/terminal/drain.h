/* Replies that are still on their way when the terminal is given back: they would be
 * typed into the shell. */
#ifndef TERM_DRAIN_H
#define TERM_DRAIN_H

#include <stdint.h>

#include "term/input.h"
#include "term/tty.h"

/* Reads and throws away all up to the last reply to `fences` CSI 5 n, keys as well, but
 * for no longer than limit_ns. Returns how many of them came. */
int drain_replies(struct tty *tty, struct input *in, int fences, int64_t limit_ns);

#endif
