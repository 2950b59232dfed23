/* The hashes go to the disk, so that they must stay what they are. */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_known_hashes(void **state)
{
    static const struct {
        const char *text;
        uint64_t seed, hash, low, high;
    } cases[] = {
        /* Of nothing: as the specification has it; else as libxxhash has it. */
        { "", 0, 0x2d06800538d394c2, 0x6001c324468d497f, 0x99aa06d3014798d8 },
        { "123456789", 0, 0x72dcb18b67a17dff, 0xe9716427681d5860, 0x33119477ede5dcd5 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = strlen(cases[i].text);
        struct hash128 both = hash128(cases[i].text, len, cases[i].seed);
        assert_true(hash64(cases[i].text, len, cases[i].seed) == cases[i].hash);
        assert_true(both.low == cases[i].low && both.high == cases[i].high);
    }
}

static void test_all_counts(void **state)
{
    char bytes[300];
    char other[300];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)i;
    }
    memcpy(other, bytes, sizeof bytes);
    other[299]++;
    assert_true(hash64(bytes, 300, 0) != hash64(other, 300, 0));
    assert_true(hash64(bytes, 300, 0) != hash64(bytes, 299, 0));
    assert_true(hash64(bytes, 300, 0) != hash64(bytes, 300, 1));
    assert_true(hash128(bytes, 300, 0).low != hash128(bytes, 300, 1).low);
    assert_true(hash64(bytes, 299, 0) == hash64(other, 299, 0));
}

/* Each bit of a key of any length, and each of the seed, changes the hash; and the low bits,
 * by which slots are found, fill evenly. */
static void test_spreads(void **state)
{
    char key[40] = { 0 };
    unsigned filled[64] = { 0 };

    (void)state;
    for (size_t len = 1; len <= sizeof key; len++) {
        uint64_t base = hash64(key, len, 1);
        for (unsigned bit = 0; bit < 64; bit++) {
            assert_true(hash64(key, len, 1 ^ (uint64_t)1 << bit) != base);
        }
        for (size_t bit = 0; bit < len * 8; bit++) {
            key[bit / 8] ^= (char)(1 << bit % 8);
            assert_true(hash64(key, len, 1) != base);
            key[bit / 8] ^= (char)(1 << bit % 8);
        }
    }
    for (uint32_t i = 0; i < 6400; i++) {
        filled[hash64(&i, sizeof i, 3) % 64]++;
    }
    for (size_t i = 0; i < 64; i++) {
        assert_in_range(filled[i], 50, 150);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_hashes),
        cmocka_unit_test(test_all_counts),
        cmocka_unit_test(test_spreads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
