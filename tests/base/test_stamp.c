#include "base/stamp.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

static int setup(void **state)
{
    *state = scratch_new();
    return 0;
}

static int teardown(void **state)
{
    scratch_remove(*state);
    return 0;
}

/* So that it was changed at that second of 1970. */
static void set_changed(const char *path, time_t second, long ns)
{
    struct timespec times[2] = { { second, ns }, { second, ns } };
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void test_what_changes_it(void **state)
{
    char *path = scratch_path(*state, "a");
    char *other = scratch_path(*state, "b");
    struct file_stamp first, now;

    scratch_write(path, "one", 3);
    set_changed(path, 1000, 5);
    assert_true(file_stamp_of(path, &first));
    assert_int_equal(first.size, 3);
    assert_true(first.changed_ns == 1000000000005);
    assert_true(file_stamp_of(path, &now) && file_stamp_same(&first, &now));
    assert_true(file_stamp_settled(path, &first));

    set_changed(path, 1000, 6);
    assert_true(file_stamp_of(path, &now) && !file_stamp_same(&first, &now));
    assert_false(file_stamp_settled(path, &first));

    scratch_write(path, "three", 5);
    set_changed(path, 1000, 5);
    assert_true(file_stamp_of(path, &now) && !file_stamp_same(&first, &now));

    scratch_write(other, "one", 3); /* put in its place */
    set_changed(other, 1000, 5);
    assert_int_equal(rename(other, path), 0);
    assert_true(file_stamp_of(path, &now) && !file_stamp_same(&first, &now));
    free(path);
    free(other);
}

/* Just written: it may change again within the clock's step. */
static void test_too_fresh(void **state)
{
    char *path = scratch_path(*state, "a");
    struct file_stamp stamp;

    scratch_write(path, "one", 3);
    assert_true(file_stamp_of(path, &stamp));
    assert_false(file_stamp_settled(path, &stamp));
    free(path);
}

static void test_no_file(void **state)
{
    static const struct file_stamp none;
    char *path = scratch_path(*state, "missing");
    struct file_stamp stamp = { 1, 2, 3, 4 };

    assert_false(file_stamp_of(path, &stamp));
    assert_true(file_stamp_same(&stamp, &none));
    assert_false(file_stamp_settled(path, &stamp));
    assert_false(file_stamp_of(*state, &stamp)); /* a folder */
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_changes_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_fresh, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_file, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
