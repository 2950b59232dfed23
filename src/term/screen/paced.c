/* Writes a long sequence no faster than the link transmits it, so that a key that comes
 * meanwhile can cut it short. */
#include "screen/private.h"

#include <string.h>

#define STRING_END "\033\\"
#define CHUNK_LEAST 512

/* True when there is input other than replies to fences, or the start of one. */
static bool has_keys(const struct input *in)
{
    static const char answer[] = "\033[0n";
    size_t len = sizeof answer - 1;
    for (size_t at = 0; at < in->len; at += len) {
        size_t left = in->len - at < len ? in->len - at : len;
        if (memcmp(in->bytes + at, answer, left) != 0) {
            return true;
        }
    }
    return in->held_count > 0;
}

/* Reads input until that time. False: stop writing, as there is a key or a signal, or the
 * terminal is gone. */
static bool listen_until(struct screen *s, int64_t when_ns, unsigned *seen)
{
    for (;;) {
        int64_t left_ns = when_ns - tty_now_ns(&s->tty);
        bool readable = false;
        unsigned char bytes[512];
        unsigned bits = tty_wait(&s->tty, left_ns > 0 ? (int)(left_ns / 1000000) : 0, &readable);
        int n = readable ? tty_read(&s->tty, bytes, sizeof bytes) : 0;
        if (n > 0) {
            input_feed(&s->input, bytes, (size_t)n);
        }
        *seen |= bits;
        if (n < 0 || (bits & ~(unsigned)TTY_WAKE) || has_keys(&s->input)) {
            return false;
        }
        if (left_ns < 1000000) {
            return true;
        }
    }
}

/* Length of the next chunk: at least CHUNK_LEAST bytes, up to the next `cut`. */
static size_t next_chunk(const char *bytes, size_t len, char cut)
{
    const char *stop =
        len > CHUNK_LEAST ? memchr(bytes + CHUNK_LEAST, cut, len - CHUNK_LEAST) : NULL;
    return stop ? (size_t)(stop - bytes) + 1 : len;
}

bool screen_write_paced(struct screen *s, const char *bytes, size_t len, char cut, size_t *written)
{
    int64_t start = tty_now_ns(&s->tty);
    unsigned seen = 0;
    bool ok = true;
    *written = 0;
    while (ok && *written < len) {
        size_t chunk = next_chunk(bytes + *written, len - *written, cut);
        ok = tty_write(&s->tty, bytes + *written, chunk);
        *written += chunk;
        int64_t due = start + (int64_t)((double)*written * s->link.ns_per_byte);
        if (*written < len && !listen_until(s, due, &seen)) {
            ok = ok && tty_write(&s->tty, STRING_END, sizeof STRING_END - 1);
            break;
        }
    }
    tty_again(&s->tty, seen);
    return ok;
}
