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
#include "config/keymap.h"

static keycode key_of(const char *name)
{
    keycode key = KEYCODE_NONE;
    assert_true(keycode_parse(name, &key));
    return key;
}

static enum action action_of(const struct keymap *map, const struct classes *classes,
                             const char *name, size_t *index)
{
    return keymap_action(map, classes, key_of(name), index);
}

static void the_defaults_do_not_clash(void **state)
{
    struct keymap map;
    struct classes none;
    struct error err = { 0 };
    size_t index = 77;
    (void)state;
    keymap_init(&map);
    classes_init(&none);
    keymap_assign(&map, &none, &err);
    assert_string_equal(err.message, "");
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        if (map.keys[a][0] == KEYCODE_NONE) {
            fail_msg("'%s' has no key", action_info(a)->name);
        }
        for (size_t i = 0; i < KEYMAP_KEYS_PER_ACTION && map.keys[a][i] != KEYCODE_NONE; i++) {
            assert_int_equal(keymap_action(&map, &none, map.keys[a][i], &index), a);
        }
    }
    assert_int_equal(action_of(&map, &none, "enter", &index), ACTION_ACCEPT);
    assert_int_equal(action_of(&map, &none, ";", &index), ACTION_PICK);
    assert_int_equal(action_of(&map, &none, "x", &index), ACTION_NO_ACTION);
    assert_int_equal(keymap_action(&map, &none, KEYCODE_NONE, &index), ACTION_NO_ACTION);
    assert_int_equal(index, 77);
}

/* Small letters and digits are the classes', as actions.def promises. */
static void test_C13_no_command_takes_a_class_key(void **state)
{
    static const char keys[] = "1234567890abcdefghijklmnopqrstuvwxyz:G";
    struct keymap map;
    struct classes c;
    struct error err = { 0 };
    size_t index;
    (void)state;
    keymap_init(&map);
    classes_init(&c);
    for (size_t i = 0; keys[i]; i++) {
        char name[3] = { 'c', keys[i], '\0' };
        assert_true(classes_add(&c, name, 2, (keycode)keys[i], CLASS_COLOR_NONE, "test", &err));
    }
    keymap_assign(&map, &c, &err);
    assert_string_equal(err.message, "");
    for (size_t i = 0; keys[i]; i++) {
        index = SIZE_MAX;
        assert_int_equal(keymap_action(&map, &c, (keycode)keys[i], &index), ACTION_CLASS);
        assert_int_equal(index, i);
    }
    classes_release(&c);
}

/* Where no class has them, small letters do what a stranger expects of them. */
static void test_C13_spare_keys(void **state)
{
    static const struct {
        const char *classes, *key, *bound; /* bound: ACTION_ZOOM's keys, or NULL */
        enum action action;
    } cases[] = {
        { "a,b", "q", NULL, ACTION_QUIT },
        { "a,b", "j", NULL, ACTION_NEXT },
        { "a,b", "k", NULL, ACTION_PREVIOUS },
        { "a,b", "n", NULL, ACTION_FIND_NEXT },
        { "a,b", "u", NULL, ACTION_UNDO },
        { "a,b", "z", NULL, ACTION_ZOOM },
        { "a,b", ":", NULL, ACTION_GO_TO },
        { "a,b", "x", NULL, ACTION_NO_ACTION },
        { "a,q=b", "q", NULL, ACTION_CLASS },
        { "a,:=b", ":", NULL, ACTION_CLASS },
        { "a,b", "q", "q", ACTION_ZOOM },      /* the user's word comes first */
        { "a,b", "z", "x", ACTION_NO_ACTION }, /* and says all */
        { "a,b", "z", "none", ACTION_NO_ACTION },
        { "a,b,c,d,e,f,g,h,i,j,k", "a", NULL, ACTION_CLASS },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct keymap map;
        struct classes c;
        struct error err = { 0 };
        size_t index;
        keymap_init(&map);
        classes_init(&c);
        assert_true(classes_parse_list(&c, cases[i].classes, "test", &err));
        assert_true(!cases[i].bound || keymap_bind(&map, ACTION_ZOOM, cases[i].bound, "ini", &err));
        assert_true(keymap_assign(&map, &c, &err));
        assert_int_equal(action_of(&map, &c, cases[i].key, &index), cases[i].action);
        classes_release(&c);
    }
}

/* What is taught: the keys in force, a small letter before a capital one. */
static void test_C13_keys_in_force(void **state)
{
    static const struct {
        const char *classes;
        enum action action;
        const char *keys;
    } cases[] = {
        { "a,b", ACTION_QUIT, "q Q ctrl-c" },    { "a,q=b", ACTION_QUIT, "Q ctrl-c" },
        { "a,b", ACTION_UNDO, "backspace u U" }, { "a,b", ACTION_NEXT, "right > j" },
        { "a,b", ACTION_LAST, "end $" },         { "a,b", ACTION_ACCEPT, "enter" },
        { "a,z=b", ACTION_ZOOM, "Z" },           { "a,b", ACTION_PAGES, "G ctrl-p" },
        { "a,G=b", ACTION_PAGES, "ctrl-p" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct keymap map;
        struct classes c;
        keycode keys[KEYMAP_IN_FORCE];
        char text[128] = "";
        keymap_init(&map);
        classes_init(&c);
        assert_true(classes_parse_list(&c, cases[i].classes, "test", NULL));
        assert_true(keymap_assign(&map, &c, NULL));
        size_t n = keymap_in_force(&map, &c, cases[i].action, keys);
        for (size_t k = 0; k < n; k++) {
            char name[KEY_NAME_SIZE];
            keycode_name(keys[k], name);
            strcat(strcat(text, k ? " " : ""), name);
        }
        assert_string_equal(text, cases[i].keys);
        classes_release(&c);
    }
}

static void binding(void **state)
{
    static const struct {
        const char *keys;
        const char *error; /* NULL: taken */
        size_t count;
    } cases[] = {
        { "x", NULL, 1 },
        { "  x\ty ", NULL, 2 },
        { "1 2 3 4", NULL, 4 },
        { "; # = :", NULL, 4 },
        { "none", NULL, 0 },
        { "1 2 3 4 5", "ini:3: more than 4 keys for 'undo'", 1 },
        { "x nokey", "ini:3: 'nokey' is not a key", 1 },
        { "none x", "ini:3: 'none' is not a key", 1 },
        { "", "ini:3: 'undo' has no key; write none", 1 },
        { "  ", "ini:3: 'undo' has no key; write none", 1 },
        { "a-word-that-is-longer-than-any-key-name-could-ever-be", "ini:3: 'a-word-that-is-longer",
          1 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct keymap map;
        struct error err = { 0 };
        size_t count = 0;
        keymap_init(&map);
        assert_true(keymap_bind(&map, ACTION_UNDO, "Z", "before", NULL));
        bool ok = keymap_bind(&map, ACTION_UNDO, cases[i].keys, "ini:3", &err);
        assert_int_equal(ok, !cases[i].error);
        if (!ok) {
            assert_memory_equal(err.message, cases[i].error, strlen(cases[i].error));
            assert_int_equal(map.keys[ACTION_UNDO][0], 'Z'); /* as it was */
        }
        while (count < KEYMAP_KEYS_PER_ACTION && map.keys[ACTION_UNDO][count] != KEYCODE_NONE) {
            count++;
        }
        assert_int_equal(count, cases[i].count);
    }
}

static void assigned_keys(void **state)
{
    static const struct {
        const char *list;
        const char *undo; /* keys of undo, or NULL: the default */
        const char *keys; /* of the classes in turn; '-': none */
    } cases[] = {
        { "a,b,c", NULL, "123" },
        { "a,2=b,c,d", NULL, "1234" },
        { "3=a,b,c,1=d,e", NULL, "32415" },
        { "a,b,c", "2 x", "134" }, /* a command's key is passed over */
        { "A=a,b", NULL, "A1" },
        { "c1,c2,c3,c4,c5,c6,c7,c8,c9,c10,c11,c12", NULL, "1234567890ab" },
        { "c1,c2,c3,c4,c5,c6,c7,c8,c9,c10,c11,c12,c13,c14,c15,c16,c17,c18,c19,c20,c21,c22,c23,c24,"
          "c25,c26,c27,c28,c29,c30,c31,c32,c33,c34,c35,c36,c37,c38",
          NULL, "1234567890abcdefghijklmnopqrstuvwxyz--" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct keymap map;
        struct classes classes;
        struct error err = { 0 };
        keymap_init(&map);
        classes_init(&classes);
        assert_true(classes_parse_list(&classes, cases[i].list, "-c", &err));
        if (cases[i].undo) {
            assert_true(keymap_bind(&map, ACTION_UNDO, cases[i].undo, "ini", &err));
        }
        assert_true(keymap_assign(&map, &classes, &err));
        assert_int_equal(classes.count, strlen(cases[i].keys));
        for (size_t k = 0; k < classes.count; k++) {
            size_t index = classes.count;
            if (cases[i].keys[k] == '-') {
                assert_int_equal(classes.items[k].key, KEYCODE_NONE);
                continue;
            }
            assert_int_equal(classes.items[k].key, cases[i].keys[k]);
            assert_int_equal(keymap_action(&map, &classes, (keycode)cases[i].keys[k], &index),
                             ACTION_CLASS);
            assert_int_equal(index, k);
        }
        classes_release(&classes);
    }
}

static void clashes_name_both(void **state)
{
    static const struct {
        const char *list;
        enum action action;
        const char *keys;
        const char *says[3];
    } cases[] = {
        { "U=cat", ACTION_UNDO, "backspace U", { "key 'U'", "class 'cat'", "'undo'" } },
        { ";=cat", ACTION_PICK, "; @", { "key ';'", "class 'cat'", "'pick'" } },
        { "x=cat", ACTION_QUIT, "x", { "key 'x'", "class 'cat'", "[keys] quit" } },
        { "a,b", ACTION_QUIT, "enter", { "key 'enter'", "'accept'", "'quit'" } },
        { "a,b", ACTION_ACCEPT, "Q", { "key 'Q'", "'accept'", "'quit'" } },
        { "\xC3\xA9=\xC3\xA9t\xC3\xA9",
          ACTION_HELP,
          "\xC3\xA9",
          { "key '\xC3\xA9'", "class '\xC3\xA9t\xC3\xA9'", "'help'" } },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct keymap map;
        struct classes classes;
        struct error err = { 0 };
        keymap_init(&map);
        classes_init(&classes);
        assert_true(classes_parse_list(&classes, cases[i].list, "-c", &err));
        assert_true(keymap_bind(&map, cases[i].action, cases[i].keys, "ini", &err));
        assert_false(keymap_assign(&map, &classes, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        for (size_t k = 0; k < ARRAY_LEN(cases[i].says); k++) {
            if (!strstr(err.message, cases[i].says[k])) {
                fail_msg("%s: says nothing of %s", err.message, cases[i].says[k]);
            }
        }
        classes_release(&classes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_do_not_clash),
        cmocka_unit_test(test_C13_no_command_takes_a_class_key),
        cmocka_unit_test(test_C13_spare_keys),
        cmocka_unit_test(test_C13_keys_in_force),
        cmocka_unit_test(binding),
        cmocka_unit_test(assigned_keys),
        cmocka_unit_test(clashes_name_both),
    };
    if (!setlocale(LC_ALL, "C.UTF-8")) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
