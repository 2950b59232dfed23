#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "config/action.h"
#include "config/key.h"

static void names_give_keys(void **state)
{
    static const struct {
        const char *name;
        keycode key;
    } cases[] = {
        { "a", 'a' },
        { "A", 'A' },
        { "0", '0' },
        { ":", ':' },
        { ";", ';' },
        { "semicolon", ';' },
        { "hash", '#' },
        { "equals", '=' },
        { "\xC3\xA9", 0xE9 },
        { "\xE7\x8C\xAB", 0x732B },
        { "\xF0\x9F\x90\xB1", 0x1F431 },
        { "enter", KEYCODE_ENTER },
        { "ENTER", KEYCODE_ENTER },
        { "Return", KEYCODE_ENTER },
        { "space", ' ' },
        { "tab", KEYCODE_TAB },
        { "shift-tab", KEYCODE_BACKTAB },
        { "esc", KEYCODE_ESC },
        { "backspace", KEYCODE_BACKSPACE },
        { "Page-Up", KEYCODE_PAGE_UP },
        { "ctrl-a", 1 },
        { "Ctrl-A", 1 },
        { "ctrl-z", 26 },
        { "ctrl-m", KEYCODE_ENTER },
        { "ctrl-[", KEYCODE_ESC },
        { "ctrl-_", 31 },
        { "f1", KEYCODE_F1 },
        { "F12", KEYCODE_F12 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        keycode key = KEYCODE_NONE;
        if (!keycode_parse(cases[i].name, &key) || key != cases[i].key) {
            fail_msg("'%s' gives %#x, not %#x", cases[i].name, (unsigned)key,
                     (unsigned)cases[i].key);
        }
    }
}

static void other_names_are_refused(void **state)
{
    static const char *const cases[] = {
        "",       " ",      "\t",     "\n",      "\x1B",          "\x7F",      "ab",
        "ctrl-",  "ctrl-1", "ctrl-@", "ctrl-ab", "ctrl-\xC3\xA9", "alt-x",     "f0",
        "f13",    "f01x",   "f+1",    "f 1",     "f-1",           "f100",      "f4294967297",
        "enterr", "none",   "\xC3",   "\xFF",    "\xE2\x80\xAE",  "e\xCC\x81", "\xEF\xBB\xBF",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        keycode key = 77;
        if (keycode_parse(cases[i], &key)) {
            fail_msg("'%s' is taken as a key", cases[i]);
        }
    }
}

static void every_key_has_a_name_that_gives_it_back(void **state)
{
    (void)state;
    for (keycode key = 1; key <= KEYCODE_F12; key++) {
        char name[KEY_NAME_SIZE];
        char symbol[KEY_NAME_SIZE];
        keycode back = KEYCODE_NONE;
        bool named = key < 0x110000 && key != KEYCODE_BACKSPACE && key >= 32;
        if (named && (text_unsafe(key) || (key >= 0xD800 && key <= 0xDFFF))) {
            continue;
        }
        keycode_name(key, name);
        keycode_symbol(key, symbol);
        if (!keycode_parse(name, &back) || back != key || !symbol[0]) {
            fail_msg("key %#x is called '%s' and '%s', which gives %#x", (unsigned)key, name,
                     symbol, (unsigned)back);
        }
    }
}

static void names_and_symbols(void **state)
{
    static const struct {
        keycode key;
        const char *name;
        const char *symbol;
    } cases[] = {
        { KEYCODE_ENTER, "enter", "\xE2\x86\xB5" },
        { ' ', "space", "Space" },
        { 18, "ctrl-r", "^R" },
        { 28, "ctrl-\\", "^\\" },
        { KEYCODE_LEFT, "left", "\xE2\x86\x90" },
        { KEYCODE_F1 + 9, "f10", "F10" },
        { ';', ";", ";" },
        { '#', "#", "#" },
        { 0xE9, "\xC3\xA9", "\xC3\xA9" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[KEY_NAME_SIZE];
        keycode_name(cases[i].key, text);
        assert_string_equal(text, cases[i].name);
        keycode_symbol(cases[i].key, text);
        assert_string_equal(text, cases[i].symbol);
    }
}

static void actions_are_found_by_name(void **state)
{
    (void)state;
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        const struct action_info *info = action_info(a);
        assert_int_equal(action_by_name(info->name), a);
        assert_true(info->name[0] && info->keys[0] && info->group[0] && info->text[0]);
    }
    assert_int_equal(action_by_name("Undo"), ACTION_UNDO);
    assert_int_equal(action_by_name("und"), ACTION_NO_ACTION);
    assert_int_equal(action_by_name(""), ACTION_NO_ACTION);
}

/* Rows whose keys the view finds itself. */
static bool are_found(const char *keys)
{
    return strcmp(keys, "letters") == 0 || strcmp(keys, "class keys") == 0;
}

/* The keys of the views are keys, and no row of a view has one of another's. */
static void view_keys_are_keys(void **state)
{
    const struct view_key_info *info;
    (void)state;
    for (size_t i = 0; (info = view_key_info(i)); i++) {
        char words[64];
        char *rest = NULL;
        assert_true(info->view[0] && info->text[0]);
        snprintf(words, sizeof words, "%s", info->keys);
        for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
            keycode key;
            assert_true(are_found(info->keys) || keycode_parse(word, &key));
            for (size_t j = 0; j < i; j++) {
                const struct view_key_info *other = view_key_info(j);
                char padded[80];
                char wanted[40];
                snprintf(padded, sizeof padded, " %s ", other->keys);
                snprintf(wanted, sizeof wanted, " %s ", word);
                assert_true(strcmp(other->view, info->view) != 0 || !strstr(padded, wanted));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_give_keys),
        cmocka_unit_test(other_names_are_refused),
        cmocka_unit_test(every_key_has_a_name_that_gives_it_back),
        cmocka_unit_test(names_and_symbols),
        cmocka_unit_test(actions_are_found_by_name),
        cmocka_unit_test(view_keys_are_keys),
    };
    if (!setlocale(LC_ALL, "C.UTF-8")) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
