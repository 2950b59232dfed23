/* What a terminal may send because somebody left it so, or because the link is slow:
 * reports of the mouse, keyboard protocols, sequences that break off. None of it may
 * become a key that nobody pressed, or keep a key from being heard. */
#include "term/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#define BYTES(s) (s), sizeof(s) - 1
#define NS 1000000LL

/* Keys as kHEX (* behind a held one, K in a paste), replies as r, strings as s. */
static void take(struct input *in, char *log, size_t size)
{
    struct input_event e;
    size_t at = strlen(log);
    while (input_next(in, &e) && at + 40 < size) {
        at += e.kind == INPUT_KEY
                  ? (size_t)snprintf(log + at, size - at, "%c%x%s ", e.pasted ? 'K' : 'k', e.key,
                                     e.repeated ? "*" : "")
                  : (size_t)snprintf(log + at, size - at, "%c ", e.kind == INPUT_REPLY ? 'r' : 's');
    }
}

static void feed(struct input *in, const char *bytes, size_t len, char *log, size_t size)
{
    assert_int_equal(input_feed(in, bytes, len), len);
    take(in, log, size);
}

static void later(struct input *in, int64_t ms, char *log, size_t size)
{
    input_time(in, in->now_ns + ms * NS);
    take(in, log, size);
}

struct sequence {
    const char *bytes;
    size_t len;
    const char *want;
};

/* The bytes, cut at each place in turn, then a pause. */
static void check(const struct sequence *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t cut = 0; cut <= table[i].len; cut++) {
            struct input in;
            char log[1024] = "";
            input_init(&in);
            if (cut) {
                feed(&in, table[i].bytes, cut, log, sizeof log);
            }
            if (cut < table[i].len) {
                feed(&in, table[i].bytes + cut, table[i].len - cut, log, sizeof log);
            }
            later(&in, 300, log, sizeof log);
            if (strcmp(log, table[i].want) != 0) {
                fail_msg("row %zu cut at %zu: '%s', not '%s'", i, cut, log, table[i].want);
            }
            assert_int_equal(in.len, 0);
        }
    }
}

static void test_A2_reports_of_the_mouse_are_no_keys(void **state)
{
    static const struct sequence table[] = {
        { BYTES("a\033[M !!b"), "k61 k62 " },     /* X10, button 1 at 1,1 */
        { BYTES("\033[M`51\033[Ma62x"), "k78 " }, /* the wheel, twice */
        { BYTES("\033[M#1Qx"), "k78 " },          /* a button let go */
        { BYTES("\033[M \xFF\xA1x"), "k78 " },    /* column 223 */
        { BYTES("\033[M\xA0\x80\x9Bx"), "k78 " }, /* button 8, no C1 in it */
        { BYTES("\033[M \xC3\x85"), "" },         /* column 163, row 101 */
        { BYTES("\033[M \xC3\x85\033[M#\xC3\x85\033[A"), "k110000 " },
        { BYTES("\033[M \xC4\xA0\xC2\x85x"), "k78 " }, /* mode 1005 */
        { BYTES("\033[M!\xDF\xBF\xDF\xBFx"), "k78 " },
        { BYTES("\033[M \0\0x"), "k78 " },                  /* beyond what can be told */
        { BYTES("\033[<0;21;17M\033[<0;21;17mx"), "k78 " }, /* SGR */
        { BYTES("\033[<64;100;1Mx"), "k78 " },
        { BYTES("\033[<0;1000;1200Mx"), "k78 " },        /* in pixels, 1016 */
        { BYTES("\033[96;21;17Mx"), "k78 " },            /* urxvt */
        { BYTES("\033[t11x\033[T112233x"), "k78 k78 " }, /* highlight tracking */
        { BYTES("\033[M 1\033[5~"), "k110006 " },        /* one that breaks off */
        { BYTES("\033[Ix\033[Oy"), "r k78 r k79 " },     /* focus in, out */
        { BYTES("\x9BM 11x"), "k78 " },                  /* with C1 of eight bits */
    };
    (void)state;
    check(table, ARRAY_LEN(table));
}

static void test_A2_controls_of_eight_bits(void **state)
{
    static const struct sequence table[] = {
        { BYTES("\x9B"
                "5~"),
          "k110006 " },
        { BYTES("\x8F"
                "A1"),
          "k110000 k31 " },
        { BYTES("\x9B?62;4c1"), "r k31 " },
        { BYTES("\x90>|term\x9C"
                "1"),
          "s k31 " },
        { BYTES("\x9D"
                "11;rgb:0/0/0\x07"
                "1"),
          "s k31 " },
        { BYTES("\xC2\x9B"
                "A\xC2\x90x\xC2\x9C"
                "1"),
          "k110000 s k31 " },
        { BYTES("\x90\xC3\x9C\x9C"
                "1"),
          "s k31 " },                   /* U+00DC in the text */
        { BYTES("\xB1\xE1x"), "k78 " }, /* Alt-1, Alt-a as an eighth bit */
    };
    (void)state;
    check(table, ARRAY_LEN(table));
}

static void test_B3_keyboard_protocols(void **state)
{
    static const struct sequence table[] = {
        { BYTES("\033[97u"), "k61 " },
        { BYTES("\033[97;1u"), "k61 " },
        { BYTES("\033[97;2u"), "k41 " },
        { BYTES("\033[97:65;2u"), "k41 " },
        { BYTES("\033[97;65u\033[97;66u"), "k41 k61 " }, /* Caps Lock, and Shift */
        { BYTES("\033[113;2u"), "k51 " },                /* Q */
        { BYTES("\033[99;5u"), "k3 " },                  /* Ctrl-C */
        { BYTES("\033[99;6u"), "k3 " },
        { BYTES("\033[27u\033[13u\033[9u\033[9;2u\033[127u"), "k1b kd k9 k11000a k7f " },
        { BYTES("\033[32u\033[13;2u"), "k20 kd " },
        { BYTES("\033[97;3u\033[97;9u"), "" }, /* Alt, Super: keys of nobody */
        { BYTES("\033[49;1:1u\033[49;1:2u\033[49;1:3u"), "k31 k31* " },
        { BYTES("\033[49;;49u"), "k31 " }, /* with its text */
        { BYTES("\033[47;2;63u\033[47:63;2u\033[47;2u"), "k3f k3f k3f " },
        { BYTES("\033[223:7838;2;7838u"), "k1e9e " },
        { BYTES("\033[0;;228u"), "ke4 " }, /* from an input method */
        { BYTES("\033[57400u\033[57414u\033[57419u"), "k31 kd k110000 " }, /* keypad */
        { BYTES("\033[57400;129;49u"), "k31 " },
        { BYTES("\033[57441;2u\033[57441;1:3u"), "" }, /* Shift alone */
        { BYTES("\033[1;1:1A\033[1;1:2A\033[1;1:3A"), "k110000 k110000* " },
        { BYTES("\033[5;1:2~\033[5;1:3~"), "k110006* " },
        { BYTES("\033[55555u\033[1114111u"), "k10ffff " },
        { BYTES("\033[u\033[;;u\033[:u"), "" },
        { BYTES("\033[27;5;99~\033[27;2;81~\033[27;2;63~"), "k3 k51 k3f " }, /* modifyOtherKeys */
        { BYTES("\033[27;2;47~"), "k2f " }, /* Shift has made it so */
        { BYTES("\033[27;2;9~\033[27;5;13~\033[27;2;32~"), "k11000a kd k20 " },
        { BYTES("\033[27;3;49~"), "" },
        { BYTES("\033[?27u"), "r " }, /* which flags are on: a reply */
    };
    (void)state;
    check(table, ARRAY_LEN(table));
}

/* Alt and a letter that begins a sequence, then keys as a person types them. */
static void test_B2_a_sequence_that_breaks_off_ends(void **state)
{
    static const char *const starts[] = { "\033]", "\033P",  "\033X",    "\033[",  "\033_",
                                          "\033^", "\033[[", "\033[M",   "\033[1", "\033[<0;1",
                                          "\033O", "\x9B",   "\033]11;", "\xC3" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        struct input in;
        char log[256] = "";
        input_init(&in);
        feed(&in, starts[i], strlen(starts[i]), log, sizeof log);
        assert_string_equal(log, "");
        assert_true(input_due(&in) <= 300 * NS);
        later(&in, 300, log, sizeof log);
        assert_int_equal(input_due(&in), INT64_MAX);
        log[0] = '\0'; /* Alt-O is ESC and O */
        feed(&in, "1", 1, log, sizeof log);
        later(&in, 200, log, sizeof log);
        feed(&in, "2", 1, log, sizeof log);
        assert_string_equal(log, "k31 k32 ");
    }
}

/* Over a slow link pauses within a sequence are longer, and so are those while a
 * reply may be on its way. */
static void test_B2_a_slow_link_has_more_time(void **state)
{
    static const struct {
        int64_t round_trip_ms;
        bool due;
        int64_t pause_ms;
    } cases[] = { { 0, false, 240 }, { 200, false, 600 }, { -1, false, 400 }, { 1, true, 1200 } };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct input in;
        char log[256] = "";
        input_init(&in);
        input_link(&in, cases[i].round_trip_ms < 0 ? -1 : cases[i].round_trip_ms * NS,
                   cases[i].due);
        feed(&in, "\033[", 2, log, sizeof log);
        later(&in, cases[i].pause_ms, log, sizeof log);
        feed(&in, "5", 1, log, sizeof log);
        later(&in, cases[i].pause_ms, log, sizeof log);
        feed(&in, "~", 1, log, sizeof log);
        assert_string_equal(log, "k110006 ");
    }
}

/* What comes after the time was over is still the rest of the sequence. */
static void test_S6_a_late_rest_is_no_key(void **state)
{
    static const struct {
        const char *start, *rest, *want;
        int64_t pause_ms;
    } cases[] = {
        { "\033", "[5~", "k1b k110006 ", 60 },
        { "\033", "[5~", "k1b k110006 ", 1000 },
        { "\033", "\033[0n[5~", "k1b r k110006 ", 60 }, /* behind a reply */
        { "\033", "OA", "k1b k110000 ", 60 },
        { "\033", "[M 11", "k1b ", 60 },
        { "\033[", "5~", "k110006 ", 300 },
        { "\033[", "1;5A", "k110000 ", 2000 },
        { "\033[5", "~", "k7e ", 300 }, /* a key without a use */
        { "\033[<0;1", "5;11M", "", 300 },
        { "\033[M", " 11", "", 300 },
        { "\033[M 1", "1", "", 300 },
        { "\033P>|", "XTerm(379)\033\\", "s ", 300 },
        { "\033]11;", "rgb:ffff/ffff/ffff\007", "s ", 1000 },
        { "\033[49;1", ":3u", "", 300 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct input in;
        char log[256] = "";
        input_init(&in);
        feed(&in, cases[i].start, strlen(cases[i].start), log, sizeof log);
        later(&in, cases[i].pause_ms, log, sizeof log);
        feed(&in, cases[i].rest, strlen(cases[i].rest), log, sizeof log);
        if (strcmp(log, cases[i].want) != 0) {
            fail_msg("row %zu: '%s', not '%s'", i, log, cases[i].want);
        }
        log[0] = '\0';
        feed(&in, "2", 1, log, sizeof log);
        assert_string_equal(log, "k32 ");
    }
}

/* Each byte by itself, a little later than a lone ESC has time. */
static void test_S6_a_sequence_byte_by_byte(void **state)
{
    static const char bytes[] = "\033[5~";
    struct input in;
    char log[256] = "";
    (void)state;
    input_init(&in);
    for (size_t i = 0; bytes[i]; i++) {
        feed(&in, bytes + i, 1, log, sizeof log);
        later(&in, 60, log, sizeof log);
    }
    assert_string_equal(log, "k1b k110006 ");
}

/* Esc, and then a key that a sequence might go on with. */
static void test_S6_keys_behind_a_real_escape(void **state)
{
    static const char *const behind[] = { "1", "5", "Q", "a", "~" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(behind); i++) {
        struct input in;
        char log[256] = "";
        char want[32];
        snprintf(want, sizeof want, "k1b k%x ", (unsigned)behind[i][0]);
        input_init(&in);
        feed(&in, "\033", 1, log, sizeof log);
        later(&in, 60, log, sizeof log);
        feed(&in, behind[i], 1, log, sizeof log);
        assert_string_equal(log, want);
    }
}

static void test_S6_a_paste_without_an_end(void **state)
{
    struct input in;
    char log[256] = "";
    (void)state;
    input_init(&in);
    feed(&in, BYTES("\033[200~12"), log, sizeof log);
    later(&in, 100, log, sizeof log);
    feed(&in, BYTES("3"), log, sizeof log); /* of the paste: no pause */
    later(&in, 2000, log, sizeof log);
    feed(&in, BYTES("45"), log, sizeof log); /* too much for one key */
    later(&in, 2000, log, sizeof log);
    feed(&in, BYTES("Q"), log, sizeof log);
    feed(&in, BYTES("12"), log, sizeof log);
    assert_string_equal(log, "K31 K32 K33 K34 K35 k51 k31 k32 ");
    log[0] = '\0';
    feed(&in, BYTES("\033[200~1"), log, sizeof log);
    later(&in, 2000, log, sizeof log);
    feed(&in, BYTES("\033[A"), log, sizeof log);
    assert_string_equal(log, "K31 k110000 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_A2_reports_of_the_mouse_are_no_keys),
        cmocka_unit_test(test_A2_controls_of_eight_bits),
        cmocka_unit_test(test_B3_keyboard_protocols),
        cmocka_unit_test(test_B2_a_sequence_that_breaks_off_ends),
        cmocka_unit_test(test_B2_a_slow_link_has_more_time),
        cmocka_unit_test(test_S6_a_late_rest_is_no_key),
        cmocka_unit_test(test_S6_a_sequence_byte_by_byte),
        cmocka_unit_test(test_S6_keys_behind_a_real_escape),
        cmocka_unit_test(test_S6_a_paste_without_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
