/* Converts the styles of a theme to curses' attributes and colour pairs. */
#include "screen/private.h"

#include "term/color.h"

#define BAR_READABLE 3.0 /* least contrast of graphics, by WCAG 2 */

void screen_set_theme(struct screen *s, const struct theme *theme)
{
    s->theme = *theme;
}

/* The terminal's background: as reported, else white or black. */
static int32_t background(const struct screen *s)
{
    int32_t told;
    if (probe_background(&s->caps, &told)) {
        return told;
    }
    return screen_is_light(s) ? 0xFFFFFF : 0x000000;
}

bool screen_is_light(const struct screen *s)
{
    return probe_is_light(&s->caps);
}

/* The user's number of colours, if curses (COLORS) can show that many. */
static int count_colors(const struct screen *s)
{
    return s->user_colors > 1 && s->user_colors < COLORS ? s->user_colors : COLORS;
}

static attr_t attributes(unsigned attrs)
{
    return (attrs & ATTR_BOLD ? A_BOLD : 0) | (attrs & ATTR_DIM ? A_DIM : 0) |
           (attrs & ATTR_REVERSE ? A_REVERSE : 0) | (attrs & ATTR_UNDERLINE ? A_UNDERLINE : 0);
}

/* Allocates a colour pair; takes A_BOLD out of *attrs if bold text would be unreadable. */
static int new_pair(const struct screen *s, int32_t fg, int32_t bg, attr_t *attrs)
{
    bool given = bg == COLOR_DEFAULT;
    int32_t back = given ? background(s) : bg;
    struct color_text t =
        color_text(fg == COLOR_DEFAULT ? back : fg, back, given, *attrs & A_BOLD, count_colors(s));
    if (fg == COLOR_DEFAULT) {
        return alloc_pair(-1, t.bg);
    }
    *attrs = t.bold ? *attrs | A_BOLD : *attrs & ~A_BOLD;
    return alloc_pair(t.fg, t.bg);
}

void screen_style(struct screen *s, enum style style, int32_t color, unsigned long more)
{
    const struct style_info *info = &s->theme.styles[style];
    attr_t attrs = attributes(info->attrs);
    int pair = 0;
    if (COLOR_PAIRS > 1) {
        pair = new_pair(s, color == COLOR_DEFAULT ? info->fg : color, info->bg, &attrs);
        pair = pair < 0 ? 0 : pair;
    } else if (info->bg != COLOR_DEFAULT && info->bg != s->theme.styles[STYLE_TEXT].bg) {
        attrs |= A_REVERSE; /* without colours this replaces the background */
    }
    attr_set(attrs | (attr_t)more, 0, &pair);
}

int32_t screen_bar_color(const struct screen *s, enum style style)
{
    const struct style_info *info = &s->theme.styles[style];
    int32_t bar = s->theme.styles[STYLE_BAR].fg;
    bool known = bar != COLOR_DEFAULT && info->bg != COLOR_DEFAULT;
    return known && color_contrast(bar, info->bg) < BAR_READABLE ? info->fg : bar;
}
