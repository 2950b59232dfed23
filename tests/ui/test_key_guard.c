#include "../../src/ui/key_guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#define MS 1000000LL

/* Keys as "KEY+MS", one behind the other; "KEY+MS/MS" may have come so long before. Says of each: c
 * counts, h held, b held, and the one before too, s too soon. A '!' behind a key: it was refused; a
 * '*': the terminal says that it is held. */
static void verdicts(const char *keys, bool told, char *out)
{
    struct key_guard g = { 0 };
    int64_t now = 1000 * MS;
    for (const char *at = keys; *at;) {
        int after = 0;
        int used = 0;
        char key = *at;
        assert_int_equal(sscanf(at + 1, "+%d%n", &after, &used), 1);
        at += 1 + used;
        now += after * MS;
        int early = 0;
        if (*at == '/') {
            assert_int_equal(sscanf(at + 1, "%d%n", &early, &used), 1);
            at += 1 + used;
        }
        key_guard_take(&g, (keycode)key, now - early * MS, now, *at == '*', told);
        if (*at == '!' && g.verdict == KEY_COUNTS) {
            key_guard_refuse(&g);
        }
        at += *at == '!' || *at == '*';
        at += *at == ' ';
        *out++ = "chbs"[g.verdict];
    }
    *out = '\0';
}

static const struct row {
    const char *keys, *want;
} held[] = {
    { "1+500 1+500 1+33 1+33 1+33", "ccbhh" }, /* X, GNOME */
    { "1+500 1+660 1+40 1+40", "ccbh" },       /* xset's own */
    { "1+500 1+250 1+92 1+92 1+92", "ccbhh" }, /* the Linux console */
    { "1+500 1+225 1+15 1+15 1+15", "ccbhh" }, /* macOS at its fastest */
    { "1+500 1+500 1+90 1+90", "ccbh" },       /* and as installed */
    { "1+500 1+35 1+35 1+35 1+35", "chhhh" },  /* no delay */
    { "1+500 1+0 1+0 1+100 1+0", "chhhh" },    /* as the link delivers them */
    { "1+500 1+500 1+33 1+140 1+2", "ccbhh" },
    { "1+500 1+500 1+33 1+400 1+0 1+33", "ccbcbh" },            /* the link stood still */
    { "1+500 1+500 1+33 1+33 1+300 1+400", "ccbhcc" },          /* let go, and pressed again */
    { "1+500 1+660 1+200/199 1+0/199 1+0/199 1+40", "ccbhhh" }, /* while one was written */
    { "1+500 1+500 1+33 2+50 1+50 2+50", "ccbccc" },            /* another key ends it */
};

static const struct row tapped[] = {
    { "1+500 1+125 1+125 1+125 1+110 1+130", "cccccc" }, /* eight a second */
    { "1+500 1+200 1+200 1+150 1+200", "ccccc" },        { "1+500 1+800 1+500 1+250", "cccc" },
    { "1+500 2+3 1+3 2+3 3+20 1+20", "cccccc" }, /* other keys, however fast */
    { "1+500 1+125 1+80 1+125 1+160", "cchhc" }, /* too fast to have been looked at */
};

static const struct row refused[] = {
    { "1+500 2+3! 3+3 4+3 5+3 1+3", "ccssss" }, /* six keys at 3 ms */
    { "1+500 2+3! 3+3 4+3 5+200 1+120", "ccsscc" },
    { "1+500 2+3! 3+149 4+149 5+151", "ccssc" }, /* any key puts the pause off */
    { "1+500 2+3! 2+33 2+33 2+200", "cchhc" },
    { "1+500! 2+3 3+400! 4+3 5+400", "cscsc" },
};

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char got[64];
        verdicts(rows[i].keys, false, got);
        if (strcmp(got, rows[i].want) != 0) {
            fail_msg("%s: %s, not %s", rows[i].keys, got, rows[i].want);
        }
    }
}

static void test_A3_a_held_key_counts_once(void **state)
{
    (void)state;
    check(held, ARRAY_LEN(held));
}

static void test_A3_a_key_tapped_fast_counts_each_time(void **state)
{
    (void)state;
    check(tapped, ARRAY_LEN(tapped));
}

/* Where the terminal tells, the times do not matter. */
static void test_A3_repeats_that_the_terminal_tells(void **state)
{
    char got[64];
    (void)state;
    verdicts("1+500 1+250* 1+500* 1+20* 1+20 2+3 2+3", true, got);
    assert_string_equal(got, "chhhccc");
    verdicts("1+500 1+500* 1+33*", false, got);
    assert_string_equal(got, "chh");
}

static void test_A5_keys_behind_a_refused_one_wait_for_a_pause(void **state)
{
    (void)state;
    check(refused, ARRAY_LEN(refused));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_A3_a_held_key_counts_once),
        cmocka_unit_test(test_A3_a_key_tapped_fast_counts_each_time),
        cmocka_unit_test(test_A3_repeats_that_the_terminal_tells),
        cmocka_unit_test(test_A5_keys_behind_a_refused_one_wait_for_a_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
