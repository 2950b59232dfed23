/* Discards late replies before the terminal is given back. */
#include "terminal/drain.h"

static int count_fences(struct input *in)
{
    struct input_event e;
    int count = 0;
    while (input_next_reply(in, &e)) {
        count += e.kind == INPUT_REPLY && e.final == 'n';
    }
    in->held_count = 0; /* discard the keys */
    return count;
}

int drain_replies(struct tty *tty, struct input *in, int fences, int64_t limit_ns)
{
    int64_t end = tty_now_ns(tty) + limit_ns;
    int came = count_fences(in);
    bool readable;
    unsigned seen = tty_wait(tty, 0, &readable); /* perhaps the signal that ends the program */
    while (came < fences) {
        int64_t left_ms = (end - tty_now_ns(tty)) / 1000000;
        unsigned char bytes[512];
        if (left_ms <= 0) {
            break;
        }
        unsigned bits = tty_wait(tty, (int)left_ms, &readable);
        seen |= bits;
        int n = readable ? tty_read(tty, bytes, sizeof bytes) : 0;
        if (n < 0 || (bits & (TTY_QUIT | TTY_INTERRUPT))) { /* a second signal: leave now */
            break;
        }
        input_time(in, tty_now_ns(tty));
        input_feed(in, bytes, (size_t)n);
        came += count_fences(in);
    }
    tty_again(tty, seen);
    return came < fences ? came : fences;
}
