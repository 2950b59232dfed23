#include "base/normalize.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static const struct {
    const char *nfc, *nfd;
} forms[] = {
    { "", "" },
    { "plain.jpg", "plain.jpg" },
    { "caf\u00e9.jpg", "cafe\u0301.jpg" },
    { "\u1ec7", "e\u0323\u0302" }, /* two marks below and above */
    { "\u1e69", "s\u0323\u0307" },
    { "\u304c\u30d7", "\u304b\u3099\u30d5\u309a" },             /* kana */
    { "\ud55c\uae00", "\u1112\u1161\u11ab\u1100\u1173\u11af" }, /* Hangul */
    { "\uac00", "\u1100\u1161" },
    { "\u0344" /* never composed again */, NULL },
    { "\u732b \U0001f408", "\u732b \U0001f408" },
    { "a\u0316\u0301" /* one composes past the other */, NULL },
};

static void assert_form(const char *text, bool composed, const char *want)
{
    struct buf b = BUF_INIT;

    assert_true(text_normalize(text, strlen(text), composed, &b));
    assert_string_equal(buf_text(&b), want);
    buf_release(&b);
}

static void test_D7_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (!forms[i].nfd) {
            continue;
        }
        assert_form(forms[i].nfc, true, forms[i].nfc);
        assert_form(forms[i].nfd, true, forms[i].nfc);
        assert_form(forms[i].nfc, false, forms[i].nfd);
        assert_form(forms[i].nfd, false, forms[i].nfd);
    }
    assert_form("\u0344", true, "\u0308\u0301");
    assert_form("a\u0316\u0301", true, "\u00e1\u0316");
    assert_form("\u00e1\u0316", false, "a\u0316\u0301");
    assert_form("e\u0302\u0323", true, "\u1ec7");
}

static void test_no_utf8(void **state)
{
    struct buf b = BUF_INIT;

    (void)state;
    assert_false(text_normalize("a\xff", 2, true, &b));
    assert_int_equal(b.len, 0);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_D7_forms),
        cmocka_unit_test(test_no_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
