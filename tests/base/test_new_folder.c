/* A folder appears under its name when it is complete, or not at all. */
#include "base/new_folder.h"

#include <errno.h>
#include <linux/fs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

struct place {
    char *folder, *out;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    p->folder = scratch_new();
    p->out = scratch_path(p->folder, "out");
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    free(p->out);
    scratch_remove(p->folder);
    free(p);
    return 0;
}

static void it_appears_when_it_is_complete(void **state)
{
    const struct place *p = *state;
    struct new_folder n;
    struct error err;
    char *file = scratch_path(p->out, "a/b/file"), *copy = scratch_path(p->out, "a/copy");
    char *link = scratch_path(p->out, "link"), *from = scratch_path(p->folder, "from");
    char target[100] = "";
    scratch_write(from, "xyz", 3);
    assert_true(new_folder_begin(&n, p->out, &err));
    assert_true(new_folder_write(&n, "a/b/file", "text", 4, &err));
    assert_true(new_folder_copy(&n, "a/copy", from, &err));
    assert_true(new_folder_link(&n, "link", "/somewhere", &err));
    assert_true(new_folder_make(&n, "empty", &err));
    assert_false(scratch_exists(p->out));
    assert_true(new_folder_commit(&n, &err));
    new_folder_end(&n);
    assert_int_equal(scratch_count(p->folder), 2);
    assert_int_equal(scratch_count(p->out), 3);
    char *text = scratch_read(file, NULL);
    assert_string_equal(text, "text");
    free(text);
    text = scratch_read(copy, NULL);
    assert_string_equal(text, "xyz");
    free(text);
    assert_int_equal(readlink(link, target, sizeof target - 1), 10);
    assert_string_equal(target, "/somewhere");
    free(file);
    free(copy);
    free(link);
    free(from);
}

static bool can_clone;

int __wrap_ioctl(int fd, unsigned long request, ...);

/* A file system that clones, or does not. */
int __wrap_ioctl(int fd, unsigned long request, ...)
{
    char bytes[16];
    va_list list;
    va_start(list, request);
    int from = va_arg(list, int);
    va_end(list);
    assert_true(request == FICLONE);
    errno = EOPNOTSUPP;
    ssize_t got = can_clone ? pread(from, bytes, sizeof bytes, 0) : -1;
    return got >= 0 && write(fd, bytes, (size_t)got) == got ? 0 : -1;
}

static void a_clone_is_a_copy_where_there_are_none(void **state)
{
    const struct place *p = *state;
    struct new_folder n;
    struct error err;
    bool shared[2] = { true, false };
    char *from = scratch_path(p->folder, "from");
    scratch_write(from, "xyz", 3);
    assert_true(new_folder_begin(&n, p->out, &err));
    can_clone = false;
    assert_true(new_folder_clone(&n, "0", from, &shared[0], &err));
    can_clone = true;
    assert_true(new_folder_clone(&n, "1", from, &shared[1], &err));
    assert_true(new_folder_commit(&n, &err));
    new_folder_end(&n);
    assert_false(shared[0]);
    assert_true(shared[1]);
    for (int i = 0; i < 2; i++) {
        char name[2] = { (char)('0' + i), '\0' }, *file = scratch_path(p->out, name);
        char *text = scratch_read(file, NULL);
        assert_string_equal(text, "xyz");
        free(text);
        free(file);
    }
    free(from);
}

static void a_file_in_pieces(void **state)
{
    const struct place *p = *state;
    struct new_folder n;
    struct new_file f;
    struct error err;
    char *path = scratch_path(p->out, "a/file");
    assert_true(new_folder_begin(&n, p->out, &err));
    assert_true(new_file_begin(&f, &n, "a/file", &err));
    assert_true(new_file_add(&f, "one", 3, &err));
    assert_true(new_file_add(&f, "two", 3, &err));
    assert_true(new_file_end(&f, &err));
    assert_int_equal(f.size, 6);
    assert_false(new_file_begin(&f, &n, "a/file", &err));
    assert_true(new_file_end(&f, &err));
    assert_true(new_folder_commit(&n, &err));
    new_folder_end(&n);
    char *text = scratch_read(path, NULL);
    assert_string_equal(text, "onetwo");
    free(text);
    free(path);
}

static void nothing_stays_of_one_that_is_not_committed(void **state)
{
    const struct place *p = *state;
    struct new_folder n;
    struct error err;
    assert_true(new_folder_begin(&n, p->out, &err));
    assert_true(new_folder_write(&n, "a/b/c/file", "text", 4, &err));
    assert_true(new_folder_link(&n, "a/link", p->folder, &err));
    new_folder_end(&n);
    assert_int_equal(scratch_count(p->folder), 0);
}

static void names_stay_in_the_folder(void **state)
{
    static const char *const bad[] = { "../x", "a/../../x", "/x",   "a//x",  "",
                                       "a/",   ".",         "a/..", "link/x" };
    const struct place *p = *state;
    struct new_folder n;
    struct error err;
    assert_true(new_folder_begin(&n, p->out, &err));
    assert_true(new_folder_link(&n, "link", p->folder, &err));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(new_folder_write(&n, bad[i], "x", 1, &err));
        assert_int_equal(err.kind, ERROR_IO);
        assert_non_null(strstr(err.message, p->out));
    }
    assert_true(new_folder_write(&n, "once", "x", 1, &err));
    assert_false(new_folder_write(&n, "once", "x", 1, &err));
    new_folder_end(&n);
    assert_int_equal(scratch_count(p->folder), 0);
}

static void what_is_there_is_not_replaced(void **state)
{
    const struct place *p = *state;
    struct new_folder n;
    struct error err;
    char *inside = scratch_path(p->out, "file");
    assert_int_equal(mkdir(p->out, 0777), 0);
    assert_true(new_folder_begin(&n, p->out, &err)); /* empty */
    scratch_write(inside, "x", 1);                   /* no longer */
    assert_false(new_folder_commit(&n, &err));
    new_folder_end(&n);
    assert_true(scratch_exists(inside));
    assert_false(new_folder_begin(&n, p->out, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    new_folder_end(&n);
    assert_false(new_folder_begin(&n, inside, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    new_folder_end(&n);
    assert_int_equal(scratch_count(p->folder), 1);
    free(inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_appears_when_it_is_complete, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_stays_of_one_that_is_not_committed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_clone_is_a_copy_where_there_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_in_pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(names_stay_in_the_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_there_is_not_replaced, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
