#include "term/color.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "config/theme.h"

/* Where a theme leaves the background to the terminal. */
static const struct {
    const char *theme;
    int32_t background;
} themes[] = { { "dark", 0x000000 }, { "light", 0xFFFFFF }, { "contrast", 0x000000 } };

static const int depths[] = { 8, 16, 256, 1 << 24 };

static void test_contrast(void **state)
{
    (void)state;
    assert_true(color_contrast(0x000000, 0xFFFFFF) > 20.9);
    assert_true(color_contrast(0xFFFFFF, 0x000000) < 21.1);
    assert_true(color_contrast(0x767676, 0xFFFFFF) > 4.5); /* WCAG's own example */
    assert_true(color_contrast(0x777777, 0xFFFFFF) < 4.5);
    assert_true(color_contrast(0x123456, 0x123456) < 1.001);
    assert_true(color_is_light(0xFFFFFF) && color_is_light(0xFDF6E3) && color_is_light(0xCCCCCC));
    assert_false(color_is_light(0x000000) || color_is_light(0x002B36) || color_is_light(0x444444));
}

/* 0xRRGGBB as it comes out, the worse of the two where bold may be bright. */
static double contrast_shown(struct color_text t, int32_t background, int colors)
{
    bool all = colors >= 1 << 24;
    int32_t bg = t.bg < 0 ? background : all ? t.bg : color_value(t.bg, colors);
    double c = color_contrast(all ? t.fg : color_value(t.fg, colors), bg);
    if (colors < 256) {
        assert_in_range(t.fg, 0, colors - 1);
        assert_true(t.bg < colors);
        if (t.bold && t.fg < 8) {
            double bright = color_contrast(color_value(t.fg + 8, 16), bg);
            c = bright < c ? bright : c;
        }
    }
    return c;
}

static void check_text(const char *what, int32_t fg, int32_t bg, int32_t background, bool bold)
{
    bool given = bg == COLOR_DEFAULT;
    for (size_t d = 0; d < ARRAY_LEN(depths); d++) {
        struct color_text t = color_text(fg, given ? background : bg, given, bold, depths[d]);
        double c = contrast_shown(t, background, depths[d]);
        if (c < COLOR_READABLE) {
            fail_msg("%s in %d colours: %d on %d%s has a contrast of %.2f", what, depths[d], t.fg,
                     t.bg, t.bold ? " bold" : "", c);
        }
    }
}

/* Every style of every theme, in every number of colours. */
static void test_C5_every_text_is_readable(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(themes); i++) {
        struct theme t;
        assert_true(theme_load_builtin(&t, themes[i].theme, NULL));
        for (enum style s = 0; s < STYLE_COUNT; s++) {
            char what[80];
            const struct style_info *info = &t.styles[s];
            if (s == STYLE_BAR || s == STYLE_BAR_EMPTY || info->fg == COLOR_DEFAULT) {
                continue;
            }
            snprintf(what, sizeof what, "%s: %s", t.name, theme_style_name(s));
            check_text(what, info->fg, info->bg, themes[i].background, info->attrs & ATTR_BOLD);
        }
        for (int c = 0; c < t.class_color_count; c++) {
            char what[120];
            snprintf(what, sizeof what, "%s: class colour %d", t.name, c);
            check_text(what, t.class_colors[c], t.styles[STYLE_CLASS].bg, themes[i].background,
                       t.styles[STYLE_CLASS].attrs & ATTR_BOLD);
        }
    }
}

/* The predicted class: black on yellow, which bold would make grey on many terminals. */
static void test_C5_the_prediction_is_not_grey_on_yellow(void **state)
{
    struct color_text t = color_text(0x000000, 0xD7AF5F, false, true, 16);
    (void)state;
    assert_int_equal(t.fg, 0);
    assert_false(t.bold);
}

/* Any colours that can be read stay so, such as those of a user's theme. */
static void test_C5_any_readable_pair_stays_so(void **state)
{
    (void)state;
    for (uint32_t i = 0, seed = 1; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        int32_t fg = (int32_t)(seed >> 8);
        seed = seed * 1664525u + 1013904223u;
        int32_t bg = (int32_t)(seed >> 8);
        for (size_t d = 0; d < 2; d++) {
            struct color_text t = color_text(fg, bg, true, i % 2, depths[d]);
            assert_int_equal(t.bg, -1);
            if (color_contrast(fg, bg) >= COLOR_READABLE) {
                double least = depths[d] == 8 ? 3.5 : COLOR_READABLE; /* 8 have no white */
                assert_true(contrast_shown(t, bg, depths[d]) >= least);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contrast),
        cmocka_unit_test(test_C5_every_text_is_readable),
        cmocka_unit_test(test_C5_the_prediction_is_not_grey_on_yellow),
        cmocka_unit_test(test_C5_any_readable_pair_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
