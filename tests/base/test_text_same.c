#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <locale.h>

#include "base/mem.h"
#include "base/normalize.h"
#include "base/text.h"

/* A text and its NFD, by Python's unicodedata. */
static const char *const forms[][2] = {
    { "", "" },
    { "cat, dog", "cat, dog" },
    { "\xC3\xA9", "e\xCC\x81" },
    { "\xE1\xBB\x87", "e\xCC\xA3\xCC\x82" },                    /* two marks, one code point */
    { "\xE2\x84\xAB", "A\xCC\x8A" },                            /* the sign of angstrom */
    { "\xC7\x96", "u\xCC\x88\xCC\x84" },                        /* in two steps */
    { "\xED\x95\x9C", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB" }, /* Hangul */
    { "\xEA\xB0\x80", "\xE1\x84\x80\xE1\x85\xA1" },             /* without a last consonant */
    { "\xE3\x82\xAC\xE3\x83\x91", "\xE3\x82\xAB\xE3\x82\x99\xE3\x83\x8F\xE3\x82\x9A" },
    { "\xD0\xB9\xD1\x91", "\xD0\xB8\xCC\x86\xD0\xB5\xCC\x88" },
    { "\xCE\x90", "\xCE\xB9\xCC\x88\xCC\x81" },
    { "\xE1\xBE\xB7", "\xCE\xB1\xCD\x82\xCD\x85" },
    { "a\xCC\x82\xCC\xA3", "a\xCC\xA3\xCC\x82" }, /* marks in another order */
    { "\xC4\x85\xCC\x81", "a\xCC\xA8\xCC\x81" },
    { "\xE1\xB8\x8B\xCC\xA3", "d\xCC\xA3\xCC\x87" },
    { "\xCD\x84", "\xCC\x88\xCC\x81" },
    { "\xE0\xBD\xB3", "\xE0\xBD\xB1\xE0\xBD\xB2" },
    { "\xE6\x97\xA5\xE6\x9C\xAC", "\xE6\x97\xA5\xE6\x9C\xAC" },
    { "na\xC3\xAF"
      "ve \xFF\xC3",
      "nai\xCC\x88ve \xFF\xC3" }, /* and bytes that are no UTF-8 */
    { "\xF0\x9F\x90\x88", "\xF0\x9F\x90\x88" },
};

static void check_fold(const char *text, bool ignore_case, const char *want)
{
    struct buf got = BUF_INIT;
    text_fold(&got, text, strlen(text), ignore_case);
    assert_false(got.failed);
    assert_string_equal(buf_text(&got), want);
    buf_release(&got);
}

static void texts_are_decomposed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        check_fold(forms[i][0], false, forms[i][1]);
        check_fold(forms[i][1], false, forms[i][1]);
        assert_true(text_same(forms[i][0], forms[i][1]));
    }
    assert_false(text_same("e", "\xC3\xA9"));
    assert_false(text_same("a\xCC\x81\xCC\x82", "a\xCC\x82\xCC\x81")); /* order counts in a class */
    check_fold("\xC3\x89T\xC3\x89 Cat", true, "e\xCC\x81te\xCC\x81 cat");
}

/* Whatever is folded is folded already when it is folded again. */
static void all_characters_come_to_rest(void **state)
{
    (void)state;
    for (uint32_t code = 1; code < 0x110000; code = code == 0x3100 ? 0xABFF : code + 1) {
        struct buf once = BUF_INIT;
        char text[6] = "";
        if (code > 0xD7FF) {
            break;
        }
        text_encode(code, text);
        text_fold(&once, text, strlen(text), false);
        check_fold(once.data, false, once.data);
        buf_release(&once);
    }
}

static void many_marks_are_kept(void **state)
{
    struct buf text = BUF_INIT, got = BUF_INIT;
    (void)state;
    buf_adds(&text, "a");
    for (int i = 0; i < 200; i++) {
        buf_adds(&text, i % 2 ? "\xCC\x81" : "\xCC\xA3");
    }
    text_fold(&got, text.data, text.len, false);
    assert_int_equal(got.len, text.len);
    buf_release(&text);
    buf_release(&got);
}

static int set_locale(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_decomposed),
        cmocka_unit_test(all_characters_come_to_rest),
        cmocka_unit_test(many_marks_are_kept),
    };
    return cmocka_run_group_tests(tests, set_locale, NULL);
}
