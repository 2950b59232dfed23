/* The terminal asked from the command line, without a screen. */
#ifndef CLI_ASK_TERMINAL_H
#define CLI_ASK_TERMINAL_H

#include "cli.h"
#include "term/link.h"
#include "term/probe.h"

/* What the terminal answers, and how fast it is: `trial`, by some bytes that it shows
 * nothing of in any case, else only where it may be slow. EXIT_FINDINGS when there is
 * no terminal. */
int ask_terminal(const struct settings *s, struct term_caps *caps, bool trial, struct link *link,
                 struct error *err);

#endif
