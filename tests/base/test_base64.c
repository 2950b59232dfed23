#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* RFC 4648, 10, and bytes that take the last two digits. */
static void test_known(void **state)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
        { "\xFB\xEF\xBE\xFF\xFF\xFF", "++++////" },
    };

    (void)state;
    struct buf all = BUF_INIT, expected = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = BUF_INIT;
        size_t len = strlen(cases[i].bytes);
        base64_add(&out, cases[i].bytes, len);
        assert_string_equal(buf_text(&out), cases[i].text);
        assert_int_equal(out.len, BASE64_LEN(len));
        buf_release(&out);
        base64_add(&all, cases[i].bytes, len);
        buf_adds(&expected, cases[i].text);
    }
    assert_string_equal(buf_text(&all), buf_text(&expected));
    buf_release(&all);
    buf_release(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_known) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
