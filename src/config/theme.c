#include "config/theme.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "ini.h"
#include "themes_builtin.h"

static const char *const style_names[] = {
#define STYLE(id, name) name,
    THEME_STYLES(STYLE)
#undef STYLE
};

const char *theme_style_name(enum style s)
{
    return style_names[s];
}

static const struct {
    const char *name;
    int32_t color;
} color_names[] = {
    { "default", COLOR_DEFAULT },  { "black", 0x000000 },        { "red", 0xCD0000 },
    { "green", 0x00CD00 },         { "yellow", 0xCDCD00 },       { "blue", 0x0000EE },
    { "magenta", 0xCD00CD },       { "cyan", 0x00CDCD },         { "white", 0xE5E5E5 },
    { "gray", 0x7F7F7F },          { "bright-red", 0xFF0000 },   { "bright-green", 0x00FF00 },
    { "bright-yellow", 0xFFFF00 }, { "bright-blue", 0x5C5CFF },  { "bright-magenta", 0xFF00FF },
    { "bright-cyan", 0x00FFFF },   { "bright-white", 0xFFFFFF },
};

bool theme_parse_color(const char *text, int32_t *color)
{
    unsigned value;
    int end = 0;
    if (text[0] == '#' && strspn(text + 1, "0123456789abcdefABCDEF") == 6 &&
        sscanf(text + 1, "%6x%n", &value, &end) == 1 && !text[7]) {
        *color = (int32_t)value;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(color_names); i++) {
        if (strcmp(text, color_names[i].name) == 0) {
            *color = color_names[i].color;
            return true;
        }
    }
    return false;
}

/* Which parts of a style have been read. */
enum style_place { STYLE_START, STYLE_FG_READ, STYLE_WANTS_BG, STYLE_BG_READ };

/* One word of "COLOR [on COLOR] [bold|dim|reverse|underline]...". */
static bool style_word(const char *word, enum style_place *place, struct style_info *style)
{
    static const char *const attr_names[] = { "bold", "dim", "reverse", "underline" };
    for (size_t i = 0; i < ARRAY_LEN(attr_names); i++) {
        if (strcmp(word, attr_names[i]) == 0) {
            style->attrs |= 1u << i;
            return true;
        }
    }
    if (*place == STYLE_FG_READ && strcmp(word, "on") == 0) {
        *place = STYLE_WANTS_BG;
        return true;
    }
    bool background = *place == STYLE_WANTS_BG;
    if (*place != STYLE_START && !background) {
        return false;
    }
    *place = background ? STYLE_BG_READ : STYLE_FG_READ;
    return theme_parse_color(word, background ? &style->bg : &style->fg);
}

/* Copies the next word of s (truncated to size - 1 bytes). Returns what follows it, or
 * NULL when there is no word. */
static const char *next_word(const char *s, char *word, size_t size)
{
    s += strspn(s, " \t");
    size_t len = strcspn(s, " \t");
    snprintf(word, size, "%.*s", (int)len, s);
    return len ? s + len : NULL;
}

static bool parse_style(const char *value, struct style_info *style)
{
    enum style_place place = STYLE_START;
    char word[32];
    *style = (struct style_info){ COLOR_DEFAULT, COLOR_DEFAULT, 0 };
    for (const char *s = value; (s = next_word(s, word, sizeof word));) {
        if (!style_word(word, &place, style)) {
            return false;
        }
    }
    return place == STYLE_FG_READ || place == STYLE_BG_READ;
}

static bool parse_class_colors(struct theme *t, const char *value)
{
    char word[32];
    t->class_color_count = 0;
    for (const char *s = value; (s = next_word(s, word, sizeof word));) {
        if (t->class_color_count == (int)ARRAY_LEN(t->class_colors) ||
            !theme_parse_color(word, &t->class_colors[t->class_color_count++])) {
            return false;
        }
    }
    return t->class_color_count > 0;
}

static bool theme_pair(void *context, const char *section, const char *key, const char *value,
                       const char *where, struct error *err)
{
    struct theme *t = context;
    bool ok = false;
    const char *form = "'white on #102030 bold'";
    if (strcasecmp(section, "styles") == 0) {
        for (size_t i = 0; i < ARRAY_LEN(style_names); i++) {
            if (strcasecmp(style_names[i], key) == 0) {
                ok = parse_style(value, &t->styles[i]);
                goto out;
            }
        }
    } else if (strcasecmp(section, "picture") == 0 && strcasecmp(key, "paper") == 0) {
        ok = theme_parse_color(value, &t->paper) && t->paper != COLOR_DEFAULT;
        form = "'#102030' or 'black'";
        goto out;
    } else if (strcasecmp(section, "classes") == 0 && strcasecmp(key, "colors") == 0) {
        ok = parse_class_colors(t, value);
        form = "'#102030 white …', 1 to 16 colours";
        goto out;
    }
    return error_set(err, ERROR_DATA, "%s: [%s] %s: themes have no such key", where, section, key);
out:
    if (!ok) {
        return error_set(err, ERROR_DATA,
                         "%s: [%s] %s = '%s': must be like %s; a value with # must be quoted",
                         where, section, key, value, form);
    }
    return true;
}

static void theme_blank(struct theme *t, const char *name)
{
    memset(t, 0, sizeof *t);
    snprintf(t->name, sizeof t->name, "%.60s", name);
    for (size_t i = 0; i < STYLE_COUNT; i++) {
        t->styles[i] = (struct style_info){ COLOR_DEFAULT, COLOR_DEFAULT, 0 };
    }
}

const char *theme_builtin_name(int index)
{
    return index >= 0 && index < THEMES_BUILTIN_COUNT ? themes_builtin[index].name : NULL;
}

bool theme_load_builtin(struct theme *t, const char *name, struct error *err)
{
    char list[256] = "";
    theme_blank(t, name);
    for (int i = 0; i < THEMES_BUILTIN_COUNT; i++) {
        if (strcmp(themes_builtin[i].name, name) != 0) {
            continue;
        }
        for (const struct theme_pair *p = themes_builtin[i].pairs; p->section; p++) {
            if (!theme_pair(t, p->section, p->key, p->value, name, err)) {
                return false;
            }
        }
        return true;
    }
    for (int i = 0; i < THEMES_BUILTIN_COUNT; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", themes_builtin[i].name);
    }
    return error_set(err, ERROR_USAGE,
                     "theme '%s': not built in, and no %s.ini in a themes folder (built in: %s)",
                     name, name, list);
}

/* The path DIR/themes/NAME.ini if that can be read, else NULL. The caller frees it. */
static char *theme_path(const char *dir, const char *name)
{
    struct buf path = BUF_INIT;
    buf_addf(&path, "%s/themes/%s.ini", dir, name);
    if (!path.failed && access(path.data, R_OK) == 0) {
        return buf_take(&path);
    }
    buf_release(&path);
    return NULL;
}

static char *find_theme(const char *name)
{
    if (strchr(name, '/')) {
        return mem_string(name, strlen(name));
    }
    char *config = NULL;
    const char *xdg = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    if (xdg && xdg[0] == '/') {
        config = file_join(xdg, "thumbtag");
    } else if (home && home[0] == '/') {
        config = file_join(home, ".config/thumbtag");
    }
    char *path = config ? theme_path(config, name) : NULL;
    free(config);
    return path ? path : theme_path(THUMBTAG_DATADIR, name);
}

bool theme_load(struct theme *theme, const char *name, struct error *err)
{
    char *path = find_theme(name);
    bool ok;
    if (path) {
        theme_blank(theme, name);
        ok = ini_each(path, false, theme_pair, theme, err);
    } else {
        ok = theme_load_builtin(theme, name, err);
    }
    free(path);
    return ok;
}

bool theme_load_both(struct theme *theme, struct theme *light, const char *name, struct error *err)
{
    bool automatic = strcmp(name, "auto") == 0;
    return theme_load(theme, automatic ? "dark" : name, err) &&
           theme_load(light, automatic ? "light" : name, err);
}
