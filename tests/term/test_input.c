#include "term/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"

/* Text with a length of its own, as a NUL may be part of it. */
#define BYTES(s) (s), sizeof(s) - 1

#define ESCAPE_MS 60    /* a lone ESC is the key after that, */
#define SEQUENCE_MS 260 /* and what begins a sequence is none */
#define NS 1000000LL

static void later(struct input *in, int64_t ms)
{
    input_time(in, in->now_ns + ms * NS);
}

/* Adds all events that are there to `log`, one letter a kind: k and the key's
 * number (K when pasted, * behind it when held), r and the whole reply, s and the
 * string. flush: nothing more has come for a while. */
static void drain(struct input *in, bool flush, char *log, size_t size)
{
    struct input_event e;
    size_t at = strlen(log);

    if (flush) {
        later(in, ESCAPE_MS);
    }
    while (input_next(in, &e) && at + 400 < size) {
        switch (e.kind) {
        case INPUT_KEY:
            at += (size_t)snprintf(log + at, size - at, "%c%x%s ", e.pasted ? 'K' : 'k', e.key,
                                   e.repeated ? "*" : "");
            break;
        case INPUT_REPLY:
            at += (size_t)snprintf(log + at, size - at, "r%.1s", e.prefix ? &e.prefix : "");
            for (int i = 0; i < e.count; i++) {
                at += (size_t)snprintf(log + at, size - at, "%s%d", i ? ";" : "", e.params[i]);
            }
            at += (size_t)snprintf(log + at, size - at, "%.1s%c ", e.middle ? &e.middle : "",
                                   e.final);
            break;
        case INPUT_STRING:
            at += (size_t)snprintf(log + at, size - at, "s%c(%s) ", e.final, e.string);
            break;
        }
    }
}

/* All events of the bytes, which come in two pieces: [0..cut) and the rest. */
static void events_of(const char *bytes, size_t len, size_t cut, char *log, size_t size)
{
    struct input in;

    input_init(&in);
    log[0] = '\0';
    assert_int_equal(input_feed(&in, bytes, cut), cut);
    drain(&in, false, log, size);
    assert_int_equal(input_feed(&in, bytes + cut, len - cut), len - cut);
    drain(&in, false, log, size);
    drain(&in, true, log, size);
    later(&in, SEQUENCE_MS);
    drain(&in, false, log, size);
    assert_int_equal(in.len, 0);
}

static const struct {
    const char *bytes;
    keycode key;
} keys[] = {
    { "a", 'a' },
    { " ", ' ' },
    { "\001", 1 },
    { "\t", KEYCODE_TAB },
    { "\r", KEYCODE_ENTER },
    { "\n", KEYCODE_ENTER },
    { "\b", KEYCODE_BACKSPACE },
    { "\177", KEYCODE_BACKSPACE },
    { "\033", KEYCODE_ESC },
    { "\xC3\xA9", 0xE9 },
    { "\xE4\xB8\xAD", 0x4E2D },
    { "\xF0\x9F\x90\x88", 0x1F408 },
    { "\033[A", KEYCODE_UP },
    { "\033[B", KEYCODE_DOWN },
    { "\033[C", KEYCODE_RIGHT },
    { "\033[D", KEYCODE_LEFT },
    { "\033[H", KEYCODE_HOME },
    { "\033[F", KEYCODE_END },
    { "\033[Z", KEYCODE_BACKTAB },
    { "\033OA", KEYCODE_UP },
    { "\033OB", KEYCODE_DOWN },
    { "\033OC", KEYCODE_RIGHT },
    { "\033OD", KEYCODE_LEFT },
    { "\033OH", KEYCODE_HOME },
    { "\033OF", KEYCODE_END },
    { "\033OP", KEYCODE_F1 },
    { "\033OQ", KEYCODE_F1 + 1 },
    { "\033OR", KEYCODE_F1 + 2 },
    { "\033OS", KEYCODE_F1 + 3 },
    { "\033OM", KEYCODE_ENTER },
    { "\033Op", '0' },
    { "\033Oy", '9' },
    { "\033Ok", '+' },
    { "\033Oo", '/' },
    { "\033[P", KEYCODE_F1 },
    { "\033[S", KEYCODE_F1 + 3 },
    { "\033[[A", KEYCODE_F1 },
    { "\033[[E", KEYCODE_F1 + 4 },
    { "\033[1~", KEYCODE_HOME },
    { "\033[2~", KEYCODE_INSERT },
    { "\033[3~", KEYCODE_DELETE },
    { "\033[4~", KEYCODE_END },
    { "\033[5~", KEYCODE_PAGE_UP },
    { "\033[6~", KEYCODE_PAGE_DOWN },
    { "\033[7~", KEYCODE_HOME },
    { "\033[8~", KEYCODE_END },
    { "\033[11~", KEYCODE_F1 },
    { "\033[15~", KEYCODE_F1 + 4 },
    { "\033[17~", KEYCODE_F1 + 5 },
    { "\033[21~", KEYCODE_F1 + 9 },
    { "\033[23~", KEYCODE_F1 + 10 },
    { "\033[24~", KEYCODE_F12 },
    { "\033[1;5A", KEYCODE_UP }, /* with Ctrl */
    { "\033[1;2H", KEYCODE_HOME },
    { "\033[5;5~", KEYCODE_PAGE_UP },
};

static void test_keys_at_every_cut(void **state)
{
    char log[1024], want[64];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        size_t len = strlen(keys[i].bytes);
        snprintf(want, sizeof want, "k%x ", keys[i].key);
        for (size_t cut = 0; cut <= len; cut++) {
            events_of(keys[i].bytes, len, cut, log, sizeof log);
            assert_string_equal(log, want);
        }
    }
}

/* What is said in a row is heard in that row, however it is cut. */
static void test_replies_between_keys(void **state)
{
    static const char bytes[] = "1\033[?64;1;4c2\033[6;20;10t\033[A\033P1$r48:2:1:2:3m\033\\"
                                "\xC3\xA9\033[?2026;2$y\033]11;rgb:0/0/0\007\033[0n3"
                                "\033]4;x\033\\4";
    static const char want[] = "k31 r?64;1;4c k32 r6;20;10t k110000 sP(1$r48:2:1:2:3m) ke9 "
                               "r?2026;2$y s](11;rgb:0/0/0) r0n k33 s](4;x) k34 ";
    char log[2048];

    (void)state;
    for (size_t cut = 0; cut < sizeof bytes; cut++) {
        events_of(bytes, sizeof bytes - 1, cut, log, sizeof log);
        assert_string_equal(log, want);
    }
}

/* A reply whose second half is late stays a reply, though the escape time is
 * over: "1;3;0S" taken for keys would label pictures. */
static void test_late_half_of_a_reply(void **state)
{
    static const char *const replies[] = {
        "\033[?1;3;0S",   "\033[6;20;10t",           "\033[0n",
        "\033[?2026;2$y", "\033P>|XTerm(379)\033\\", "\033]11;rgb:0/0/0\007"
    };
    struct input in;
    char log[1024];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        size_t len = strlen(replies[i]);
        for (size_t cut = 2; cut < len; cut++) {
            input_init(&in);
            log[0] = '\0';
            input_feed(&in, replies[i], cut);
            drain(&in, true, log, sizeof log);
            assert_string_equal(log, "");
            input_feed(&in, replies[i] + cut, len - cut);
            input_feed(&in, "x", 1);
            drain(&in, false, log, sizeof log);
            assert_true(log[0] == 'r' || log[0] == 's');
            assert_string_equal(strchr(log, ' '), " k78 ");
        }
    }
}

static void test_escape_waits_for_the_flush(void **state)
{
    struct input in;
    struct input_event e;

    (void)state;
    input_init(&in);
    input_feed(&in, "\033", 1);
    assert_false(input_next(&in, &e));
    later(&in, ESCAPE_MS);
    assert_true(input_next(&in, &e));
    assert_int_equal(e.key, KEYCODE_ESC);
    input_feed(&in, "\033", 1);
    assert_false(input_next(&in, &e));
    input_feed(&in, "[A", 2);
    assert_true(input_next(&in, &e));
    assert_int_equal(e.key, KEYCODE_UP);
}

struct sequence {
    const char *bytes;
    size_t len;
    const char *want;
};

static void check_sequences(const struct sequence *table, size_t count)
{
    char log[4096];

    for (size_t i = 0; i < count; i++) {
        for (size_t cut = 0; cut <= table[i].len; cut++) {
            events_of(table[i].bytes, table[i].len, cut, log, sizeof log);
            assert_string_equal(log, table[i].want);
        }
    }
}

static void test_alt_and_escape(void **state)
{
    static const struct sequence table[] = {
        { BYTES("\033a"), "k1b k61 " },         { BYTES("\033\033[A"), "k1b k110000 " },
        { BYTES("\033\033a"), "k1b k1b k61 " }, { BYTES("\033O"), "k1b k4f " }, /* Alt-O */
        { BYTES("\033\xC3\xA9"), "k1b ke9 " },
    };

    (void)state;
    check_sequences(table, ARRAY_LEN(table));
}

static void test_bracketed_paste(void **state)
{
    static const struct sequence table[] = {
        { BYTES("1\033[200~23\r\033[201~4"), "k31 K32 K33 Kd k34 " },
        { BYTES("\033[200~\033[201~4"), "k34 " },
        { BYTES("\033[200~\033[A\033[201~\033[A"), "K110000 k110000 " },
        { BYTES("\033[201~a"), "k61 " },
    };

    (void)state;
    check_sequences(table, ARRAY_LEN(table));
}

static void test_nonsense_is_dropped(void **state)
{
    static const struct sequence table[] = {
        { BYTES("\0a"), "k61 " },
        { BYTES("\x80\xBF"
                "a"),
          "k61 " },
        { BYTES("\xFF\xFE"
                "abcd"),
          "k61 k62 k63 k64 " },
        { BYTES("\xC0\xAF"
                "a"),
          "k61 " }, /* overlong '/' */
        { BYTES("\xED\xA0\x80"
                "a"),
          "k61 " }, /* surrogate */
        { BYTES("\xF4\x90\x80\x80"
                "a"),
          "k61 " }, /* past U+10FFFF */
        { BYTES("\xE4\xB8"
                "a"),
          "k61 " }, /* cut short */
        { BYTES("\033[99~a"), "k61 " },
        { BYTES("\033[0~a"), "k61 " },
        { BYTES("\033[999999999999~a"), "k61 " },
        { BYTES("\033Oza"), "k61 " },
        { BYTES("\033[[zz"), "k7a " },
        { BYTES("\033[12\033[A"), "k110000 " }, /* one that breaks off */
        { BYTES("\033[1\rx"), "kd k78 " },
        { BYTES("\033[1\x80x"), "k78 " },
    };

    (void)state;
    check_sequences(table, ARRAY_LEN(table));
}

/* Alt and a letter that begins a string (P, X, ], ^, _) must not make the
 * program deaf: whatever no string can hold ends it. */
static void test_string_that_breaks_off(void **state)
{
    static const struct sequence table[] = {
        { BYTES("\033Pabc\033[Ax"), "k110000 k78 " }, { BYTES("\033Xabc\rx"), "kd k78 " },
        { BYTES("\033]abc\033OAx"), "k110000 k78 " }, { BYTES("\033_abc\033ax"), "k1b k61 k78 " },
        { BYTES("\033^abc\014x"), "kc k78 " },        { BYTES("\033Pabc\177x"), "k7f k78 " },
    };

    (void)state;
    check_sequences(table, ARRAY_LEN(table));
}

static void test_numbers_are_bounded(void **state)
{
    struct input in;
    struct input_event e;
    char bytes[1024] = "\033[?99999999999999999999;0000000000000000000000000000007";

    (void)state;
    input_init(&in);
    for (int i = 0; i < 60; i++) {
        strcat(bytes, ";8");
    }
    strcat(bytes, "c");
    input_feed(&in, bytes, strlen(bytes));
    assert_true(input_next(&in, &e));
    assert_int_equal(e.kind, INPUT_REPLY);
    assert_int_equal(e.count, INPUT_PARAMS);
    assert_in_range(e.params[0], 0, 1000000);
    assert_int_equal(e.params[1], 7);
    assert_int_equal(in.len, 0);
}

/* Longer than all that is kept, and fed as it is read: its rest is no keys, and
 * what it cannot hold ends it. */
static void test_endless_sequences(void **state)
{
    static const struct {
        const char *begin, *end;
        char middle;
    } cases[] = {
        { "\033P", "\033\\", 'z' }, { "\033]52;c;", "\007", 'A' }, { "\033[?1;", "c", '8' },
        { "\033[?1;", "c", ';' },   { "\033_", "\r", '1' },        { "\033[", "\r", '1' },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t len = 4000; len < 12000; len += 499) {
            struct input in;
            char log[1024] = "";
            char bytes[512];
            input_init(&in);
            input_feed(&in, cases[i].begin, strlen(cases[i].begin));
            for (size_t left = len; left > 0;) {
                size_t n = left < sizeof bytes ? left : sizeof bytes;
                memset(bytes, cases[i].middle, n);
                assert_int_equal(input_feed(&in, bytes, n), n);
                drain(&in, true, log, sizeof log);
                assert_string_equal(log, "");
                left -= n;
            }
            for (const char *c = cases[i].end; *c; c++) {
                assert_int_equal(input_feed(&in, c, 1), 1);
                drain(&in, !c[1], log, sizeof log);
            }
            bool broken = cases[i].end[0] == '\r';
            assert_int_equal(log[0], broken ? 'k' : cases[i].begin[1] == '[' ? 'r' : 's');
            log[0] = '\0';
            input_feed(&in, "k", 1);
            drain(&in, true, log, sizeof log);
            assert_string_equal(log, "k6b ");
        }
    }
}

static void test_long_string_is_cut(void **state)
{
    struct input in;
    struct input_event e;
    char bytes[2000] = "\033P";

    (void)state;
    input_init(&in);
    memset(bytes + 2, 'z', 1500);
    strcpy(bytes + 1502, "\033\\k");
    input_feed(&in, bytes, strlen(bytes));
    assert_true(input_next(&in, &e));
    assert_int_equal(e.kind, INPUT_STRING);
    assert_int_equal(strlen(e.string), INPUT_STRING_MAX);
    assert_true(input_next(&in, &e));
    assert_int_equal(e.key, 'k');
}

static void test_full_buffer(void **state)
{
    struct input in;
    struct input_event e;
    char bytes[5000];

    (void)state;
    input_init(&in);
    memset(bytes, 'q', sizeof bytes);
    assert_int_equal(input_feed(&in, bytes, sizeof bytes), sizeof in.bytes);
    assert_int_equal(input_feed(&in, bytes, 1), 0);
    for (size_t i = 0; i < sizeof in.bytes; i++) {
        assert_true(input_next(&in, &e));
        assert_int_equal(e.key, 'q');
    }
    assert_false(input_next(&in, &e));
}

/* Who waits for a reply gets it; the keys stay for later, in order. */
static void test_keys_are_held_back(void **state)
{
    struct input in;
    struct input_event e;
    char log[512] = "";

    (void)state;
    input_init(&in);
    input_feed(&in, BYTES("1\033[A\033[?62c2\033[0n3"));
    assert_true(input_next_reply(&in, &e));
    assert_int_equal(e.final, 'c');
    assert_true(input_next_reply(&in, &e));
    assert_int_equal(e.final, 'n');
    assert_false(input_next_reply(&in, &e));
    drain(&in, false, log, sizeof log);
    assert_string_equal(log, "k31 k110000 k32 k33 ");
}

static void test_held_keys_are_bounded(void **state)
{
    struct input in;
    struct input_event e;
    size_t count = 0;

    (void)state;
    input_init(&in);
    for (int i = 0; i < 500; i++) {
        input_feed(&in, "x", 1);
    }
    assert_false(input_next_reply(&in, &e));
    while (input_next(&in, &e)) {
        assert_int_equal(e.key, 'x');
        count++;
    }
    assert_int_equal(count, ARRAY_LEN(in.held));
}

/* Nothing that a hostile terminal sends makes the parser stand still. */
static void test_random_bytes(void **state)
{
    static const char alphabet[] =
        "\033\033\033[[]P_\\\007?>;:0123456789~ABRSZcnty$a\xC3\xA9\xF0\x9F\r";
    struct input in;
    struct input_event e;
    unsigned seed = 1;

    (void)state;
    input_init(&in);
    for (int round = 0; round < 20000; round++) {
        char bytes[64];
        size_t len = 1 + (seed >> 8) % sizeof bytes;
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
        }
        size_t before = in.len;
        assert_int_equal(input_feed(&in, bytes, len),
                         len < sizeof in.bytes - before ? len : sizeof in.bytes - before);
        later(&in, round % 3 == 0 ? round % 300 : 0);
        while (input_next(&in, &e)) {
            assert_true(e.kind != INPUT_KEY || e.key != KEYCODE_NONE);
            assert_in_range(e.count, 0, INPUT_PARAMS);
        }
        assert_true(in.len < sizeof in.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_at_every_cut),
        cmocka_unit_test(test_replies_between_keys),
        cmocka_unit_test(test_late_half_of_a_reply),
        cmocka_unit_test(test_escape_waits_for_the_flush),
        cmocka_unit_test(test_alt_and_escape),
        cmocka_unit_test(test_bracketed_paste),
        cmocka_unit_test(test_nonsense_is_dropped),
        cmocka_unit_test(test_string_that_breaks_off),
        cmocka_unit_test(test_numbers_are_bounded),
        cmocka_unit_test(test_long_string_is_cut),
        cmocka_unit_test(test_endless_sequences),
        cmocka_unit_test(test_full_buffer),
        cmocka_unit_test(test_keys_are_held_back),
        cmocka_unit_test(test_held_keys_are_bounded),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
