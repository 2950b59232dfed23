#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config/classes.h"
#include "folder.h"

/* A list, and what comes of it: "key=name" joined by '|', or the error. */
struct list_case {
    const char *list;
    const char *classes;
    const char *error;
};

static void check_classes(const struct classes *c, const char *want)
{
    struct buf got = BUF_INIT;
    for (size_t i = 0; i < c->count; i++) {
        char key[KEY_NAME_SIZE] = "";
        if (c->items[i].key != KEYCODE_NONE) {
            keycode_name(c->items[i].key, key);
        }
        assert_int_equal(c->items[i].key_given, c->items[i].key != KEYCODE_NONE);
        assert_int_equal(classes_find(c, c->items[i].name), i);
        buf_addf(&got, "%s%s%s%s", i ? "|" : "", key, key[0] ? "=" : "", c->items[i].name);
    }
    assert_string_equal(buf_text(&got), want);
    buf_release(&got);
}

static void lists(void **state)
{
    static const struct list_case cases[] = {
        { "cat", "cat", NULL },
        { "cat,dog,other", "cat|dog|other", NULL },
        { " cat , dog\t,other ", "cat|dog|other", NULL },
        { "c=cat,D=dog,\xC3\xA9=\xC3\xA9t\xC3\xA9", "c=cat|D=dog|\xC3\xA9=\xC3\xA9t\xC3\xA9",
          NULL },
        { ";=semi,#=hash,==equal", ";=semi|#=hash|==equal", NULL },
        { "o= other", "o=other", NULL },
        { "big cat,x", "big cat|x", NULL },
        { "f1=cat,ctrl-o=cow", "f1=cat|ctrl-o=cow", NULL },
        { "side=left,score=high", "side=left|score=high", NULL }, /* names */
        { "\u00A0cat\u3000,\u200Bdog\uFEFF", "cat|dog", NULL },
        { "big\u00A0cat", "big\u00A0cat", NULL },
        { "Cat,cat,CAT", "Cat|cat|CAT", NULL },
        { "caf\xC3\xA9,cafe\xCC\x81", NULL,
          "-c: class 'cafe\xCC\x81' is given twice, with its accents encoded differently" },
        { "dress=5", NULL, "-c: 'dress=5': write KEY=NAME: 5=dress" },
        { "1=cat, big dog=f2", NULL, "-c: 'big dog=f2': write KEY=NAME: f2=big dog" },
        { "cat=\xC3\xA9", NULL, "-c: 'cat=\xC3\xA9': write KEY=NAME: \xC3\xA9=cat" },
        { "=cat", NULL, "-c: '=cat' has no key; write KEY=NAME, as in 5=dress" },
        { "5=", NULL, "-c: '5=' has no name; write KEY=NAME, as in 5=dress" },
        { "5= ,cat", NULL, "-c: '5=' has no name; write KEY=NAME, as in 5=dress" },
        { "\xE7\x8C\xAB,\xE7\x8A\xAC", "\xE7\x8C\xAB|\xE7\x8A\xAC", NULL },
        { "", NULL, "-c: a class name is empty" },
        { "cat,,dog", NULL, "-c: a class name is empty" },
        { "cat,", NULL, "-c: a class name is empty" },
        { " , ", NULL, "-c: a class name is empty" },
        { "cat,dog,cat", NULL, "-c: class 'cat' is given twice" },
        { "c=cat,c=cow", NULL, "-c: key 'c' is given to 'cat' and to 'cow'" },
        { "a\xFF", NULL,
          "-c: class name 'a\xEF\xBF\xBD' contains invalid UTF-8 or a control character" },
        { "a\nb", NULL, "-c: class name 'a^Jb' contains invalid UTF-8 or a control character" },
        { "a\xE2\x80\xAE", NULL,
          "-c: class name 'a\xEF\xBF\xBD' contains invalid UTF-8 or a control character" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct classes c;
        struct error err = { 0 };
        classes_init(&c);
        bool ok = classes_parse_list(&c, cases[i].list, "-c", &err);
        assert_string_equal(err.message, cases[i].error ? cases[i].error : "");
        assert_int_equal(ok, !cases[i].error);
        if (ok) {
            check_classes(&c, cases[i].classes);
        } else {
            assert_int_equal(err.kind, ERROR_USAGE);
        }
        classes_release(&c);
    }
}

static void names_have_a_length(void **state)
{
    char name[CLASS_NAME_MAX + 2];
    struct classes c;
    struct error err = { 0 };
    (void)state;
    classes_init(&c);
    memset(name, 'n', sizeof name);
    assert_true(classes_add(&c, name, CLASS_NAME_MAX, KEYCODE_NONE, CLASS_COLOR_NONE, "x", &err));
    assert_false(
        classes_add(&c, name, CLASS_NAME_MAX + 1, KEYCODE_NONE, CLASS_COLOR_NONE, "x", &err));
    assert_non_null(strstr(err.message, "has 256 bytes; the limit is 255"));
    assert_false(classes_add(&c, " a", 2, KEYCODE_NONE, CLASS_COLOR_NONE, "x", &err));
    assert_false(classes_add(&c, "a ", 2, KEYCODE_NONE, CLASS_COLOR_NONE, "x", &err));
    assert_false(classes_add(&c, "a\0b", 3, KEYCODE_NONE, CLASS_COLOR_NONE, "x", &err));
    assert_int_equal(c.count, 1);
    classes_release(&c);
    assert_int_equal(c.count, 0);
}

static void classes_have_a_number(void **state)
{
    struct classes c;
    struct error err = { 0 };
    (void)state;
    classes_init(&c);
    for (int i = 0; i < CLASSES_MAX; i++) {
        char name[16];
        int len = snprintf(name, sizeof name, "class %d", i);
        assert_true(classes_add(&c, name, (size_t)len, KEYCODE_NONE, i, "x", &err));
    }
    assert_int_equal(classes_find(&c, "class 9999"), 9999);
    assert_int_equal(c.items[1234].color, 1234);
    assert_int_equal(classes_find(&c, "class 10000"), CLASSES_MAX);
    assert_false(classes_add(&c, "more", 4, KEYCODE_NONE, 0, "x", &err));
    assert_string_equal(err.message, "x: too many classes; the limit is 10000");
    classes_release(&c);
}

static void files(void **state)
{
    static const struct list_case cases[] = {
        { "cat\ndog\n", "cat|dog", NULL },
        { "cat\ndog", "cat|dog", NULL },
        { "\xEF\xBB\xBF"
          "cat\r\ndog\r\n",
          "cat|dog", NULL },
        { "# animals\n\n  cat  \n\t\ndog # 2\n", "cat|dog # 2", NULL },
        { "a=b\nc,d\n\"q\"\n", "a=b|c,d|\"q\"", NULL }, /* no keys, commas or quotes in a file */
        { "0 cat\n1 dog\n", "cat|dog", NULL },          /* D8, a copy of labels.txt */
        { "0 cat\n2 dog\n", "0 cat|2 dog", NULL },
        { "", NULL, ": contains no class names" },
        { "# nothing\n\n", NULL, ": contains no class names" },
        { "cat\ndog\n\ncat\n", NULL, ":4: class 'cat' is given twice" },
        { "cat\n\xFF\n", NULL,
          ":2: class name '\xEF\xBF\xBD' contains invalid UTF-8 or a control character" },
    };
    struct folder s;
    (void)state;
    folder_open(&s);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct classes c;
        struct error err = { 0 };
        classes_init(&c);
        const char *path = folder_text(&s, "classes.txt", cases[i].list);
        bool ok = classes_load(&c, path, &err);
        assert_int_equal(ok, !cases[i].error);
        if (ok) {
            for (size_t k = 0; k < c.count; k++) {
                assert_int_equal(c.items[k].key, KEYCODE_NONE);
            }
            check_classes(&c, cases[i].classes);
        } else {
            assert_memory_equal(err.message, path, strlen(path));
            assert_string_equal(err.message + strlen(path), cases[i].error);
        }
        classes_release(&c);
    }
    folder_close(&s);
}

static void unreadable_files(void **state)
{
    struct folder s;
    struct classes c;
    struct error err = { 0 };
    (void)state;
    folder_open(&s);
    classes_init(&c);
    assert_false(classes_load(&c, s.dir, &err)); /* a folder */
    assert_non_null(strstr(err.message, s.dir));
    assert_false(classes_load(&c, folder_write(&s, "nul", "cat\0\n", 5), &err));
    assert_non_null(strstr(err.message, ":1: class name"));
    remove(s.path);
    assert_false(classes_load(&c, s.path, &err));
    assert_int_equal(err.kind, ERROR_IO);
    classes_release(&c);
    folder_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),
        cmocka_unit_test(names_have_a_length),
        cmocka_unit_test(classes_have_a_number),
        cmocka_unit_test(files),
        cmocka_unit_test(unreadable_files),
    };
    if (!setlocale(LC_ALL, "C.UTF-8")) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
