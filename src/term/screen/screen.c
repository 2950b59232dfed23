/* Opens, suspends and closes the screen. */
#include "screen/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "terminal/drain.h"
#include "terminal/modes.h"

#define FOCUS_ON "\033[?1004h"

/* Time limits for replies on their way when the terminal is given back: LATE_NS since the
 * probe if it was never answered; else DRAIN_NS plus some round trips and the time of the
 * bytes in flight, at most DRAIN_MOST_NS. */
#define LATE_NS 2000000000
#define DRAIN_NS 250000000
#define DRAIN_MOST_NS 3000000000

/* Falls back to xterm-256color for a TERM that terminfo does not have: terminals newer than
 * the server's terminfo are common over ssh. */
static SCREEN *new_curses(const struct screen *s)
{
    FILE *out = s->out, *in = s->in;
    SCREEN *curses = newterm(tty_variable(s->tty.backend, "TERM"), out, in);
    return curses || errno == ENOMEM ? curses : newterm("xterm-256color", out, in);
}

static bool open_streams(struct screen *s, struct error *err)
{
    int fd = fcntl(s->tty.fd, F_DUPFD_CLOEXEC, 3);
    int fd2 = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
    s->out = fd >= 0 ? fdopen(fd, "w") : NULL;
    s->in = fd2 >= 0 ? fdopen(fd2, "r") : NULL;
    if (!s->out || !s->in) {
        return error_errno(err, ERROR_IO, errno, "cannot open the terminal for curses");
    }
    return true;
}

/* curses writes a few bytes at a time and blocks: its output is gathered in a memory file,
 * which screen_send() writes at once. Only after newterm(), which needs the terminal. */
static bool gather_output(struct screen *s, struct error *err)
{
    int fd = memfd_create("screen", MFD_CLOEXEC);
    bool ok = fd >= 0 && dup3(fd, fileno(s->out), O_CLOEXEC) >= 0;
    if (!ok) {
        error_errno(err, ERROR_IO, errno, "cannot create a buffer for the screen");
    }
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

static bool start_curses(struct screen *s, const struct screen_options *options, struct error *err)
{
    if (!open_streams(s, err)) {
        return false;
    }
    /* Sizes come from the terminal, never from LINES alone: a wrong one would
     * leave a scrolling region that cuts off pictures. */
    use_env(!s->tty.backend);
    use_tioctl(!s->tty.backend);
    errno = 0;
    s->curses = new_curses(s);
    if (!s->curses && errno == ENOMEM) {
        return error_nomem(err, 1, "the screen");
    }
    if (!s->curses) {
        return error_set(
            err, ERROR_IO,
            "there is no terminfo entry for TERM '%s', nor for xterm-256color; install "
            "ncurses-base, or set TERMINFO to the folder that contains the entries",
            getenv("TERM") ? getenv("TERM") : "");
    }
    const char *place = tigetstr("cup");
    if (!place || place == (const char *)-1) {
        delscreen(s->curses); /* nothing was written, so there is nothing to restore */
        s->curses = NULL;
        return error_set(err, ERROR_IO,
                         "TERM is '%s', a terminal that cannot move the cursor; if yours can, set "
                         "TERM: TERM=xterm-256color thumbtag …",
                         getenv("TERM") ? getenv("TERM") : "");
    }
    if (s->tty.backend) { /* its size curses cannot ask for: what it wrote for another */
        delay_output(0);  /* is flushed to /dev/null */
    }
    if (!gather_output(s, err)) {
        return false;
    }
    typeahead(-1); /* a key must not interrupt an update: the rest of it would be
                      written over the next picture */
    if (options->colors != 1 && !options->plain && has_colors()) {
        start_color();
        use_default_colors();
    }
    idcok(stdscr, FALSE); /* no inserting or deleting of characters, which moves pictures */
    nonl();               /* a line feed is only a line feed: see tty_cbreak() */
    curs_set(0);
    return true;
}

bool screen_is_local(const struct screen *s)
{
    return s->tty.backend || link_is_local();
}

void screen_try_link(struct screen *s)
{
    struct term_replies *r = &s->caps.replies;
    if (!s->link.doubt || !r->fence || s->caps.late || s->shown != s->drawn) {
        return;
    }
    r->due = 0;
    probe_link(&s->tty, &s->input, &s->caps, s->fence_outer, &s->link);
    s->drawn += (uint64_t)r->due; /* their replies may come late */
    s->pieces = 0;
}

static void send_text(struct screen *s, const char *text)
{
    tty_write(&s->tty, text, strlen(text));
}

void screen_take_keyboard(struct screen *s)
{
    if (s->caps.replies.keyboard && !s->keyboard) {
        send_text(s, modes_keyboard_on);
        s->keyboard = true;
    }
}

/* Sets the terminal's modes for as long as the screen is open. */
static void set_modes(struct screen *s)
{
    screen_take_keyboard(s);
    if (s->caps.tmux) { /* to notice when the pane becomes visible */
        send_text(s, FOCUS_ON);
    }
}

static bool start_terminal(struct screen *s, struct error *err)
{
    if (!tty_cbreak(&s->tty, err) || !tty_signals(&s->tty, err)) {
        return false;
    }
    def_prog_mode();
    refresh(); /* to the alternate screen, so that garbage from queries vanishes */
    screen_send(s);
    send_text(s, modes_begin);
    s->asked_ns = tty_now_ns(&s->tty);
    probe_terminal(&s->tty, &s->input, s->timeout_ms, s->user_cell, &s->caps);
    link_init(&s->link, s->caps.replies.fence ? s->caps.replies.round_trip_ns : -1,
              screen_is_local(s));
    screen_try_link(s);
    set_modes(s);
    s->around_ns = tty_now_ns(&s->tty);
    clearok(curscr, TRUE);
    return true;
}

struct screen *screen_open(const struct screen_options *options, struct error *err)
{
    struct screen *s = calloc(1, sizeof *s);
    if (!s) {
        error_nomem(err, sizeof *s, "the screen");
        return NULL;
    }
    s->theme = *options->theme;
    s->timeout_ms = options->timeout_ms;
    memcpy(s->user_cell, options->cell, sizeof s->user_cell);
    s->cursor_row = -1;
    s->tty.fd = s->tty.raw = s->tty.wake[0] = s->tty.wake[1] = -1;
    buf_init(&s->placement);
    buf_init(&s->wipe);
    input_init(&s->input);
    bool opened = options->backend
                      ? tty_open_backend(&s->tty, options->backend, options->backend_self, err)
                      : tty_open(&s->tty, err);
    if (!opened || !start_curses(s, options, err)) {
        screen_close(s);
        return NULL;
    }
    if (!start_terminal(s, err)) {
        screen_close(s);
        return NULL;
    }
    s->user_colors = options->colors;
    if (options->colors) {
        s->caps.colors = options->colors;
    }
    resizeterm(s->caps.size.rows, s->caps.size.cols);
    return s;
}

/* Time limit for replies that are on their way, in nanoseconds. */
static int64_t drain_limit(const struct screen *s)
{
    if (!s->caps.replies.fence) {
        return s->caps.late ? s->asked_ns + LATE_NS - tty_now_ns(&s->tty) : 0;
    }
    double bytes = s->link.ns_per_byte * (double)s->flight_bytes;
    int64_t limit = DRAIN_NS + (s->link.round_trip_ns > 0 ? 4 * s->link.round_trip_ns : 0) +
                    (s->shown < s->drawn ? (int64_t)(1.5 * bytes) : 0);
    return limit < DRAIN_MOST_NS ? limit : DRAIN_MOST_NS;
}

/* Waits until the terminal has processed all output and will send no more replies. */
static void drain(struct screen *s)
{
    int due = s->caps.late ? s->caps.replies.due : (int)(s->drawn - s->shown);
    if (s->caps.replies.fence) {
        send_text(s, FENCE);
        due++;
    }
    if (!s->tty.stalled) {
        drain_replies(&s->tty, &s->input, due, drain_limit(s));
        s->shown = s->drawn;
    }
}

static void leave(struct screen *s)
{
    tty_leave(&s->tty, true);
    screen_wipe(s);
    send_text(s, s->keyboard ? modes_keyboard_off : "");
    send_text(s, modes_end);
    s->keyboard = false;
    curs_set(1);
    /* endwin() leaves the pictures on the normal screen of some terminals
     * unless their cells have been overwritten. */
    erase();
    clearok(curscr, TRUE);
    refresh();
    endwin();
    screen_send(s);
    drain(s);
}

void screen_close(struct screen *s)
{
    if (!s) {
        return;
    }
    if (s->curses) {
        leave(s);
        delscreen(s->curses);
    }
    if (s->out) {
        fclose(s->out);
    }
    if (s->in) {
        fclose(s->in);
    }
    tty_close(&s->tty);
    buf_release(&s->placement);
    buf_release(&s->wipe);
    free(s);
}

void screen_resume(struct screen *s)
{
    s->caps.replies.due = (int)(s->drawn - s->shown);
    probe_size(&s->tty, &s->input, s->timeout_ms, s->user_cell, &s->caps);
    s->around_ns = tty_now_ns(&s->tty);
    s->drawn += s->caps.replies.fence; /* the probe's fence; its reply may come late */
    s->shown = s->drawn - (uint64_t)s->caps.replies.due;
    s->flight_ns = 0;
    s->pieces = 0;
    resizeterm(s->caps.size.rows, s->caps.size.cols);
    screen_redraw(s);
}

void screen_suspend(struct screen *s)
{
    leave(s);
    tty_restore(&s->tty);
    tty_stop(&s->tty);
    tty_leave(&s->tty, false);
    tty_cbreak(&s->tty, NULL);
    def_prog_mode();
    curs_set(0);
    refresh();
    screen_send(s);
    send_text(s, modes_begin);
    set_modes(s);
    screen_resume(s);
}

bool screen_tells_repeats(const struct screen *s)
{
    return s->keyboard;
}

const struct term_caps *screen_caps(const struct screen *s)
{
    return &s->caps;
}

void screen_redraw(struct screen *s)
{
    (void)s;
    clear();
    clearok(curscr, TRUE);
}

void screen_bell(struct screen *s)
{
    beep();
    screen_send(s);
}
