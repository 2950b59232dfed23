#include "ask_terminal.h"
#include "fail.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define LATE_MS 2000 /* longest wait for late replies of a slow or distant terminal */

/* The signal, postponed until the terminal is restored; 0: none. */
static int signal_of(unsigned bits)
{
    return bits & TTY_QUIT ? SIGTERM : bits & TTY_INTERRUPT ? SIGINT : 0;
}

int ask_terminal(const struct settings *s, struct term_caps *caps, bool trial, struct link *link,
                 struct error *err)
{
    struct tty tty;
    struct input in;
    const int cell[2] = { s->values[OPTION_CELL].number, s->values[OPTION_CELL].number2 };
    const char *term = getenv("TERM");
    if (term && strcmp(term, "dumb") == 0 && !s->values[OPTION_PROTOCOL].given) {
        error_set(err, ERROR_IO,
                  "TERM is 'dumb', a terminal without pictures; if yours can show them, set TERM "
                  "(TERM=xterm-256color thumbtag …) or choose a protocol (--protocol)");
        return EXIT_FINDINGS;
    }
    if (!tty_open(&tty, err)) {
        return EXIT_FINDINGS;
    }
    input_init(&in);
    if (!tty_cbreak(&tty, err) || !tty_signals(&tty, err)) {
        tty_close(&tty);
        return EXIT_IO;
    }
    int patience =
        link_patience_ms(settings_number(s, OPTION_TIMEOUT), s->values[OPTION_TIMEOUT].given);
    probe_terminal(&tty, &in, patience, cell, caps);
    probe_rest(&tty, &in, LATE_MS, cell, caps);
    link_init(link, caps->replies.fence ? caps->replies.round_trip_ns : -1, link_is_local());
    if (trial || link->doubt) {
        probe_link(&tty, &in, caps, false, link);
    }
    probe_rest(&tty, &in, LATE_MS, cell, caps);
    bool readable;
    int number = signal_of(tty_wait(&tty, 0, &readable));
    tty_close(&tty);
    if (number) {
        raise(number);
    }
    int colors = settings_colors(s);
    caps->colors = colors ? colors : caps->colors;
    return EXIT_DONE;
}
