/* Colours and attributes of everything on the screen, read from themes/NAME.ini.
 * The four themes of the source tree are built in. */
#ifndef CONFIG_THEME_H
#define CONFIG_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* What has a style. STYLE(id, name in the ini) */
#define THEME_STYLES(STYLE)                                                                        \
    STYLE(TEXT, "text")           /* plain text and the background */                              \
    STYLE(DIM, "dim")             /* secondary text */                                             \
    STYLE(TITLE, "title")         /* the top line */                                               \
    STYLE(HEADING, "heading")     /* headings of panels and help */                                \
    STYLE(KEY, "key")             /* a key that can be pressed */                                  \
    STYLE(CLASS, "class")         /* a class name */                                               \
    STYLE(TALLY, "count")         /* its count */                                                  \
    STYLE(GUESS, "guess")         /* the line of the guess */                                      \
    STYLE(ANSWER, "answer")       /* the line of the answer given */                               \
    STYLE(BAR, "bar")             /* the filled part of a bar */                                   \
    STYLE(BAR_EMPTY, "bar-empty") /* its rest */                                                   \
    STYLE(NAME, "name")           /* the file name */                                              \
    STYLE(PROMPT, "prompt")       /* where something is typed */                                   \
    STYLE(GOOD, "good")           /* it worked */                                                  \
    STYLE(WARN, "warn")           /* look at this */                                               \
    STYLE(ERROR, "error")         /* it failed */

enum style {
#define STYLE(id, name) STYLE_##id,
    THEME_STYLES(STYLE) STYLE_COUNT
#undef STYLE
};

enum { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_REVERSE = 4, ATTR_UNDERLINE = 8 };

#define COLOR_DEFAULT (-1) /* the terminal's own */

struct style_info {
    int32_t fg, bg; /* 0xRRGGBB or COLOR_DEFAULT */
    unsigned attrs; /* of ATTR_* */
};

struct theme {
    char name[64];
    struct style_info styles[STYLE_COUNT];
    int32_t class_colors[16]; /* given to the classes in turn; class_color_count of them are set */
    int class_color_count;
    int32_t paper; /* background of transparent pictures and of the letterbox around any picture */
};

/* Loads the theme NAME: a path if it contains a '/', else NAME.ini in the themes folder
 * of the XDG config folder, then in that of the installation, then the built-in one. */
bool theme_load(struct theme *theme, const char *name, struct error *err);

/* Loads the themes for a dark and a light background: for "auto" these are dark and
 * light, for any other name both are that theme. */
bool theme_load_both(struct theme *theme, struct theme *light, const char *name, struct error *err);

/* As theme_load(), but built-in themes only. */
bool theme_load_builtin(struct theme *theme, const char *name, struct error *err);

/* "#rrggbb", or one of the names black red green yellow blue magenta cyan
 * white gray and bright-…; "default" gives COLOR_DEFAULT. */
bool theme_parse_color(const char *text, int32_t *color);

/* Name of a style in a theme file. */
const char *theme_style_name(enum style s);

/* Names of the built-in themes, in order; NULL after the last. */
const char *theme_builtin_name(int index);

#endif
