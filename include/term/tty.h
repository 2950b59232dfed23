/* The terminal device: modes, raw bytes, signals. Everything that must be
 * undone before the program ends is done and undone here. */
#ifndef TERM_TTY_H
#define TERM_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#include "base/error.h"

struct tty {
    int fd;        /* /dev/tty, blocking: for modes and curses */
    int raw;       /* the same device, opened again, not blocking: for our bytes */
    int wake[2];   /* pipe: [0] read end; a byte a signal or a wake */
    struct termios saved;
    bool signals;  /* handlers are in place */
    bool leaving;  /* writes wait a short time only */
    bool stalled;  /* and that time is over */
};

/* What arrived through the wake pipe. */
enum tty_signal {
    TTY_WAKE = 1,     /* tty_wake() */
    TTY_RESIZE = 2,   /* SIGWINCH */
    TTY_SUSPEND = 4,  /* SIGTSTP */
    TTY_CONTINUE = 8, /* SIGCONT */
    TTY_QUIT = 16,    /* SIGHUP, SIGTERM */
    TTY_INTERRUPT = 32, /* SIGINT, SIGQUIT */
};

/* No terminal, for scripts: only the wake pipe works. */
bool tty_open_none(struct tty *tty, struct error *err);

/* Opens /dev/tty and remembers its modes. ERROR_IO when there is none. */
bool tty_open(struct tty *tty, struct error *err);

/* cbreak without echo, flow control and output processing off; signal keys stay (^C, ^Z, ^\). */
bool tty_cbreak(struct tty *tty, struct error *err);

/* Handlers for the signals above, and for crashes: those restore the modes
 * and the screen before the signal takes its course. One tty at a time. */
bool tty_signals(struct tty *tty, struct error *err);

/* Modes, handlers and descriptors as they were. */
void tty_close(struct tty *tty);

/* Puts the saved modes back, and leaves them in place for tty_cbreak(). */
void tty_restore(struct tty *tty);

/* Stops the process as ^Z would; returns when it goes on. */
void tty_stop(struct tty *tty);

/* Makes tty_wait() return; from any thread. */
void tty_wake(struct tty *tty);

/* Waits up to timeout_ms (-1: for ever) for bytes or signals. Returns the
 * TTY_* bits, 0 on time-out; *readable tells whether bytes wait. */
unsigned tty_wait(struct tty *tty, int timeout_ms, bool *readable);

/* Makes the next tty_wait() return these bits again. */
void tty_again(struct tty *tty, unsigned bits);

/* Reads what is there: bytes, 0 none, -1 the terminal is gone. */
int tty_read(struct tty *tty, void *bytes, size_t size);

/* Writes all of it, however slowly the terminal takes it. False when it is
 * gone or when somebody wants to leave (TTY_QUIT, TTY_INTERRUPT, which stay to be
 * read) while it takes nothing. */
bool tty_write(struct tty *tty, const void *bytes, size_t len);

/* From now on, or no longer: the terminal is given back, whatever signals came, but a
 * terminal that takes nothing for a second is not waited for. */
void tty_leave(struct tty *tty, bool leaving);

/* Size in cells and, where the device tells, pixels (0 where not). */
struct tty_size {
    int rows, cols, xpixel, ypixel;
};
bool tty_size(const struct tty *tty, struct tty_size *size);

#endif
