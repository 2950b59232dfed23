/* The terminal of scripts: what it makes of the program's bytes, what it answers, and when. */
#include "term/scripted.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "term/input.h"
#include "term/probe.h"

#define MS 1000000LL

struct stage {
    struct scripted *terminal;
    struct tty tty;
};

static void do_nothing(void *context)
{
    (void)context;
}

/* With a host no real time passes. */
static const struct scripted_host nobody = { .act = do_nothing };

static void stage_open(struct stage *s, const struct scripted_options *options)
{
    struct error err = { ERROR_NONE, "" };
    s->terminal = scripted_new(options, &nobody, &err);
    assert_string_equal(err.message, "");
    assert_true(tty_open_backend(&s->tty, &scripted_backend, s->terminal, &err));
    assert_string_equal(err.message, "");
}

static void stage_close(struct stage *s)
{
    tty_close(&s->tty);
    scripted_free(s->terminal);
}

static void open_size(struct stage *s, int cols, int rows)
{
    struct scripted_options options = { .cols = cols, .rows = rows };
    stage_open(s, &options);
}

static void send(struct stage *s, const char *text)
{
    assert_true(tty_write(&s->tty, text, strlen(text)));
}

/* What the terminal shows after these bytes. */
static void check(int cols, int rows, const char *bytes, const char *want)
{
    struct stage s;
    struct buf dump = BUF_INIT;
    open_size(&s, cols, rows);
    send(&s, bytes);
    scripted_dump(s.terminal, &dump);
    assert_string_equal(buf_text(&dump), want);
    buf_release(&dump);
    stage_close(&s);
}

static void test_text(void **state)
{
    (void)state;
    check(6, 2, "ab\r\ncd", "ab\ncd\n");
    check(6, 2, "abcdefg", "abcdef\ng\n");        /* wraps with the next character only */
    check(6, 2, "abcdef\rg", "gbcdef\n\n");       /* and not when the cursor goes */
    check(6, 2, "\033[?7labcdefg", "abcdeg\n\n"); /* or where that is off */
    check(6, 2, "\033[2;3Hx\033[Ay\033[4Dz", "z  y\n  x\n");
    check(6, 2, "a\033[4bb", "aaaaab\n\n");
    check(6, 2, "abcdef\033[1;3H\033[2X", "ab  ef\n\n");
    check(6, 2, "abcdef\033[1;3H\033[K", "ab\n\n");
    check(6, 2, "abcdef\033[1;3H\033[1K", "   def\n\n");
    check(6, 2, "ab\r\ncd\033[1;2H\033[J", "a\n\n");
    check(6, 2, "ab\r\ncd\033[2J", "\n\n");
    check(12, 2, "a\tb\b\bc\033[2dd\033[1Ge", "a      cb\ne       d\n");
}

static void test_wide(void **state)
{
    (void)state;
    check(6, 1, "猫x", "猫x\n");
    check(6, 1, "猫\033[1;2Hx", " x\n"); /* half of it is overwritten */
    check(6, 1, "猫\033[1;1Hx", "x\n");
    check(3, 2, "ab猫", "ab\n猫\n");
    check(6, 1, "e\xCC\x81x", "e\xCC\x81x\n");
}

/* What would move rows, or is not known, is told. */
static void test_unknown(void **state)
{
    static const char *const bytes[] = { "\033[2L", "\033[1;1r",      "\033[2;1H\n",
                                         "\033(0",  "\033]0;title\a", "\033[5m" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
        struct stage s;
        struct buf dump = BUF_INIT;
        open_size(&s, 10, 2);
        send(&s, bytes[i]);
        send(&s, "\033[9L"); /* the first one is */
        scripted_dump(s.terminal, &dump);
        assert_non_null(strstr(buf_text(&dump), "[the terminal does not know: ESC "));
        assert_null(strstr(buf_text(&dump), "9L"));
        buf_release(&dump);
        stage_close(&s);
    }
    check(10, 2,
          "\033[1;2r\033[?25l\033[>4;0m\033[?2026h\033[?1007s\033[?1007l\033(B\033=", "\n\n");
}

static void test_looks(void **state)
{
    static const char bytes[] = "a\033[1;31mb\033[38;5;200;48;2;1;2;3md\033[0;7m \033[m    "
                                "\033[2;4;95;44mx\033[22;24;39;49my";
    struct stage s;
    struct buf dump = BUF_INIT;
    (void)state;
    open_size(&s, 10, 2);
    send(&s, bytes);
    scripted_dump_looks(s.terminal, &dump);
    assert_string_equal(buf_text(&dump), ".abc....d\n"
                                         "\n"
                                         ". = default on default\n"
                                         "a = 1 on default bold\n"
                                         "b = 200 on #010203 bold\n"
                                         "c = default on default reverse\n"
                                         "d = 13 on 4 dim underline\n");
    buf_release(&dump);
    stage_close(&s);
}

/* Each protocol marks its cells; text over them takes the mark away. */
static void test_pictures(void **state)
{
    static const struct {
        const char *bytes, *looks;
    } cases[] = {
        { "\0337\033[1;2H\033[31mxy\033[0m\033[2D\033[Bz\0338t", ".##\n.#\n" },
        { "\033[1;2H\033P0;1;0q\"1;1;15;21#0~\033\\", ".##\n.##\n" },
        { "\033[1;2H\033_Ga=T,C=1,c=3,r=1,f=100,q=2,i=9,m=0;AAAA\033\\", ".###\n\n" },
        { "\033[1;2H\033_Ga=T,C=1,p=1,f=100,q=2,i=9,m=1;iVBORw0KGgoAAAANSUhEUgAAAA8AAAAVCAIAAAAA"
          "\033\\",
          ".##\n.##\n" },
        { "\033[1;2H\033]1337;File=inline=1;size=9;width=30px;height=20px;:AAAA\a", ".###\n\n" },
        { "\033[1;2H\033P0;1;0q\"1;1;15;21#0~\033\\\033[1;2H ", "..#\n.##\n" },
        { "\033_Ga=T,c=3,r=1;AAAA\033\\\033_Ga=d,d=I,q=2,i=9\033\\", "\n\n" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct stage s;
        struct buf dump = BUF_INIT;
        open_size(&s, 6, 2);
        send(&s, cases[i].bytes);
        scripted_dump_looks(s.terminal, &dump);
        *strstr(dump.data, ". =") = '\0';
        assert_string_equal(dump.data, cases[i].looks);
        assert_int_equal(scripted_has_picture(s.terminal), strchr(dump.data, '#') != NULL);
        buf_release(&dump);
        stage_close(&s);
    }
}

/* What is told is found by the program's own probe. */
static void test_replies(void **state)
{
    static const struct scripted_options options = { .cols = 40,
                                                     .rows = 10,
                                                     .cell_w = 9,
                                                     .cell_h = 18,
                                                     .sixel = true,
                                                     .kitty = true,
                                                     .iterm2 = true,
                                                     .sync = true,
                                                     .keyboard = true,
                                                     .rgb = true,
                                                     .background_told = true,
                                                     .background = 0x123456,
                                                     .name = "tester 1" };
    static const int ask[2] = { 0, 0 };
    struct stage s;
    struct input in;
    struct term_caps caps;
    (void)state;
    stage_open(&s, &options);
    input_init(&in);
    probe_terminal(&s.tty, &in, 1000, ask, &caps);
    const struct term_replies *r = &caps.replies;
    assert_true(r->fence && r->da1 && r->da1_sixel && r->kitty && r->iterm2 && r->sync &&
                r->keyboard && r->rgb && r->background_told);
    assert_int_equal(r->background, 0x123456);
    assert_string_equal(r->name, "tester 1");
    assert_int_equal(caps.cell_w, 9);
    assert_int_equal(caps.cell_h, 18);
    assert_int_equal(caps.size.cols, 40);
    assert_int_equal(caps.size.rows, 10);
    assert_int_equal(caps.colors, 1 << 24);
    stage_close(&s);
}

/* Nothing of the user's environment counts. */
static void test_plain(void **state)
{
    static const struct scripted_options silent = { .cols = 40, .rows = 10, .silent = true };
    static const int ask[2] = { 0, 0 };
    struct stage s;
    struct input in;
    struct term_caps caps;
    (void)state;
    setenv("TERM", "dumb", 1);
    setenv("COLORTERM", "truecolor", 1);
    setenv("COLORFGBG", "0;15", 1);
    setenv("TMUX", "/tmp/tmux-0/default,1,0", 1);
    for (int i = 0; i < 2; i++) {
        stage_open(&s, i ? &silent : &(struct scripted_options){ .cols = 40, .rows = 10 });
        input_init(&in);
        int64_t start = tty_now_ns(&s.tty);
        probe_terminal(&s.tty, &in, i ? 5 : 1000, ask, &caps);
        assert_int_equal(caps.replies.fence, !i);
        assert_int_equal(caps.replies.da1, !i);
        assert_false(caps.replies.da1_sixel || caps.replies.kitty || caps.replies.rgb || caps.tmux);
        assert_int_equal(caps.colors, 256);
        assert_false(probe_is_light(&caps));
        assert_true(tty_now_ns(&s.tty) - start <= 5 * MS); /* by its clock */
        stage_close(&s);
    }
    unsetenv("COLORTERM");
    unsetenv("COLORFGBG");
    unsetenv("TMUX");
}

/* Reads what arrives until `ms` have passed, into `out`. Returns when the first byte came, in
 * milliseconds; -1: none did. */
static int64_t listen(struct stage *s, int ms, struct buf *out)
{
    int64_t start = tty_now_ns(&s->tty), first = -1;
    buf_clear(out);
    while (tty_now_ns(&s->tty) < start + ms * MS) {
        bool readable;
        char bytes[64];
        int left = (int)((start + ms * MS - tty_now_ns(&s->tty) + MS - 1) / MS);
        tty_wait(&s->tty, left, &readable);
        int n = readable ? tty_read(&s->tty, bytes, sizeof bytes) : 0;
        if (n > 0) {
            first = first < 0 ? (tty_now_ns(&s->tty) - start) / MS : first;
            buf_add(out, bytes, (size_t)n);
        }
    }
    return first;
}

/* The reply to a fence comes when the line has taken what is in front of it. */
static void test_line(void **state)
{
    struct scripted_options options = { .cols = 40, .rows = 10, .bytes_per_second = 1000 };
    struct stage s;
    struct buf got = BUF_INIT;
    (void)state;
    stage_open(&s, &options);
    for (int i = 0; i < 496; i++) {
        send(&s, "\a");
    }
    send(&s, "\033[5n");
    int64_t came = listen(&s, 900, &got);
    assert_in_range(came, 500, 502);
    assert_string_equal(buf_text(&got), "\033[0n");
    buf_release(&got);
    stage_close(&s);
}

static void test_fences(void **state)
{
    struct stage s;
    struct buf got = BUF_INIT;
    (void)state;
    open_size(&s, 40, 10);
    scripted_fence(s.terminal, FENCE_LATE);
    send(&s, "\033[5n\033[5n");
    assert_int_equal(listen(&s, 5, &got), -1);
    scripted_answer(s.terminal);
    assert_in_range(listen(&s, 5, &got), 0, 2);
    assert_string_equal(buf_text(&got), "\033[0n\033[0n");
    scripted_fence(s.terminal, FENCE_NEVER);
    send(&s, "\033[5n");
    scripted_answer(s.terminal);
    assert_int_equal(listen(&s, 5, &got), -1);
    scripted_fence(s.terminal, FENCE_AT_ONCE);
    send(&s, "\033[5n");
    listen(&s, 5, &got);
    assert_string_equal(buf_text(&got), "\033[0n");
    buf_release(&got);
    stage_close(&s);
}

/* Types the key and parses the bytes that come. */
static void type(struct stage *s, keycode key, struct input_event *event)
{
    struct input in;
    struct buf got = BUF_INIT;
    scripted_type(s->terminal, key);
    listen(s, 12, &got);
    input_init(&in);
    input_time(&in, tty_now_ns(&s->tty));
    input_feed(&in, buf_text(&got), got.len);
    input_time(&in, tty_now_ns(&s->tty) + 60000 * MS); /* a lone ESC is one */
    assert_true(input_next(&in, event));
    assert_int_equal(in.len, 0);
    buf_release(&got);
}

/* Keys come back as they were typed; those that Enter and Backspace have two codes for are
 * one key. */
static void test_keys(void **state)
{
    static const keycode others[] = { 0xE9, 0x732B, 0x1F408 };
    (void)state;
    for (int coded = 0; coded < 2; coded++) {
        struct stage s;
        struct input_event event;
        open_size(&s, 10, 2);
        scripted_pace(s.terminal, 10);
        send(&s, coded ? "\033[>27u" : "");
        for (keycode key = 1; key <= KEYCODE_F12; key = key == 127 ? KEYCODE_UP : key + 1) {
            keycode want = key == '\n' && !coded   ? KEYCODE_ENTER
                           : key == '\b' && !coded ? KEYCODE_BACKSPACE
                                                   : key;
            type(&s, key, &event);
            if (event.kind != INPUT_KEY || event.key != want) {
                fail_msg("key %#x, coded %d: got %#x", (unsigned)key, coded, (unsigned)event.key);
            }
        }
        for (size_t i = 0; i < ARRAY_LEN(others); i++) {
            type(&s, others[i], &event);
            assert_int_equal(event.key, others[i]);
        }
        stage_close(&s);
    }
}

static void test_resize(void **state)
{
    struct stage s;
    struct tty_size size;
    struct buf dump = BUF_INIT;
    bool readable;
    (void)state;
    open_size(&s, 10, 2);
    send(&s, "hello");
    assert_true(scripted_resize(s.terminal, 7, 3, NULL));
    assert_int_equal(tty_wait(&s.tty, 0, &readable), TTY_RESIZE);
    assert_true(tty_size(&s.tty, &size));
    assert_int_equal(size.cols, 7);
    assert_int_equal(size.rows, 3);
    scripted_dump(s.terminal, &dump);
    assert_string_equal(buf_text(&dump), "\n\n\n");
    scripted_hang_up(s.terminal);
    tty_wait(&s.tty, -1, &readable);
    assert_true(readable);
    assert_int_equal(tty_read(&s.tty, &size, sizeof size), -1);
    buf_release(&dump);
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),     cmocka_unit_test(test_wide),
        cmocka_unit_test(test_unknown),  cmocka_unit_test(test_looks),
        cmocka_unit_test(test_pictures), cmocka_unit_test(test_replies),
        cmocka_unit_test(test_plain),    cmocka_unit_test(test_line),
        cmocka_unit_test(test_fences),   cmocka_unit_test(test_keys),
        cmocka_unit_test(test_resize),
    };
    if (!setlocale(LC_ALL, "C.UTF-8")) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
