#include "term/tmux.h"

#include "../../src/term/terminal/passthrough.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "scratch.h"

/* version, allow-passthrough, window, pane, active, zoomed, modes, left, top, width,
 * height; window, control, status, position, width, height, offsets, cell, names */
#define PANE "P|3.3a|1|@1|%2|1|0|0|31|10|89|28\n"
#define CLIENT "C|@1|0|on|bottom|120|40|||6|13|xterm-256color|256,RGB,title|XTerm(379)\n"

static const struct {
    const char *name, *answer;
    bool known, passthrough, visible, keys;
    int clients, row, col, view_row, view_rows;
} cases[] = {
    { "one terminal", PANE CLIENT, true, true, true, true, 1, 10, 31, 0, 39 },
    { "no terminal", PANE, true, true, false, false, 0, 0, 0, 0, 0 },
    { "shows another window", PANE "C|@2|0|on|bottom|120|40|||6|13|x||y\n", true, true, false,
      false, 0, 0, 0, 0, 0 },
    { "a control client", PANE "C|@1|1|on|bottom|80|24|||0|0|x||y\n" CLIENT, true, true, true, true,
      1, 10, 31, 0, 39 },
    { "status bar above", PANE "C|@1|0|on|top|120|40|||6|13|x||y\n", true, true, true, true, 1, 11,
      31, 1, 39 },
    { "three lines of it", PANE "C|@1|0|3|top|120|42|||6|13|x||y\n", true, true, true, true, 1, 13,
      31, 3, 39 },
    { "no status bar", PANE "C|@1|0|off|top|120|39|||6|13|x||y\n", true, true, true, true, 1, 10,
      31, 0, 39 },
    { "a part of a larger window", PANE "C|@1|0|on|top|100|20|20|15|6|13|x||y\n", true, true, true,
      true, 1, -4, 11, 1, 19 },
    { "two terminals", PANE CLIENT CLIENT, true, true, true, false, 2, 10, 31, 0, 39 },
    { "two terminals, one is smaller", PANE CLIENT "C|@1|0|on|bottom|120|30|||6|13|x||y\n", true,
      true, true, false, 2, 10, 31, 0, 29 },
    { "two terminals, at different places", PANE CLIENT "C|@1|0|on|top|120|40|||6|13|x||y\n", true,
      true, false, false, 2, 10, 31, 0, 39 },
    { "another pane has the keys", "P|3.3a|1|@1|%2|0|0|0|31|10|89|28\n" CLIENT, true, true, true,
      false, 1, 10, 31, 0, 39 },
    { "another pane is zoomed", "P|3.3a|1|@1|%2|0|1|0|31|10|89|28\n" CLIENT, true, true, false,
      false, 1, 10, 31, 0, 39 },
    { "zoomed itself", "P|3.3a|1|@1|%2|1|1|0|0|0|120|39\n" CLIENT, true, true, true, true, 1, 0, 0,
      0, 39 },
    { "copy mode", "P|3.3a|1|@1|%2|1|0|1|31|10|89|28\n" CLIENT, true, true, false, false, 1, 10, 31,
      0, 39 },
    { "off", "P|3.3a|0|@1|%2|1|0|0|31|10|89|28\n" CLIENT, true, false, true, true, 1, 10, 31, 0,
      39 },
    { "off in words", "P|3.5|off|@1|%2|1|0|0|31|10|89|28\n" CLIENT, true, false, true, true, 1, 10,
      31, 0, 39 },
    { "on in words", "P|3.5|on|@1|%2|1|0|0|31|10|89|28\n" CLIENT, true, true, true, true, 1, 10, 31,
      0, 39 },
    { "all panes", "P|3.5|all|@1|%2|1|0|0|31|10|89|28\n" CLIENT, true, true, true, true, 1, 10, 31,
      0, 39 },
    { "too old for the option", "P|3.2a||@1|%2|1|0|0|31|10|89|28\n" CLIENT, true, true, true, true,
      1, 10, 31, 0, 39 },
    { "without the option", "P|next-3.9||@1|%2|1|0|0|31|10|89|28\n" CLIENT, true, false, true, true,
      1, 10, 31, 0, 39 },
    { "no last line feed", "P|3.3a|1|@1|%2|1|0|0|31|10|89|28", true, true, false, false, 0, 0, 0, 0,
      0 },
    { "nothing", "", false, false, false, false, 0, 0, 0, 0, 0 },
    { "an error", "no server running on /tmp\n", false, false, false, false, 0, 0, 0, 0, 0 },
    { "the terminals first", CLIENT, false, false, false, false, 0, 0, 0, 0, 0 },
    { "a field is missing", "P|3.3a|1|@1|%2|1|0|0|31|10|89\n" CLIENT, false, false, false, false, 0,
      0, 0, 0, 0 },
    { "no size", "P|3.3a|1|@1|%2|1|0|0|0|0|99999999999999999999|28\n" CLIENT, false, false, false,
      false, 0, 0, 0, 0, 0 },
    { "a terminal cut short", PANE "C|@1|0|on|bottom|120|40\n", true, true, false, false, 0, 0, 0,
      0, 0 },
};

static void test_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct tmux_state s;
        char got[200], want[200];
        tmux_parse(cases[i].answer, strlen(cases[i].answer), &s);
        snprintf(got, sizeof got,
                 "%s: known %d passthrough %d visible %d keys %d clients %d at %d,%d view %d+%d",
                 cases[i].name, s.known, s.passthrough, s.visible, s.keys, s.clients, s.row, s.col,
                 s.view_row, s.view_rows);
        snprintf(want, sizeof want,
                 "%s: known %d passthrough %d visible %d keys %d clients %d at %d,%d view %d+%d",
                 cases[i].name, cases[i].known, cases[i].passthrough, cases[i].visible,
                 cases[i].keys, cases[i].clients, cases[i].row, cases[i].col, cases[i].view_row,
                 cases[i].view_rows);
        assert_string_equal(got, want);
    }
}

static void test_names(void **state)
{
    struct tmux_state s;
    (void)state;
    assert_true(tmux_parse(PANE CLIENT, strlen(PANE CLIENT), &s));
    assert_string_equal(s.version, "3.3a");
    assert_string_equal(s.term, "xterm-256color");
    assert_string_equal(s.type, "XTerm(379)");
    assert_string_equal(s.features, "256,RGB,title");
    assert_int_equal(s.cell_w, 6);
    assert_int_equal(s.cell_h, 13);
    assert_int_equal(s.cols, 89);
    assert_int_equal(s.rows, 28);
    assert_int_equal(s.client_cols, 120);
    assert_int_equal(s.client_rows, 40);
    /* A name may hold what parts the fields, and be as long as it likes. */
    char text[600] = PANE "C|@1|0|on|bottom|120|40|||6|13|x||a|b|";
    size_t len = strlen(text);
    memset(text + len, 'n', 300);
    assert_true(tmux_parse(text, len + 300, &s));
    assert_int_equal(strlen(s.type), sizeof s.type - 1);
    assert_memory_equal(s.type, "a|b|nnn", 7);
}

static void test_what_is_seen(void **state)
{
    static const struct {
        const char *answer;
        int row, col, rows, cols;
        bool seen;
    } places[] = {
        { PANE CLIENT, 0, 0, 28, 89, true },
        { PANE CLIENT, 0, 0, 29, 89, false }, /* beyond the pane */
        { PANE CLIENT, 0, 0, 28, 90, false },
        { PANE CLIENT, -1, 0, 5, 5, false },
        { PANE CLIENT, 5, 80, 5, 9, true },
        { PANE CLIENT, 5, 81, 5, 9, false },
        { PANE "C|@1|0|on|bottom|120|38|||6|13|x||y\n", 0, 0, 27, 89, true }, /* a smaller view */
        { PANE "C|@1|0|on|bottom|120|38|||6|13|x||y\n", 0, 0, 28, 89, false },
        { PANE "C|@1|0|on|top|100|20|20|15|6|13|x||y\n", 4, 0, 5, 5, false }, /* under the bar */
        { PANE "C|@1|0|on|top|100|20|20|15|6|13|x||y\n", 5, 0, 5, 89, true },
        { PANE "C|@1|0|on|top|100|20|40|15|6|13|x||y\n", 5, 8, 5, 5, false }, /* left of it */
        { PANE, 0, 0, 1, 1, false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct tmux_state s;
        assert_true(tmux_parse(places[i].answer, strlen(places[i].answer), &s));
        bool seen = tmux_shows(&s, places[i].row, places[i].col, places[i].rows, places[i].cols);
        if (seen != places[i].seen) {
            fail_msg("place %zu: %d", i, seen);
        }
    }
}

static void test_wrapping(void **state)
{
    static const struct {
        const char *bytes, *wrapped;
    } wraps[] = {
        { "", "\033Ptmux;\033\\" },
        { "abc", "\033Ptmux;abc\033\\" },
        { "\033[c", "\033Ptmux;\033\033[c\033\\" },
        { "\0337\033[1;2H\033Pq#\033\\\0338",
          "\033Ptmux;\033\0337\033\033[1;2H\033\033Pq#\033\033\\\033\0338\033\\" },
        { "\033\033", "\033Ptmux;\033\033\033\033\033\\" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wraps); i++) {
        struct buf out = BUF_INIT;
        passthrough_add(&out, wraps[i].bytes, strlen(wraps[i].bytes));
        assert_string_equal(buf_text(&out), wraps[i].wrapped);
        buf_release(&out);
    }
}

/* A tmux of the test's own, first in the PATH. */
static int set_environment(void **state)
{
    char *folder = scratch_new();
    char path[4096];
    snprintf(path, sizeof path, "%s:%s", folder, getenv("PATH"));
    setenv("PATH", path, 1);
    setenv("TMUX", "/tmp/tmux-0/default,1,0", 1);
    setenv("TMUX_PANE", "%2", 1);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    scratch_remove(*state);
    return 0;
}

static void play_tmux(const char *folder, const char *script)
{
    char text[400];
    char *path = scratch_path(folder, "tmux");
    snprintf(text, sizeof text, "#!/bin/sh\n%s\n", script);
    scratch_write(path, text, strlen(text));
    assert_int_equal(chmod(path, 0700), 0);
    free(path);
}

static void test_child(void **state)
{
    struct tmux_state s;
    play_tmux(*state, "printf '%s\\n' 'P|3.3a|1|@1|%2|1|0|0|31|10|89|28' "
                      "'C|@1|0|on|bottom|120|40|||6|13|x||y'");
    assert_true(tmux_ask(10000, &s));
    assert_true(s.known && s.visible && s.keys && s.col == 31);
    /* It is told the pane. */
    play_tmux(*state, "[ \"$4\" = %2 ] && echo 'P|3.3a|1|@1|%2|1|0|0|31|10|89|28'");
    assert_true(tmux_ask(10000, &s));
    play_tmux(*state, "exit 1");
    assert_false(tmux_ask(10000, &s));
    assert_false(s.known);
    /* It is left behind when it says nothing, or too much. */
    int64_t start = clock_monotonic_ns();
    play_tmux(*state, "exec sleep 100");
    assert_false(tmux_ask(50, &s));
    play_tmux(*state, "exec yes");
    assert_false(tmux_ask(60000, &s));
    assert_true(clock_monotonic_ns() - start < 30000 * 1000000LL);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

static void test_nobody_to_ask(void **state)
{
    static const char *const panes[] = { "", "%", "2", "%2x", "%2;kill-server", "=" };
    struct tmux_state s;
    play_tmux(*state, "echo 'P|3.3a|1|@1|%2|1|0|0|31|10|89|28'");
    for (size_t i = 0; i < ARRAY_LEN(panes); i++) {
        setenv("TMUX_PANE", panes[i], 1);
        assert_false(tmux_ask(10000, &s));
    }
    unsetenv("TMUX_PANE");
    assert_false(tmux_ask(10000, &s));
    setenv("TMUX_PANE", "%2", 1);
    assert_true(tmux_ask(10000, &s));
    char *path = strdup(getenv("PATH"));
    assert_non_null(path);
    setenv("PATH", "/nonexistent", 1);
    assert_false(tmux_ask(10000, &s));
    setenv("PATH", path, 1);
    free(path);
    unsetenv("TMUX");
    assert_false(tmux_ask(10000, &s));
    setenv("TMUX", "/tmp/tmux-0/default,1,0", 1);
}

/* The last test: the helper stays. */
static void test_helper(void **state)
{
    struct tmux_state s;
    assert_true(tmux_helper_start(NULL));
    play_tmux(*state, "printf '%s\\n' 'P|3.3a|1|@1|%2|1|0|0|31|10|89|28' "
                      "'C|@1|0|on|bottom|120|40|||6|13|x||y'");
    for (int i = 0; i < 300; i++) { /* more often than there are serial numbers */
        assert_true(tmux_ask(10000, &s));
        assert_int_equal(s.col, 31);
    }
    /* What is given up is not taken for the answer to the next question. */
    play_tmux(*state, "[ -e ${0%/*}/go ] || exec sleep 100\n"
                      "printf '%s\\n' 'P|3.3a|1|@1|%2|1|0|0|7|10|89|28' "
                      "'C|@1|0|on|bottom|120|40|||6|13|x||y'");
    assert_false(tmux_ask(1, &s));
    char *go = scratch_path(*state, "go");
    scratch_write(go, "", 0);
    free(go);
    assert_true(tmux_ask(10000, &s));
    assert_int_equal(s.col, 7);
    play_tmux(*state, "exit 1");
    assert_false(tmux_ask(10000, &s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),      cmocka_unit_test(test_names),
        cmocka_unit_test(test_what_is_seen), cmocka_unit_test(test_wrapping),
        cmocka_unit_test(test_child),        cmocka_unit_test(test_nobody_to_ask),
        cmocka_unit_test(test_helper),
    };
    return cmocka_run_group_tests(tests, set_environment, remove_folder);
}
