#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <locale.h>

#include "base/mem.h"
#include "base/text.h"

static void decode_accepts_each_length_at_its_edges(void **state)
{
    static const struct {
        const char *bytes;
        uint32_t code;
    } cases[] = {
        { "a", 'a' },
        { "\x7F", 0x7F },
        { "\xC2\x80", 0x80 },
        { "\xC3\xA9", 0xE9 },
        { "\xDF\xBF", 0x7FF },
        { "\xE0\xA0\x80", 0x800 },
        { "\xE2\x82\xAC", 0x20AC },
        { "\xED\x9F\xBF", 0xD7FF },
        { "\xEE\x80\x80", 0xE000 },
        { "\xEF\xBF\xBF", 0xFFFF },
        { "\xF0\x90\x80\x80", 0x10000 },
        { "\xF4\x8F\xBF\xBF", 0x10FFFF },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t code = 0;
        char back[4];
        size_t len = strlen(cases[i].bytes);
        assert_int_equal(text_decode(cases[i].bytes, len, &code), len);
        assert_int_equal(code, cases[i].code);
        assert_int_equal(text_encode(code, back), len);
        assert_memory_equal(back, cases[i].bytes, len);
    }
}

static void decode_refuses_what_is_not_utf8(void **state)
{
    static const char *const cases[] = {
        "\x80",             /* continuation alone */
        "\xBF\x80",         /* two of them */
        "\xC0\x80",         /* overlong NUL */
        "\xC1\xBF",         /* overlong DEL */
        "\xE0\x9F\xBF",     /* overlong U+07FF */
        "\xF0\x8F\xBF\xBF", /* overlong U+FFFF */
        "\xED\xA0\x80",     /* surrogates */
        "\xED\xBF\xBF",
        "\xF4\x90\x80\x80", /* over U+10FFFF */
        "\xF5\x80\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xFE",
        "\xFF",
        "\xC3", /* cut */
        "\xE2\x82",
        "\xF0\x9F\x98",
        "\xC3(", /* not continued */
        "\xE2\x82(",
        "\xF0\x9F\x98(",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t code = 0;
        assert_int_equal(text_decode(cases[i], strlen(cases[i]), &code), 1);
        assert_int_equal(code, UINT32_MAX);
        assert_int_equal(text_valid_prefix(cases[i], strlen(cases[i])), 0);
    }
}

static void decode_reads_no_further_than_len(void **state)
{
    (void)state;
    /* On the heap, so that a sanitizer sees a byte too many. */
    static const char euro[] = "\xE2\x82\xAC";
    for (size_t len = 1; len < 3; len++) {
        char *cut = malloc(len);
        uint32_t code = 0;
        assert_non_null(cut);
        memcpy(cut, euro, len);
        assert_int_equal(text_decode(cut, len, &code), 1);
        assert_int_equal(code, UINT32_MAX);
        free(cut);
    }
}

static void encode_refuses_what_does_not_exist(void **state)
{
    char out[4];
    (void)state;
    assert_int_equal(text_encode(0xD800, out), 0);
    assert_int_equal(text_encode(0xDFFF, out), 0);
    assert_int_equal(text_encode(0x110000, out), 0);
    assert_int_equal(text_encode(UINT32_MAX, out), 0);
}

static void every_code_point_survives(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char bytes[4];
        uint32_t back = 0;
        size_t len = text_encode(c, bytes);
        if (c >= 0xD800 && c <= 0xDFFF) {
            assert_int_equal(len, 0);
            continue;
        }
        if (text_decode(bytes, len, &back) != len || back != c) {
            fail_msg("U+%04X came back as U+%04X", (unsigned)c, (unsigned)back);
        }
    }
}

static void valid_prefix_stops_at_the_first_bad_byte(void **state)
{
    (void)state;
    assert_int_equal(text_valid_prefix("", 0), 0);
    assert_int_equal(text_valid_prefix("a\0b", 3), 3);
    assert_int_equal(text_valid_prefix("caf\xC3\xA9!", 6), 6);
    assert_int_equal(text_valid_prefix("ok\xFFok", 5), 2);
    assert_int_equal(text_valid_prefix("ok\xC3", 3), 2);
}

static void unsafe_code_points(void **state)
{
    static const uint32_t unsafe[] = {
        0,      0x1B,   0x1F,    0x7F,    0x80,    0x9B,     0x9F,     0x61C,      0x200E, 0x200F,
        0x2028, 0x2029, 0x202A,  0x202E,  0x2066,  0x2069,   0xFEFF,   0xFDD0,     0xFDEF, 0xFFF9,
        0xFFFE, 0xFFFF, 0x1FFFE, 0xE0001, 0xE007F, 0x10FFFF, 0x110000, UINT32_MAX,
    };
    static const uint32_t safe[] = { ' ', '~', 0xA0, 0xE9, 0x200B, 0x200D, 0x5D0, 0x4E00, 0x1F600 };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(unsafe); i++) {
        if (!text_unsafe(unsafe[i])) {
            fail_msg("U+%04X must not be printed", (unsigned)unsafe[i]);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(safe); i++) {
        if (text_unsafe(safe[i])) {
            fail_msg("U+%04X may be printed", (unsigned)safe[i]);
        }
    }
}

#define BAD "\xEF\xBF\xBD"   /* U+FFFD */
#define DOTS "\xE2\x80\xA6"  /* … */
#define KANJI "\xE7\x8C\xAB" /* 猫, two columns */
#define ACUTE "\xCC\x81"     /* combining, no column */

/* Text, columns allowed, what is printed and its columns. */
struct shown {
    const char *text;
    int columns;
    const char *out;
    int used;
};

static void check_shown(const struct shown *cases, size_t count,
                        int (*print)(char *, size_t, const char *, size_t, int))
{
    for (size_t i = 0; i < count; i++) {
        const struct shown *c = &cases[i];
        char out[256];
        int used = print(out, sizeof out, c->text, strlen(c->text), c->columns);
        assert_string_equal(out, c->out);
        assert_int_equal(used, c->used);
        assert_int_equal(text_width(out, strlen(out)), used);
    }
}

static void printable_text(void **state)
{
    static const struct shown cases[] = {
        { "", -1, "", 0 },
        { "plain", -1, "plain", 5 },
        { "plain", 3, "pla", 3 },
        { "plain", 0, "", 0 },
        { "a\nb\tc", -1, "a^Jb^Ic", 7 },
        { "\x1B[2J", -1, "^[[2J", 5 },
        { "\x7F", -1, "^?", 2 },
        { "ab\x1B", 3, "ab", 2 }, /* both columns of ^[ or none */
        { "\xC2\x9B"
          "2J",
          -1, BAD "2J", 3 },
        { "x\xFFy\xC3", -1, "x" BAD "y" BAD, 4 },
        { "\xE2\x80\xAE"
          "gpj.exe",
          -1, BAD "gpj.exe", 8 }, /* right-to-left override */
        { "\xE2\x81\xA6"
          "a\xE2\x81\xA9",
          -1, BAD "a" BAD, 3 },
        { "\xEF\xBB\xBF"
          "a",
          -1, BAD "a", 2 },
        { "a\xE2\x80\xA8"
          "b",
          -1, "a" BAD "b", 3 },
        { KANJI KANJI, -1, KANJI KANJI, 4 },
        { KANJI KANJI, 3, KANJI, 2 },
        { KANJI KANJI, 1, "", 0 },
        { "e" ACUTE "a", 1, "e" ACUTE, 1 }, /* the mark stays with its letter */
        { "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D", -1, "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D", 4 },
        { "\xF0\x9F\x90\xB1!", 2, "\xF0\x9F\x90\xB1", 2 },
    };
    (void)state;
    check_shown(cases, ARRAY_LEN(cases), text_printable);
}

static void elided_text(void **state)
{
    static const struct shown cases[] = {
        { "short", 5, "short", 5 },
        { "short", -1, "short", 5 },
        { "photos/2024/IMG_0001.jpg", 13, "phot" DOTS "0001.jpg", 13 },
        { "abcdef", 3, DOTS "ef", 3 },
        { "abcdef", 2, "ab", 2 },
        { "abcdef", 0, "", 0 },
        { KANJI KANJI KANJI KANJI, 7, KANJI DOTS KANJI KANJI, 7 },
        { KANJI KANJI KANJI KANJI, 6, DOTS KANJI KANJI, 5 }, /* head 1, tail 4 */
        { "aaaaaaaaae" ACUTE "bcd", 5, "a" DOTS "bcd", 5 },  /* no mark on the ellipsis */
        { "\x1B\x1B\x1B\x1B\x1B", 6, DOTS "^[^[", 5 },
    };
    (void)state;
    check_shown(cases, ARRAY_LEN(cases), text_elide);
}

static void nothing_passes_the_buffer(void **state)
{
    static const char text[] = "a" KANJI "\x1B"
                               "\xFF"
                               "e" ACUTE "\xF0\x9F\x90\xB1 and some more text";
    (void)state;
    for (size_t size = 1; size < sizeof text + 8; size++) {
        for (int columns = -1; columns < 30; columns++) {
            char *out = malloc(size);
            assert_non_null(out);
            int used = text_printable(out, size, text, sizeof text - 1, columns);
            assert_in_range(strlen(out), 0, size - 1);
            assert_int_equal(text_valid_prefix(out, strlen(out)), strlen(out));
            assert_int_equal(used, text_width(out, strlen(out)));
            used = text_elide(out, size, text, sizeof text - 1, columns);
            assert_in_range(strlen(out), 0, size - 1);
            assert_int_equal(text_valid_prefix(out, strlen(out)), strlen(out));
            assert_int_equal(used, text_width(out, strlen(out)));
            if (columns >= 0) {
                assert_in_range(used, 0, columns);
            }
            free(out);
        }
    }
    assert_int_equal(text_printable(NULL, 0, "a", 1, -1), 0);
}

static void widths(void **state)
{
    (void)state;
    assert_int_equal(text_code_width('a'), 1);
    assert_int_equal(text_code_width(0x732B), 2);
    assert_int_equal(text_code_width(0x301), 0);
    assert_int_equal(text_code_width(0x1B), 2);   /* ^[ */
    assert_int_equal(text_code_width(0x202E), 1); /* U+FFFD */
    assert_int_equal(text_width("a" KANJI "\n", 5), 5);
}

static void search(void **state)
{
    (void)state;
    assert_true(text_contains("anything", 8, ""));
    assert_true(text_contains("", 0, ""));
    assert_false(text_contains("", 0, "a"));
    assert_true(text_contains("IMG_0001.JPG", 12, "0001.jpg"));
    assert_true(text_contains("caf\xC3\x89", 5, "f\xC3\xA9"));
    assert_false(text_contains("cafe", 4, "\xC3\xA9"));
    assert_false(text_contains("cat and", 3, "cat a")); /* within len only */
    assert_true(text_contains("aab", 3, "ab"));
    assert_true(text_contains(KANJI "\xFF"
                                    "cat",
                              7, "cat"));
}

static void natural_order(void **state)
{
    /* Each row is in front of the next. */
    static const char *const rows[] = {
        "",
        "01",
        "1",
        "2",
        "10",
        "10a",
        "10b",
        "99999999999999999999998",
        "99999999999999999999999",
        "IMG",
        "IMG_1.jpg",
        "IMG_02.jpg",
        "IMG_2.jpg",
        "IMG_10.jpg",
        "IMG_10_2.jpg",
        "IMG_10_10.jpg",
        "IMG_a",
        "a",
        "a0",
        "a00",
        "a0b",
        "a1",
        "a1/2",
        "a1/10",
        "b",
        "\xC3\xA9",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
            int order = text_natural_compare(rows[i], rows[k]);
            if ((order > 0) - (order < 0) != (i > k) - (i < k)) {
                fail_msg("'%s' against '%s': %d", rows[i], rows[k], order);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_accepts_each_length_at_its_edges),
        cmocka_unit_test(decode_refuses_what_is_not_utf8),
        cmocka_unit_test(decode_reads_no_further_than_len),
        cmocka_unit_test(encode_refuses_what_does_not_exist),
        cmocka_unit_test(every_code_point_survives),
        cmocka_unit_test(valid_prefix_stops_at_the_first_bad_byte),
        cmocka_unit_test(unsafe_code_points),
        cmocka_unit_test(printable_text),
        cmocka_unit_test(elided_text),
        cmocka_unit_test(nothing_passes_the_buffer),
        cmocka_unit_test(widths),
        cmocka_unit_test(search),
        cmocka_unit_test(natural_order),
    };
    if (!setlocale(LC_ALL, "C.UTF-8")) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
