#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "config/theme.h"
#include "folder.h"

static void assert_same_theme(const struct theme *a, const struct theme *b)
{
    for (enum style s = 0; s < STYLE_COUNT; s++) {
        const struct style_info *x = &a->styles[s];
        const struct style_info *y = &b->styles[s];
        if (x->fg != y->fg || x->bg != y->bg || x->attrs != y->attrs) {
            fail_msg("%s: %s differs", a->name, theme_style_name(s));
        }
    }
    assert_int_equal(a->class_color_count, b->class_color_count);
    assert_memory_equal(a->class_colors, b->class_colors, sizeof a->class_colors);
    assert_int_equal(a->paper, b->paper);
}

/* What is built in was read by awk at build time, the file by iniparser now. */
static void built_in_themes_equal_their_files(void **state)
{
    int count = 0;
    (void)state;
    for (const char *name; (name = theme_builtin_name(count)); count++) {
        struct theme built_in, file;
        struct error err = { 0 };
        char path[128];
        snprintf(path, sizeof path, "themes/%s.ini", name);
        theme_load_builtin(&built_in, name, &err);
        theme_load(&file, path, &err);
        assert_string_equal(err.message, "");
        assert_string_equal(built_in.name, name);
        assert_same_theme(&built_in, &file);
    }
    glob_t files;
    assert_int_equal(glob("themes/*.ini", 0, NULL, &files), 0);
    assert_int_equal(count, files.gl_pathc);
    globfree(&files);
    assert_null(theme_builtin_name(-1));
}

static void the_four_themes_are_there(void **state)
{
    static const char *const names[] = { "dark", "light", "contrast", "mono" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct theme t;
        struct error err = { 0 };
        theme_load_builtin(&t, names[i], &err);
        assert_string_equal(err.message, "");
    }
}

static bool looks_like(const struct style_info *a, const struct style_info *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->attrs == b->attrs;
}

static void styles_can_be_told_apart(void **state)
{
    (void)state;
    for (int i = 0; theme_builtin_name(i); i++) {
        struct theme t;
        assert_true(theme_load_builtin(&t, theme_builtin_name(i), NULL));
        assert_false(looks_like(&t.styles[STYLE_GUESS], &t.styles[STYLE_CLASS]));
        assert_false(looks_like(&t.styles[STYLE_ANSWER], &t.styles[STYLE_CLASS]));
        assert_false(looks_like(&t.styles[STYLE_ANSWER], &t.styles[STYLE_GUESS]));
        assert_false(looks_like(&t.styles[STYLE_ERROR], &t.styles[STYLE_TEXT]));
    }
}

static void the_mono_theme_has_no_colour(void **state)
{
    struct theme t;
    (void)state;
    assert_true(theme_load_builtin(&t, "mono", NULL));
    for (enum style s = 0; s < STYLE_COUNT; s++) {
        assert_int_equal(t.styles[s].fg, COLOR_DEFAULT);
        assert_int_equal(t.styles[s].bg, COLOR_DEFAULT);
    }
    assert_int_equal(t.class_color_count, 0);
}

static void colours(void **state)
{
    static const struct {
        const char *text;
        int32_t color; /* -2: refused */
    } cases[] = {
        { "#102030", 0x102030 },
        { "#FFffFF", 0xFFFFFF },
        { "#000000", 0 },
        { "black", 0 },
        { "bright-white", 0xFFFFFF },
        { "default", COLOR_DEFAULT },
        { "", -2 },
        { "#", -2 },
        { "#12345", -2 },
        { "#1234567", -2 },
        { "#12345g", -2 },
        { "# 12345", -2 },
        { "#0x1234", -2 },
        { "102030", -2 },
        { "Black ", -2 },
        { "blackish", -2 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int32_t color = -2;
        assert_int_equal(theme_parse_color(cases[i].text, &color), cases[i].color != -2);
        assert_int_equal(color, cases[i].color);
    }
}

static void style_lines(void **state)
{
    static const struct {
        const char *value;
        bool ok;
        struct style_info style;
    } cases[] = {
        { "white", true, { 0xE5E5E5, COLOR_DEFAULT, 0 } },
        { "\"#102030 on #405060\"", true, { 0x102030, 0x405060, 0 } },
        { "default on black bold underline",
          true,
          { COLOR_DEFAULT, 0, ATTR_BOLD | ATTR_UNDERLINE } },
        { "white\ton\tblack", true, { 0xE5E5E5, 0, 0 } },
        { "bold white dim reverse",
          true,
          { 0xE5E5E5, COLOR_DEFAULT, ATTR_BOLD | ATTR_DIM | ATTR_REVERSE } },
        { "", false, { 0, 0, 0 } },
        { "#102030", false, { 0, 0, 0 } }, /* a comment: nothing is left */
        { "white on #102030", false, { 0, 0, 0 } },
        { "white on", false, { 0, 0, 0 } },
        { "on black", false, { 0, 0, 0 } },
        { "bold", false, { 0, 0, 0 } },
        { "white black", false, { 0, 0, 0 } },
        { "white on black red", false, { 0, 0, 0 } },
        { "white on black on red", false, { 0, 0, 0 } },
        { "white blink", false, { 0, 0, 0 } },
        { "whiteandaverylongwordthatisnocolouratall", false, { 0, 0, 0 } },
    };
    struct folder s;
    (void)state;
    folder_open(&s);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char ini[200];
        struct theme t;
        struct error err = { 0 };
        snprintf(ini, sizeof ini, "[styles]\nguess = %s\n", cases[i].value);
        bool ok = theme_load(&t, folder_text(&s, "t.ini", ini), &err);
        if (ok != cases[i].ok) {
            fail_msg("'%s': %s", cases[i].value, ok ? "was taken" : err.message);
        }
        if (ok) {
            assert_true(looks_like(&t.styles[STYLE_GUESS], &cases[i].style));
        } else {
            assert_non_null(strstr(err.message, "t.ini:2: [styles] guess = "));
        }
    }
    folder_close(&s);
}

static void unknown_keys_are_refused(void **state)
{
    static const struct {
        const char *ini, *says;
    } cases[] = {
        { "[styles]\ngues = white\n", ":2: [styles] gues: themes have no such key" },
        { "[style]\nguess = white\n", ":2: [style] guess: themes have no such key" },
        { "[picture]\npaper = default\n", ":2: [picture] paper = 'default'" },
        { "[picture]\npaper = #102030\n", ":2: [picture] paper = ''" },
        { "[classes]\ncolors = #102030 #405060\n", ":2: [classes] colors = ''" },
        { "[classes]\ncolors = red rot\n", ":2: [classes] colors = 'red rot'" },
        { "[classes]\ncolors = red red red red red red red red red red red red red red red red "
          "red\n",
          ":2: [classes] colors = 'red red" },
    };
    struct folder s;
    (void)state;
    folder_open(&s);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct theme t;
        struct error err = { 0 };
        assert_false(theme_load(&t, folder_text(&s, "t.ini", cases[i].ini), &err));
        assert_int_equal(err.kind, ERROR_DATA);
        if (!strstr(err.message, cases[i].says)) {
            fail_msg("'%s' says nothing of '%s'", err.message, cases[i].says);
        }
    }
    folder_close(&s);
}

static void a_theme_of_the_user_comes_first(void **state)
{
    struct folder s;
    struct theme t;
    struct error err = { 0 };
    char dir[300];
    (void)state;
    folder_open(&s);
    snprintf(dir, sizeof dir, "%s/thumbtag", s.dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    snprintf(dir, sizeof dir, "%s/thumbtag/themes", s.dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    folder_text(&s, "thumbtag/themes/dark.ini", "[picture]\npaper = red\n");
    setenv("XDG_CONFIG_HOME", s.dir, 1);
    assert_true(theme_load(&t, "dark", &err));
    assert_int_equal(t.paper, 0xCD0000);
    assert_string_equal(t.name, "dark");
    assert_int_equal(t.styles[STYLE_TEXT].fg, COLOR_DEFAULT);
    assert_false(theme_load(&t, "no such theme", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    for (int i = 0; theme_builtin_name(i); i++) {
        assert_non_null(strstr(err.message, theme_builtin_name(i)));
    }
    assert_false(theme_load(&t, "./no-such.ini", &err));
    assert_int_equal(err.kind, ERROR_IO);
    unsetenv("XDG_CONFIG_HOME");
    folder_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_themes_equal_their_files),
        cmocka_unit_test(the_four_themes_are_there),
        cmocka_unit_test(styles_can_be_told_apart),
        cmocka_unit_test(the_mono_theme_has_no_colour),
        cmocka_unit_test(colours),
        cmocka_unit_test(style_lines),
        cmocka_unit_test(unknown_keys_are_refused),
        cmocka_unit_test(a_theme_of_the_user_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
