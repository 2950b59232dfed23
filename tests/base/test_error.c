#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <locale.h>

#include "base/error.h"
#include "base/text.h"

static void it_is_filled_and_false(void **state)
{
    struct error err = { 0 };
    (void)state;
    assert_false(error_set(&err, ERROR_DATA, "%s:%d: %d of at most %d", "a.csv", 7, 12, 8));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_string_equal(err.message, "a.csv:7: 12 of at most 8");
    assert_false(error_errno(&err, ERROR_IO, ENOENT, "%s: cannot open", "b"));
    assert_int_equal(err.kind, ERROR_IO);
    assert_string_equal(err.message, "b: cannot open: No such file or directory");
    assert_false(error_nomem(&err, 4096, "a row"));
    assert_int_equal(err.kind, ERROR_IO);
    assert_string_equal(err.message, "out of memory (4096 bytes for a row)");
}

static void nobody_needs_to_listen(void **state)
{
    (void)state;
    assert_false(error_set(NULL, ERROR_DATA, "%s", "x"));
    assert_false(error_errno(NULL, ERROR_IO, EIO, "%s", "x"));
    assert_false(error_nomem(NULL, 1, "x"));
}

static void messages_are_safe_to_print(void **state)
{
    struct error err;
    (void)state;
    error_set(&err, ERROR_DATA, "%s: bad", "a\x1B]0;x\a\nb\xFF\xE2\x80\xAE.jpg");
    assert_string_equal(err.message, "a^[]0;x^G^Jb\xEF\xBF\xBD\xEF\xBF\xBD.jpg: bad");
}

static void a_message_may_be_made_from_itself(void **state)
{
    struct error err;
    (void)state;
    error_set(&err, ERROR_DATA, "inner");
    error_set(&err, ERROR_USAGE, "outer: %s", err.message);
    assert_string_equal(err.message, "outer: inner");
}

/* A path is as long as it likes: the reason behind it must not be lost. */
static void a_long_message_loses_its_middle(void **state)
{
    /* Of 1, 2, 3 and 4 bytes, and of one that becomes 3 when made safe. */
    static const char *const letters[] = { "x", "\xC3\xA9", "\xE7\x8C\xAB", "\xF0\x9F\x90\xB1",
                                           "\xFF" };
    (void)state;
    for (size_t k = 0; k < sizeof letters / sizeof letters[0]; k++) {
        for (size_t letter_count = 100; letter_count < 1000; letter_count += 7) {
            char path[4096];
            struct error err;
            size_t len = strlen(letters[k]);
            for (size_t i = 0; i < letter_count; i++) {
                memcpy(path + i * len, letters[k], len);
            }
            path[letter_count * len] = '\0';
            error_errno(&err, ERROR_IO, ENOSPC, "begin %s: cannot write 42 bytes", path);
            size_t total = strlen(err.message);
            assert_in_range(total, 100, sizeof err.message - 1);
            assert_int_equal(text_valid_prefix(err.message, total), total);
            assert_memory_equal(err.message, "begin ", 6);
            static const char end[] = ": cannot write 42 bytes: No space left on device";
            assert_string_equal(err.message + total - (sizeof end - 1), end);
        }
    }
}

static void a_huge_message_keeps_its_reason(void **state)
{
    struct error err;
    char *huge = malloc(100001);
    (void)state;
    assert_non_null(huge);
    memset(huge, 'x', 100000);
    huge[100000] = '\0';
    error_errno(&err, ERROR_IO, EIO, "%s", huge);
    static const char end[] = ": Input/output error";
    assert_string_equal(err.message + strlen(err.message) - (sizeof end - 1), end);
    free(huge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_filled_and_false),
        cmocka_unit_test(nobody_needs_to_listen),
        cmocka_unit_test(messages_are_safe_to_print),
        cmocka_unit_test(a_message_may_be_made_from_itself),
        cmocka_unit_test(a_long_message_loses_its_middle),
        cmocka_unit_test(a_huge_message_keeps_its_reason),
    };
    if (!setlocale(LC_ALL, "C.UTF-8")) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
