/* The terminal device: modes, raw bytes, signals. All state that must be restored before
 * the program ends is set and restored here. */
#ifndef TERM_TTY_H
#define TERM_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#include "base/error.h"

/* A terminal within the program, in place of /dev/tty: each function does what the one of
 * struct tty below does. */
struct tty_size;
struct tty_backend {
    bool (*write)(void *self, const void *bytes, size_t len);
    int (*read)(void *self, void *bytes, size_t size);
    /* Returns early when `wake` is readable; its bytes stay there. idle: for tty_idle(). */
    unsigned (*wait)(void *self, int timeout_ms, int wake, bool idle, bool *readable);
    void (*size)(void *self, struct tty_size *size);
    int64_t (*now_ns)(void *self);
    const char *(*variable)(const char *name);
};

struct tty {
    const struct tty_backend *backend; /* NULL: the device */
    void *self;                        /* the backend's */
    int fd;                            /* /dev/tty, blocking: for modes and curses; with a backend
                                          /dev/null, for curses */
    int raw;              /* the same device, opened again, non-blocking: for tty_read/write() */
    int wake[2];          /* pipe, [0] is the read end; one byte per signal or tty_wake() */
    struct termios saved; /* modes to restore */
    bool signals;         /* signal handlers are installed */
    bool leaving;         /* writes time out, see tty_leave() */
    bool stalled;         /* a write has timed out */
};

/* What arrived through the wake pipe: bits. */
enum tty_signal {
    TTY_WAKE = 1,       /* tty_wake() */
    TTY_RESIZE = 2,     /* SIGWINCH */
    TTY_SUSPEND = 4,    /* SIGTSTP */
    TTY_CONTINUE = 8,   /* SIGCONT */
    TTY_QUIT = 16,      /* SIGHUP, SIGTERM */
    TTY_INTERRUPT = 32, /* SIGINT, SIGQUIT */
};

/* Opens no terminal: only tty_wake() and tty_wait() work. */
bool tty_open_none(struct tty *tty, struct error *err);

/* Opens a terminal within the program, borrowed. It has no modes and sends no signals of the
 * system: what sets and restores these does nothing. */
bool tty_open_backend(struct tty *tty, const struct tty_backend *backend, void *self,
                      struct error *err);

/* Opens /dev/tty and saves its modes. ERROR_IO when there is none. */
bool tty_open(struct tty *tty, struct error *err);

/* Sets cbreak mode without echo, flow control and output processing; the signal keys
 * (^C, ^Z, ^\) keep working. */
bool tty_cbreak(struct tty *tty, struct error *err);

/* Installs handlers for the signals above, and for fatal signals, which restore the modes
 * and the screen before the default action. ERROR_BUSY: another tty has them. */
bool tty_signals(struct tty *tty, struct error *err);

/* Restores modes and signal handlers and closes the descriptors. */
void tty_close(struct tty *tty);

/* Restores the saved modes; tty_cbreak() may be called again. */
void tty_restore(struct tty *tty);

/* Stops the process as ^Z would; returns after SIGCONT. */
void tty_stop(struct tty *tty);

/* Makes tty_wait() return; from any thread. */
void tty_wake(struct tty *tty);

/* Waits up to timeout_ms (-1: no limit) for input or signals. Returns the TTY_* bits, 0
 * on time-out; *readable: there is input. */
unsigned tty_wait(struct tty *tty, int timeout_ms, bool *readable);

/* The same for a program that has nothing else to do: it does not wait for a reply in the
 * middle of something. */
unsigned tty_idle(struct tty *tty, int timeout_ms, bool *readable);

/* Makes the next tty_wait() return these bits again. */
void tty_again(struct tty *tty, unsigned bits);

/* Reads the input that is there. Returns its length, 0: none, -1: the terminal is gone. */
int tty_read(struct tty *tty, void *bytes, size_t size);

/* Writes all bytes, however slow the terminal is. False when the terminal is gone, or when
 * it accepts nothing and TTY_QUIT or TTY_INTERRUPT arrives, which tty_wait() then returns
 * again. */
bool tty_write(struct tty *tty, const void *bytes, size_t len);

/* leaving: from now on writes ignore signals, but give up on a terminal that accepts
 * nothing for a second. For restoring the terminal; false ends this. */
void tty_leave(struct tty *tty, bool leaving);

/* The time by which its replies and keys are measured: clock_monotonic_ns(), or the
 * backend's own. */
int64_t tty_now_ns(const struct tty *tty);

/* An environment variable that tells of the terminal, such as TERM; NULL: not set. backend
 * NULL: getenv(). */
const char *tty_variable(const struct tty_backend *backend, const char *name);

/* Size in cells and in pixels (0: not known). False: not known, *size is 24x80. */
struct tty_size {
    int rows, cols, xpixel, ypixel;
};
bool tty_size(const struct tty *tty, struct tty_size *size);

#endif
