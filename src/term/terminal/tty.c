/* The terminal device: see term/tty.h. */
#include "term/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "terminal/modes.h"

#define STALL_MS 1000 /* time-out of a terminal that accepts nothing, while leaving */
#define CRASH_MS 100  /* the same in a program that dies */

/* The tty that the signal handlers work for, as they get no context. */
static struct {
    volatile int wake_fd;
    volatile int tty_fd;
    struct termios saved;
} handler_state = { .wake_fd = -1, .tty_fd = -1 };

static const struct {
    int number;
    unsigned char bit;
} handled[] = {
    { SIGWINCH, TTY_RESIZE },   { SIGTSTP, TTY_SUSPEND }, { SIGCONT, TTY_CONTINUE },
    { SIGHUP, TTY_QUIT },       { SIGTERM, TTY_QUIT },    { SIGINT, TTY_INTERRUPT },
    { SIGQUIT, TTY_INTERRUPT },
};

/* All other signals that would end the program without restoring the terminal. */
static const int fatal[] = { SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,    SIGABRT, SIGSYS,
                             SIGTRAP, SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF, SIGUSR1,
                             SIGUSR2, SIGIO,   SIGPWR,  SIGSTKFLT };

static void on_signal(int number)
{
    int saved_errno = errno;
    for (size_t i = 0; i < ARRAY_LEN(handled); i++) {
        if (handled[i].number == number && handler_state.wake_fd >= 0) {
            ssize_t n = write(handler_state.wake_fd, &handled[i].bit, 1);
            (void)n; /* a full pipe has woken us already */
        }
    }
    errno = saved_errno;
}

/* Writes the modes as far as the terminal accepts them within CRASH_MS. */
static void write_crash(int fd)
{
    const char *at = modes_crash;
    size_t left = strlen(at);
    struct pollfd out = { fd, POLLOUT, 0 };
    while (left > 0 && poll(&out, 1, CRASH_MS) > 0 && (out.revents & POLLOUT)) {
        ssize_t n = write(fd, at, left);
        if (n <= 0) {
            break;
        }
        at += n;
        left -= (size_t)n;
    }
}

static void on_crash(int number)
{
    if (handler_state.tty_fd >= 0) {
        write_crash(handler_state.tty_fd);
        tcsetattr(handler_state.tty_fd, TCSANOW, &handler_state.saved);
    }
    raise(number); /* SA_RESETHAND: the default action, a core dump */
}

bool tty_open_none(struct tty *tty, struct error *err)
{
    *tty = (struct tty){ .fd = -1, .raw = -1, .wake = { -1, -1 } };
    if (pipe2(tty->wake, O_CLOEXEC | O_NONBLOCK) != 0) {
        return error_errno(err, ERROR_IO, errno, "cannot create a pipe");
    }
    return true;
}

bool tty_open_backend(struct tty *tty, const struct tty_backend *backend, void *self,
                      struct error *err)
{
    if (!tty_open_none(tty, err)) {
        return false;
    }
    tty->backend = backend;
    tty->self = self;
    tty->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (tty->fd < 0) {
        error_errno(err, ERROR_IO, errno, "/dev/null");
        tty_close(tty);
        return false;
    }
    return true;
}

bool tty_open(struct tty *tty, struct error *err)
{
    if (!tty_open_none(tty, err)) {
        return false;
    }
    tty->fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty->fd < 0) {
        error_errno(err, ERROR_IO, errno, "/dev/tty: cannot open the terminal");
        tty_close(tty);
        return false;
    }
    tty->raw = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (tty->raw < 0 || tcgetattr(tty->fd, &tty->saved) != 0) {
        error_errno(err, ERROR_IO, errno, "/dev/tty: cannot read its mode");
        tty_close(tty);
        return false;
    }
    return true;
}

bool tty_cbreak(struct tty *tty, struct error *err)
{
    struct termios mode = tty->saved;
    if (tty->backend) {
        return true;
    }
    mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHOE | ECHOK | ECHONL | IEXTEN);
    mode.c_lflag |= ISIG;
    mode.c_iflag &= ~(tcflag_t)(IXON | IXOFF | ICRNL | INLCR | IGNCR | ISTRIP);
    /* Otherwise the driver would check every byte of a picture for line feeds. */
    mode.c_oflag &= ~(tcflag_t)OPOST;
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    if (tcsetattr(tty->fd, TCSADRAIN, &mode) != 0) {
        return error_errno(err, ERROR_IO, errno, "/dev/tty: cannot set its mode");
    }
    return true;
}

void tty_restore(struct tty *tty)
{
    if (tty->backend) {
        return;
    }
    if (tty->stalled) { /* discard output that the terminal has not accepted */
        tcflush(tty->fd, TCOFLUSH);
    }
    tcsetattr(tty->fd, tty->stalled ? TCSANOW : TCSADRAIN, &tty->saved);
}

static void install(int number, void (*function)(int), int flags)
{
    struct sigaction action = { .sa_flags = flags };
    action.sa_handler = function;
    sigfillset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

/* A signal that is ignored stays ignored. */
static void install_fatal(int number)
{
    struct sigaction now;
    if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_IGN) {
        install(number, on_crash, (int)SA_RESETHAND | SA_NODEFER);
    }
}

static void remove_fatal(int number)
{
    struct sigaction now;
    if (sigaction(number, NULL, &now) == 0 && now.sa_handler == on_crash) {
        install(number, SIG_DFL, 0);
    }
}

static void each_fatal(void (*function)(int number))
{
    for (size_t i = 0; i < ARRAY_LEN(fatal); i++) {
        function(fatal[i]);
    }
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++) {
        function(number);
    }
}

bool tty_signals(struct tty *tty, struct error *err)
{
    if (tty->backend) {
        return true;
    }
    if (handler_state.wake_fd >= 0) {
        return error_set(err, ERROR_BUSY, "signal handlers are already set for another terminal");
    }
    handler_state.saved = tty->saved;
    handler_state.tty_fd = tty->raw;
    handler_state.wake_fd = tty->wake[1];
    for (size_t i = 0; i < ARRAY_LEN(handled); i++) {
        install(handled[i].number, on_signal, SA_RESTART);
    }
    each_fatal(install_fatal);
    install(SIGPIPE, SIG_IGN, 0);
    tty->signals = true;
    return true;
}

void tty_close(struct tty *tty)
{
    if (tty->signals) {
        for (size_t i = 0; i < ARRAY_LEN(handled); i++) {
            install(handled[i].number, SIG_DFL, 0);
        }
        each_fatal(remove_fatal);
        handler_state.wake_fd = -1;
        handler_state.tty_fd = -1;
    }
    if (tty->fd >= 0) {
        tty_restore(tty);
    }
    int fds[] = { tty->fd, tty->raw, tty->wake[0], tty->wake[1] };
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    *tty = (struct tty){ .fd = -1, .raw = -1, .wake = { -1, -1 } };
}

void tty_stop(struct tty *tty)
{
    if (tty->backend) {
        return;
    }
    install(SIGTSTP, SIG_DFL, 0);
    raise(SIGTSTP);
    install(SIGTSTP, on_signal, SA_RESTART);
}

void tty_wake(struct tty *tty)
{
    const unsigned char bit = TTY_WAKE;
    ssize_t n = write(tty->wake[1], &bit, 1);
    (void)n;
}

static unsigned read_bits(struct tty *tty)
{
    unsigned bits = 0;
    unsigned char got[256];
    ssize_t n;
    while ((n = read(tty->wake[0], got, sizeof got)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            bits |= got[i];
        }
    }
    return bits;
}

void tty_again(struct tty *tty, unsigned bits)
{
    for (unsigned char bit = 1; bit <= TTY_INTERRUPT; bit = (unsigned char)(bit << 1)) {
        if ((bits & bit) && write(tty->wake[1], &bit, 1) < 0) {
            return; /* full: its content is enough to wake us */
        }
    }
}

static unsigned wait_backend(struct tty *tty, int timeout_ms, bool idle, bool *readable)
{
    unsigned bits = tty->backend->wait(tty->self, timeout_ms, tty->wake[0], idle, readable);
    return bits | read_bits(tty);
}

unsigned tty_idle(struct tty *tty, int timeout_ms, bool *readable)
{
    return tty->backend ? wait_backend(tty, timeout_ms, true, readable)
                        : tty_wait(tty, timeout_ms, readable);
}

unsigned tty_wait(struct tty *tty, int timeout_ms, bool *readable)
{
    struct pollfd fds[2] = { { tty->raw, POLLIN, 0 }, { tty->wake[0], POLLIN, 0 } };
    *readable = false;
    if (tty->backend) {
        return wait_backend(tty, timeout_ms, false, readable);
    }
    if (poll(fds, 2, timeout_ms) <= 0) {
        return 0;
    }
    *readable = fds[0].revents != 0;
    return read_bits(tty);
}

int tty_read(struct tty *tty, void *bytes, size_t size)
{
    if (tty->backend) {
        return tty->backend->read(tty->self, bytes, size);
    }
    ssize_t n = read(tty->raw, bytes, size);
    if (n > 0) {
        return (int)n;
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

/* While leaving: false when the terminal has accepted nothing for STALL_MS. */
static bool wait_leaving(struct tty *tty)
{
    struct pollfd out = { tty->raw, POLLOUT, 0 };
    int64_t end = clock_monotonic_ns() + STALL_MS * 1000000LL;
    int ready;
    do {
        int64_t left_ms = (end - clock_monotonic_ns()) / 1000000;
        ready = poll(&out, 1, left_ms > 0 ? (int)left_ms : 0);
    } while (ready < 0 && errno == EINTR);
    tty->stalled = ready <= 0 || (out.revents & (POLLERR | POLLHUP | POLLNVAL));
    return !tty->stalled;
}

/* Waits until the terminal accepts more; false when it is gone or the program has to
 * quit. */
static bool wait_writable(struct tty *tty)
{
    struct pollfd fds[2] = { { tty->raw, POLLOUT, 0 }, { tty->wake[0], POLLIN, 0 } };
    if (tty->leaving) {
        return wait_leaving(tty);
    }
    if (poll(fds, 2, -1) < 0) {
        return errno == EINTR;
    }
    if (fds[0].revents & (POLLERR | POLLHUP | POLLNVAL)) {
        return false;
    }
    if (!fds[1].revents) {
        return true;
    }
    unsigned bits = read_bits(tty);
    tty_again(tty, bits);
    if (bits & (TTY_QUIT | TTY_INTERRUPT)) {
        return false;
    }
    /* Do not spin on a wake byte that is not read while the terminal is slow. */
    return poll(fds, 1, 20) >= 0 || errno == EINTR;
}

bool tty_write(struct tty *tty, const void *bytes, size_t len)
{
    const char *s = bytes;
    if (tty->backend) {
        return tty->backend->write(tty->self, bytes, len);
    }
    while (len && !tty->stalled) {
        ssize_t n = write(tty->raw, s, len);
        if (n > 0) {
            s += n;
            len -= (size_t)n;
        } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return false;
        } else if (!wait_writable(tty)) {
            return false;
        }
    }
    return !len;
}

void tty_leave(struct tty *tty, bool leaving)
{
    tty->leaving = leaving;
    tty->stalled = false;
}

int64_t tty_now_ns(const struct tty *tty)
{
    return tty->backend ? tty->backend->now_ns(tty->self) : clock_monotonic_ns();
}

const char *tty_variable(const struct tty_backend *backend, const char *name)
{
    return backend ? backend->variable(name) : getenv(name);
}

bool tty_size(const struct tty *tty, struct tty_size *size)
{
    struct winsize w;
    if (tty->backend) {
        tty->backend->size(tty->self, size);
        return true;
    }
    if (ioctl(tty->fd, TIOCGWINSZ, &w) != 0 || !w.ws_row || !w.ws_col) {
        *size = (struct tty_size){ 24, 80, 0, 0 };
        return false;
    }
    *size = (struct tty_size){ w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel };
    return true;
}
