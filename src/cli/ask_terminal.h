/* Queries the terminal for commands without a screen. */
#ifndef CLI_ASK_TERMINAL_H
#define CLI_ASK_TERMINAL_H

#include "config/settings.h"
#include "term/link.h"
#include "term/probe.h"

/* Fills *caps from the terminal's replies and *link from their times. trial: always measure
 * the connection with invisible bytes, not only if it seems slow. Returns EXIT_DONE,
 * EXIT_FINDINGS without a usable terminal, else EXIT_IO; *err is set unless EXIT_DONE. */
int ask_terminal(const struct settings *s, struct term_caps *caps, bool trial, struct link *link,
                 struct error *err);

#endif
