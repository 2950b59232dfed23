#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config/settings.h"
#include "folder.h"

static void the_defaults_hold(void **state)
{
    struct settings s;
    struct error err = { 0 };
    (void)state;
    assert_true(settings_init(&s, &err));
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        assert_string_equal(settings_text(&s, o), option_info(o)->default_text);
        assert_false(s.values[o].given);
    }
    assert_string_equal(settings_text(&s, OPTION_THEME), "auto");
    assert_int_equal(settings_number(&s, OPTION_TIMEOUT), 300);
    assert_int_equal(settings_number(&s, OPTION_READ_ONLY), 0);
    assert_int_equal(settings_choice(&s, OPTION_ENLARGE), CHOICE_ENLARGE_SMOOTH);
    assert_int_equal(s.classes.count, 0);
    settings_release(&s);
}

/* Two rows with one name would make one of them unreachable, unless they belong to different
 * commands and at most one of them to the ini. */
static void the_table_has_no_twins(void **state)
{
    (void)state;
    for (enum option_id a = 0; a < OPTION_COUNT; a++) {
        const struct option_info *one = option_info(a);
        assert_true(one->name[0] && one->commands);
        for (enum option_id b = 0; b < a; b++) {
            const struct option_info *other = option_info(b);
            if ((one->commands & other->commands) || (one->section[0] && other->section[0])) {
                assert_string_not_equal(one->name, other->name);
            }
            assert_true(!one->short_name || one->short_name != other->short_name);
        }
    }
}

static void values_are_checked(void **state)
{
    static const struct {
        enum option_id option;
        const char *value;
        int number, number2; /* -1: refused */
    } cases[] = {
        { OPTION_READ_ONLY, "yes", 1, 0 },
        { OPTION_READ_ONLY, "on", 1, 0 },
        { OPTION_READ_ONLY, "0", 0, 0 },
        { OPTION_READ_ONLY, "", -1, 0 },
        { OPTION_READ_ONLY, "maybe", -1, 0 },
        { OPTION_TIMEOUT, "50", 50, 0 },
        { OPTION_TIMEOUT, "10000", 10000, 0 },
        { OPTION_TIMEOUT, "49", -1, 0 },
        { OPTION_TIMEOUT, "10001", -1, 0 },
        { OPTION_TIMEOUT, "", -1, 0 },
        { OPTION_TIMEOUT, "300ms", -1, 0 },
        { OPTION_TIMEOUT, "99999999999999999999", -1, 0 },
        { OPTION_PROTOCOL, "auto", CHOICE_PROTOCOL_AUTO, 0 },
        { OPTION_PROTOCOL, "blocks", CHOICE_PROTOCOL_BLOCKS, 0 },
        { OPTION_TO, "csv", CHOICE_TO_CSV, 0 },
        { OPTION_IMPORT_FROM, "csv", CHOICE_IMPORT_FROM_CSV, 0 },
        { OPTION_PROTOCOL, "block", -1, 0 },
        { OPTION_PROTOCOL, "sixel|blocks", -1, 0 },
        { OPTION_PROTOCOL, "", -1, 0 },
        { OPTION_CELL, "8x16", 8, 16 },
        { OPTION_CELL, "200x200", 200, 200 },
        { OPTION_CELL, "201x16", -1, 0 },
        { OPTION_CELL, "8x201", -1, 0 },
        { OPTION_CELL, "8x", -1, 0 },
        { OPTION_CELL, "x16", -1, 0 },
        { OPTION_CELL, "8x16x2", -1, 0 },
        { OPTION_CELL, "8 x 16", -1, 0 },
        { OPTION_CELL, "-8x16", -1, 0 },
        { OPTION_CELL, "4294967304x16", -1, 0 }, /* 2^32 + 8 */
        { OPTION_ANNOTATOR, "", 0, 0 },
        { OPTION_ANNOTATOR, "\xC3\xA9lise", 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct settings s;
        struct error err = { 0 };
        assert_true(settings_init(&s, &err));
        bool ok = settings_set(&s, cases[i].option, cases[i].value, "here", &err);
        const struct setting *v = &s.values[cases[i].option];
        if (ok != (cases[i].number >= 0)) {
            fail_msg("%s = '%s': %s", option_info(cases[i].option)->name, cases[i].value,
                     err.message);
        }
        if (ok) {
            assert_true(v->given);
            assert_int_equal(v->number, cases[i].number);
            assert_int_equal(v->number2, cases[i].number2);
            assert_string_equal(v->text, cases[i].value);
        } else {
            assert_false(v->given);
            assert_string_equal(v->text, option_info(cases[i].option)->default_text);
            assert_int_equal(err.kind, ERROR_USAGE);
            assert_memory_equal(err.message, "here: ", 6);
            assert_non_null(strstr(err.message, option_info(cases[i].option)->name));
        }
        settings_release(&s);
    }
}

/* A word means what its row says, wherever that stands among the others: its value is no
 * index, no other word has it, and it is found by the word alone. */
static void choices_are_values_of_their_words(void **state)
{
    bool seen[CHOICE_END - CHOICE_FIRST] = { false };
    size_t words = 0;
    (void)state;
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        const char *word;
        assert_true((option_info(o)->type == OPTION_CHOICE) == (option_word(o, 0) != NULL));
        for (size_t i = 0; (word = option_word(o, i)); i++) {
            struct settings s;
            struct error err = { 0 };
            assert_true(settings_init(&s, &err));
            assert_true(settings_set(&s, o, word, "here", &err));
            enum choice value = settings_choice(&s, o);
            assert_in_range(value, CHOICE_FIRST + 1, CHOICE_END - 1);
            assert_false(seen[value - CHOICE_FIRST]);
            seen[value - CHOICE_FIRST] = true;
            settings_release(&s);
            words++;
        }
    }
    assert_int_equal(words, CHOICE_END - CHOICE_FIRST - 1);
}

static void numbers_are_parsed_when_read(void **state)
{
    static const struct {
        enum option_id option;
        const char *value;
        float real[3]; /* of a refused one, {-1} */
    } cases[] = {
        { OPTION_DECAY, "0.25", { 0.25f } },
        { OPTION_DECAY, "1", { 1.0f } },
        { OPTION_DECAY, "1.01", { -1.0f } },
        { OPTION_DECAY, "", { -1.0f } },
        { OPTION_DECAY, "nan", { -1.0f } },
        { OPTION_SMOOTHING, "0.9", { 0.9f } },
        { OPTION_SMOOTHING, "0.91", { -1.0f } },
        { OPTION_CLASS_WEIGHT, "1000", { 1000.0f } },
        { OPTION_CLASS_WEIGHT, "much", { -1.0f } },
        { OPTION_RATE, "", { 0.0f } },
        { OPTION_RATE, "0", { -1.0f } },
        { OPTION_RATE, "1e-9", { 1e-9f } },
        { OPTION_RATE, "0.1 fast", { -1.0f } },
        { OPTION_MEAN, "", { 0.0f } },
        { OPTION_MEAN, "0.5", { 0.5f, 0.5f, 0.5f } },
        { OPTION_MEAN, "0.485,0.456,-0.406", { 0.485f, 0.456f, -0.406f } },
        { OPTION_MEAN, "0.5,0.5", { -1.0f } },
        { OPTION_MEAN, "0.5,0.5,inf", { -1.0f } },
        { OPTION_MEAN, "1,2,3,4", { -1.0f } },
        { OPTION_STD, "0.2", { 0.2f, 0.2f, 0.2f } },
        { OPTION_STD, "0.2,0,0.2", { -1.0f } },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct settings s;
        struct error err = { 0 };
        assert_true(settings_init(&s, &err));
        bool ok = settings_set(&s, cases[i].option, cases[i].value, "here", &err);
        if (ok != (cases[i].real[0] >= 0.0f)) {
            fail_msg("%s = '%s': %s", option_info(cases[i].option)->name, cases[i].value,
                     err.message);
        }
        if (ok) {
            assert_memory_equal(s.values[cases[i].option].real, cases[i].real,
                                sizeof cases[i].real);
        } else {
            assert_memory_equal(err.message, "here: ", 6);
        }
        settings_release(&s);
    }
}

static void lists_are_searched_by_item(void **state)
{
    (void)state;
    assert_true(settings_list_has("labeled,skipped", ',', "skipped"));
    assert_true(settings_list_has("labeled,skipped", ',', "labeled"));
    assert_false(settings_list_has("labeled,skipped", ',', "label"));
    assert_false(settings_list_has("labeled,skipped", ',', ""));
    assert_false(settings_list_has("", ',', "x"));
}

/* An ini, and the settings that come of it as text, or the end of the error
 * behind "FILE". */
struct ini_case {
    const char *ini;
    const char *result;
};

static void describe(const struct settings *s, struct buf *out)
{
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        if (s->values[o].given) {
            buf_addf(out, "%s=%s ", option_info(o)->name, settings_text(s, o));
        }
    }
    for (size_t i = 0; i < s->classes.count; i++) {
        const struct class *c = &s->classes.items[i];
        char key[KEY_NAME_SIZE];
        keycode_name(c->key, key);
        buf_addf(out, "%s:%s", key, c->name);
        if (c->color != CLASS_COLOR_NONE) {
            buf_addf(out, "#%06x", (unsigned)c->color);
        }
        buf_addc(out, ' ');
    }
    struct keymap defaults;
    keymap_init(&defaults);
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        if (memcmp(defaults.keys[a], s->keymap.keys[a], sizeof defaults.keys[a]) == 0) {
            continue;
        }
        buf_addf(out, "%s=", action_info(a)->name);
        for (size_t i = 0; i < KEYMAP_KEYS_PER_ACTION && s->keymap.keys[a][i] != KEYCODE_NONE;
             i++) {
            char key[KEY_NAME_SIZE];
            keycode_name(s->keymap.keys[a][i], key);
            buf_addf(out, "%s%s", i ? "+" : "", key);
        }
        buf_addc(out, ' ');
    }
}

static void check_inis(const struct ini_case *cases, size_t count, bool valid)
{
    struct folder scratch;
    folder_open(&scratch);
    for (size_t i = 0; i < count; i++) {
        struct settings s;
        struct error err = { 0 };
        struct buf got = BUF_INIT;
        const char *path = folder_text(&scratch, "thumbtag.ini", cases[i].ini);
        assert_true(settings_init(&s, &err));
        if (settings_load(&s, path, false, &err) != valid) {
            fail_msg("[[%s]]: %s", cases[i].ini, valid ? err.message : "was taken");
        }
        if (valid) {
            describe(&s, &got);
            assert_string_equal(buf_text(&got), cases[i].result);
        } else {
            assert_memory_equal(err.message, path, strlen(path));
            const char *rest = err.message + strlen(path);
            if (strncmp(rest, cases[i].result, strlen(cases[i].result)) != 0) {
                fail_msg("[[%s]] gives '%s', not '%s'", cases[i].ini, rest, cases[i].result);
            }
        }
        buf_release(&got);
        settings_release(&s);
    }
    folder_close(&scratch);
}

static void good_inis(void **state)
{
    static const struct ini_case cases[] = {
        { "", "" },
        { "\n\n; nothing\n# at all\n", "" },
        { "[view]\n", "" },
        { "[view]\ntheme = light\n", "theme=light " },
        { "[view]\r\ntheme = light\r\ntimeout=500\r\n", "theme=light timeout=500 " },
        { "[view]\ntheme = light", "theme=light " },
        { "  [ View ]  \n\tTheme\t=\tlight ; mine\n", "theme=light " },
        { "[view]\ntheme = \"li;ght#\" ; quoted\n", "theme=li;ght# " },
        { "[view]\ntheme = 'li\"ght'\n", "theme=li\"ght " },
        { "[session]\nannotator =\n", "annotator= " },
        { "[view]\ntheme=a=b\n", "theme=a=b " },
        { "[view]\ncell=8x16\n[model]\nmodel = m.tflite\n[view]\nahead=3\n",
          "model=m.tflite cell=8x16 ahead=3 " },
        { "[classes]\n1 = cat\n2 = dog\n", "1:cat 2:dog " },
        /* Order as in the file; letters as written, though iniparser has them small. */
        { "[classes]\nz = z\nA = big a\n\xC3\x89 = big e\n\xC3\xA9 = small e\n",
          "z:z A:big a \xC3\x89:big e \xC3\xA9:small e " },
        { "[classes]\n: = colon\nsemicolon = semi\nhash = h\nequals = eq\n[ = bracket\n\" = "
          "quote\n",
          "::colon ;:semi #:h =:eq [:bracket \":quote " },
        { "[classes]\nf1 = cat\nspace = dog\n", "f1:cat space:dog " },
        { "[classes]\n1 = \"cat, #FF8000\"\n2 = \"dog,small\"\n3 = x, y\n",
          "1:cat#ff8000 2:dog,small 3:x, y " },
        { "[classes]\n1 = \xE7\x8C\xAB\n2 = d'or\n", "1:\xE7\x8C\xAB 2:d'or " },
        { "[keys]\nundo = x ctrl-u\nHELP = none\npick = \"; @\"\nquit=\"#\" # hash\n",
          "undo=x+ctrl-u help= quit=# " },
    };
    (void)state;
    check_inis(cases, ARRAY_LEN(cases), true);
}

static void S9_comments_hold_anything(void **state)
{
    static const struct ini_case cases[] = {
        { "[view]\n; a folder: C:\\photos\\\ntheme = light\n", "theme=light " },
        { "# \\\n[view]\n; \\\n; \\\ntheme = light\n; \\", "theme=light " },
        { "[view]\ntheme = light ; C:\\\ntimeout = 500\n", "theme=light timeout=500 " },
        { "[view]\ntheme = \"light\" # C:\\  \ntimeout = 500\n", "theme=light timeout=500 " },
        { "[view] ; C:\\\ntheme = light\n", "theme=light " },
        { "[view] # here\ntheme = \"a\\\"\n", "theme=a\\ " },
        { "; [view\n; = \\\n[view]\ntheme = light ; \xFF\xFE \"quoted' = [x]\n", "theme=light " },
    };
    (void)state;
    check_inis(cases, ARRAY_LEN(cases), true);
}

static void D9_byte_order_marks(void **state)
{
    static const struct ini_case cases[] = {
        { "\xEF\xBB\xBF", "" },
        { "\xEF\xBB\xBF[view]\ntheme = light\n", "theme=light " },
        { "\xEF\xBB\xBF; mine\r\n[view]\r\ntheme = light\r\n", "theme=light " },
    };
    (void)state;
    check_inis(cases, ARRAY_LEN(cases), true);
}

static void bad_inis(void **state)
{
    static const struct ini_case cases[] = {
        /* Typing errors are not passed over. */
        { "[view]\nthem = light\n", ":2: [view] them: there is no such setting" },
        { "[veiw]\ntheme = light\n", ":2: [veiw] theme: there is no such setting" },
        { "[view]\nmodel = x\n", ":2: [view] model: there is no such setting" },
        { "[view]\nscript = x\n", ":2: [view] script: there is no such setting" },
        { "\n[view]\n\ntimeout = 5\n", ":4: timeout = '5': must be a number from 50 to 10000" },
        { "[view]\nprotocol = regis\n", ":2: protocol = 'regis': must be one of auto|kitty" },
        { "[keys]\nundoo = x\n", ":2: [keys] has no action 'undoo'" },
        { "[keys]\nundo = xx\n", ":2: 'xx' is not a key" },
        { "[keys]\nundo = #\n", ":2: 'undo' has no key; write none" },
        { "[classes]\nab = cat\n", ":2: [classes] 'ab' is not a key" },
        { "[classes]\n1 =\n", ":2: a class name is empty" },
        { "[classes]\n1 = \"\"\n", ":2: a class name is empty" },
        { "[classes]\n1 = cat, #ff8000\n", ":2: [classes] 1 = cat,: ends in a comma" },
        { "[classes]\n1 = \"cat, #ff80\"\n", ":2: [classes] 1 = 'cat, #ff80': the colour must be" },
        { "[classes]\n1 = cat\n2 = cat\n", ":3: class 'cat' is given twice" },
        { "[classes]\n; = semi\n1 = a\xFF\n",
          ":3: class name 'a\xEF\xBF\xBD' contains invalid UTF-8" },
        { "[classes]\nspace = a\nSpace = b\n", ":3: [classes] 'Space' is already set in line 2" },
        { "[classes]\nhash = a\n[x]\n[CLASSES]\n1 = b\n1 = c\n",
          ":6: [CLASSES] '1' is already set in line 5" },
        /* What iniparser would take in silence, or name without its place. */
        { "theme = light\n[view]\n", ":1: a key before the first [section]" },
        { "[view]\ntheme = light\ntheme = dark\n", ":3: [view] 'theme' is already set in line 2" },
        { "[view]\ntheme = \"light\n", ":2: the quote is not closed" },
        { "[view]\ntheme = 'light\n", ":2: the quote is not closed" },
        { "[view]\ntheme = \"a\"b\"\n", ":2: there is text after the closing quote" },
        { "[view]\ntheme = a;b\n", ":2: a value with ; or # must be quoted" },
        { "[view]\ntheme = a\\ ; b\n", ":2: a line cannot be continued" },
        { "[view]\ntheme = a\\\nb\n", ":2: a line cannot be continued" },
        { "[]\n", ":1: the section has no name" },
        { "[view\ntheme = x\n", ":1: neither [section] nor KEY = VALUE" },
        { "[view] here\n", ":1: there is text after the section's ']'" },
        { "[view]\ntheme\n", ":2: neither [section] nor KEY = VALUE" },
        { "[view]\n= light\n", ":2: neither [section] nor KEY = VALUE" },
        { "[classes]\n= = equals\n", ":2: neither [section] nor KEY = VALUE" },
        { "\xFF\xFE[\0", ": this is UTF-16 text; save it as UTF-8" },
        { "\xFE\xFF", ": this is UTF-16 text; save it as UTF-8" },
        { "\x89PNG\r\n\x1A\n", ":1: neither [section] nor KEY = VALUE" },
    };
    (void)state;
    check_inis(cases, ARRAY_LEN(cases), false);
}

/* One setting whose line has this many bytes without its newline. */
static void add_long_line(struct buf *b, size_t len)
{
    static const char key[] = "annotator = ";
    buf_clear(b);
    buf_adds(b, "[session]\n");
    buf_adds(b, key);
    for (size_t i = sizeof key - 1; i < len; i++) {
        buf_addc(b, 'x');
    }
    buf_adds(b, "\n[view]\ntheme = mono\n");
}

static void long_lines_are_whole_or_refused(void **state)
{
    static const size_t lengths[] = { 100, 999, 1000, 1001, 1022, 1023, 1024, 1025, 2047, 5000 };
    struct folder scratch;
    (void)state;
    folder_open(&scratch);
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        struct settings s;
        struct error err = { 0 };
        struct buf b = BUF_INIT;
        add_long_line(&b, lengths[i]);
        assert_true(settings_init(&s, &err));
        bool ok = settings_load(&s, folder_write(&scratch, "a.ini", b.data, b.len), false, &err);
        assert_int_equal(ok, lengths[i] <= 1000);
        if (ok) {
            assert_int_equal(strlen(settings_text(&s, OPTION_ANNOTATOR)), lengths[i] - 12);
            assert_string_equal(settings_text(&s, OPTION_THEME), "mono");
        } else {
            assert_non_null(strstr(err.message, "a.ini:2: the line is longer than 1000 bytes"));
        }
        settings_release(&s);
        buf_release(&b);
    }
    folder_close(&scratch);
}

static void hostile_inis(void **state)
{
    struct folder scratch;
    struct settings s;
    struct error err = { 0 };
    struct buf b = BUF_INIT;
    (void)state;
    folder_open(&scratch);
    assert_true(settings_init(&s, &err));

    assert_false(
        settings_load(&s, folder_write(&scratch, "nul", "[view]\ntheme\0=x\n", 16), false, &err));
    assert_non_null(strstr(err.message, "nul:2: contains a NUL byte"));

    buf_adds(&b, "[x]\n");
    for (int i = 0; i < 3000; i++) {
        buf_addf(&b, "%d=\n", i);
    }
    assert_false(settings_load(&s, folder_write(&scratch, "many", b.data, b.len), false, &err));
    assert_non_null(strstr(err.message, "many:2002: more than 2000 keys"));
    while (b.len <= 256 * 1024) {
        buf_adds(&b, "; and so on, and so on\n");
    }
    assert_false(settings_load(&s, folder_write(&scratch, "big", b.data, b.len), false, &err));
    assert_int_equal(err.kind, ERROR_DATA);

    snprintf(scratch.path, sizeof scratch.path, "%s/fifo", scratch.dir);
    assert_int_equal(mkfifo(scratch.path, 0600), 0);
    assert_false(settings_load(&s, scratch.path, true, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_false(settings_load(&s, scratch.dir, true, &err));

    buf_release(&b);
    settings_release(&s);
    folder_close(&scratch);
}

static void a_missing_ini_may_be_fine(void **state)
{
    struct settings s;
    struct error err = { 0 };
    (void)state;
    assert_true(settings_init(&s, &err));
    assert_true(settings_load(&s, "/nonexistent/thumbtag.ini", true, &err));
    assert_false(settings_load(&s, "/nonexistent/thumbtag.ini", false, &err));
    assert_int_equal(err.kind, ERROR_IO);
    settings_release(&s);
}

/* The user's ini, then the folder's: the later one wins, setting by setting;
 * of classes the later list as a whole, if it has one. */
static void a_later_ini_wins(void **state)
{
    struct folder scratch;
    struct settings s;
    struct error err = { 0 };
    struct buf got = BUF_INIT;
    (void)state;
    folder_open(&scratch);
    assert_true(settings_init(&s, &err));
    assert_true(settings_load(
        &s, folder_text(&scratch, "1", "[view]\ntheme=light\nahead=3\n[classes]\n1=a\n2=b\n"),
        false, &err));
    assert_true(settings_load(&s, folder_text(&scratch, "2", "[view]\ntheme=mono\n"), false, &err));
    describe(&s, &got);
    assert_string_equal(buf_text(&got), "theme=mono ahead=3 1:a 2:b ");
    buf_clear(&got);
    assert_true(settings_load(&s, folder_text(&scratch, "3", "[classes]\n1=c\n"), false, &err));
    describe(&s, &got);
    assert_string_equal(buf_text(&got), "theme=mono ahead=3 1:c ");
    buf_release(&got);
    settings_release(&s);
    folder_close(&scratch);
}

static void the_user_path(void **state)
{
    static const struct {
        const char *xdg, *home, *path;
    } cases[] = {
        { "/x", "/h", "/x/thumbtag/thumbtag.ini" },
        { NULL, "/h", "/h/.config/thumbtag/thumbtag.ini" },
        { "", "/h", "/h/.config/thumbtag/thumbtag.ini" },
        { "relative", "/h", "/h/.config/thumbtag/thumbtag.ini" },
        { NULL, "relative", NULL },
        { NULL, "", NULL },
        { NULL, NULL, NULL },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        unsetenv("XDG_CONFIG_HOME");
        unsetenv("HOME");
        if (cases[i].xdg) {
            setenv("XDG_CONFIG_HOME", cases[i].xdg, 1);
        }
        if (cases[i].home) {
            setenv("HOME", cases[i].home, 1);
        }
        char *path = settings_user_path();
        if (cases[i].path) {
            assert_non_null(path);
            assert_string_equal(path, cases[i].path);
        } else {
            assert_null(path);
        }
        free(path);
    }
}

static void the_cache_folder(void **state)
{
    static const struct {
        const char *xdg, *home, *path;
    } cases[] = {
        { "/x", "/h", "/x/thumbtag" },
        { NULL, "/h", "/h/.cache/thumbtag" },
        { "relative", "/h", "/h/.cache/thumbtag" },
        { NULL, NULL, NULL },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        unsetenv("XDG_CACHE_HOME");
        unsetenv("HOME");
        if (cases[i].xdg) {
            setenv("XDG_CACHE_HOME", cases[i].xdg, 1);
        }
        if (cases[i].home) {
            setenv("HOME", cases[i].home, 1);
        }
        char *path = settings_cache_folder();
        assert_int_equal(path != NULL, cases[i].path != NULL);
        if (path) {
            assert_string_equal(path, cases[i].path);
        }
        free(path);
    }
}

static void the_data_path(void **state)
{
    static const struct {
        const char *xdg, *home, *path;
    } cases[] = {
        { "/x", "/h", "/x/thumbtag/backbone.tflite" },
        { "/x", NULL, "/x/thumbtag/backbone.tflite" },
        { NULL, "/h", "/h/.local/share/thumbtag/backbone.tflite" },
        { "", "/h", "/h/.local/share/thumbtag/backbone.tflite" },
        { "relative", "/h", "/h/.local/share/thumbtag/backbone.tflite" },
        { "./relative", NULL, NULL },
        { NULL, ".", NULL },
        { NULL, "", NULL },
        { NULL, NULL, NULL },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        unsetenv("XDG_DATA_HOME");
        unsetenv("HOME");
        if (cases[i].xdg) {
            setenv("XDG_DATA_HOME", cases[i].xdg, 1);
        }
        if (cases[i].home) {
            setenv("HOME", cases[i].home, 1);
        }
        char *path = settings_data_path("backbone.tflite");
        assert_int_equal(path != NULL, cases[i].path != NULL);
        if (path) {
            assert_string_equal(path, cases[i].path);
        }
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_hold),
        cmocka_unit_test(the_table_has_no_twins),
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test(choices_are_values_of_their_words),
        cmocka_unit_test(numbers_are_parsed_when_read),
        cmocka_unit_test(lists_are_searched_by_item),
        cmocka_unit_test(good_inis),
        cmocka_unit_test(S9_comments_hold_anything),
        cmocka_unit_test(D9_byte_order_marks),
        cmocka_unit_test(bad_inis),
        cmocka_unit_test(long_lines_are_whole_or_refused),
        cmocka_unit_test(hostile_inis),
        cmocka_unit_test(a_missing_ini_may_be_fine),
        cmocka_unit_test(a_later_ini_wins),
        cmocka_unit_test(the_user_path),
        cmocka_unit_test(the_cache_folder),
        cmocka_unit_test(the_data_path),
    };
    if (!setlocale(LC_ALL, "C.UTF-8")) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
