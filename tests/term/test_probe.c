#include "term/probe.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "scratch.h"
#include "term/link.h"

/* A query and what the terminal answers to it; NULL: nothing. */
struct answer {
    const char *query, *reply;
};

#define KITTY "\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\\"
#define ITERM2 "\033]1337;ReportCellSize\a"
#define BACKGROUND "\033]11;?\a"
#define DA1 "\033[c"
#define VERSION "\033[>0q"
#define SYNC "\033[?2026$p"
#define REGISTERS "\033[?1;1;0S"
#define SGR "\033P$qm\033\\"
#define WINDOW "\033[14t"
#define CELL "\033[16t"
#define GEOMETRY "\033[?2;1;0S"
#define FENCE "\033[5n"
#define ANSWERS_MAX 12

struct terminal {
    const char *name;
    struct winsize size;
    struct answer answers[ANSWERS_MAX];

    /* What is to be known of it afterwards. */
    bool fence, sixel, sync, rgb, kitty, iterm2;
    int registers;
    int cell_w, cell_h;
    enum cell_source source;
};

static const struct terminal terminals[] = {
    { .name = "xterm",
      .size = { 24, 80, 80 * 6 + 2, 24 * 13 + 2 },
      .answers = { { DA1, "\033[?64;1;2;6;9;15;16;17;18;21;22;28c" },
                   { VERSION, "\033P>|XTerm(379)\033\\" },
                   { SYNC, "\033[?2026;0$y" },
                   { REGISTERS, "\033[?1;3;0S" },
                   { SGR, "\033P1$r0m\033\\" },
                   { GEOMETRY, "\033[?2;3;0S" },
                   { FENCE, "\033[0n" } },
      .fence = true,
      .cell_w = 6,
      .cell_h = 13,
      .source = CELL_FROM_TTY },
    { .name = "xterm -ti vt340",
      .size = { 40, 120, 120 * 6 + 2, 40 * 13 + 2 },
      .answers = { { DA1, "\033[?63;1;2;4;6;9;15;16;22c" },
                   { VERSION, "\033P>|XTerm(379)\033\\" },
                   { SYNC, "\033[?2026;0$y" },
                   { REGISTERS, "\033[?1;0;1024S" },
                   { SGR, "\033P1$r0;48:2::1:2:3m\033\\" },
                   { GEOMETRY, "\033[?2;0;720;520S" },
                   { FENCE, "\033[0n" } },
      .fence = true,
      .sixel = true,
      .rgb = true,
      .registers = 1024,
      .cell_w = 6,
      .cell_h = 13,
      .source = CELL_FROM_GRAPHICS },
    { .name = "xterm, a window larger than its limit for pictures",
      .size = { 50, 100, 100 * 12 + 2, 50 * 25 + 2 },
      .answers = { { DA1, "\033[?63;4c" },
                   { GEOMETRY, "\033[?2;0;1000;1000S" },
                   { FENCE, "\033[0n" } },
      .fence = true,
      .sixel = true,
      .cell_w = 12,
      .cell_h = 25,
      .source = CELL_FROM_TTY },
    { .name = "mlterm",
      .size = { 24, 80, 80 * 8, 24 * 16 },
      .answers = { { DA1, "\033[?63;1;2;3;4;6;7;15;18;22;29c" },
                   { VERSION, "\033P>|mlterm(3.9.0)\033\\" },
                   { REGISTERS, "\033[?1;0;1024S" },
                   { WINDOW, "\033[4;384;640t" },
                   { CELL, "\033[6;16;8t" },
                   { GEOMETRY, "\033[?1;3;0S" }, /* not what it was asked */
                   { FENCE, "\033[0n" } },
      .fence = true,
      .sixel = true,
      .registers = 1024,
      .cell_w = 8,
      .cell_h = 16,
      .source = CELL_FROM_CELL },
    { .name = "foot",
      .size = { 24, 80, 0, 0 },
      .answers = { { DA1, "\033[?62;4;22c" },
                   { VERSION, "\033P>|foot(1.13.1)\033\\" },
                   { SYNC, "\033[?2026;2$y" },
                   { REGISTERS, "\033[?1;0;1024S" },
                   { SGR, "\033P1$r0;48:2::1:2:3m\033\\" },
                   { WINDOW, "\033[4;432;720t" },
                   { CELL, "\033[6;18;9t" },
                   { GEOMETRY, "\033[?2;0;720;432S" },
                   { FENCE, "\033[0n" } },
      .fence = true,
      .sixel = true,
      .sync = true,
      .rgb = true,
      .registers = 1024,
      .cell_w = 9,
      .cell_h = 18,
      .source = CELL_FROM_GRAPHICS },
    { .name = "tmux 3.3a",
      .size = { 24, 80, 80 * 7, 24 * 14 },
      .answers = { { DA1, "\033[?1;2c" },
                   { VERSION, "\033P>|tmux 3.3a\033\\" },
                   { SGR, "\033P0$r\033\\" },
                   { FENCE, "\033[0n" } },
      .fence = true,
      .cell_w = 7,
      .cell_h = 14,
      .source = CELL_FROM_TTY },
    { .name = "kitty",
      .size = { 24, 80, 800, 480 },
      .answers = { { KITTY, "\033_Gi=31;OK\033\\" },
                   { DA1, "\033[?62;c" },
                   { VERSION, "\033P>|kitty(0.32.0)\033\\" },
                   { SYNC, "\033[?2026;2$y" },
                   { SGR, "\033P1$r0;48:2:1:2:3m\033\\" },
                   { CELL, "\033[6;20;10t" },
                   { FENCE, "\033[0n" } },
      .fence = true,
      .sync = true,
      .rgb = true,
      .kitty = true,
      .cell_w = 10,
      .cell_h = 20,
      .source = CELL_FROM_CELL },
    { .name = "one that knows kitty's protocol and refuses",
      .size = { 24, 80, 800, 480 },
      .answers = { { KITTY, "\033_Gi=31;ENOTSUPPORTED:no\033\\" }, { FENCE, "\033[0n" } },
      .fence = true,
      .cell_w = 10,
      .cell_h = 20,
      .source = CELL_FROM_TTY },
    { .name = "iTerm2",
      .size = { 24, 80, 0, 0 },
      .answers = { { ITERM2, "\033]1337;ReportCellSize=17.0;8.0;2.0\033\\" },
                   { DA1, "\033[?62;4c" },
                   { VERSION, "\033P>|iTerm2 3.4.19\033\\" },
                   { CELL, "\033[6;34;16t" },
                   { FENCE, "\033[0n" } },
      .fence = true,
      .sixel = true,
      .iterm2 = true,
      .cell_w = 16,
      .cell_h = 34,
      .source = CELL_FROM_CELL },
    { .name = "one that tells only its window",
      .size = { 20, 50, 0, 0 },
      .answers = { { DA1, "\033[?1;2c" }, { WINDOW, "\033[4;409;559t" }, { FENCE, "\033[0n" } },
      .fence = true,
      .cell_w = 11,
      .cell_h = 20,
      .source = CELL_FROM_WINDOW },
    { .name = "one that only says that it is well",
      .size = { 24, 80, 0, 0 },
      .answers = { { FENCE, "\033[0n" } },
      .fence = true,
      .cell_w = 10,
      .cell_h = 20,
      .source = CELL_FROM_DEFAULT },
    { .name = "one with hostile numbers",
      .size = { 24, 80, 65535, 65535 },
      .answers = { { DA1, "\033[?4294967300;44;14;999999999999999999999;"
                          ";;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;4c" },
                   { REGISTERS, "\033[?1;0;99999999999999999999S" },
                   { WINDOW, "\033[4;999999999;0t" },
                   { CELL, "\033[6;0;99999999999t" },
                   { GEOMETRY, "\033[?2;0;999999999;999999999S" },
                   { FENCE, "\033[0n" } },
      .fence = true,
      .registers = 999999,
      .cell_w = 10,
      .cell_h = 20,
      .source = CELL_FROM_DEFAULT },
};

/* The other end of the pty. */
struct player {
    const struct terminal *terminal;
    int master, quit;  /* the read end of a pipe: closed by the test */
    const char *typed; /* keys pressed meanwhile, sent before the first reply */
    bool bytewise;     /* replies leave byte by byte */
};

static void send_text(const struct player *p, const char *text)
{
    size_t step = p->bytewise ? 1 : strlen(text);

    for (size_t len = strlen(text), at = 0; at < len; at += step) {
        if (write(p->master, text + at, step) != (ssize_t)step) {
            return;
        }
    }
}

enum { QUERY_MOST = 256 };

static void *play(void *context)
{
    struct player *p = context;
    char got[32768];
    size_t len = 0, at = 0;
    struct pollfd fds[2] = { { p->master, POLLIN, 0 }, { p->quit, POLLIN, 0 } };
    const char *typed = p->typed;

    while (poll(fds, 2, -1) > 0 && !fds[1].revents) {
        ssize_t n = read(p->master, got + len, sizeof got - 1 - len);
        if (n <= 0) {
            break;
        }
        len += (size_t)n;
        got[len] = '\0';
        if (typed) {
            send_text(p, typed);
            typed = NULL;
        }
        for (; at < len; at++) { /* answers in the order of the questions */
            for (size_t i = 0; i < ANSWERS_MAX && p->terminal->answers[i].query; i++) {
                const struct answer *a = &p->terminal->answers[i];
                size_t need = strlen(a->query);
                bool through = at + 1 > need && got[at - need] == '\033'; /* doubled */
                if (at + 1 >= need && !through &&
                    memcmp(got + at + 1 - need, a->query, need) == 0) {
                    send_text(p, a->reply);
                }
            }
        }
        if (len > sizeof got / 2) { /* what tries a link is long: only its end may go on */
            memmove(got, got + len - QUERY_MOST, QUERY_MOST);
            at = len = QUERY_MOST;
        }
    }
    return NULL;
}

struct stage {
    struct tty tty;
    struct input in;
    struct player player;
    pthread_t thread;
    int quit_pipe[2], slave;
};

static void stage_open(struct stage *s, const struct terminal *terminal, const char *typed,
                       bool bytewise)
{
    memset(s, 0, sizeof *s);
    struct winsize size = terminal->size;
    assert_int_equal(openpty(&s->player.master, &s->slave, NULL, NULL, &size), 0);
    assert_true(tty_open_none(&s->tty, NULL));
    char *name = ttyname(s->slave);
    assert_non_null(name);
    s->tty.fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    s->tty.raw = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    assert_int_equal(tcgetattr(s->tty.fd, &s->tty.saved), 0);
    assert_true(tty_cbreak(&s->tty, NULL));
    input_init(&s->in);
    assert_int_equal(pipe(s->quit_pipe), 0);
    s->player.terminal = terminal;
    s->player.quit = s->quit_pipe[0];
    s->player.typed = typed;
    s->player.bytewise = bytewise;
    assert_int_equal(pthread_create(&s->thread, NULL, play, &s->player), 0);
}

static void stage_close(struct stage *s)
{
    close(s->quit_pipe[1]);
    pthread_join(s->thread, NULL);
    close(s->quit_pipe[0]);
    tty_close(&s->tty);
    close(s->slave);
    close(s->player.master);
}

static const int ask[2] = { 0, 0 };

static int set_environment(void **state)
{
    (void)state;
    unsetenv("TMUX");
    unsetenv("COLORTERM");
    setenv("TERM", "xterm-256color", 1);
    return 0;
}

static void tell(char *out, size_t size, const char *name, const bool *flags, const int *numbers)
{
    snprintf(out, size,
             "%s: fence %d sixel %d sync %d rgb %d kitty %d iterm2 %d registers %d, %dx%d of %dx%d "
             "from %d",
             name, flags[0], flags[1], flags[2], flags[3], flags[4], flags[5], numbers[0],
             numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
}

static void check(const struct terminal *t, bool bytewise)
{
    struct stage s;
    struct term_caps caps;

    stage_open(&s, t, NULL, bytewise);
    probe_terminal(&s.tty, &s.in, 10000, ask, &caps);
    stage_close(&s);
    char got[256], want[256];
    const struct term_replies *r = &caps.replies;
    tell(got, sizeof got, t->name,
         (const bool[]){ r->fence, r->da1_sixel, r->sync, r->rgb, r->kitty, r->iterm2 },
         (const int[]){ r->registers, caps.size.cols, caps.size.rows, caps.cell_w, caps.cell_h,
                        (int)caps.cell_source });
    tell(want, sizeof want, t->name,
         (const bool[]){ t->fence, t->sixel, t->sync, t->rgb, t->kitty, t->iterm2 },
         (const int[]){ t->registers, t->size.ws_col, t->size.ws_row, t->cell_w, t->cell_h,
                        (int)t->source });
    assert_string_equal(got, want);
    assert_int_equal(caps.colors, t->rgb ? 1 << 24 : 256);
}

/* ------------------------------------------------------------------- tmux */
/* As tmux 3.3a: answers for itself, and passes on what the terminal around it says
 * to what came through. */
#define THROUGH                                                                                    \
    "\033Ptmux;\033\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\033\\"                                 \
    "\033\033]1337;ReportCellSize\a\033\033]11;?\a\033\033[>0q\033\033[?1;1;0S\033\033[?2;1;0S"    \
    "\033\033[c\033\\"
#define TMUX_ANSWERS                                                                               \
    { DA1, "\033[?1;2c" }, { VERSION, "\033P>|tmux 3.3a\033\\" },                                  \
    {                                                                                              \
        FENCE, "\033[0n"                                                                           \
    }
#define XTERM_ANSWERS                                                                              \
    "\033P>|XTerm(379)\033\\\033[?1;0;1024S\033[?2;0;720;520S\033[?63;1;2;4;6;9;15;16;22;28c"

static const struct terminal in_tmux = {
    .name = "xterm around tmux",
    .size = { 39, 120, 720, 507 },
    .answers = { TMUX_ANSWERS, { THROUGH, XTERM_ANSWERS } },
};

/* A tmux in the PATH that says this of the pane. */
static char *play_tmux(const char *passthrough, const char *active)
{
    char *folder = scratch_new();
    char *path = scratch_path(folder, "tmux");
    char text[4096];
    snprintf(text, sizeof text,
             "#!/bin/sh\necho 'P|3.3a|%s|@1|%%2|%s|0|0|0|0|120|39'\n"
             "echo 'C|@1|0|on|bottom|120|40|||6|13|xterm-256color|256,RGB|XTerm(379)'\n",
             passthrough, active);
    scratch_write(path, text, strlen(text));
    assert_int_equal(chmod(path, 0700), 0);
    free(path);
    setenv("TMUX", "/tmp/tmux-0/default,1,0", 1);
    setenv("TMUX_PANE", "%2", 1);
    setenv("PATH", folder, 1);
    return folder;
}

static void stop_tmux(char *folder, const char *path)
{
    scratch_remove(folder);
    setenv("PATH", path, 1);
    unsetenv("TMUX");
    unsetenv("TMUX_PANE");
}

static void test_tmux(void **state)
{
    static const struct {
        const char *passthrough, *active;
        const struct terminal *terminal;
        bool tmux, asked, kept;
    } cases[] = {
        { "1", "1", &in_tmux, true, true, false },
        { "0", "1", &in_tmux, true, false, true },
        { "1", "0", &in_tmux, true, false, false },       /* replies would go to another pane */
        { "1", "1", &terminals[1], false, false, false }, /* an xterm started inside */
    };
    char *path = strdup(getenv("PATH"));
    (void)state;
    assert_non_null(path);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (int bytewise = 0; bytewise < 2; bytewise++) {
            struct stage s;
            struct term_caps caps;
            struct input_event e;
            char *folder = play_tmux(cases[i].passthrough, cases[i].active);
            stage_open(&s, cases[i].terminal, "1", bytewise);
            probe_terminal(&s.tty, &s.in, 10000, ask, &caps);
            stop_tmux(folder, path);
            assert_true(input_next(&s.in, &e) && e.key == '1');
            assert_false(input_next(&s.in, &e)); /* no reply became a key */
            stage_close(&s);
            assert_true(caps.replies.fence);
            assert_false(caps.outer_due);
            assert_int_equal(caps.tmux, cases[i].tmux);
            assert_int_equal(caps.outer.da1_sixel, cases[i].asked);
            assert_int_equal(probe_is_kept(&caps), cases[i].kept);
            assert_int_equal(caps.replies.da1_sixel, !cases[i].tmux);
            assert_string_equal(probe_name(&caps), "XTerm(379)");
            assert_int_equal(probe_display(&caps, true)->registers,
                             cases[i].asked || !cases[i].tmux ? 1024 : 0);
            assert_int_equal(caps.cell_w, 6);
            assert_int_equal(caps.cell_h, 13);
            assert_int_equal(caps.colors, 1 << 24);
        }
    }
    free(path);
}

/* A terminal that answers through tmux when nobody waits any more. */
static void test_late_outer(void **state)
{
    static const struct terminal slow = { .name = "slow",
                                          .size = { 39, 120, 720, 507 },
                                          .answers = { TMUX_ANSWERS } };
    char *path = strdup(getenv("PATH"));
    char *folder = play_tmux("1", "1");
    struct stage s;
    struct term_caps caps;
    struct input_event e;
    int fences = 0, last = 0;
    (void)state;
    assert_non_null(path);
    stage_open(&s, &slow, NULL, false);
    probe_terminal(&s.tty, &s.in, 1000, ask, &caps);
    stage_close(&s);
    stop_tmux(folder, path);
    free(path);
    assert_true(caps.replies.fence);
    assert_true(caps.outer_due);
    assert_false(caps.late);
    input_init(&s.in); /* among them the fence of a picture */
    input_feed(&s.in, "\033[0n" XTERM_ANSWERS, sizeof "\033[0n" XTERM_ANSWERS - 1);
    while (input_next(&s.in, &e)) {
        assert_true(e.kind != INPUT_KEY);
        fences += e.kind == INPUT_REPLY && e.final == 'n';
        last += probe_outer(&caps, &e);
    }
    assert_int_equal(fences, 1);
    assert_int_equal(last, 1);
    assert_false(caps.outer_due);
    assert_true(caps.outer.da1_sixel);
    assert_false(caps.replies.da1_sixel);
}

/* A terminal that answers is measured; one that does not is not waited for. */
static void test_link(void **state)
{
    static const struct terminal silent = { .name = "silent", .size = { 24, 80, 0, 0 } };
    struct stage s;
    struct term_caps caps;
    struct link link;

    (void)state;
    stage_open(&s, &terminals[1], NULL, false);
    probe_terminal(&s.tty, &s.in, 10000, ask, &caps);
    int64_t round_trip = caps.replies.round_trip_ns;
    link_init(&link, round_trip, true);
    probe_link(&s.tty, &s.in, &caps, false, &link);
    stage_close(&s);
    assert_int_equal(caps.replies.due, 0);
    assert_true(caps.replies.round_trip_ns == round_trip);
    assert_false(link.doubt);
    assert_true(link.round_trip_ns > 0);
    assert_true(link_speed(&link) > 0.0);

    stage_open(&s, &silent, NULL, false);
    probe_terminal(&s.tty, &s.in, 50, ask, &caps);
    link_init(&link, -1, true);
    probe_link(&s.tty, &s.in, &caps, false, &link);
    stage_close(&s);
    assert_true(link.round_trip_ns < 0);
    assert_true(link_speed(&link) == 0.0);
}

static void test_terminals(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(terminals); i++) {
        check(&terminals[i], false);
    }
}

static void test_replies_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(terminals); i++) {
        check(&terminals[i], true);
    }
}

static void test_names(void **state)
{
    struct stage s;
    struct term_caps caps;

    (void)state;
    stage_open(&s, &terminals[0], NULL, false);
    probe_terminal(&s.tty, &s.in, 10000, ask, &caps);
    stage_close(&s);
    assert_string_equal(caps.replies.name, "XTerm(379)");
}

/* A terminal that says nothing costs the time given and no more. */
static void test_silent_terminal(void **state)
{
    static const struct terminal silent = { .name = "silent", .size = { 24, 80, 0, 0 } };
    struct stage s;
    struct term_caps caps;

    (void)state;
    stage_open(&s, &silent, NULL, false);
    int64_t start = clock_monotonic_ns();
    probe_terminal(&s.tty, &s.in, 60, ask, &caps);
    int64_t took = clock_monotonic_ns() - start;
    assert_false(caps.replies.fence);
    assert_false(caps.replies.da1);
    assert_int_equal(caps.cell_source, CELL_FROM_DEFAULT);
    assert_true(took >= 50 * 1000000LL);
    assert_true(took < 5000 * 1000000LL);

    /* It is not asked again, so that a resize costs nothing. */
    start = clock_monotonic_ns();
    probe_size(&s.tty, &s.in, 60000, ask, &caps);
    assert_true(clock_monotonic_ns() - start < 5000 * 1000000LL);
    stage_close(&s);
}

/* One that goes on and on without ever answering the fence. */
static void test_endless_chatter(void **state)
{
    static const struct terminal chatter = { .name = "chatter",
                                             .size = { 24, 80, 0, 0 },
                                             .answers = { { FENCE, "\033[1;1;1;1;1;1;" } } };
    struct stage s;
    struct term_caps caps;

    (void)state;
    stage_open(&s, &chatter, "\033P", true);
    int64_t start = clock_monotonic_ns();
    probe_terminal(&s.tty, &s.in, 60, ask, &caps);
    assert_true(clock_monotonic_ns() - start < 5000 * 1000000LL);
    assert_false(caps.replies.fence);
    stage_close(&s);
}

static void test_closed_terminal(void **state)
{
    struct stage s;
    struct term_caps caps;

    (void)state;
    stage_open(&s, &terminals[0], NULL, false);
    close(s.quit_pipe[1]);
    pthread_join(s.thread, NULL);
    close(s.player.master);
    int64_t start = clock_monotonic_ns();
    probe_terminal(&s.tty, &s.in, 60000, ask, &caps);
    assert_true(clock_monotonic_ns() - start < 5000 * 1000000LL);
    assert_int_equal(caps.cell_source, CELL_FROM_DEFAULT);
    close(s.quit_pipe[0]);
    tty_close(&s.tty);
    close(s.slave);
}

static void test_keys_pressed_meanwhile(void **state)
{
    struct stage s;
    struct term_caps caps;
    struct input_event e;

    (void)state;
    stage_open(&s, &terminals[1], "12\033[A", false);
    probe_terminal(&s.tty, &s.in, 10000, ask, &caps);
    assert_true(caps.replies.fence);
    assert_true(input_next(&s.in, &e) && e.key == '1');
    assert_true(input_next(&s.in, &e) && e.key == '2');
    assert_true(input_next(&s.in, &e) && e.key == KEYCODE_UP);
    assert_false(input_next(&s.in, &e));
    stage_close(&s);
}

/* Signals that come during the questions are not lost. */
static void test_wake_is_kept(void **state)
{
    struct stage s;
    struct term_caps caps;
    bool readable;

    (void)state;
    stage_open(&s, &terminals[1], NULL, false);
    tty_wake(&s.tty);
    tty_again(&s.tty, TTY_RESIZE);
    probe_terminal(&s.tty, &s.in, 10000, ask, &caps);
    assert_true(caps.replies.fence);
    assert_int_equal(tty_wait(&s.tty, 10000, &readable), TTY_WAKE | TTY_RESIZE);
    stage_close(&s);
}

static void test_size_after_resize(void **state)
{
    struct terminal t = terminals[1];
    struct stage s;
    struct term_caps caps;

    (void)state;
    stage_open(&s, &t, NULL, false);
    probe_terminal(&s.tty, &s.in, 10000, ask, &caps);
    int registers = caps.replies.registers;
    struct winsize size = { 60, 100, 100 * 6 + 2, 60 * 13 + 2 };
    assert_int_equal(ioctl(s.tty.fd, TIOCSWINSZ, &size), 0);
    stage_close(&s);
    t.size = size;
    t.answers[5].reply = "\033[?2;0;600;780S";
    stage_open(&s, &t, NULL, false);
    probe_size(&s.tty, &s.in, 10000, ask, &caps);
    stage_close(&s);
    assert_int_equal(caps.size.rows, 60);
    assert_int_equal(caps.size.cols, 100);
    assert_int_equal(caps.replies.graphics_w, 600);
    assert_int_equal(caps.cell_w, 6);
    assert_int_equal(caps.cell_h, 13);
    assert_int_equal(caps.replies.registers, registers);
    assert_true(caps.replies.da1_sixel);
}

/* Answers that come when nobody waits any more still count, once all are there. */
static void test_late_answers(void **state)
{
    static const char answers[] =
        "\033[?63;4c\033P1$r0;48:2:1:2:3m\033\\\033[6;17;9t\033[5;5R\033[0n";
    struct term_caps caps = { .size = { 24, 80, 0, 0 }, .late = true };
    struct input in;
    struct input_event e;
    int fences = 0;
    (void)state;
    probe_cell(&caps, ask);
    input_init(&in);
    input_feed(&in, answers, sizeof answers - 1);
    while (input_next(&in, &e)) {
        assert_int_equal(fences, 0);
        if (e.kind != INPUT_KEY && probe_late(&caps, &e, ask)) {
            fences++;
        }
    }
    assert_int_equal(fences, 1);
    assert_true(caps.replies.da1_sixel);
    assert_int_equal(caps.colors, 1 << 24);
    assert_int_equal(caps.cell_w, 9);
    assert_int_equal(caps.cell_h, 17);
    assert_int_equal(caps.cell_source, CELL_FROM_CELL);
    assert_false(caps.late);
    assert_false(probe_late(&caps, &e, ask)); /* a picture's fence is none of these */
}

/* What the terminal tells of its background, then the environment. */
static void test_C4_background(void **state)
{
    static const struct {
        const char *reply, *colorfgbg;
        bool told, light;
        int32_t rgb;
    } cases[] = {
        { "\033]11;rgb:ffff/ffff/ffff\033\\", NULL, true, true, 0xFFFFFF },
        { "\033]11;rgb:0000/2b2b/3636\a", "0;15", true, false, 0x002B36 },
        { "\033]11;rgb:ee/e8/d5\a", NULL, true, true, 0xEEE8D5 },
        { "\033]11;rgb:f/f/f\a", NULL, true, true, 0xFFFFFF },
        { "\033]11;rgba:ffff/ffff/dddd/ffff\a", NULL, true, true, 0xFFFFDD },
        { "\033]11;rgb:1/22/333\a", NULL, true, false, 0x112233 },
        { "\033]11;rgb:ffff/ffff\a", "15;0", false, false, 0 },
        { "\033]11;rgb:fffff/ffff/ffff\a", NULL, false, false, 0 },
        { "\033]11;white\a", "0;default;7", false, true, 0 },
        { NULL, "0;15", false, true, 0 },
        { NULL, "15;8", false, false, 0 },
        { NULL, "15", false, false, 0 },
        { NULL, NULL, false, false, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct terminal t = { .name = "background",
                              .size = { 24, 80, 0, 0 },
                              .answers = { { FENCE, "\033[0n" } } };
        struct stage s;
        struct term_caps caps;
        int32_t rgb = 0;
        if (cases[i].reply) {
            t.answers[1] = (struct answer){ BACKGROUND, cases[i].reply };
        }
        stage_open(&s, &t, NULL, i % 2);
        probe_terminal(&s.tty, &s.in, 10000, ask, &caps);
        stage_close(&s);
        unsetenv("COLORFGBG");
        if (cases[i].colorfgbg) {
            setenv("COLORFGBG", cases[i].colorfgbg, 1);
        }
        assert_int_equal(probe_background(&caps, &rgb), cases[i].told);
        assert_int_equal(rgb, cases[i].rgb);
        assert_int_equal(probe_is_light(&caps), cases[i].light);
    }
    unsetenv("COLORFGBG");
}

static void test_colors(void **state)
{
    static const struct {
        const char *term, *colorterm;
        int colors;
    } cases[] = {
        { "xterm-256color", NULL, 256 },
        { "xterm", NULL, 16 },
        { "linux", NULL, 16 },
        { "vt100", NULL, 1 },
        { "dumb", NULL, 1 },
        { "xterm", "truecolor", 1 << 24 },
        { "screen", "24bit", 1 << 24 },
        { "xterm", "yes", 16 },
        { NULL, NULL, 16 },
    };
    static const struct terminal plain = { .name = "plain",
                                           .size = { 24, 80, 0, 0 },
                                           .answers = { { FENCE, "\033[0n" } } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct stage s;
        struct term_caps caps;
        if (cases[i].term) {
            setenv("TERM", cases[i].term, 1);
        } else {
            unsetenv("TERM");
        }
        if (cases[i].colorterm) {
            setenv("COLORTERM", cases[i].colorterm, 1);
        } else {
            unsetenv("COLORTERM");
        }
        stage_open(&s, &plain, NULL, false);
        probe_terminal(&s.tty, &s.in, 10000, ask, &caps);
        stage_close(&s);
        assert_int_equal(caps.colors, cases[i].colors);
    }
    set_environment(NULL);
}

static void test_cell_sources(void **state)
{
    static const struct {
        int user[2];
        struct tty_size size; /* rows, cols, xpixel, ypixel */
        struct term_replies replies;
        int w, h;
        enum cell_source source;
    } cases[] = {
        { { 7, 15 }, { 24, 80, 800, 480 }, { .cell_w = 9, .cell_h = 18 }, 7, 15, CELL_FROM_USER },
        { { 0, 0 }, { 24, 80, 800, 480 }, { .cell_w = 9, .cell_h = 18 }, 9, 18, CELL_FROM_CELL },
        { { 200, 200 }, { 24, 80, 0, 0 }, { 0 }, 200, 200, CELL_FROM_USER },
        { { 201, 10 }, { 24, 80, 0, 0 }, { 0 }, 10, 20, CELL_FROM_DEFAULT },
        { { 8, 0 }, { 24, 80, 0, 0 }, { 0 }, 10, 20, CELL_FROM_DEFAULT },
        { { -1, -1 }, { 24, 80, 0, 0 }, { 0 }, 10, 20, CELL_FROM_DEFAULT },
        /* the geometry, but only where it is a multiple of the cells */
        { { 0, 0 },
          { 24, 80, 0, 0 },
          { .graphics_w = 640, .graphics_h = 384, .cell_w = 9, .cell_h = 18 },
          8,
          16,
          CELL_FROM_GRAPHICS },
        { { 0, 0 },
          { 24, 80, 0, 0 },
          { .graphics_w = 1000, .graphics_h = 1000, .cell_w = 9, .cell_h = 18 },
          9,
          18,
          CELL_FROM_CELL },
        /* a multiple by chance: the window is larger than the terminal's limit */
        { { 0, 0 },
          { 50, 100, 1202, 1252 },
          { .graphics_w = 1000, .graphics_h = 1000 },
          12,
          25,
          CELL_FROM_TTY },
        { { 0, 0 },
          { 40, 100, 1202, 802 },
          { .graphics_w = 1000, .graphics_h = 800 },
          12,
          20,
          CELL_FROM_TTY },
        /* a border is part of the window's pixels, not a limit */
        { { 0, 0 },
          { 40, 120, 724, 524 },
          { .graphics_w = 720, .graphics_h = 520 },
          6,
          13,
          CELL_FROM_GRAPHICS },
        /* numbers that are no sizes */
        { { 0, 0 },
          { 24, 80, 0, 0 },
          { .graphics_w = 800000, .graphics_h = 480000, .cell_w = 201, .cell_h = 18 },
          10,
          20,
          CELL_FROM_DEFAULT },
        { { 0, 0 },
          { 24, 80, 0, 0 },
          { .window_w = 79, .window_h = 384 },
          10,
          20,
          CELL_FROM_DEFAULT },
        { { 0, 0 },
          { 24, 80, 0, 0 },
          { .window_w = 719, .window_h = 431 },
          8,
          17,
          CELL_FROM_WINDOW },
        { { 0, 0 }, { 24, 80, 640, 480 }, { .cell_w = 0, .cell_h = 18 }, 8, 20, CELL_FROM_TTY },
        { { 0, 0 }, { 1, 1, 65535, 65535 }, { 0 }, 10, 20, CELL_FROM_DEFAULT },
        { { 0, 0 }, { 1, 1, 200, 1 }, { 0 }, 200, 1, CELL_FROM_TTY },
        /* S3: no such window is there, or not where the system says what it is */
        { { 0, 0 },
          { 60, 200, 0, 0 },
          { .cell_w = 200, .cell_h = 200 },
          10,
          20,
          CELL_FROM_DEFAULT },
        { { 0, 0 },
          { 60, 200, 1600, 960 },
          { .cell_w = 200, .cell_h = 200 },
          8,
          16,
          CELL_FROM_TTY },
        { { 0, 0 }, { 10, 200, 0, 0 }, { .cell_w = 100, .cell_h = 5 }, 10, 20, CELL_FROM_DEFAULT },
        { { 0, 0 }, { 24, 80, 400, 240 }, { .cell_w = 20, .cell_h = 41 }, 5, 10, CELL_FROM_TTY },
        { { 0, 0 }, { 24, 80, 400, 240 }, { .cell_w = 20, .cell_h = 40 }, 20, 40, CELL_FROM_CELL },
        { { 0, 0 },
          { 60, 200, 0, 0 },
          { .graphics_w = 40000, .graphics_h = 12000, .cell_w = 9, .cell_h = 18 },
          9,
          18,
          CELL_FROM_CELL },
        { { 0, 0 }, { 108, 384, 0, 0 }, { .cell_w = 20, .cell_h = 40 }, 20, 40, CELL_FROM_CELL },
        { { 200, 200 }, { 60, 200, 0, 0 }, { 0 }, 200, 200, CELL_FROM_USER },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct term_caps caps = { .size = cases[i].size, .replies = cases[i].replies };
        probe_cell(&caps, cases[i].user);
        assert_int_equal(caps.cell_w, cases[i].w);
        assert_int_equal(caps.cell_h, cases[i].h);
        assert_int_equal(caps.cell_source, cases[i].source);
        assert_true(strlen(cell_source_text(caps.cell_source)) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link),
        cmocka_unit_test(test_terminals),
        cmocka_unit_test(test_replies_byte_by_byte),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_silent_terminal),
        cmocka_unit_test(test_endless_chatter),
        cmocka_unit_test(test_closed_terminal),
        cmocka_unit_test(test_keys_pressed_meanwhile),
        cmocka_unit_test(test_wake_is_kept),
        cmocka_unit_test(test_size_after_resize),
        cmocka_unit_test(test_late_answers),
        cmocka_unit_test(test_tmux),
        cmocka_unit_test(test_late_outer),
        cmocka_unit_test(test_C4_background),
        cmocka_unit_test(test_colors),
        cmocka_unit_test(test_cell_sources),
    };
    return cmocka_run_group_tests(tests, set_environment, NULL);
}
