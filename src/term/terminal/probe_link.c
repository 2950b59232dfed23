/* What a trial of the link writes and reads: see term/link.h. */
#include "term/link.h"
#include "term/probe.h"

#include "base/buf.h"
#include "base/clock.h"

#include "terminal/passthrough.h"

#define FENCE "\033[5n"
#define FENCES 3
#define WAIT_MS 3000 /* for all answers of a round */

/* Attributes off, which they are: nothing else costs a terminal so little. */
static void add_filler(struct buf *out, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 3) {
        buf_adds(out, "\033[m");
    }
}

/* To tmux in pieces that it passes on whole. */
static bool write_round(struct tty *tty, size_t bytes, bool outer)
{
    struct buf text = BUF_INIT;
    struct buf out = BUF_INIT;
    buf_adds(&text, FENCE);
    for (int i = 1; i < FENCES; i++) {
        add_filler(&text, bytes);
        buf_adds(&text, FENCE);
    }
    if (outer) {
        passthrough_add(&out, text.data, text.len);
    }
    const struct buf *b = outer ? &out : &text;
    bool ok = !text.failed && !out.failed && tty_write(tty, b->data, b->len);
    buf_release(&out);
    buf_release(&text);
    return ok;
}

/* When each fence was answered. False: not all of them were. */
static bool read_times(struct tty *tty, struct input *in, struct term_caps *caps,
                       int64_t times[FENCES])
{
    static const int no_cell[2] = { 0, 0 };
    int64_t end = clock_monotonic_ns() + WAIT_MS * 1000000LL;
    unsigned seen = 0;
    int n = 0;
    while (n < FENCES && !(seen & TTY_QUIT)) {
        int64_t left_ms = (end - clock_monotonic_ns()) / 1000000;
        bool readable = false;
        unsigned char bytes[512];
        seen |= left_ms > 0 ? tty_wait(tty, (int)left_ms, &readable) : 0;
        int got = readable ? tty_read(tty, bytes, sizeof bytes) : 0;
        if (got < 0 || left_ms <= 0) {
            break;
        }
        struct input_event e;
        input_feed(in, bytes, (size_t)got);
        while (n < FENCES && input_next_reply(in, &e)) {
            int due = caps->replies.due;
            probe_late(caps, &e, no_cell);
            if (caps->replies.due < due) {
                times[n++] = clock_monotonic_ns();
            }
        }
    }
    tty_again(tty, seen);
    return n == FENCES;
}

void probe_link(struct tty *tty, struct input *in, struct term_caps *caps, bool outer,
                struct link *link)
{
    int64_t times[FENCES];
    link_try(link);
    while (link_trial(link)) {
        int64_t start = clock_monotonic_ns();
        bool can = caps->replies.fence && !caps->late && caps->replies.due == 0;
        if (!can || !write_round(tty, link_trial(link), outer)) {
            link_give_up_trial(link);
            return;
        }
        caps->replies.due = FENCES;
        if (!read_times(tty, in, caps, times)) {
            link_give_up_trial(link);
            return;
        }
        link_tried(link, times[0] - start, times[1] - times[0], times[2] - times[1]);
    }
}
