#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/text.h"
#include "config/class_list.h"
#include "config/keymap.h"
#include "config/settings.h"
#include "folder.h"

static void write_list(struct buf *out, const struct classes *c)
{
    class_list_add_heading(out, "my\nlabels.csv");
    for (size_t i = 0; i < c->count; i++) {
        class_list_add(out, &c->items[i]);
    }
    assert_false(out->failed);
}

static void check_round_trip(const struct classes *c)
{
    struct buf text = BUF_INIT;
    struct classes again;
    struct error err = { 0 };
    classes_init(&again);
    write_list(&text, c);
    if (!class_list_parse(&again, text.data, text.len, "list", &err)) {
        fail_msg("%s in\n%s", err.message, buf_text(&text));
    }
    assert_int_equal(again.count, c->count);
    for (size_t i = 0; i < c->count; i++) {
        assert_string_equal(again.items[i].name, c->items[i].name);
        assert_int_equal(again.items[i].key, c->items[i].key);
        assert_int_equal(again.items[i].color, c->items[i].color);
        assert_true(again.items[i].key_given);
    }
    classes_release(&again);
    buf_release(&text);
}

static const char *const odd_names[] = {
    "cat",
    "big cat",
    "a=b",
    "=",
    "==",
    "a;b",
    ";",
    "#",
    "a # b",
    "a, #ff0000",
    "a,#ff0000",
    ", #12",
    "a,",
    ",",
    "\"",
    "\"a\"",
    "'",
    "'a'",
    "it's",
    "a\"b'c",
    "\\",
    "a\\",
    "\\\"",
    "a\\,b",
    "\\\\",
    "[classes]",
    "[",
    "]",
    "none",
    "0",
    "007",
    "1 = cat",
    "caf\xC3\xA9",
    "cafe\xCC\x81",
    "\xE7\x8C\xAB",
    "\xF0\x9F\x90\x88",
    "C:\\x, #abcdef",
    "# comment",
    "; comment",
    "a ; b",
    "a #",
    "\"a\", #ff0000",
    "a,b,c",
    "$x `y` %s %n",
    "#ff0000",
    "\xC2\xA0x",
};

static void A1_every_name_comes_back(void **state)
{
    static const int32_t colors[] = { CLASS_COLOR_NONE, 0, 0xff8000, 0xffffff };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(colors); k++) {
        struct classes c;
        struct error err = { 0 };
        classes_init(&c);
        for (size_t i = 0; i < ARRAY_LEN(odd_names); i++) {
            assert_true(classes_add(&c, odd_names[i], strlen(odd_names[i]), KEYCODE_NONE, colors[k],
                                    "test", &err));
        }
        check_round_trip(&c);
        classes_release(&c);
    }
}

/* Names made of what may go wrong, at random but the same each time. */
static void A1_random_names_come_back(void **state)
{
    static const char *const parts[] = { "\"", "'", "\\", ",",        ";",        "#",
                                         " ",  "=", "[",  "]",        "a",        "ff",
                                         "0",  ":", "%",  "\xC3\xA9", ", #012345" };
    struct random random = random_start(10, 1);
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct classes c;
        classes_init(&c);
        for (int i = 0; i < 20; i++) {
            struct buf name = BUF_INIT;
            struct error err = { 0 };
            for (uint64_t n = 1 + random_below(&random, 7); n > 0; n--) {
                buf_adds(&name, parts[random_below(&random, ARRAY_LEN(parts))]);
            }
            int32_t color = random_below(&random, 2) ? CLASS_COLOR_NONE
                                                     : (int32_t)random_below(&random, 1 << 24);
            classes_add(&c, name.data, name.len, KEYCODE_NONE, color, "test", &err); /* or not */
            buf_release(&name);
        }
        check_round_trip(&c);
        classes_release(&c);
    }
}

static void A1_every_key_comes_back(void **state)
{
    struct classes c;
    struct error err = { 0 };
    char name[32];
    (void)state;
    classes_init(&c);
    for (keycode key = 1; key < 0x3000; key++) {
        if ((key >= 128 && text_unsafe(key)) || key == 8) {
            continue; /* no key sends these */
        }
        snprintf(name, sizeof name, "class %u", (unsigned)key);
        assert_true(classes_add(&c, name, strlen(name), key, CLASS_COLOR_NONE, "test", &err));
        key = key == 0x600 ? 0x2fff : key;
    }
    for (keycode key = KEYCODE_UP; key <= KEYCODE_F12; key++) {
        snprintf(name, sizeof name, "class %u", (unsigned)key);
        assert_true(classes_add(&c, name, strlen(name), key, CLASS_COLOR_NONE, "test", &err));
    }
    check_round_trip(&c);
    classes_release(&c);
}

struct text_case {
    const char *text;
    const char *result; /* "KEY NAME COLOR|...", or the error */
};

static void describe(const struct classes *c, struct buf *out)
{
    for (size_t i = 0; i < c->count; i++) {
        char key[KEY_NAME_SIZE];
        keycode_name(c->items[i].key, key);
        buf_addf(out, "%s%s %s", i ? "|" : "", c->items[i].key ? key : "none", c->items[i].name);
        if (c->items[i].color != CLASS_COLOR_NONE) {
            buf_addf(out, " %06x", (unsigned)c->items[i].color);
        }
    }
    buf_adds(out, c->multi ? "|multi" : "");
}

static void A1_what_people_write(void **state)
{
    static const struct text_case cases[] = {
        { "", "" },
        { "[classes]\n1 = cat\n2 = dog\n", "1 cat|2 dog" },
        { "[Classes]\n1=cat\n2 =dog", "1 cat|2 dog" },
        { "multi = yes\n[classes]\n1 = cat\n", "1 cat|multi" },
        { "1 = cat\nMulti = Yes # several a picture\n2 = dog", "1 cat|2 dog|multi" },
        { "multi = yes\n1 = cat\nmulti = no", "1 cat" },
        { "1 = multi\nnone = multi = yes\n", "1 multi|none multi = yes" },
        { "1 = a|b\n", "1 a|b" },
        { "1 = cat\nmulti = maybe\n",
          "list:2: 'multi = maybe': after 'multi =' stands yes (a picture "
          "may have several of the classes) or no" },
        { "multi = yes no\n", "list:1: 'multi = yes no': after 'multi =' stands yes (a picture may "
                              "have several of the classes) or no" },
        { "1 = a|b\nmulti = yes\n",
          "list: class name 'a|b' contains '|', which separates the classes "
          "of a picture that has several (--multi); choose another name" },
        { "1 = cat\n", "1 cat" },
        { "\xEF\xBB\xBF[classes]\r\n1 = cat\r\n\r\n  2 = dog \r\n", "1 cat|2 dog" },
        { "# a comment \\\n; another\n#1 = cow\n1 = cat ; that\n2 = dog # this\n", "1 cat|2 dog" },
        { "# = cow\n; = cow\n# ===\n", "" },
        { "a = cat\nA = Cow\n", "a cat|A Cow" },
        { "none = cat\nNone = dog\n", "none cat|none dog" },
        { "1 = \"cat, #ff8000\"\n", "1 cat ff8000" },
        { "1 = 'cat, #ff8000' ; mine\n", "1 cat ff8000" },
        { "1 = cat, #FF8000\n2 = dog,#000001 # both\n", "1 cat ff8000|2 dog 000001" },
        { "1 = \"a, b\"\n2 = c, d\n", "1 a, b|2 c, d" },
        { "1 = \"x\\\\\"\n2 = 'y\\'\n3 = z\\\n", "1 x\\|2 y\\|3 z\\" },
        { "1 = \"C:\\new\"\n", "1 C:\\new" },
        { "semicolon = a\nhash = b\nequals = c\nspace = d\nf1 = e\n[ = f\n",
          "; a|# b|= c|space d|f1 e|[ f" },

        { "1 = cat\n2 dog\n", "list:2: '2 dog': write KEY = NAME, or none = NAME for a class "
                              "without a key" },
        { "cat\n", "list:1: 'cat': write KEY = NAME, or none = NAME for a class without a key" },
        { "= cat\n",
          "list:1: '= cat': write KEY = NAME, or none = NAME for a class without a key" },
        { "dress = 5\n",
          "list:1: 'dress = 5': the text before '=' is not a key; write KEY = NAME with one "
          "character, a key's name such as f1, or none" },
        { "1 =\n", "list:1: '1 =': there is no class name after '='" },
        { "1 = ; x\n", "list:1: '1 = ; x': there is no class name after '='" },
        { "1 = \"\"\n", "list:1: '1 = \"\"': there is no class name after '='" },
        { "1 = \"cat\n", "list:1: '1 = \"cat': the quote is not closed" },
        { "1 = \"cat\" dog\n",
          "list:1: '1 = \"cat\" dog': there is text after the closing quote; a "
          "quote within a name is written \\\"" },
        { "1 = a;b\n", "list:1: '1 = a;b': a name with ; or # must be in quotes" },
        { "1 = cat, #ff80\n",
          "list:1: '1 = cat, #ff80': the colour must be #rrggbb, such as #ff8000" },
        { "\n[classes]\n1 = cat\n\n1 = dog\n",
          "list:5: key '1' of 'dog' is already the key of 'cat' in line 3; change one of "
          "them to a free key, or to none" },
        { "1 = cat\n2 = cat\n",
          "list:2: class 'cat' is already in line 1; remove one of the two lines" },
        { "[clases]\n1 = cat\n", "list:1: '[clases]': the only section is [classes]" },
        { "1 = a\xFF\n",
          "list:1: class name 'a\xEF\xBF\xBD' contains invalid UTF-8 or a control character" },
        { "1 = \" cat\"\n", "list:1: class name ' cat' begins or ends with a space" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct classes c;
        struct error err = { 0 };
        struct buf got = BUF_INIT;
        classes_init(&c);
        if (class_list_parse(&c, cases[i].text, strlen(cases[i].text), "list", &err)) {
            describe(&c, &got);
            assert_string_equal(buf_text(&got), cases[i].result);
        } else {
            assert_string_equal(err.message, cases[i].result);
            assert_int_equal(err.kind, ERROR_DATA);
        }
        classes_release(&c);
        buf_release(&got);
    }
}

static void A1_a_list_is_no_binary_file(void **state)
{
    struct classes c;
    struct error err = { 0 };
    (void)state;
    classes_init(&c);
    assert_false(class_list_parse(&c, "1 = a\n2 = \0b\n", 13, "list", &err));
    assert_string_equal(err.message, "list:2: contains a NUL byte; this is not a text file");
    classes_release(&c);
}

/* What a list holds can be copied into thumbtag.ini, as far as an ini goes. */
static void A1_lines_can_be_copied_to_an_ini(void **state)
{
    static const char *const names[] = { "cat",         "a;b", "a # b",   "it's",
                                         "caf\xC3\xA9", "a=b", "big, cat" };
    struct folder folder;
    struct classes c;
    struct settings s;
    struct buf text = BUF_INIT;
    struct error err = { 0 };
    (void)state;
    folder_open(&folder);
    classes_init(&c);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_true(classes_add(&c, names[i], strlen(names[i]), (keycode)('1' + i),
                                i % 2 ? 0xff8000 : CLASS_COLOR_NONE, "test", &err));
    }
    write_list(&text, &c);
    assert_true(settings_init(&s, &err));
    if (!settings_load(&s, folder_write(&folder, "x.ini", text.data, text.len), false, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(s.classes.count, c.count);
    for (size_t i = 0; i < c.count; i++) {
        assert_string_equal(s.classes.items[i].name, c.items[i].name);
        assert_int_equal(s.classes.items[i].key, c.items[i].key);
        assert_int_equal(s.classes.items[i].color, c.items[i].color);
    }
    assert_string_equal(s.classes_path, folder.path);
    settings_release(&s);
    classes_release(&c);
    buf_release(&text);
    folder_close(&folder);
}

static void A1_no_key_stays_no_key(void **state)
{
    struct classes c;
    struct keymap map;
    struct error err = { 0 };
    static const char list[] = "1 = a\nnone = b\n";
    (void)state;
    classes_init(&c);
    keymap_init(&map);
    assert_true(class_list_parse(&c, list, sizeof list - 1, "list", &err));
    assert_true(classes_add(&c, "c", 1, KEYCODE_NONE, CLASS_COLOR_NONE, "test", &err));
    assert_true(keymap_assign(&map, &c, &err));
    assert_int_equal(c.items[1].key, KEYCODE_NONE);
    assert_int_equal(c.items[2].key, '2');
    classes_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(A1_every_name_comes_back),
        cmocka_unit_test(A1_random_names_come_back),
        cmocka_unit_test(A1_every_key_comes_back),
        cmocka_unit_test(A1_what_people_write),
        cmocka_unit_test(A1_a_list_is_no_binary_file),
        cmocka_unit_test(A1_lines_can_be_copied_to_an_ini),
        cmocka_unit_test(A1_no_key_stays_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
