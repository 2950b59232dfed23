#include "ini.h"

#include <ctype.h>
#include <errno.h>
#include <iniparser.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

/* iniparser cuts lines at 1023 bytes and searches its keys one by one. */
#define INI_BYTES_MAX (256u << 10)
#define INI_LINE_MAX 1000
#define INI_PAIRS_MAX 2000

/* iniparser reads the values. What it passes over in silence is checked here
 * before: keys in front of the first section, keys set twice, quotes left open,
 * text behind them. It also forgets where a key stood, and writes it small. */
struct pair {
    const char *section; /* both as written, in the file's bytes */
    const char *key;
    unsigned line;
};

struct outline {
    struct pair *pairs;
    size_t count;
    size_t cap;
    const char *section; /* the current one; NULL in front of the first */
};

/* s[0..*len) without the white space at its ends. */
static char *strip(char *s, size_t *len)
{
    while (*len > 0 && isspace((unsigned char)s[0])) {
        s++;
        (*len)--;
    }
    while (*len > 0 && isspace((unsigned char)s[*len - 1])) {
        (*len)--;
    }
    return s;
}

/* What is wrong with the value, or NULL. */
static const char *check_value(const char *value)
{
    if (value[0] == '"' || value[0] == '\'') {
        const char *close = strchr(value + 1, value[0]);
        if (!close) {
            return "the quote is not closed";
        }
        close += 1 + strspn(close + 1, " \t");
        return *close && *close != ';' && *close != '#' ? "there is text behind the quotes" : NULL;
    }
    size_t comment = strcspn(value, ";#");
    if (value[comment] && comment > 0 && !isspace((unsigned char)value[comment - 1])) {
        return "a value with ; or # stands in quotes";
    }
    return NULL;
}

/* One line without white space at its ends, NUL-terminated. Returns what is
 * wrong with it, or NULL. */
static const char *outline_line(struct outline *o, char *s, size_t len, unsigned line)
{
    if (len > INI_LINE_MAX) {
        return "the line is longer than 1000 bytes";
    }
    if (len == 0 || s[0] == ';' || s[0] == '#') {
        return NULL;
    }
    if (s[len - 1] == '\\') {
        return "a line cannot be continued with a backslash; put the value in quotes";
    }
    if (s[0] == '[' && s[len - 1] == ']') {
        size_t inner = strcspn(s + 1, "]");
        char *name = strip(s + 1, &inner);
        name[inner] = '\0';
        o->section = name;
        return inner ? NULL : "the section has no name";
    }
    char *equals = strchr(s, '=');
    if (!equals || equals == s) {
        return "neither [section] nor KEY = VALUE";
    }
    if (!o->section) {
        return "a key in front of the first [section]";
    }
    const char *wrong = check_value(equals + 1 + strspn(equals + 1, " \t"));
    if (wrong) {
        return wrong;
    }
    size_t key_len = (size_t)(equals - s);
    strip(s, &key_len);
    s[key_len] = '\0';
    if (o->count == INI_PAIRS_MAX) {
        return "more than 2000 keys";
    }
    if (!mem_reserve(&o->pairs, &o->cap, o->count + 1, sizeof *o->pairs)) {
        return "out of memory";
    }
    o->pairs[o->count++] = (struct pair){ o->section, s, line };
    return NULL;
}

static bool read_outline(struct outline *o, struct buf *bytes, const char *path, struct error *err)
{
    unsigned line = 1;
    if (bytes->len >= 3 && memcmp(bytes->data, "\xEF\xBB\xBF", 3) == 0) {
        return error_set(err, ERROR_DATA, "%s:1: begins with a byte order mark; save it without",
                         path);
    }
    for (size_t i = 0; i < bytes->len; line++) {
        char *s = bytes->data + i;
        char *newline = memchr(s, '\n', bytes->len - i);
        size_t len = newline ? (size_t)(newline - s) : bytes->len - i;
        i += len + 1;
        if (memchr(s, '\0', len)) {
            return error_set(err, ERROR_DATA, "%s:%u: holds a NUL byte; not a text file", path,
                             line);
        }
        s = strip(s, &len);
        s[len] = '\0';
        const char *wrong = outline_line(o, s, len, line);
        if (wrong) {
            return error_set(err, ERROR_DATA, "%s:%u: %s", path, line, wrong);
        }
    }
    return true;
}

static bool check_twice(const struct outline *o, const char *path, struct error *err)
{
    for (size_t i = 0; i < o->count; i++) {
        const struct pair *p = &o->pairs[i];
        for (size_t k = 0; k < i; k++) {
            if (strcasecmp(o->pairs[k].key, p->key) == 0 &&
                strcasecmp(o->pairs[k].section, p->section) == 0) {
                return error_set(err, ERROR_DATA,
                                 "%s:%u: [%s] '%s' is in line %u already (small and capital "
                                 "letters are the same in an ini)",
                                 path, p->line, p->section, p->key, o->pairs[k].line);
            }
        }
    }
    return true;
}

/* iniparser reports through a function without a context. */
static _Thread_local char ini_complaint[256];

__attribute__((format(printf, 1, 2))) static int take_complaint(const char *format, ...)
{
    if (!ini_complaint[0]) {
        va_list args;
        va_start(args, format);
        vsnprintf(ini_complaint, sizeof ini_complaint, format, args);
        va_end(args);
        ini_complaint[strcspn(ini_complaint, "\n")] = '\0';
    }
    return 0;
}

static dictionary *load(const char *path, struct error *err)
{
    ini_complaint[0] = '\0';
    iniparser_set_error_callback(take_complaint);
    dictionary *dict = iniparser_load(path);
    if (!dict || ini_complaint[0]) {
        iniparser_freedict(dict);
        error_set(err, ERROR_DATA, "%s: not a valid ini file%s%s", path,
                  ini_complaint[0] ? ": " : "", ini_complaint);
        return NULL;
    }
    return dict;
}

static bool give_pair(const dictionary *dict, const struct pair *p, ini_fn *fn, void *context,
                      const char *path, struct error *err)
{
    struct buf name = BUF_INIT;
    struct buf where = BUF_INIT;
    buf_addf(&name, "%s:%s", p->section, p->key);
    buf_addf(&where, "%s:%u", path, p->line);
    bool ok;
    if (name.failed || where.failed) {
        ok = error_nomem(err, strlen(path) + INI_LINE_MAX, "an ini key");
    } else {
        const char *value = iniparser_getstring(dict, name.data, NULL);
        ok = value ? fn(context, p->section, p->key, value, where.data, err)
                   : error_set(err, ERROR_DATA, "%s: [%s] '%s' changed while it was read",
                               where.data, p->section, p->key);
    }
    buf_release(&name);
    buf_release(&where);
    return ok;
}

bool ini_each(const char *path, bool optional, ini_fn *fn, void *context, struct error *err)
{
    if (optional && access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return true;
    }
    struct buf bytes = BUF_INIT;
    struct outline outline = { 0 };
    bool ok = file_read(path, INI_BYTES_MAX, &bytes, err) &&
              read_outline(&outline, &bytes, path, err) && check_twice(&outline, path, err);
    dictionary *dict = ok ? load(path, err) : NULL;
    ok = dict != NULL;
    for (size_t i = 0; ok && i < outline.count; i++) {
        ok = give_pair(dict, &outline.pairs[i], fn, context, path, err);
    }
    iniparser_freedict(dict);
    free(outline.pairs);
    buf_release(&bytes);
    return ok;
}
