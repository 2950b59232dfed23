/* The device side of a script's terminal: what is written and read, and time. */
#include "scripted/scripted.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "scripted/keyboard.h"
#include "scripted/replies.h"

#define MS 1000000LL
#define START_NS (1000 * MS) /* not 0, which may stand for "never" */
#define BYTES_PER_SECOND 10000000
#define ROUND_TRIP_NS MS
#define BUSY_MS 60000 /* a program that is busy for longer is taken for idle */
#define FENCE "5n"
#define FENCE_REPLY "\033[0n"

static void arrive(struct scripted *t, int64_t due_ns, const char *bytes, size_t len)
{
    size_t at = t->arrival_count;
    if (!len || len > ARRIVAL_BYTES || at == ARRIVALS_MAX) {
        return;
    }
    while (at > 0 && t->arrivals[at - 1].due_ns > due_ns) {
        t->arrivals[at] = t->arrivals[at - 1];
        at--;
    }
    t->arrivals[at] = (struct arrival){ .due_ns = due_ns, .len = len };
    memcpy(t->arrivals[at].bytes, bytes, len);
    t->arrival_count++;
}

static void reply(struct scripted *t, const char *bytes, size_t len)
{
    arrive(t, t->line_ns + ROUND_TRIP_NS, bytes, len);
}

static void fence(struct scripted *t)
{
    if (t->fence == FENCE_AT_ONCE) {
        reply(t, FENCE_REPLY, sizeof FENCE_REPLY - 1);
    } else {
        t->late += t->fence == FENCE_LATE;
    }
}

static bool ask(void *context, char kind, const char *text)
{
    struct scripted *t = context;
    struct buf out = BUF_INIT;
    if (kind == '[' && strcmp(text, FENCE) == 0) {
        fence(t);
        return true;
    }
    bool known = replies_add(&t->options, t->vt.rows, t->vt.cols, kind, text, &out);
    if (!out.failed && !t->options.silent) {
        reply(t, buf_text(&out), out.len);
    }
    buf_release(&out);
    return known;
}

struct scripted *scripted_new(const struct scripted_options *options,
                              const struct scripted_host *host, struct error *err)
{
    struct scripted *t = calloc(1, sizeof *t);
    if (!t) {
        error_nomem(err, sizeof *t, "the terminal of a script");
        return NULL;
    }
    int bytes = options->bytes_per_second ? options->bytes_per_second : BYTES_PER_SECOND;
    t->options = *options;
    t->fence = options->silent ? FENCE_NEVER : options->fence;
    t->now_ns = t->line_ns = t->key_ns = START_NS;
    t->ns_per_byte = 1000 * MS / bytes;
    t->vt.ask = ask;
    t->vt.context = t;
    t->vt.cell_w = options->cell_w ? options->cell_w : 10;
    t->vt.cell_h = options->cell_h ? options->cell_h : 20;
    if (host) {
        t->host = *host;
    }
    scripted_pace(t, SCRIPTED_PACE_MS);
    if (!vt_resize(&t->vt, options->rows, options->cols, err)) {
        free(t);
        return NULL;
    }
    return t;
}

void scripted_free(struct scripted *t)
{
    if (t) {
        vt_release(&t->vt);
        free(t);
    }
}

/* ------------------------------------------------------------------- the host */

void scripted_type(struct scripted *t, keycode key)
{
    struct buf out = BUF_INIT;
    keyboard_add(&out, key, t->vt.coded_keys);
    t->key_ns += t->pace_ns;
    t->key_ns = t->key_ns > t->now_ns ? t->key_ns : t->now_ns;
    t->act_ns = t->key_ns + t->pace_ns / 2;
    if (!out.failed) {
        arrive(t, t->key_ns, buf_text(&out), out.len);
    }
    buf_release(&out);
}

void scripted_pace(struct scripted *t, int ms)
{
    t->pace_ns = ms * MS;
    t->act_ns = t->key_ns + t->pace_ns / 2;
}

void scripted_pause(struct scripted *t, int ms)
{
    t->key_ns = t->act_ns = t->now_ns + ms * MS;
}

void scripted_fence(struct scripted *t, enum scripted_fence when)
{
    t->fence = when;
}

void scripted_answer(struct scripted *t)
{
    t->line_ns = t->line_ns > t->now_ns ? t->line_ns : t->now_ns;
    for (; t->late > 0; t->late--) {
        reply(t, FENCE_REPLY, sizeof FENCE_REPLY - 1);
    }
    t->act_ns = t->now_ns + t->pace_ns / 2;
}

bool scripted_resize(struct scripted *t, int cols, int rows, struct error *err)
{
    if (!vt_resize(&t->vt, rows, cols, err)) {
        return false;
    }
    t->signals |= TTY_RESIZE;
    t->act_ns = t->now_ns + t->pace_ns / 2;
    return true;
}

size_t scripted_written(struct scripted *t)
{
    size_t written = t->written;
    t->written = 0;
    return written;
}

void scripted_hang_up(struct scripted *t)
{
    t->gone = true;
}

/* ----------------------------------------------------------------- the device */

static bool take_output(void *self, const void *bytes, size_t len)
{
    struct scripted *t = self;
    const unsigned char *s = bytes;
    t->written += len;
    t->line_ns = t->line_ns > t->now_ns ? t->line_ns : t->now_ns;
    for (size_t i = 0; i < len; i++) {
        t->line_ns += t->ns_per_byte;
        vt_feed(&t->vt, s[i]);
    }
    return true;
}

static bool has_arrived(const struct scripted *t)
{
    return t->arrival_count > 0 && t->arrivals[0].due_ns <= t->now_ns;
}

static int give_input(void *self, void *bytes, size_t size)
{
    struct scripted *t = self;
    struct arrival *first = &t->arrivals[0];
    if (!has_arrived(t)) {
        return t->gone ? -1 : 0;
    }
    size_t len = first->len < size ? first->len : size;
    memcpy(bytes, first->bytes, len);
    first->len -= len;
    memmove(first->bytes, first->bytes + len, first->len);
    if (!first->len) {
        memmove(first, first + 1, --t->arrival_count * sizeof *first);
    }
    return (int)len;
}

static bool is_woken(int wake, int timeout_ms)
{
    struct pollfd in = { wake, POLLIN, 0 };
    return poll(&in, 1, timeout_ms) > 0;
}

static int64_t arrival_time(const struct scripted *t)
{
    return t->arrival_count ? t->arrivals[0].due_ns : INT64_MAX;
}

static void pass_to(struct scripted *t, int64_t when_ns)
{
    t->now_ns = when_ns > t->now_ns ? when_ns : t->now_ns;
}

/* The host's turn. Returns signals for the program. */
static unsigned act(struct scripted *t)
{
    if (!t->told && t->host.may_have_news(t->host.context)) {
        t->told = true;
        return TTY_WAKE;
    }
    pass_to(t, t->act_ns);
    t->told = false;
    t->host.act(t->host.context);
    return 0;
}

/* Real time passes only where nobody types: something may come from a thread. */
static void pass_time(struct scripted *t, int timeout_ms, int64_t end_ns, int wake)
{
    if (t->host.act || !is_woken(wake, timeout_ms)) {
        pass_to(t, end_ns);
    }
}

static unsigned await(void *self, int timeout_ms, int wake, bool idle, bool *readable)
{
    struct scripted *t = self;
    int64_t end = timeout_ms < 0 ? INT64_MAX : t->now_ns + timeout_ms * MS;
    bool hosted = idle && t->host.act;
    for (;;) {
        unsigned signals = t->signals;
        t->signals = 0;
        *readable = has_arrived(t) || t->gone;
        if (signals || *readable || is_woken(wake, 0) || t->now_ns >= end) {
            return signals;
        }
        if (hosted && t->host.is_busy(t->host.context) && is_woken(wake, BUSY_MS)) {
            return 0;
        }
        int64_t arrives = arrival_time(t);
        int64_t acts = hosted ? t->act_ns : INT64_MAX;
        if (arrives < end && arrives <= acts) {
            pass_to(t, arrives);
        } else if (acts < end) {
            t->signals |= act(t);
        } else {
            pass_time(t, timeout_ms, end, wake);
        }
    }
}

static void tell_size(void *self, struct tty_size *size)
{
    const struct scripted *t = self;
    *size = (struct tty_size){ t->vt.rows, t->vt.cols, 0, 0 };
}

static int64_t tell_time(void *self)
{
    const struct scripted *t = self;
    return t->now_ns;
}

static const char *variable(const char *name)
{
    return strcmp(name, "TERM") == 0 ? "xterm-256color" : NULL;
}

const struct tty_backend scripted_backend = {
    .write = take_output,
    .read = give_input,
    .wait = await,
    .size = tell_size,
    .now_ns = tell_time,
    .variable = variable,
};
