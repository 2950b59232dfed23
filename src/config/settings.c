#include "config/settings.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "config/theme.h"
#include "ini.h"

#define WORKERS_MAX 8 /* when --workers is 0 */

#define LABEL COMMAND_LABEL
#define REVIEW COMMAND_REVIEW
#define DOCTOR COMMAND_DOCTOR
#define PREDICT COMMAND_PREDICT
#define INSPECT COMMAND_MODEL
#define TRAIN COMMAND_TRAIN
#define EVAL COMMAND_EVAL
#define SHOW COMMAND_SHOW
#define RECOVER COMMAND_RECOVER
#define RECLASS COMMAND_CLASSES
#define IMPORT COMMAND_IMPORT
#define EXPORT COMMAND_EXPORT
#define COMPARE COMMAND_COMPARE
#define STATS COMMAND_STATS
#define CACHED COMMAND_CACHE

static const struct option_info options[] = {
#define OPTION(id, section, name, short_, type, arg, def, min, max, commands, text)                \
    { section, name, short_, OPTION_##type, arg, def, min, max, commands, text },
#include "config/options.def"
#undef OPTION
};

static_assert(ARRAY_LEN(options) == OPTION_COUNT, "a row for each option");

static const struct choice_info {
    enum option_id option;
    enum choice value;
    const char *word;
} choices[] = {
#define CHOICE(option, id, word) { OPTION_##option, CHOICE_##option##_##id, word },
#include "config/choices.def"
#undef CHOICE
};

const struct option_info *option_info(enum option_id o)
{
    return &options[o];
}

bool option_is_old(enum option_id o)
{
    return !options[o].text[0];
}

/* The i-th row of an option, or NULL. */
static const struct choice_info *choice_at(enum option_id o, size_t i)
{
    for (size_t c = 0; c < ARRAY_LEN(choices); c++) {
        if (choices[c].option == o && i-- == 0) {
            return &choices[c];
        }
    }
    return NULL;
}

const char *option_word(enum option_id o, size_t i)
{
    const struct choice_info *choice = choice_at(o, i);
    return choice ? choice->word : NULL;
}

void option_add_words(struct buf *out, enum option_id o, const char *separator)
{
    const char *word;
    for (size_t i = 0; (word = option_word(o, i)); i++) {
        buf_addf(out, "%s%s", i ? separator : "", word);
    }
}

int settings_colors(const struct settings *s)
{
    switch (settings_choice(s, OPTION_COLORS)) {
    case CHOICE_COLORS_MONO:
        return 1;
    case CHOICE_COLORS_16:
        return 16;
    case CHOICE_COLORS_256:
        return 256;
    case CHOICE_COLORS_24BIT:
        return 1 << 24;
    default:
        return 0;
    }
}

const char *settings_text(const struct settings *s, enum option_id o)
{
    return s->values[o].text;
}

int settings_number(const struct settings *s, enum option_id o)
{
    assert(options[o].type != OPTION_CHOICE);
    return s->values[o].number;
}

enum choice settings_choice(const struct settings *s, enum option_id o)
{
    return (enum choice)s->values[o].number;
}

float settings_real(const struct settings *s, enum option_id o)
{
    return s->values[o].real[0];
}

bool settings_list_has(const char *list, char separator, const char *word)
{
    size_t len = strlen(word);
    const char stop[2] = { separator, '\0' };
    for (const char *s = list;;) {
        size_t item = strcspn(s, stop);
        if (item == len && memcmp(s, word, len) == 0) {
            return true;
        }
        if (!s[item]) {
            return false;
        }
        s += item + 1;
    }
}

static bool parse_int(const struct option_info *info, const char *value, int *number)
{
    char *end;
    errno = 0;
    long n = strtol(value, &end, 10);
    if (errno || end == value || *end || n < info->min || n > info->max) {
        return false;
    }
    *number = (int)n;
    return true;
}

static bool parse_size(const struct option_info *info, const char *value, struct setting *out)
{
    static const char digits[] = "0123456789";
    size_t width = strspn(value, digits);
    size_t height = value[width] == 'x' ? strspn(value + width + 1, digits) : 0;
    if (width < 1 || width > 6 || height < 1 || height > 6 || value[width + 1 + height]) {
        return false;
    }
    out->number = (int)strtol(value, NULL, 10);
    out->number2 = (int)strtol(value + width + 1, NULL, 10);
    return out->number >= info->min && out->number <= info->max && out->number2 >= info->min &&
           out->number2 <= info->max;
}

static bool is_within(const struct option_info *info, float value)
{
    return value >= (float)info->min && value <= (float)info->max;
}

/* Of an option that has no default, "" is none. */
static bool is_unset(const struct option_info *info, const char *value)
{
    return !value[0] && !info->default_text[0];
}

static bool parse_real(const struct option_info *info, const char *value, float *real)
{
    char *end;
    *real = strtof(value, &end);
    return end != value && !*end && is_within(info, *real);
}

/* "0.5" or "0.485,0.456,0.406". */
static bool parse_channels(const struct option_info *info, const char *value, float real[3])
{
    char rest;
    int n = sscanf(value, "%f,%f,%f%c", &real[0], &real[1], &real[2], &rest);
    if (n == 1 && sscanf(value, "%f%c", &real[0], &rest) == 1) {
        real[1] = real[2] = real[0];
        n = 3;
    }
    return n == 3 && is_within(info, real[0]) && is_within(info, real[1]) &&
           is_within(info, real[2]);
}

/* The value of a word; CHOICE_FIRST: there is no such word. */
static enum choice parse_choice(enum option_id o, const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        if (choices[i].option == o && strcmp(choices[i].word, word) == 0) {
            return choices[i].value;
        }
    }
    return CHOICE_FIRST;
}

static int parse_flag(const char *value)
{
    if (settings_list_has("yes|true|on|1", '|', value)) {
        return 1;
    }
    return settings_list_has("no|false|off|0", '|', value) ? 0 : -1;
}

static bool no_such_choice(enum option_id o, const char *value, const char *where,
                           struct error *err)
{
    char suggestion[NEAREST_TEXT_MAX];
    struct nearest n = nearest_to(value, "");
    struct buf words = BUF_INIT;
    const char *word;
    for (size_t i = 0; (word = option_word(o, i)); i++) {
        nearest_offer(&n, word);
    }
    option_add_words(&words, o, "|");
    error_set(err, ERROR_USAGE, "%s: %s = '%s': must be one of %s%s", where, options[o].name, value,
              buf_text(&words), nearest_text(&n, suggestion));
    buf_release(&words);
    return false;
}

static bool parse_value(enum option_id o, const char *value, const char *where, struct setting *out,
                        struct error *err)
{
    const struct option_info *info = &options[o];
    switch (info->type) {
    case OPTION_FLAG:
        out->number = parse_flag(value);
        if (out->number < 0) {
            return error_set(err, ERROR_USAGE, "%s: %s = '%s': must be yes or no", where,
                             info->name, value);
        }
        return true;
    case OPTION_INT:
        if (!parse_int(info, value, &out->number)) {
            return error_set(err, ERROR_USAGE, "%s: %s = '%s': must be a number from %d to %d",
                             where, info->name, value, (int)info->min, (int)info->max);
        }
        return true;
    case OPTION_REAL:
        if (!is_unset(info, value) && !parse_real(info, value, &out->real[0])) {
            return error_set(err, ERROR_USAGE, "%s: %s = '%s': must be a number from %g to %g",
                             where, info->name, value, info->min, info->max);
        }
        return true;
    case OPTION_CHANNELS:
        if (!is_unset(info, value) && !parse_channels(info, value, out->real)) {
            return error_set(err, ERROR_USAGE,
                             "%s: %s = '%s': must be one number or R,G,B, each from %g to %g",
                             where, info->name, value, info->min, info->max);
        }
        return true;
    case OPTION_CHOICE:
        out->number = (int)parse_choice(o, value);
        return out->number != CHOICE_FIRST || no_such_choice(o, value, where, err);
    case OPTION_SIZE:
        if (!parse_size(info, value, out)) {
            return error_set(err, ERROR_USAGE,
                             "%s: %s = '%s': must be WIDTHxHEIGHT, each from %d to %d", where,
                             info->name, value, (int)info->min, (int)info->max);
        }
        return true;
    case OPTION_TEXT:
        return true;
    }
    return false;
}

static bool put_setting(struct settings *s, enum option_id o, const char *value, const char *where,
                        bool given, struct error *err)
{
    struct setting parsed = { .given = given };
    if (!parse_value(o, value, where, &parsed, err)) {
        return false;
    }
    parsed.text = mem_string(value, strlen(value));
    if (!parsed.text) {
        return error_nomem(err, strlen(value), "a setting");
    }
    free(s->values[o].text);
    s->values[o] = parsed;
    return true;
}

bool settings_set(struct settings *s, enum option_id o, const char *value, const char *where,
                  struct error *err)
{
    return put_setting(s, o, value, where, true, err);
}

bool settings_init(struct settings *s, struct error *err)
{
    memset(s, 0, sizeof *s);
    keymap_init(&s->keymap);
    classes_init(&s->classes);
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        if (!put_setting(s, o, options[o].default_text, "defaults", false, err)) {
            settings_release(s);
            return false;
        }
    }
    return true;
}

void settings_release(struct settings *s)
{
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        free(s->values[o].text);
        s->values[o].text = NULL;
    }
    classes_release(&s->classes);
    free(s->classes_path);
    s->classes_path = NULL;
}

/* [classes] KEY = NAME, or KEY = "NAME, COLOR". */
static bool load_class(struct settings *s, const char *key, const char *value, const char *where,
                       struct error *err)
{
    keycode code = KEYCODE_NONE;
    if (strcasecmp(key, "none") != 0 && !keycode_parse(key, &code)) {
        return error_set(err, ERROR_USAGE, "%s: [classes] '%s' is not a key; write KEY = NAME",
                         where, key);
    }
    int32_t color = CLASS_COLOR_NONE;
    size_t len = strlen(value);
    const char *comma = strrchr(value, ',');
    const char *last = comma ? comma + 1 + strspn(comma + 1, " \t") : NULL;
    if (last && !*last) {
        return error_set(err, ERROR_USAGE,
                         "%s: [classes] %s = %s: ends in a comma; a name with a colour must be "
                         "quoted: \"cat, #ff8000\"",
                         where, key, value);
    }
    if (last && *last == '#') {
        if (!theme_parse_color(last, &color)) {
            return error_set(err, ERROR_USAGE,
                             "%s: [classes] %s = '%s': the colour must be #rrggbb", where, key,
                             value);
        }
        len = (size_t)(comma - value);
    }
    while (len && (value[len - 1] == ' ' || value[len - 1] == '\t')) {
        len--;
    }
    if (!classes_add(&s->classes, value, len, code, color, where, err)) {
        return false;
    }
    s->classes.items[s->classes.count - 1].key_given = true;
    return true;
}

static bool load_key(struct settings *s, const char *key, const char *value, const char *where,
                     struct error *err)
{
    enum action action = action_by_name(key);
    if (action == ACTION_NO_ACTION) {
        char suggestion[NEAREST_TEXT_MAX];
        struct nearest n = nearest_to(key, "");
        for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
            nearest_offer(&n, action_info(a)->name);
        }
        return error_set(err, ERROR_USAGE, "%s: [keys] has no action '%s'%s (see thumbtag.ini(5))",
                         where, key, nearest_text(&n, suggestion));
    }
    return keymap_bind(&s->keymap, action, value, where, err);
}

/* Suggests what was meant: a similar key of the section, the section that the key belongs
 * to, or a similar section. */
static bool no_such_setting(const char *section, const char *key, const char *where,
                            struct error *err)
{
    char suggestion[NEAREST_TEXT_MAX];
    struct nearest keys = nearest_to(key, ""), sections = nearest_to(section, "");
    const char *home = NULL;
    nearest_offer(&sections, "classes");
    nearest_offer(&sections, "keys");
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        if (!options[o].section[0] || option_is_old(o)) {
            continue;
        }
        nearest_offer(&sections, options[o].section);
        if (strcasecmp(options[o].section, section) == 0) {
            nearest_offer(&keys, options[o].name);
        }
        if (strcasecmp(options[o].name, key) == 0) {
            home = options[o].section;
        }
    }
    if (home) {
        snprintf(suggestion, sizeof suggestion, "; it belongs to [%s]", home);
    } else {
        nearest_text(sections.distance > 0 ? &sections : &keys, suggestion);
    }
    return error_set(err, ERROR_USAGE,
                     "%s: [%s] %s: there is no such setting%s (see thumbtag.ini(5))", where,
                     section, key, suggestion);
}

static bool load_pair(void *context, const char *section, const char *key, const char *value,
                      const char *where, struct error *err)
{
    struct settings *s = context;
    if (strcasecmp(section, "classes") == 0) {
        return load_class(s, key, value, where, err);
    }
    if (strcasecmp(section, "keys") == 0) {
        return load_key(s, key, value, where, err);
    }
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        if (options[o].section[0] && strcasecmp(options[o].section, section) == 0 &&
            strcasecmp(options[o].name, key) == 0) {
            return settings_set(s, o, value, where, err);
        }
    }
    return no_such_setting(section, key, where, err);
}

bool settings_load(struct settings *s, const char *path, bool optional, struct error *err)
{
    struct classes before = s->classes;
    classes_init(&s->classes);
    bool ok = ini_each(path, optional, load_pair, s, err);
    if (ok && !s->classes.count) { /* the file has none: keep those read before */
        classes_release(&s->classes);
        s->classes = before;
        return true;
    }
    classes_release(&before);
    if (ok) {
        free(s->classes_path);
        s->classes_path = mem_string(path, strlen(path));
        ok = s->classes_path || error_nomem(err, strlen(path), "a path");
    }
    return ok;
}

/* A path in the folder that the variable names, or in `in_home` below the home folder. Relative
 * ones are ignored: they would lead into the folder of pictures, which may be anyone's. */
static char *user_path(const char *variable, const char *in_home, const char *name)
{
    const char *xdg = getenv(variable);
    if (xdg && xdg[0] == '/') {
        return file_join(xdg, name);
    }
    const char *home = getenv("HOME");
    char *folder = home && home[0] == '/' ? file_join(home, in_home) : NULL;
    char *path = folder ? file_join(folder, name) : NULL;
    free(folder);
    return path;
}

char *settings_user_path(void)
{
    return user_path("XDG_CONFIG_HOME", ".config", "thumbtag/thumbtag.ini");
}

char *settings_cache_folder(void)
{
    return user_path("XDG_CACHE_HOME", ".cache", "thumbtag");
}

char *settings_data_path(const char *name)
{
    char *all = user_path("XDG_DATA_HOME", ".local/share", "thumbtag");
    char *path = all ? file_join(all, name) : NULL;
    free(all);
    return path;
}

int settings_workers(const struct settings *s)
{
    int workers = settings_number(s, OPTION_WORKERS);
    if (!workers) {
        long cpus = sysconf(_SC_NPROCESSORS_ONLN);
        workers = cpus < 1 ? 1 : cpus > WORKERS_MAX ? WORKERS_MAX : (int)cpus;
    }
    return workers;
}
