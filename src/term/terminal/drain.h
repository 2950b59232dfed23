/* Discards replies that are still on their way when the terminal is given back: they would
 * appear as input of the shell. */
#ifndef TERM_DRAIN_H
#define TERM_DRAIN_H

#include <stdint.h>

#include "term/input.h"
#include "term/tty.h"

/* Reads and discards all input, keys included, up to the last reply to `fences` CSI 5 n,
 * for at most limit_ns nanoseconds. Returns how many of these replies came. */
int drain_replies(struct tty *tty, struct input *in, int fences, int64_t limit_ns);

#endif
