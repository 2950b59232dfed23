/* Turns input, replies and signals into events. */
#include "screen/private.h"

#include <string.h>

#define FENCE_LOST_NS 5000000000 /* a fence's time-out; in addition, per byte in flight: */
#define FENCE_BYTE_NS 60000
#define AT_ONCE_NS 1000000 /* input read within this time had arrived before */

static bool set_event(struct screen *s, struct screen_event *event, enum screen_event_kind kind)
{
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->shown = s->shown;
    return true;
}

/* Nanoseconds until a missing reply to a fence is given up; INT64_MAX when none is due.
 * A terminal that has answered before may still lose a reply, and through tmux it goes to
 * the pane that has the focus, so no wait may be endless. */
static int64_t fence_left(const struct screen *s)
{
    if (s->shown == s->drawn) {
        return INT64_MAX;
    }
    if (s->fence_outer && !s->caps.around.keys) {
        return 0;
    }
    int64_t patience = FENCE_LOST_NS + (int64_t)s->flight_bytes * FENCE_BYTE_NS;
    int64_t left = s->drawn_at_ns + patience - tty_now_ns(&s->tty);
    return left > 0 ? left : 0;
}

static bool give_up_fences(struct screen *s, struct screen_event *event)
{
    if (fence_left(s) > 0) {
        return false;
    }
    s->shown = s->drawn;
    s->flight_ns = 0;
    return set_event(s, event, EVENT_SHOWN);
}

static bool fence_answered(struct screen *s, struct screen_event *event)
{
    s->shown++;
    if (s->shown == s->drawn && s->flight_ns) {
        link_answered(&s->link, s->flight_bytes, tty_now_ns(&s->tty) - s->flight_ns);
        s->flight_ns = 0;
        screen_try_link(s);
    }
    return set_event(s, event, EVENT_SHOWN);
}

/* Takes a reply that came after the probe's time limit. True when it was the last one:
 * pictures may be drawn in another way from now on. */
static bool late_reply(struct screen *s, const struct input_event *reply)
{
    if (!probe_late(&s->caps, reply, s->user_cell)) {
        return false;
    }
    if (s->user_colors) {
        s->caps.colors = s->user_colors;
    }
    link_init(&s->link, tty_now_ns(&s->tty) - s->asked_ns, screen_is_local(s));
    screen_try_link(s);
    screen_take_keyboard(s);
    screen_redraw(s);
    return true;
}

/* The signal that a key stands for: with kitty's keyboard protocol keys arrive as escape
 * sequences, so the tty driver raises no signals. */
static unsigned signal_of(const struct input_event *in)
{
    switch (in->pasted ? KEYCODE_NONE : in->key) {
    case 3: /* ^C, and ^\ */
    case 28:
        return TTY_INTERRUPT;
    case 26: /* ^Z */
        return TTY_SUSPEND;
    default:
        return 0;
    }
}

static bool key_event(struct screen *s, const struct input_event *in, struct screen_event *event)
{
    set_event(s, event, EVENT_KEY);
    event->key = in->key;
    event->pasted = in->pasted;
    event->repeated = in->repeated;
    event->from_ns = s->came_ns;
    event->at_ns = s->input.heard_ns;
    return true;
}

static bool next_input(struct screen *s, struct screen_event *event)
{
    struct input_event in;
    input_link(&s->input, s->link.round_trip_ns,
               screen_busy(s) || s->caps.late || s->caps.outer_due);
    input_time(&s->input, tty_now_ns(&s->tty));
    while (input_next(&s->input, &in)) {
        unsigned signals = in.kind == INPUT_KEY ? signal_of(&in) : 0;
        if (signals) {
            tty_again(&s->tty, signals);
            continue;
        }
        if (in.kind == INPUT_KEY) {
            return key_event(s, &in, event);
        }
        if (s->caps.late) {
            if (late_reply(s, &in)) {
                return set_event(s, event, EVENT_RESIZE);
            }
            continue;
        }
        if (probe_outer(&s->caps, &in)) {
            screen_redraw(s);
            return set_event(s, event, EVENT_RESIZE);
        }
        if (in.kind == INPUT_REPLY && in.final == 'I' && s->outer) { /* focus */
            return set_event(s, event, EVENT_EXPOSED);
        }
        if (in.kind == INPUT_REPLY && in.final == 'n' && s->shown < s->drawn) {
            return fence_answered(s, event);
        }
    }
    return false;
}

static bool signal_event(struct screen *s, unsigned bits, struct screen_event *event)
{
    if (bits & TTY_QUIT) {
        return set_event(s, event, EVENT_QUIT);
    }
    if (bits & TTY_INTERRUPT) {
        return set_event(s, event, EVENT_INTERRUPT);
    }
    if (bits & TTY_SUSPEND) {
        tty_again(&s->tty, bits & TTY_WAKE);
        screen_suspend(s);
        return set_event(s, event, EVENT_RESIZE);
    }
    if (bits & (TTY_RESIZE | TTY_CONTINUE)) {
        tty_again(&s->tty, bits & TTY_WAKE);
        screen_resume(s);
        return set_event(s, event, EVENT_RESIZE);
    }
    return bits & TTY_WAKE ? set_event(s, event, EVENT_WAKE) : false;
}

static int64_t sooner(int64_t left_ms, int64_t ns)
{
    int64_t ms = ns / 1000000 + 1;
    return ns == INT64_MAX ? left_ms : left_ms < 0 || ms < left_ms ? ms : left_ms;
}

/* Milliseconds to wait for input; -1: no limit. */
static int patience(const struct screen *s, int64_t left_ms)
{
    return (int)sooner(sooner(left_ms, fence_left(s)), input_due(&s->input));
}

/* As tty_idle(); also notes the earliest time at which the input can have come. */
static unsigned listen(struct screen *s, int wait_ms, bool *readable)
{
    int64_t start = tty_now_ns(&s->tty);
    unsigned bits = tty_idle(&s->tty, wait_ms, readable);
    int64_t now = tty_now_ns(&s->tty);
    bool waited = now - start > AT_ONCE_NS;
    s->came_ns = waited ? now : s->listened_ns;
    s->listened_ns = now;
    return bits;
}

void screen_wait(struct screen *s, int timeout_ms, struct screen_event *event)
{
    int64_t start = tty_now_ns(&s->tty);
    for (;;) {
        if (next_input(s, event) || give_up_fences(s, event)) {
            return;
        }
        int64_t waited = (tty_now_ns(&s->tty) - start) / 1000000;
        int64_t left = timeout_ms < 0 ? -1 : timeout_ms > waited ? timeout_ms - waited : 0;
        bool partial = s->input.len > 0;
        int wait_ms = patience(s, left);
        int look_ms = partial ? -1 : screen_outer_due(s);
        bool look = look_ms >= 0 && (wait_ms < 0 || look_ms < wait_ms);
        bool readable;
        unsigned bits = listen(s, look ? look_ms : wait_ms, &readable);
        if (signal_event(s, bits, event)) {
            return;
        }
        unsigned char bytes[1024];
        int n = readable ? tty_read(&s->tty, bytes, sizeof bytes) : 0;
        if (n < 0) {
            set_event(s, event, EVENT_QUIT);
            return;
        }
        input_time(&s->input, tty_now_ns(&s->tty));
        input_feed(&s->input, bytes, (size_t)n);
        if (!n && !bits && look) {
            if (screen_outer_look(s)) {
                set_event(s, event, EVENT_EXPOSED);
                return;
            }
        } else if (!n && !bits && timeout_ms >= 0 &&
                   tty_now_ns(&s->tty) - start >= timeout_ms * 1000000LL) {
            set_event(s, event, EVENT_TIMEOUT);
            return;
        }
    }
}

int64_t screen_now_ns(const struct screen *s)
{
    return tty_now_ns(&s->tty);
}

void screen_wake(struct screen *s)
{
    tty_wake(&s->tty);
}
