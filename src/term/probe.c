#include "term/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define CELL_MAX 200

static const char ask_all[] = "\033[c"       /* DA1 */
                              "\033[>0q"     /* XTVERSION */
                              "\033[?2026$p" /* DECRQM: synchronised output */
                              "\033[?1;1;0S" /* XTSMGRAPHICS: colour registers */
                              "\033[48:2:1:2:3m\033P$qm\033\\\033[0m"; /* DECRQSS of SGR */
static const char ask_size[] = "\033[14t\033[16t\033[?2;1;0S\033[5n";

static void take_csi(const struct input_event *e, struct term_replies *r)
{
    const int *p = e->params;
    switch (e->final) {
    case 'c':
        if (e->prefix == '?') {
            r->da1 = true;
            for (int i = 1; i < e->count; i++) {
                r->da1_sixel |= p[i] == 4;
            }
        }
        break;
    case 't':
        if (p[0] == 4 && e->count >= 3) {
            r->window_h = p[1];
            r->window_w = p[2];
        } else if (p[0] == 6 && e->count >= 3) {
            r->cell_h = p[1];
            r->cell_w = p[2];
        }
        break;
    case 'S': /* ? item ; status ; value…, status 0: success */
        if (e->prefix == '?' && e->count >= 3 && p[1] == 0) {
            if (p[0] == 1) {
                r->registers = p[2];
            } else if (p[0] == 2 && e->count >= 4) {
                r->graphics_w = p[2];
                r->graphics_h = p[3];
            }
        }
        break;
    case 'y':
        if (e->middle == '$' && p[0] == 2026) {
            r->sync = p[1] == 1 || p[1] == 2;
        }
        break;
    case 'n':
        r->fence = true;
        r->due -= r->due > 0;
        break;
    default:
        break;
    }
}

static void take_string(const struct input_event *e, struct term_replies *r)
{
    if (strncmp(e->string, ">|", 2) == 0) {
        snprintf(r->name, sizeof r->name, "%.60s", e->string + 2);
    } else if (strncmp(e->string, "1$r", 3) == 0) {
        r->rgb = strstr(e->string, "48:2") || strstr(e->string, "48;2");
    }
}

/* Reads replies until the last fence that is due, or until the time is over.
 * Signals that come meanwhile are put back for the main loop. */
static void collect(struct tty *tty, struct input *in, int timeout_ms, struct term_replies *r)
{
    int64_t start = clock_monotonic_ns();
    unsigned seen = 0;
    while (r->due > 0 && !(seen & TTY_QUIT)) {
        int64_t left = timeout_ms - (clock_monotonic_ns() - start) / 1000000;
        bool readable = false;
        if (left <= 0) {
            break;
        }
        seen |= tty_wait(tty, (int)left, &readable);
        unsigned char bytes[512];
        int n = readable ? tty_read(tty, bytes, sizeof bytes) : 0;
        if (n < 0) {
            break;
        }
        input_feed(in, bytes, (size_t)n);
        struct input_event e;
        while (input_next_reply(in, &e)) {
            if (e.kind == INPUT_REPLY) {
                take_csi(&e, r);
            } else {
                take_string(&e, r);
            }
        }
    }
    r->round_trip_ns = clock_monotonic_ns() - start;
    tty_again(tty, seen);
}

static bool cell_ok(int w, int h)
{
    return w >= 1 && w <= CELL_MAX && h >= 1 && h <= CELL_MAX;
}

static bool try_cell(struct term_caps *caps, int w, int h, enum cell_source source)
{
    if (!cell_ok(w, h)) {
        return false;
    }
    caps->cell_w = w;
    caps->cell_h = h;
    caps->cell_source = source;
    return true;
}

/* pixels: the window's, with its border; 0: not known. */
static bool is_whole(int graphics, int cells, int pixels)
{
    return graphics % cells == 0 && (!pixels || graphics + cells > pixels);
}

void probe_cell(struct term_caps *caps, const int user[2])
{
    const struct term_replies *r = &caps->replies;
    const struct tty_size *s = &caps->size;
    if (try_cell(caps, user[0], user[1], CELL_FROM_USER)) {
        return;
    }
    /* Exact only where the geometry is that of the whole window: a terminal
     * caps it (xterm: 1000x1000), and then it is no multiple of the cells, or
     * smaller than the window by more than a border. */
    if (is_whole(r->graphics_w, s->cols, s->xpixel) &&
        is_whole(r->graphics_h, s->rows, s->ypixel) &&
        try_cell(caps, r->graphics_w / s->cols, r->graphics_h / s->rows, CELL_FROM_GRAPHICS)) {
        return;
    }
    if (try_cell(caps, r->cell_w, r->cell_h, CELL_FROM_CELL) ||
        try_cell(caps, r->window_w / s->cols, r->window_h / s->rows, CELL_FROM_WINDOW) ||
        try_cell(caps, s->xpixel / s->cols, s->ypixel / s->rows, CELL_FROM_TTY)) {
        return;
    }
    try_cell(caps, 10, 20, CELL_FROM_DEFAULT);
}

static int count_colors(const struct term_replies *r)
{
    const char *colorterm = getenv("COLORTERM");
    const char *term = getenv("TERM");
    if (r->rgb ||
        (colorterm && (strcmp(colorterm, "truecolor") == 0 || strcmp(colorterm, "24bit") == 0))) {
        return 1 << 24;
    }
    if (term && strstr(term, "256color")) {
        return 256;
    }
    return term && (strcmp(term, "dumb") == 0 || strncmp(term, "vt", 2) == 0) ? 1 : 16;
}

void probe_terminal(struct tty *tty, struct input *in, int timeout_ms, const int user_cell[2],
                    struct term_caps *caps)
{
    memset(caps, 0, sizeof *caps);
    tty_size(tty, &caps->size);
    caps->tmux = getenv("TMUX") != NULL;
    caps->replies.due = 1;
    if (tty_write(tty, ask_all, sizeof ask_all - 1) &&
        tty_write(tty, ask_size, sizeof ask_size - 1)) {
        collect(tty, in, timeout_ms, &caps->replies);
    }
    caps->late = !caps->replies.fence;
    caps->colors = count_colors(&caps->replies);
    probe_cell(caps, user_cell);
}

bool probe_late(struct term_caps *caps, const struct input_event *reply, const int user_cell[2])
{
    if (reply->kind == INPUT_STRING) {
        take_string(reply, &caps->replies);
    } else if (reply->kind == INPUT_REPLY) {
        take_csi(reply, &caps->replies);
    }
    if (!caps->late || !caps->replies.fence) {
        return false;
    }
    caps->late = false;
    caps->colors = count_colors(&caps->replies);
    probe_cell(caps, user_cell);
    return true;
}

void probe_size(struct tty *tty, struct input *in, int timeout_ms, const int user_cell[2],
                struct term_caps *caps)
{
    struct term_replies *r = &caps->replies;
    int64_t round_trip = r->round_trip_ns;
    tty_size(tty, &caps->size);
    if (r->fence && tty_write(tty, ask_size, sizeof ask_size - 1)) {
        r->graphics_w = r->graphics_h = r->cell_w = r->cell_h = r->window_w = r->window_h = 0;
        r->due++;
        collect(tty, in, timeout_ms, r);
        r->round_trip_ns = round_trip;
    }
    probe_cell(caps, user_cell);
}

const char *cell_source_text(enum cell_source source)
{
    static const char *const texts[] = {
        "set by the user",
        "XTSMGRAPHICS geometry / cells",
        "CSI 16 t",
        "CSI 14 t / cells",
        "TIOCGWINSZ pixels / cells",
        "default, as the terminal did not tell",
    };
    return texts[source];
}
