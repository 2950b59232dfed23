/* As much of cmocka as the tests of the lowest layers use, for processors that
 * there is no cmocka for on the machine that builds. Always prints TAP. */
#ifndef ARM_CMOCKA_H
#define ARM_CMOCKA_H

#include <stddef.h>
#include <stdint.h>

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
    int (*setup)(void **state);
    int (*teardown)(void **state);
};

#define cmocka_unit_test_setup_teardown(f, setup, teardown)                                        \
    {                                                                                              \
#f, f, setup, teardown                                                                     \
    }
#define cmocka_unit_test(f) cmocka_unit_test_setup_teardown(f, NULL, NULL)

/* Setup and teardown of a group are not there: NULL. */
#define cmocka_run_group_tests(tests, setup, teardown)                                             \
    standin_run(tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)

#define skip() standin_skip()
#define fail_msg(...) standin_fail(__FILE__, __LINE__, __VA_ARGS__)
#define print_message(...) standin_print(__VA_ARGS__)
#define print_error(...) standin_print(__VA_ARGS__)

#define STANDIN_CHECK(ok, ...) ((ok) ? (void)0 : fail_msg(__VA_ARGS__))
#define assert_true(c) STANDIN_CHECK(c, "%s", #c)
#define assert_false(c) STANDIN_CHECK(!(c), "not false: %s", #c)
#define assert_non_null(p) STANDIN_CHECK((p) != NULL, "NULL: %s", #p)
#define assert_null(p) STANDIN_CHECK(!(p), "not NULL: %s", #p)
#define assert_ptr_equal(a, b)                                                                     \
    STANDIN_CHECK((const void *)(a) == (const void *)(b), "%s is not %s", #a, #b)
#define assert_int_equal(a, b)                                                                     \
    standin_int_equal((uintmax_t)(a), (uintmax_t)(b), #a, __FILE__, __LINE__)
#define assert_in_range(a, low, high)                                                              \
    STANDIN_CHECK((uintmax_t)(a) - (uintmax_t)(low) <= (uintmax_t)(high) - (uintmax_t)(low),       \
                  "%s is not in %s to %s", #a, #low, #high)
#define assert_float_equal(a, b, epsilon)                                                          \
    STANDIN_CHECK((a) - (b) <= (epsilon) && (b) - (a) <= (epsilon), "%s is not %s", #a, #b)
#define assert_string_equal(a, b) standin_string_equal(a, b, #a, __FILE__, __LINE__)
#define assert_memory_equal(a, b, size)                                                            \
    STANDIN_CHECK(standin_same_memory(a, b, size), "%s differs from %s", #a, #b)
#define assert_memory_not_equal(a, b, size)                                                        \
    STANDIN_CHECK(!standin_same_memory(a, b, size), "%s is the same as %s", #a, #b)

int standin_run(const struct CMUnitTest *tests, size_t count, int (*setup)(void **state),
                int (*teardown)(void **state));
_Noreturn void standin_skip(void);
_Noreturn void standin_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void standin_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
int standin_same_memory(const void *a, const void *b, size_t size);
void standin_int_equal(uintmax_t a, uintmax_t b, const char *what, const char *file, int line);
void standin_string_equal(const char *a, const char *b, const char *what, const char *file,
                          int line);

#endif
