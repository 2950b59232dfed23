#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void an_empty_buffer_is_an_empty_text(void **state)
{
    struct buf b = BUF_INIT;
    (void)state;
    assert_string_equal(buf_text(&b), "");
    char *text = buf_take(&b);
    assert_non_null(text);
    assert_string_equal(text, "");
    free(text);
    buf_release(&b);
    buf_release(&b);
}

static void appends_add_up(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b);
    buf_adds(&b, "one");
    buf_addc(&b, ',');
    buf_add(&b, "t\0o", 3);
    buf_add(&b, NULL, 0);
    buf_addf(&b, " %d%%", 42);
    assert_false(b.failed);
    assert_int_equal(b.len, 11);
    assert_memory_equal(b.data, "one,t\0o 42%", 12);
    buf_release(&b);
    assert_null(b.data);
    assert_int_equal(b.len, 0);
}

static void it_grows_and_stays_terminated(void **state)
{
    struct buf b = BUF_INIT;
    (void)state;
    for (size_t i = 0; i < 10000; i++) {
        buf_addc(&b, (char)('a' + i % 26));
        assert_int_equal(strlen(buf_text(&b)), i + 1);
    }
    for (size_t i = 0; i < 10000; i++) {
        assert_int_equal(b.data[i], 'a' + (int)(i % 26));
    }
    buf_addf(&b, "%5000s", "");
    assert_int_equal(b.len, 15000);
    buf_release(&b);
}

static void clear_keeps_the_memory(void **state)
{
    struct buf b = BUF_INIT;
    (void)state;
    buf_adds(&b, "something");
    char *before = b.data;
    buf_clear(&b);
    assert_string_equal(buf_text(&b), "");
    assert_int_equal(b.len, 0);
    buf_adds(&b, "else");
    assert_ptr_equal(b.data, before);
    assert_string_equal(buf_text(&b), "else");
    buf_release(&b);
}

static void take_empties_the_buffer(void **state)
{
    struct buf b = BUF_INIT;
    (void)state;
    buf_adds(&b, "mine");
    char *text = buf_take(&b);
    assert_string_equal(text, "mine");
    assert_null(b.data);
    assert_int_equal(b.cap, 0);
    free(text);
}

static void a_failure_stays_until_it_is_cleared(void **state)
{
    struct buf b = BUF_INIT;
    (void)state;
    buf_adds(&b, "kept");
    assert_false(buf_reserve(&b, SIZE_MAX)); /* the sum overflows */
    assert_true(b.failed);
    buf_adds(&b, "dropped");
    assert_int_equal(b.len, 4);
    assert_string_equal(buf_text(&b), "");
    buf_clear(&b);
    assert_false(buf_reserve(&b, SIZE_MAX - 1)); /* with its NUL */
    buf_clear(&b);
    assert_false(buf_reserve(&b, SIZE_MAX / 2)); /* malloc refuses */
    assert_null(buf_take(&b));
    assert_null(b.data);
    assert_false(b.failed);
    buf_adds(&b, "again");
    assert_string_equal(buf_text(&b), "again");
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_is_an_empty_text),
        cmocka_unit_test(appends_add_up),
        cmocka_unit_test(it_grows_and_stays_terminated),
        cmocka_unit_test(clear_keeps_the_memory),
        cmocka_unit_test(take_empties_the_buffer),
        cmocka_unit_test(a_failure_stays_until_it_is_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
