/* labels.txt */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "nn/labels.h"

static bool load_text(struct nn_labels *labels, const char *text, size_t len, struct error *err)
{
    char path[] = "/tmp/thumbtag-labels-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), len);
    close(fd);
    bool ok = nn_labels_load(labels, path, err);
    unlink(path);
    return ok;
}

struct good {
    const char *text;
    size_t count;
    const char *names[3];
};

static const struct good good[] = {
    { "cat\ndog\n", 2, { "cat", "dog" } },
    { "cat\r\ndog\r\n", 2, { "cat", "dog" } },
    { "\xEF\xBB\xBFjay\n  wren \t\nred kite", 3, { "jay", "wren", "red kite" } },
    { "m\xC3\xA4use\n\n \r\n\n", 1, { "m\xC3\xA4use" } },
};

static void lines_become_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct nn_labels labels;
        struct error err = { 0 };
        if (!load_text(&labels, good[i].text, strlen(good[i].text), &err)) {
            fail_msg("%s", err.message);
        }
        assert_int_equal(labels.count, good[i].count);
        for (size_t n = 0; n < labels.count; n++) {
            assert_string_equal(labels.names[n], good[i].names[n]);
        }
        nn_labels_release(&labels);
    }
}

/* A list as one line with '|' between names, and the names that come of it. */
static const char *const indexed[][2] = {
    { "0 plastico|1 vidro|2 papel", "plastico|vidro|papel" }, /* Teachable Machine */
    { "0 Class 1|1 Class 2", "Class 1|Class 2" },
    { "00 cat|01 big dog", "cat|big dog" },
    { "0: cat|1: dog", "cat|dog" },
    { "0:cat|1:dog", "cat|dog" },
    { "1: cat|2: dog", "cat|dog" },
    { "0,cat|1,dog", "cat|dog" },
    { "0\tcat|1\tdog", "cat|dog" },
    { "1. cat|2. dog", "cat|dog" },
    { "1) cat|2) dog", "cat|dog" },
    { "0 - cat|1 - dog", "cat|dog" },
    { "0=cat|1=dog", "cat|dog" },
    { "n01440764 tench, Tinca tinca|n01443537 goldfish", "tench, Tinca tinca|goldfish" },
    /* names, or what may be some */
    { "0|1|2", "0|1|2" },
    { "0 cat|1 dog|bird", "0 cat|1 dog|bird" },
    { "0 cat|2 dog", "0 cat|2 dog" },
    { "1 cat|0 dog", "1 cat|0 dog" },
    { "1 cent|2 cents", "1 cent|2 cents" },
    { "1 euro|2 euro", "1 euro|2 euro" },
    { "0 fingers|1 finger|2 fingers", "0 fingers|1 finger|2 fingers" },
    { "0 cat|1: dog", "0 cat|1: dog" },
    { "0.5|1.5", "0.5|1.5" },
    { "0-10|1-20", "0-10|1-20" },
    { "0cat|1dog", "0cat|1dog" },
    { "0 cat|1 ", "0 cat|1" },
    { "n01440764|n01443537", "n01440764|n01443537" },
    { "n02012849 crane|n03126707 crane", "n02012849 crane|n03126707 crane" },
    { "0 cat", "0 cat" },
};

static void D8_numbers_in_front_are_taken_off(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(indexed); i++) {
        struct nn_labels labels;
        struct error err = { 0 };
        char text[200], got[200] = "";
        snprintf(text, sizeof text, "%s\n", indexed[i][0]);
        for (char *bar; (bar = strchr(text, '|'));) {
            *bar = '\n';
        }
        assert_true(load_text(&labels, text, strlen(text), &err));
        for (size_t n = 0; n < labels.count; n++) {
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", n ? "|" : "",
                     labels.names[n]);
        }
        assert_string_equal(got, indexed[i][1]);
        nn_labels_release(&labels);
    }
}

struct bad {
    const char *text;
    size_t len;
    const char *says;
};

static const struct bad bad[] = {
    { "", 0, "no class names" },
    { "\n \r\n", 4, "no class names" },
    { "a\n\nb\n", 5, "line 2 is empty" },
    { "a\nb\xFF\n", 5, "line 2: byte 2 is not UTF-8" },
    { "a\nb\0c\n", 6, "line 2: byte 2 is a control character" },
    { "a\nb\tc\n", 6, "line 2: byte 2 is a control character" },
    { "a\nb\x1B[2J\n", 8, "line 2: byte 2 is a control character" },
};

static void damage_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct nn_labels labels;
        struct error err = { 0 };
        assert_false(load_text(&labels, bad[i].text, bad[i].len, &err));
        assert_int_equal(err.kind, ERROR_DATA);
        if (!strstr(err.message, bad[i].says)) {
            fail_msg("'%s' does not say '%s'", err.message, bad[i].says);
        }
        assert_int_equal(labels.count, 0);
        assert_null(labels.names);
    }
}

static void limits_hold(void **state)
{
    struct nn_labels labels;
    struct error err = { 0 };
    size_t len = 2 * ((size_t)NN_LABELS_MAX_COUNT + 1);
    char *text = malloc(len);
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < len; i++) {
        text[i] = i % 2 ? '\n' : 'x';
    }
    assert_true(load_text(&labels, text, len - 2, &err));
    assert_int_equal(labels.count, NN_LABELS_MAX_COUNT);
    nn_labels_release(&labels);
    assert_false(load_text(&labels, text, len, &err));
    memset(text, 'x', NN_LABEL_MAX_BYTES + 1);
    assert_true(load_text(&labels, text, NN_LABEL_MAX_BYTES, &err));
    nn_labels_release(&labels);
    assert_false(load_text(&labels, text, NN_LABEL_MAX_BYTES + 1, &err));
    free(text);
}

static void a_missing_file_is_an_io_error(void **state)
{
    struct nn_labels labels;
    struct error err = { 0 };
    (void)state;
    assert_false(nn_labels_load(&labels, "/nonexistent/labels.txt", &err));
    assert_int_equal(err.kind, ERROR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_names),
        cmocka_unit_test(D8_numbers_in_front_are_taken_off),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(a_missing_file_is_an_io_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
