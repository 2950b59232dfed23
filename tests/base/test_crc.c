/* CRC-32, CRC-32C. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

/* RFC 3720, B.4. */
static void castagnoli_sums(void **state)
{
    (void)state;
    uint8_t bytes[32] = { 0 };
    static const uint8_t read_command[48] = {
        0x01, 0xc0, [16] = 0x14, [22] = 0x04, [27] = 0x14, [31] = 0x18, 0x28, [40] = 0x02
    };
    assert_int_equal(crc32c_of(bytes, 32), 0x8A9136AA);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(crc32c_of(bytes, 32), 0x62A8AB43);
    for (uint8_t i = 0; i < 32; i++) {
        bytes[i] = i;
    }
    assert_int_equal(crc32c_of(bytes, 32), 0x46DD794E);
    for (uint8_t i = 0; i < 32; i++) {
        bytes[i] = 31 - i;
    }
    assert_int_equal(crc32c_of(bytes, 32), 0x113FDB5C);
    assert_int_equal(crc32c_of(read_command, sizeof read_command), 0xD9963A56);
    /* By the table as bit by bit: of all zeros, each zero more is one step. */
    static const char zeros[8192];
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < sizeof zeros * 8; i++) {
        crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
    }
    assert_int_equal(crc32c_of(zeros, sizeof zeros), ~crc);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(known_sums),
                                        cmocka_unit_test(castagnoli_sums) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
