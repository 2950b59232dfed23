/* Arrays in files without a name. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/spill.h"
#include "scratch.h"

#define BYTES ((size_t)3 << 20)

static bool like_nfs; /* no files without a name */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

int __wrap_open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    unsigned mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, unsigned) : 0;
    va_end(list);
    if (like_nfs && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return __real_open(path, flags, mode);
}

static void holds_what_is_written(void)
{
    char *dir = scratch_new();
    char *beside = scratch_path(dir, "model.tflite.checkpoint");
    struct error err;
    uint8_t *a = spill_new(beside, BYTES, NULL), *b = spill_new(beside, BYTES, NULL);
    assert_non_null(a);
    assert_non_null(b);
    for (size_t i = 0; i < BYTES; i++) {
        assert_int_equal(a[i], 0);
        a[i] = (uint8_t)(i * 7);
        b[i] = (uint8_t)(i * 3);
    }
    for (size_t i = 0; i < BYTES; i++) {
        assert_int_equal(a[i], (uint8_t)(i * 7));
        assert_int_equal(b[i], (uint8_t)(i * 3));
    }
    assert_int_equal(scratch_count(dir), 0); /* nothing that could stay behind */
    spill_free(a, BYTES);
    spill_free(b, BYTES);
    spill_free(NULL, BYTES);

    free(beside);
    scratch_remove(dir);
    assert_null(spill_new("/nowhere/at/all", BYTES, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.message, "/nowhere/at"));
}

static void test_holds_what_is_written(void **state)
{
    (void)state;
    like_nfs = false;
    holds_what_is_written();
}

static void test_on_nfs(void **state)
{
    (void)state;
    like_nfs = true;
    holds_what_is_written();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holds_what_is_written),
        cmocka_unit_test(test_on_nfs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
