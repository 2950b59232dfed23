/* Runs the rounds of a trial of the link: see term/link.h. */
#include "base/buf.h"
#include "base/clock.h"
#include "term/link.h"
#include "term/probe.h"
#include "terminal/passthrough.h"

#define FENCE "\033[5n"
#define FENCES 3
#define APART_MS 15  /* between the writes of a round */
#define WAIT_MS 3000 /* time limit of all replies of a round */

/* Adds SGR resets, which have no effect here: nothing else costs a terminal so little. */
static void add_filler(struct buf *out, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 3) {
        buf_adds(out, "\033[m");
    }
}

/* Writes filler and a fence. Each fence has a write of its own: ssh would pack them all in
 * one packet, which is delivered only when its last byte has arrived. */
static bool write_part(struct tty *tty, size_t bytes, bool outer)
{
    struct buf text = BUF_INIT;
    struct buf out = BUF_INIT;
    add_filler(&text, bytes);
    buf_adds(&text, FENCE);
    if (outer) {
        passthrough_add(&out, text.data, text.len);
    }
    const struct buf *b = outer ? &out : &text;
    bool ok = !text.failed && !out.failed && tty_write(tty, b->data, b->len);
    buf_release(&out);
    buf_release(&text);
    return ok;
}

struct round {
    struct tty *tty;
    struct input *in;
    struct term_caps *caps;
    int64_t start;
    int written, answered;
    int64_t times[FENCES]; /* when the replies came */
};

static int until_ms(const struct tty *tty, int64_t when)
{
    int64_t ms = (when - tty_now_ns(tty) + 999999) / 1000000;
    return ms > 0 ? (int)ms : 0;
}

static void take_answers(struct round *r)
{
    static const int no_cell[2] = { 0, 0 };
    struct input_event e;
    while (r->answered < FENCES && input_next_reply(r->in, &e)) {
        int due = r->caps->replies.due;
        probe_late(r->caps, &e, no_cell);
        if (r->caps->replies.due < due) {
            r->times[r->answered++] = tty_now_ns(r->tty);
        }
    }
}

/* Reads for at most `ms`. False when the terminal is gone or the program has to quit. */
static bool read_for(struct round *r, int ms, unsigned *seen)
{
    bool readable = false;
    unsigned char bytes[512];
    *seen |= tty_wait(r->tty, ms, &readable);
    int got = readable ? tty_read(r->tty, bytes, sizeof bytes) : 0;
    if (got > 0) {
        input_time(r->in, tty_now_ns(r->tty));
        input_feed(r->in, bytes, (size_t)got);
        take_answers(r);
    }
    return got >= 0 && !(*seen & (TTY_QUIT | TTY_INTERRUPT));
}

/* Writes the parts of a round and waits for the replies. False: some are missing. */
static bool run_round(struct round *r, size_t bytes, bool outer)
{
    unsigned seen = 0;
    bool ok = true;
    r->start = tty_now_ns(r->tty);
    int64_t end = r->start + WAIT_MS * 1000000LL;
    while (ok && r->answered < FENCES && until_ms(r->tty, end)) {
        int64_t next = r->written < FENCES ? r->start + r->written * APART_MS * 1000000LL : end;
        if (until_ms(r->tty, next)) {
            ok = read_for(r, until_ms(r->tty, next), &seen);
        } else {
            ok = write_part(r->tty, r->written ? bytes : 0, outer);
            r->written++;
            r->caps->replies.due++;
        }
    }
    tty_again(r->tty, seen);
    return r->answered == FENCES;
}

static int64_t apart(int64_t from, int64_t to)
{
    int64_t ns = to - from - APART_MS * 1000000LL;
    return ns > 0 ? ns : 0;
}

void probe_link(struct tty *tty, struct input *in, struct term_caps *caps, bool outer,
                struct link *link)
{
    link_try(link);
    while (link_trial(link)) {
        struct round r = { .tty = tty, .in = in, .caps = caps };
        bool can = caps->replies.fence && !caps->late && caps->replies.due == 0;
        if (!can || !run_round(&r, link_trial(link), outer)) {
            link_give_up_trial(link);
            return;
        }
        link_tried(link, r.times[0] - r.start, apart(r.times[0], r.times[1]),
                   apart(r.times[1], r.times[2]));
    }
}
