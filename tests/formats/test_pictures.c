/* Which picture a name in a data set means. */
#include "formats/pictures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static const char *const names[] = {
    "1.jpg", "a/1.jpg", "a/b/2.jpg", "c/2.png", "d/x.y.jpg", "e/3.jpg", "f/e/3.jpg",
};

static const struct {
    const char *name;
    enum picture_match match;
    uint32_t index;
} cases[] = {
    { "1.jpg", MATCH_PATH, 0 },
    { "./1.jpg", MATCH_PATH, 0 },
    { "a/1.jpg", MATCH_PATH, 1 },
    { "a\\1.jpg", MATCH_PATH, 1 },
    { "C:\\data\\a\\1.jpg", MATCH_PATH, 1 },
    { "gs://bucket/a/b/2.jpg", MATCH_PATH, 2 },
    { "b/2.jpg", MATCH_PATH, 2 },      /* the end of a path */
    { "z/2.jpg", MATCH_BASE_NAME, 2 }, /* the only one of that name */
    { "2.png", MATCH_BASE_NAME, 3 },
    { "z/1.jpg", MATCH_AMBIGUOUS, 0 },
    { "2", MATCH_AMBIGUOUS, 0 }, /* without an ending: 2.jpg, 2.png */
    { "a/b/2", MATCH_PATH, 2 },  /* but the whole of one path */
    { "/data/c/2", MATCH_AMBIGUOUS, 0 },
    { "x.y", MATCH_BASE_NAME, 4 },
    { "d/x.y", MATCH_PATH, 4 },
    { "e/3", MATCH_PATH, 5 },
    { "f/e/3", MATCH_PATH, 6 },
    { "x", MATCH_NONE, 0 },
    { "3.jpg", MATCH_AMBIGUOUS, 0 },
    { "e/3.jpg", MATCH_PATH, 5 }, /* a whole path before the end of one */
    { "f/e/3.jpg", MATCH_PATH, 6 },
    { "2.gif", MATCH_NONE, 0 }, /* another format is another picture */
    { "1.jpg/", MATCH_NONE, 0 },
    { "", MATCH_NONE, 0 },
    { "/", MATCH_NONE, 0 },
};

static void names_are_found(void **state)
{
    (void)state;
    struct pictures *p = pictures_new("photos");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_true(pictures_add(p, names[i], strlen(names[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t index = UINT32_MAX;
        enum picture_match match = pictures_find(p, cases[i].name, strlen(cases[i].name), &index);
        if (match != cases[i].match) {
            fail_msg("'%s': %d, not %d", cases[i].name, (int)match, (int)cases[i].match);
        }
        if (match <= MATCH_BASE_NAME) {
            assert_int_equal(index, cases[i].index);
        }
        if (i % 5 == 4) {
            pictures_forget_index(p); /* it is made again when needed */
        }
    }
    pictures_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(names_are_found) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
