#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
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

static void assert_content(const char *path, const char *want)
{
    char *have = scratch_read(path, NULL);

    assert_string_equal(have, want);
    free(have);
}

static void test_read(void **state)
{
    char *path = scratch_path(*state, "a");
    struct buf b = BUF_INIT;
    struct error err;

    scratch_write(path, "hello\0world", 11);
    assert_true(file_read(path, 11, &b, &err));
    assert_int_equal(b.len, 11);
    assert_memory_equal(b.data, "hello\0world", 12);
    buf_clear(&b);
    assert_false(file_read(path, 10, &b, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.message, "11"));
    assert_non_null(strstr(err.message, "10"));
    buf_release(&b);

    scratch_write(path, "", 0);
    assert_true(file_read(path, 0, &b, &err));
    assert_string_equal(buf_text(&b), "");
    buf_release(&b);
    free(path);
}

/* A file whose size is said to be 0 is read to its end all the same. */
static void test_read_without_size(void **state)
{
    struct buf b = BUF_INIT;

    (void)state;
    assert_true(file_read("/proc/self/status", 1 << 20, &b, NULL));
    assert_non_null(strstr(buf_text(&b), "Pid:"));
    buf_clear(&b);
    struct error err;
    assert_false(file_read("/proc/self/status", 10, &b, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    buf_release(&b);
}

static void test_read_refuses(void **state)
{
    char *fifo = scratch_path(*state, "fifo"), *none = scratch_path(*state, "none");
    struct buf b = BUF_INIT;
    struct error err;

    assert_int_equal(mkfifo(fifo, 0600), 0);
    const struct {
        const char *path;
        enum error_kind kind;
    } cases[] = {
        { fifo, ERROR_DATA },
        { *state, ERROR_DATA },
        { "/dev/zero", ERROR_DATA },
        { none, ERROR_IO },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_false(file_read(cases[i].path, 100, &b, &err));
        assert_int_equal(err.kind, cases[i].kind);
        assert_non_null(strstr(err.message, cases[i].path));
    }
    assert_false(file_replace(fifo, "x", 1, &err));
    buf_release(&b);
    free(fifo);
    free(none);
}

static void test_replace(void **state)
{
    char *path = scratch_path(*state, "a");
    struct stat st;
    struct error err;
    mode_t mask = umask(027);

    assert_true(file_replace(path, "one", 3, &err));
    umask(mask);
    assert_content(path, "one");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);

    assert_int_equal(chmod(path, 0604), 0);
    assert_true(file_replace(path, "two", 3, &err));
    assert_content(path, "two");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0604);
    assert_int_equal(scratch_count(*state), 1);
    free(path);
}

/* The name is never followed; the folder is the user's, links in it too. */
static void test_S1_replace_follows_no_link(void **state)
{
    char *sub = scratch_path(*state, "sub"), *real = scratch_path(*state, "sub/real");
    char *link = scratch_path(*state, "link"), *dangling = scratch_path(*state, "dangling");
    char *folder = scratch_path(*state, "folder"), *in_it = scratch_path(*state, "folder/real");
    struct error err;

    assert_int_equal(mkdir(sub, 0700), 0);
    scratch_write(real, "old", 3);
    assert_int_equal(symlink("sub/real", link), 0);
    assert_int_equal(symlink("sub/made", dangling), 0);
    assert_int_equal(symlink("sub", folder), 0);

    assert_false(file_replace(link, "new", 3, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.message, link));
    assert_non_null(strstr(err.message, "sub/real"));
    assert_content(real, "old");
    assert_false(file_replace(dangling, "made", 4, &err));
    assert_int_equal(scratch_count(sub), 1);
    assert_true(file_replace(in_it, "new", 3, &err));
    assert_content(real, "new");
    free(sub);
    free(real);
    free(link);
    free(dangling);
    free(folder);
    free(in_it);
}

/* A name near the limit leaves no room for the temporary one as it is. */
static void test_replace_long_name(void **state)
{
    char name[256];
    struct error err;

    memset(name, 'n', 255);
    name[255] = '\0';
    char *path = scratch_path(*state, name);
    assert_true(file_replace(path, "x", 1, &err));
    assert_content(path, "x");
    free(path);
}

static void test_paths(void **state)
{
    static const char *const dirs[][2] = {
        { "a", "." },       { "a/b", "a" },  { "/a", "/" }, { "//a", "/" }, { "/", "/" },
        { "a/b/c", "a/b" }, { "a//b", "a" }, { "", "." },   { "./a", "." }, { "../a", ".." },
    };
    static const char *const joins[][3] = {
        { "a", "b", "a/b" }, { "", "b", "b" },     { ".", "b", "b" },
        { "/", "b", "/b" },  { "a/", "b", "a/b" }, { "..", "b", "../b" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
        char *dir = file_dirname(dirs[i][0]);
        assert_string_equal(dir, dirs[i][1]);
        free(dir);
    }
    for (size_t i = 0; i < ARRAY_LEN(joins); i++) {
        char *path = file_join(joins[i][0], joins[i][1]);
        assert_string_equal(path, joins[i][2]);
        free(path);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_read),
        TEST(test_read_without_size),
        TEST(test_read_refuses),
        TEST(test_replace),
        TEST(test_S1_replace_follows_no_link),
        TEST(test_replace_long_name),
        cmocka_unit_test(test_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
