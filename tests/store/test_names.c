#include "store/names.h"

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

/* tree/photos/{sub/deep,}, tree/other, tree/photos/link -> ../other,
 * tree/alias -> photos. The working folder is tree. */
struct tree {
    char *root;
    char *old_cwd;
};

static int setup(void **state)
{
    static const char *const folders[] = { "photos", "photos/sub", "photos/sub/deep", "other" };
    struct tree *t = calloc(1, sizeof *t);

    t->root = scratch_new();
    t->old_cwd = getcwd(NULL, 0);
    assert_int_equal(chdir(t->root), 0);
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        assert_int_equal(mkdir(folders[i], 0700), 0);
    }
    assert_int_equal(symlink("../other", "photos/link"), 0);
    assert_int_equal(symlink("photos", "alias"), 0);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct tree *t = *state;

    assert_int_equal(chdir(t->old_cwd), 0);
    scratch_remove(t->root);
    free(t->old_cwd);
    free(t);
    return 0;
}

/* ROOT in a path stands for the tree's absolute path. */
static char *expand(const struct tree *t, const char *path)
{
    if (strncmp(path, "ROOT", 4) != 0) {
        return mem_string(path, strlen(path));
    }
    return scratch_path(t->root, path + 5);
}

static void test_relative(void **state)
{
    static const char *const cases[][3] = {
        { "photos/labels.csv", "photos/a.jpg", "a.jpg" },
        { "photos/labels.csv", "./photos//sub/./a.jpg", "sub/a.jpg" },
        { "photos/labels.csv", "ROOT/photos/a.jpg", "a.jpg" },
        { "ROOT/photos/labels.csv", "photos/sub/a.jpg", "sub/a.jpg" },
        { "labels.csv", "photos/a.jpg", "photos/a.jpg" },
        { "labels.csv", "a.jpg", "a.jpg" },
        { "./labels.csv", "a.jpg", "a.jpg" },
        /* outside: as many folders up as it takes */
        { "photos/labels.csv", "other/a.jpg", "../other/a.jpg" },
        { "photos/sub/deep/labels.csv", "a.jpg", "../../../a.jpg" },
        { "photos/sub/labels.csv", "photos/a.jpg", "../a.jpg" },
        /* a name that begins as the folder's does is not below it */
        { "photos/labels.csv", "photos.jpg", "../photos.jpg" },
        /* links inside are kept, links on the way are not in the way */
        { "photos/labels.csv", "photos/link/a.jpg", "link/a.jpg" },
        { "photos/labels.csv", "alias/a.jpg", "a.jpg" },
        { "alias/labels.csv", "photos/sub/a.jpg", "sub/a.jpg" },
        { "alias/labels.csv", "alias/a.jpg", "a.jpg" },
        /* ".." is the physical parent */
        { "photos/labels.csv", "other/../photos/a.jpg", "a.jpg" },
        { "photos/labels.csv", "photos/link/../a.jpg", "../a.jpg" },
        { "other/../photos/labels.csv", "photos/a.jpg", "a.jpg" },
        { "photos/labels.csv", "photos/sub/../a.jpg", "a.jpg" },
    };
    struct tree *t = *state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct names n;
        struct error err;
        char *csv = expand(t, cases[i][0]), *picture = expand(t, cases[i][1]);
        assert_true(names_init(&n, csv, &err));
        for (int again = 0; again < 2; again++) {
            char *name = names_relative(&n, picture, &err);
            assert_non_null(name);
            assert_string_equal(name, cases[i][2]);
            free(name);
        }
        names_release(&n);
        free(csv);
        free(picture);
    }
}

static void test_back(void **state)
{
    static const char *const cases[][3] = {
        { "photos/labels.csv", "sub/a.jpg", "photos/sub/a.jpg" },
        { "labels.csv", "a.jpg", "a.jpg" },
        { "photos/labels.csv", "../other/a.jpg", "photos/../other/a.jpg" },
        { "photos/labels.csv", "/x/a.jpg", "/x/a.jpg" },
        { "/labels.csv", "a.jpg", "/a.jpg" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct names n;
        assert_true(names_init(&n, cases[i][0], NULL));
        char *path = names_path(&n, cases[i][1]);
        assert_string_equal(path, cases[i][2]);
        free(path);
        names_release(&n);
    }
}

static void test_no_way(void **state)
{
    struct names n;
    struct error err;

    (void)state;
    assert_true(names_init(&n, "photos/labels.csv", &err));
    assert_null(names_relative(&n, "nowhere/a.jpg", &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_non_null(strstr(err.message, "nowhere/a.jpg"));
    names_release(&n);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(test_relative), TEST(test_back), TEST(test_no_way) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
