#include "base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"

static const char *const words[] = { "label", "review", "train",   "eval",  "predict",
                                     "model", "show",   "doctor",  "order", "protocol",
                                     "class", "cat",    "dresses", "o" };

struct row {
    const char *word;
    const char *meant; /* NULL: nothing is near */
};

static void E_did_you_mean(void **state)
{
    static const struct row rows[] = {
        { "reveiw", "review" },
        { "REVIEW", "review" },
        { "rview", "review" },
        { "reviews", "review" },
        { "tarin", "train" },
        { "trian", "train" },
        { "predcit", "predict" },
        { "mdoel", "model" },
        { "doctro", "doctor" },
        { "protocal", "protocol" },
        { "proto", "protocol" },
        { "pro", "protocol" },
        { "kat", "cat" },
        { "dress", "dresses" },
        { "x", NULL },
        { "zebra", NULL },
        { "", NULL },
        { "photos", NULL },
        { "lbl", "label" },
        { "/home/ada/p", NULL },
        { "0123456789012345678901234567890123456789012345678901234567890123456789", NULL },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct nearest n = nearest_to(rows[i].word, "");
        for (size_t w = 0; w < ARRAY_LEN(words); w++) {
            nearest_offer(&n, words[w]);
        }
        if (!rows[i].meant) {
            assert_null(n.best);
        } else {
            assert_non_null(n.best);
            assert_string_equal(n.best, rows[i].meant);
        }
    }
}

static void suggestions_are_words(void **state)
{
    char text[NEAREST_TEXT_MAX];
    struct nearest n = nearest_to("oder", "--");
    (void)state;
    assert_string_equal(nearest_text(&n, text), "");
    nearest_offer(&n, "order");
    assert_string_equal(nearest_text(&n, text), "; did you mean '--order'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(E_did_you_mean),
        cmocka_unit_test(suggestions_are_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
