#include "store/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* A text's records, written as "a|b;" for the fields a and b; "!" is a bad
 * record, "~" stands before the last one if it lacks its line end. */
static void read_all(const char *text, size_t len, struct buf *out)
{
    struct csv_reader r;
    struct csv_record *rec = malloc(sizeof *rec);

    assert_non_null(rec);
    csv_reader_init(&r);
    for (;;) {
        enum csv_status status = csv_next(&r, text, len, true, rec);
        if (status == CSV_END) {
            break;
        }
        assert_true(rec->size > 0 && rec->size <= len);
        if (!rec->terminated) {
            buf_addc(out, '~');
        }
        if (status == CSV_BAD) {
            assert_non_null(rec->reason);
            buf_addc(out, '!');
        } else {
            assert_int_equal(status, CSV_RECORD);
        }
        for (size_t i = 0; status == CSV_RECORD && i < rec->count; i++) {
            buf_adds(out, i > 0 ? "|" : "");
            buf_add(out, rec->fields[i].text, rec->fields[i].len);
        }
        buf_addc(out, ';');
        text += rec->size;
        len -= rec->size;
    }
    csv_reader_release(&r);
    free(rec);
}

static void test_read(void **state)
{
    static const char *const cases[][2] = {
        { "", "" },
        { "\n", ";" },
        { "a", "~a;" },
        { "a\n", "a;" },
        { "a,b\nc,d\n", "a|b;c|d;" },
        { "a,b\r\nc,d\r\n", "a|b;c|d;" },
        { ",,\n", "||;" },
        { "a,\n", "a|;" },
        { "a,", "~a|;" },
        { "\"a\"\n", "a;" },
        { "\"a\"", "~a;" },
        { "\"\",\"\"\n", "|;" },
        { "\"a,b\",c\n", "a,b|c;" },
        { "\"a\nb\",\"c\r\nd\"\n", "a\nb|c\r\nd;" },
        { "\"a\"\"b\",\"\"\"\"\n", "a\"b|\";" },
        { "\"\"\"a\"\"\"\"\"\n", "\"a\"\";" },
        { " a , b\n", " a | b;" },
        { "a\"b\nc\n", "!;c;" },
        { "\"a\"b\nc\n", "!;c;" },
        { "\"a\" \nc\n", "!;c;" },
        { "a\rb\nc\n", "!;c;" },
        { "a\r", "~!;" },
        { "\"a\nb\n", "~!;" },
        { "\"", "~!;" },
        { "\"a\"\"", "~!;" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = BUF_INIT;
        read_all(cases[i][0], strlen(cases[i][0]), &out);
        assert_string_equal(buf_text(&out), cases[i][1]);
        buf_release(&out);
    }
}

/* A window that ends anywhere inside a record asks for more, and then the
 * record comes out as if it had been whole. */
static void test_read_in_pieces(void **state)
{
    static const char text[] = "\"a\"\"\n,\",b,\"c\"\r\nd\n";
    static const size_t ends[] = { 15, 17 };
    struct csv_record *rec = malloc(sizeof *rec);

    (void)state;
    assert_non_null(rec);
    for (size_t cut = 0; cut < ends[0]; cut++) {
        struct csv_reader r;
        csv_reader_init(&r);
        char *part = mem_string(text, cut);
        assert_int_equal(csv_next(&r, part, cut, false, rec), CSV_MORE);
        free(part);
        assert_int_equal(csv_next(&r, text, sizeof text - 1, true, rec), CSV_RECORD);
        assert_int_equal(rec->size, ends[0]);
        assert_int_equal(rec->line, 1);
        assert_int_equal(rec->count, 3);
        assert_memory_equal(rec->fields[0].text, "a\"\n,", 4);
        assert_int_equal(csv_next(&r, text + ends[0], ends[1] - ends[0], false, rec), CSV_RECORD);
        assert_int_equal(rec->line, 3);
        csv_reader_release(&r);
    }
    free(rec);
}

static void test_too_many_fields(void **state)
{
    char text[CSV_FIELDS_MAX + 2];
    struct buf out = BUF_INIT;

    (void)state;
    memset(text, ',', sizeof text);
    text[CSV_FIELDS_MAX] = '\n';
    read_all(text, CSV_FIELDS_MAX + 1, &out);
    assert_string_equal(buf_text(&out), "!;");
    buf_clear(&out);
    text[CSV_FIELDS_MAX - 1] = '\n';
    read_all(text, CSV_FIELDS_MAX, &out);
    assert_int_equal(out.len, CSV_FIELDS_MAX);
    buf_release(&out);
}

static void test_write(void **state)
{
    static const char *const cases[][2] = {
        { "", "" },
        { "a b", "a b" },
        { "a,b", "\"a,b\"" },
        { "a\"b", "\"a\"\"b\"" },
        { "\"", "\"\"\"\"" },
        { "a\nb", "\"a\nb\"" },
        { "a\rb", "\"a\rb\"" },
        { " a", "\" a\"" },
        { "a ", "\"a \"" },
        { " ", "\" \"" },
        { "'a;b'\t", "'a;b'\t" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = BUF_INIT, back = BUF_INIT, want = BUF_INIT;
        csv_add_field(&out, cases[i][0], strlen(cases[i][0]));
        assert_string_equal(buf_text(&out), cases[i][1]);
        buf_addc(&out, '\n');
        read_all(out.data, out.len, &back);
        buf_addf(&want, "%s;", cases[i][0]);
        assert_string_equal(buf_text(&back), buf_text(&want));
        buf_release(&out);
        buf_release(&back);
        buf_release(&want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_in_pieces),
        cmocka_unit_test(test_too_many_fields),
        cmocka_unit_test(test_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
