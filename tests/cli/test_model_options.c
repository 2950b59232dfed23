/* The settings of [model] as the classifier gets them. */
#include "../../src/cli/model_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void test_each_word_of_fit(void **state)
{
    static const struct {
        const char *word;
        enum image_reshape fit;
    } cases[] = {
        { "stretch", IMAGE_RESHAPE_STRETCH },
        { "letterbox", IMAGE_RESHAPE_LETTERBOX },
        { "crop", IMAGE_RESHAPE_CROP },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct settings s;
        struct error err = { 0 };
        assert_true(settings_init(&s, &err));
        assert_true(settings_set(&s, OPTION_FIT, cases[i].word, "here", &err));
        assert_int_equal(model_fit(&s), cases[i].fit);
        settings_release(&s);
    }
    assert_null(option_word(OPTION_FIT, ARRAY_LEN(cases))); /* no word is missing here */
}

static void test_mean_and_std_belong_together(void **state)
{
    struct classifier_options options;
    struct settings s;
    struct error err = { 0 };
    (void)state;
    assert_true(settings_init(&s, &err));
    assert_true(model_options(&s, &options, &err));
    assert_false(options.input_given);
    assert_true(settings_set(&s, OPTION_STD, "0.25", "here", &err));
    assert_false(model_options(&s, &options, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.message, "std is given without mean"));
    assert_true(settings_set(&s, OPTION_MEAN, "0.1,0.2,0.3", "here", &err));
    assert_true(model_options(&s, &options, &err));
    assert_true(options.input_given);
    assert_true(options.input.mean[2] == 0.3f && options.input.std[2] == 0.25f);
    settings_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_word_of_fit),
        cmocka_unit_test(test_mean_and_std_belong_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
