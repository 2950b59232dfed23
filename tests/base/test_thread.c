#include "base/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

static void *give_way(void *context)
{
    int *nice = context;
    thread_give_way(*nice ? THREAD_LATER : THREAD_SOON);
    *nice = getpriority(PRIO_PROCESS, 0);
    return NULL;
}

/* Of its own, the more the less it is needed; others stay as they are. */
static void test_give_way(void **state)
{
    int before = getpriority(PRIO_PROCESS, 0);
    int nice[2] = { 0, 1 };

    (void)state;
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        assert_true(thread_start(&thread, give_way, &nice[i], NULL));
        assert_int_equal(pthread_join(thread, NULL), 0);
    }
    assert_int_equal(getpriority(PRIO_PROCESS, 0), before);
    assert_true(nice[0] >= 10);
    assert_int_equal(nice[1], 19);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_give_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
