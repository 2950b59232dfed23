/* Asks the terminal for its features: see term/probe.h. */
#include "term/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "term/color.h"
#include "terminal/passthrough.h"

#define CELL_MAX 200

/* Limits of a window, in pixels: above the largest screens (7680x4320). WINDOW_TIMES_MAX:
 * the terminal may claim this many times the size that the system reports, as it counts
 * screen pixels where the system may count unscaled ones. */
#define WINDOW_SIDE_MAX 16384
#define WINDOW_PIXELS_MAX 40000000
#define WINDOW_TIMES_MAX 4

/* Queries, in the order in which they are sent. tmux and screen read an APC as a title, so
 * kitty's query goes to terminals only. */
#define ASK_KITTY "\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\\"
#define ASK_ITERM2 "\033]1337;ReportCellSize\a"
#define ASK_BACKGROUND "\033]11;?\a"
#define ASK_DA1 "\033[c"
#define ASK_NAME "\033[>0q"                             /* XTVERSION */
#define ASK_KEYBOARD "\033[?u"                          /* kitty's keyboard protocol */
#define ASK_SYNC "\033[?2026$p"                         /* DECRQM: synchronised output */
#define ASK_REGISTERS "\033[?1;1;0S"                    /* XTSMGRAPHICS: colour registers */
#define ASK_GEOMETRY "\033[?2;1;0S"                     /* XTSMGRAPHICS: largest picture */
#define ASK_RGB "\033[48:2:1:2:3m\033P$qm\033\\\033[0m" /* DECRQSS of SGR */
#define ASK_WINDOW "\033[14t"
#define ASK_CELL "\033[16t"
#define ASK_FENCE "\033[5n"

static const char ask_graphics[] = ASK_KITTY ASK_ITERM2 ASK_BACKGROUND;
static const char ask_all[] = ASK_DA1 ASK_NAME ASK_KEYBOARD ASK_SYNC ASK_REGISTERS ASK_RGB;
static const char ask_size[] = ASK_WINDOW ASK_CELL ASK_GEOMETRY ASK_FENCE;
/* Sent through tmux to the outer terminal. Replies to CSI 5 n may still be due for
 * pictures, so DA1 serves as the fence. */
static const char ask_outer[] =
    ASK_KITTY ASK_ITERM2 ASK_BACKGROUND ASK_NAME ASK_REGISTERS ASK_GEOMETRY ASK_DA1;
static const char ask_outer_size[] = ASK_GEOMETRY ASK_DA1;

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
    case 'u':
        r->keyboard |= e->prefix == '?';
        break;
    case 'n':
        r->fence = true;
        r->due -= r->due > 0;
        break;
    default:
        break;
    }
}

/* Parses "rgb:R/G/B" or "rgba:…" with one to four hexadecimal digits per channel. */
static bool parse_color(const char *text, int32_t *rgb)
{
    int32_t color = 0;
    text += strncmp(text, "rgba:", 5) == 0 ? 5 : strncmp(text, "rgb:", 4) == 0 ? 4 : strlen(text);
    for (int i = 0; i < 3; i++) {
        size_t digits = strspn(text, "0123456789abcdefABCDEF");
        if (digits < 1 || digits > 4 || (i < 2 && text[digits] != '/')) {
            return false;
        }
        unsigned long most = (1ul << (4 * digits)) - 1;
        color = color << 8 | (int32_t)((strtoul(text, NULL, 16) * 255 + most / 2) / most);
        text += digits + (i < 2);
    }
    *rgb = color;
    return true;
}

static void take_string(const struct input_event *e, struct term_replies *r)
{
    const char *text = e->string;
    if (e->final == 'P' && strncmp(text, ">|", 2) == 0) {
        snprintf(r->name, sizeof r->name, "%.60s", text + 2);
    } else if (e->final == 'P' && strncmp(text, "1$r", 3) == 0) {
        r->rgb = strstr(text, "48:2") || strstr(text, "48;2");
    } else if (e->final == '_' && strncmp(text, "Gi=31;", 6) == 0) {
        r->kitty = strcmp(text + 6, "OK") == 0;
    } else if (e->final == ']' && strncmp(text, "1337;ReportCellSize=", 20) == 0) {
        r->iterm2 = true;
    } else if (e->final == ']' && strncmp(text, "11;", 3) == 0) {
        r->background_told |= parse_color(text + 3, &r->background);
    }
}

static void take(const struct input_event *e, struct term_replies *r)
{
    if (e->kind == INPUT_STRING) {
        take_string(e, r);
    } else if (e->kind == INPUT_REPLY) {
        take_csi(e, r);
    }
}

bool probe_outer(struct term_caps *caps, const struct input_event *reply)
{
    struct term_replies *r = &caps->outer;
    if (!caps->outer_due || (reply->kind == INPUT_REPLY && reply->final == 'n')) {
        return false;
    }
    take(reply, r);
    bool last = reply->kind == INPUT_REPLY && reply->final == 'c' && reply->prefix == '?';
    caps->outer_due = !last;
    return last;
}

/* Takes a reply of the terminal, of tmux or of the outer terminal. tmux answers its whole
 * batch up to the fence; later replies and a second DA1 come from the outer terminal. If
 * the name is not tmux's, this is a terminal that was started inside tmux and inherited
 * $TMUX. */
static void take_reply(struct term_caps *caps, const struct input_event *e)
{
    bool fence = e->kind == INPUT_REPLY && e->final == 'n';
    bool second = e->kind == INPUT_REPLY && e->final == 'c' && caps->replies.da1;
    if (caps->outer_due && !fence && (second || !caps->replies.due)) {
        probe_outer(caps, e);
        return;
    }
    take(e, &caps->replies);
    const char *name = caps->replies.name;
    if (caps->tmux && name[0] && strncmp(name, "tmux", 4) != 0) {
        caps->tmux = caps->outer_due = false;
        memset(&caps->around, 0, sizeof caps->around);
    }
}

/* Reads replies until the last fence that is due, or until the time-out. Signals that come
 * meanwhile are put back for the main loop. */
static void collect(struct tty *tty, struct input *in, int timeout_ms, struct term_caps *caps)
{
    struct term_replies *r = &caps->replies;
    int64_t start = tty_now_ns(tty);
    unsigned seen = 0;
    input_link(in, -1, true);
    while ((r->due > 0 || caps->outer_due) && !(seen & (TTY_QUIT | TTY_INTERRUPT))) {
        int64_t left = timeout_ms - (tty_now_ns(tty) - start) / 1000000;
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
        input_time(in, tty_now_ns(tty));
        input_feed(in, bytes, (size_t)n);
        struct input_event e;
        while (input_next_reply(in, &e)) {
            take_reply(caps, &e);
        }
    }
    r->round_trip_ns = tty_now_ns(tty) - start;
    tty_again(tty, seen);
}

static bool cell_ok(int w, int h)
{
    return w >= 1 && w <= CELL_MAX && h >= 1 && h <= CELL_MAX;
}

/* True when a claimed length is at most `times` what the system reports (0: unknown). */
static bool within(int64_t claimed, unsigned system, int times)
{
    return system == 0 || claimed <= (int64_t)system * times;
}

/* True when cells of this size make a window of a plausible size. The size determines how
 * much memory a picture takes. */
static bool window_ok(const struct tty_size *s, int w, int h)
{
    int64_t across = (int64_t)w * s->cols, down = (int64_t)h * s->rows;
    return across <= WINDOW_SIDE_MAX && down <= WINDOW_SIDE_MAX &&
           across * down <= WINDOW_PIXELS_MAX && within(across, s->xpixel, WINDOW_TIMES_MAX) &&
           within(down, s->ypixel, WINDOW_TIMES_MAX);
}

static bool try_cell(struct term_caps *caps, int w, int h, enum cell_source source)
{
    if (!cell_ok(w, h) || (source != CELL_FROM_USER && !window_ok(&caps->size, w, h))) {
        return false;
    }
    caps->cell_w = w;
    caps->cell_h = h;
    caps->cell_source = source;
    return true;
}

/* True when a length of the graphics geometry covers the whole window. pixels: length of
 * the window with its border; 0: not known. */
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
    /* Exact only if the geometry covers the whole window: a terminal may cap it (xterm:
     * 1000x1000), and then it is no multiple of the cells, or smaller than the window by
     * more than a border. */
    if (is_whole(r->graphics_w, s->cols, s->xpixel) &&
        is_whole(r->graphics_h, s->rows, s->ypixel) &&
        try_cell(caps, r->graphics_w / s->cols, r->graphics_h / s->rows, CELL_FROM_GRAPHICS)) {
        return;
    }
    const struct term_replies *o = &caps->outer;
    int cols = caps->around.client_cols, rows = caps->around.client_rows;
    if (cols && rows && is_whole(o->graphics_w, cols, s->xpixel / s->cols * cols) &&
        is_whole(o->graphics_h, rows, s->ypixel / s->rows * rows) &&
        try_cell(caps, o->graphics_w / cols, o->graphics_h / rows, CELL_FROM_GRAPHICS)) {
        return;
    }
    if (try_cell(caps, r->cell_w, r->cell_h, CELL_FROM_CELL) ||
        try_cell(caps, r->window_w / s->cols, r->window_h / s->rows, CELL_FROM_WINDOW) ||
        try_cell(caps, s->xpixel / s->cols, s->ypixel / s->rows, CELL_FROM_TTY)) {
        return;
    }
    try_cell(caps, 10, 20, CELL_FROM_DEFAULT);
}

static int count_colors(const struct term_caps *caps)
{
    const char *colorterm = tty_variable(caps->backend, "COLORTERM");
    const char *term = tty_variable(caps->backend, "TERM");
    /* tmux always accepts 24-bit colours and maps them to the outer terminal's. */
    if (caps->replies.rgb || strstr(caps->around.features, "RGB") ||
        (colorterm && (strcmp(colorterm, "truecolor") == 0 || strcmp(colorterm, "24bit") == 0))) {
        return 1 << 24;
    }
    if (term && strstr(term, "256color")) {
        return 256;
    }
    return term && (strcmp(term, "dumb") == 0 || strncmp(term, "vt", 2) == 0) ? 1 : 16;
}

/* True when the outer terminal can be asked: its replies arrive only in the pane that has
 * the focus. */
static bool reaches_outer(const struct term_caps *caps)
{
    return caps->tmux && caps->around.passthrough && caps->around.keys;
}

static void add_outer(struct buf *out, struct term_caps *caps, const char *questions)
{
    if (reaches_outer(caps)) {
        passthrough_add(out, questions, strlen(questions));
        caps->outer_due = true;
    }
}

bool probe_ask_outer(struct tty *tty, struct term_caps *caps)
{
    struct buf out = BUF_INIT;
    if (!caps->outer_due && !caps->outer.da1) {
        add_outer(&out, caps, ask_outer);
    }
    bool asked = out.len && !out.failed && tty_write(tty, out.data, out.len);
    buf_release(&out);
    return asked;
}

/* True inside a multiplexer without $TMUX: tmux on the other side of ssh, or GNU screen. */
static bool is_multiplexer(const struct term_caps *caps)
{
    const char *term = tty_variable(caps->backend, "TERM");
    return term && (strncmp(term, "screen", 6) == 0 || strncmp(term, "tmux", 4) == 0);
}

void probe_terminal(struct tty *tty, struct input *in, int timeout_ms, const int user_cell[2],
                    struct term_caps *caps)
{
    struct buf out = BUF_INIT;
    int64_t start = tty_now_ns(tty);
    memset(caps, 0, sizeof *caps);
    tty_size(tty, &caps->size);
    caps->backend = tty->backend;
    caps->tmux = tty_variable(caps->backend, "TMUX") != NULL;
    if (caps->tmux) {
        tmux_ask(timeout_ms / 2, &caps->around);
        buf_adds(&out, ASK_BACKGROUND);
    } else if (!is_multiplexer(caps)) {
        buf_adds(&out, ask_graphics);
    }
    buf_adds(&out, ask_all);
    buf_adds(&out, ask_size);
    add_outer(&out, caps, ask_outer);
    caps->replies.due = 1;
    if (!out.failed && tty_write(tty, out.data, out.len)) {
        collect(tty, in, timeout_ms - (int)((tty_now_ns(tty) - start) / 1000000), caps);
    }
    buf_release(&out);
    caps->late = !caps->replies.fence;
    caps->colors = count_colors(caps);
    probe_cell(caps, user_cell);
}

bool probe_late(struct term_caps *caps, const struct input_event *reply, const int user_cell[2])
{
    if (reply->kind != INPUT_KEY) {
        take_reply(caps, reply);
    }
    if (!caps->late || !caps->replies.fence) {
        return false;
    }
    caps->late = false;
    caps->colors = count_colors(caps);
    probe_cell(caps, user_cell);
    return true;
}

void probe_rest(struct tty *tty, struct input *in, int timeout_ms, const int user_cell[2],
                struct term_caps *caps)
{
    struct term_replies *r = &caps->replies;
    int64_t waited_ns = r->round_trip_ns;
    if (r->due <= 0 && !caps->outer_due) {
        return;
    }
    collect(tty, in, timeout_ms, caps);
    r->round_trip_ns += waited_ns;
    if (caps->late && r->fence) {
        caps->late = false;
        caps->colors = count_colors(caps);
        probe_cell(caps, user_cell);
    }
}

void probe_size(struct tty *tty, struct input *in, int timeout_ms, const int user_cell[2],
                struct term_caps *caps)
{
    struct term_replies *r = &caps->replies;
    struct buf out = BUF_INIT;
    int64_t round_trip = r->round_trip_ns;
    tty_size(tty, &caps->size);
    if (caps->tmux) {
        tmux_ask(timeout_ms / 2, &caps->around);
    }
    if (r->fence) {
        buf_adds(&out, ask_size);
        add_outer(&out, caps, caps->outer.da1 ? ask_outer_size : ask_outer);
        r->graphics_w = r->graphics_h = r->cell_w = r->cell_h = r->window_w = r->window_h = 0;
        r->due++;
        if (!out.failed && tty_write(tty, out.data, out.len)) {
            collect(tty, in, timeout_ms, caps);
        }
        r->round_trip_ns = round_trip;
    }
    buf_release(&out);
    probe_cell(caps, user_cell);
}

const struct term_replies *probe_display(const struct term_caps *caps, bool outer)
{
    return outer && caps->outer.da1 ? &caps->outer : &caps->replies;
}

bool probe_is_kept(const struct term_caps *caps)
{
    return caps->tmux && caps->around.known && !caps->around.passthrough &&
           !caps->replies.da1_sixel;
}

bool probe_background(const struct term_caps *caps, int32_t *rgb)
{
    const struct term_replies *r =
        caps->tmux && caps->outer.background_told ? &caps->outer : &caps->replies;
    *rgb = r->background;
    return r->background_told;
}

/* COLORFGBG of rxvt and others, "15;0" or "15;default;0": the last number is the index of
 * the background in 16 colours. */
static bool is_light_by_environment(const struct term_caps *caps)
{
    const char *value = tty_variable(caps->backend, "COLORFGBG");
    const char *last = value ? strrchr(value, ';') : NULL;
    int color = last && last[1] ? atoi(last + 1) : 0;
    return color == 7 || (color >= 9 && color <= 15);
}

bool probe_is_light(const struct term_caps *caps)
{
    int32_t rgb;
    return probe_background(caps, &rgb) ? color_is_light(rgb) : is_light_by_environment(caps);
}

const char *probe_name(const struct term_caps *caps)
{
    if (!caps->tmux) {
        return caps->replies.name;
    }
    return caps->outer.name[0] ? caps->outer.name : caps->around.type;
}

const char *cell_source_text(enum cell_source source)
{
    static const char *const texts[] = {
        "set by the user",  "XTSMGRAPHICS geometry / cells", "CSI 16 t",
        "CSI 14 t / cells", "TIOCGWINSZ pixels / cells",     "default: the terminal did not say",
    };
    return texts[source];
}
