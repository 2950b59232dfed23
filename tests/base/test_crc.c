/* CRC-32. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/crc.h"

static void known_sums(void **state)
{
    (void)state;
    assert_int_equal(crc32_of("", 0), 0);
    assert_int_equal(crc32_of("123456789", 9), 0xCBF43926);
    static const char zeros[32768];
    assert_int_equal(crc32_of(zeros, sizeof zeros), 0x011FFCA6);
    assert_int_equal(crc32_of("\0\0\0\0", 4), 0x2144DF1C);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(known_sums) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
