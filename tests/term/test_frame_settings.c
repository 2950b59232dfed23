/* The words of [view] and what they mean to frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "term/frame_settings.h"

#define AUTO (-1)

static int enlarge(const struct settings *s)
{
    return (int)frame_settings_enlarge(s);
}

static int levels(const struct settings *s)
{
    return (int)frame_settings_levels(s);
}

static int level(const struct settings *s)
{
    enum level out;
    return frame_settings_level(s, &out) ? (int)out : AUTO;
}

static void test_words_have_their_meaning(void **state)
{
    static const struct {
        enum option_id option;
        int (*read)(const struct settings *s);
        const char *word;
        int value;
    } cases[] = {
        { OPTION_ENLARGE, enlarge, "smooth", ENLARGE_SMOOTH },
        { OPTION_ENLARGE, enlarge, "sharp", ENLARGE_SHARP },
        { OPTION_ENLARGE, enlarge, "no", ENLARGE_NO },
        { OPTION_LEVELS, levels, "plain", IMAGE_LEVELS_PLAIN },
        { OPTION_LEVELS, levels, "full", IMAGE_LEVELS_FULL },
        { OPTION_LEVELS, levels, "auto", IMAGE_LEVELS_AUTO },
        { OPTION_LEVEL, level, "slow", LEVEL_SLOW },
        { OPTION_LEVEL, level, "default", LEVEL_DEFAULT },
        { OPTION_LEVEL, level, "best", LEVEL_BEST },
        { OPTION_LEVEL, level, "auto", AUTO },
    };
    size_t words = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct settings s;
        struct error err = { 0 };
        assert_true(settings_init(&s, &err));
        assert_true(settings_set(&s, cases[i].option, cases[i].word, "here", &err));
        if (cases[i].read(&s) != cases[i].value) {
            fail_msg("%s = %s is %d, not %d", option_info(cases[i].option)->name, cases[i].word,
                     cases[i].read(&s), cases[i].value);
        }
        settings_release(&s);
    }
    for (size_t i = 0; option_word(OPTION_ENLARGE, i) || option_word(OPTION_LEVELS, i) ||
                       option_word(OPTION_LEVEL, i);
         i++) {
        words += (option_word(OPTION_ENLARGE, i) != NULL) +
                 (option_word(OPTION_LEVELS, i) != NULL) + (option_word(OPTION_LEVEL, i) != NULL);
    }
    assert_int_equal(words, ARRAY_LEN(cases)); /* no word is missing here */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_have_their_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
