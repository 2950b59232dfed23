#include "cmocka.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { RAN = 0, SKIPPED, FAILED };

static jmp_buf end_of_test;

void standin_skip(void)
{
    longjmp(end_of_test, SKIPPED);
}

void standin_fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("# %s:%d: ", file, line);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
    longjmp(end_of_test, FAILED);
}

void standin_print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

int standin_same_memory(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size) == 0;
}

void standin_int_equal(uintmax_t a, uintmax_t b, const char *what, const char *file, int line)
{
    if (a != b) {
        standin_fail(file, line, "%s is %jd, not %jd", what, (intmax_t)a, (intmax_t)b);
    }
}

void standin_string_equal(const char *a, const char *b, const char *what, const char *file,
                          int line)
{
    if (strcmp(a, b) != 0) {
        standin_fail(file, line, "%s is \"%s\", not \"%s\"", what, a, b);
    }
}

static int run_one(const struct CMUnitTest *test)
{
    void *state = NULL;
    /* volatile, as setjmp asks for */
    volatile int result = setjmp(end_of_test);
    if (result != RAN) {
        return result;
    }
    if (test->setup && test->setup(&state) != 0) {
        return FAILED;
    }
    test->test(&state);
    return test->teardown && test->teardown(&state) != 0 ? FAILED : RAN;
}

int standin_run(const struct CMUnitTest *tests, size_t count, int (*setup)(void **state),
                int (*teardown)(void **state))
{
    int failed = 0;
    if (setup || teardown) {
        puts("Bail out! Groups have no setup here.");
        return 1;
    }
    printf("1..%zu\n", count);
    for (size_t i = 0; i < count; i++) {
        int result = run_one(&tests[i]);
        failed += result == FAILED;
        printf("%sok %zu - %s%s\n", result == FAILED ? "not " : "", i + 1, tests[i].name,
               result == SKIPPED ? " # SKIP" : "");
        fflush(stdout);
    }
    return failed;
}
