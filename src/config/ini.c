#include "ini.h"

#include <ctype.h>
#include <errno.h>
#include <iniparser.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

/* iniparser truncates lines at 1023 bytes and searches its keys linearly. */
#define INI_BYTES_MAX (256u << 10)
#define INI_LINE_MAX 1000
#define INI_PAIRS_MAX 2000

/* iniparser reads the values. What it accepts silently is checked here first: keys
 * before the first section, keys set twice, quotes left open, text after a closing
 * quote. It also drops the line numbers and turns keys into lower case, so both are
 * remembered here.
 *
 * It gets a copy that contains only sections and pairs: a comment that ends in a
 * backslash would swallow the next line, a byte order mark the first section, and a
 * file that is changed meanwhile would not be the one that was checked. */
struct pair {
    const char *section; /* both as written; they point into the file's bytes */
    const char *key;
    unsigned line;
};

struct outline {
    struct pair *pairs;
    size_t count;
    size_t cap;
    const char *section; /* the current one; NULL before the first */
    struct buf copy;     /* for iniparser */
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

/* What is wrong with the value, or NULL; *len is its length without the comment after
 * it. */
static const char *check_value(const char *value, size_t *len)
{
    if (value[0] == '"' || value[0] == '\'') {
        const char *close = strchr(value + 1, value[0]);
        if (!close) {
            return "the quote is not closed";
        }
        *len = (size_t)(close + 1 - value);
        close += 1 + strspn(close + 1, " \t");
        return *close && *close != ';' && *close != '#' ? "there is text after the closing quote"
                                                        : NULL;
    }
    *len = strcspn(value, ";#");
    if (value[*len] && *len > 0 && !isspace((unsigned char)value[*len - 1])) {
        return "a value with ; or # must be quoted";
    }
    while (*len > 0 && isspace((unsigned char)value[*len - 1])) {
        (*len)--;
    }
    if (*len > 0 && value[*len - 1] == '\\') {
        return "a line cannot be continued with a backslash; put the value in quotes";
    }
    return NULL;
}

/* Reads a section's line; `s` points behind its '['. Returns what is wrong, or NULL. */
static const char *outline_section(struct outline *o, char *s)
{
    size_t inner = strcspn(s, "]");
    const char *behind = s + inner + 1 + strspn(s + inner + 1, " \t");
    if (*behind && *behind != ';' && *behind != '#') {
        return "there is text after the section's ']'";
    }
    s = strip(s, &inner);
    s[inner] = '\0';
    o->section = s;
    buf_addf(&o->copy, "[%s]\n", s);
    return inner ? NULL : "the section has no name";
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
    if (s[0] == '[' && s[strcspn(s, "=]")] == ']') {
        return outline_section(o, s + 1);
    }
    char *equals = strchr(s, '=');
    if (!equals || equals == s) {
        return "neither [section] nor KEY = VALUE";
    }
    if (!o->section) {
        return "a key before the first [section]";
    }
    const char *value = equals + 1 + strspn(equals + 1, " \t");
    size_t value_len = 0;
    const char *wrong = check_value(value, &value_len);
    if (wrong) {
        return wrong;
    }
    size_t key_len = (size_t)(equals - s);
    strip(s, &key_len);
    s[key_len] = '\0';
    buf_addf(&o->copy, "%s = %.*s\n", s, (int)value_len, value);
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
    size_t start = bytes->len >= 3 && memcmp(bytes->data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    if (bytes->len >= 2 &&
        (memcmp(bytes->data, "\xFF\xFE", 2) == 0 || memcmp(bytes->data, "\xFE\xFF", 2) == 0)) {
        return error_set(err, ERROR_DATA, "%s: this is UTF-16 text; save it as UTF-8", path);
    }
    for (size_t i = start; i < bytes->len; line++) {
        char *s = bytes->data + i;
        char *newline = memchr(s, '\n', bytes->len - i);
        size_t len = newline ? (size_t)(newline - s) : bytes->len - i;
        i += len + 1;
        if (memchr(s, '\0', len)) {
            return error_set(err, ERROR_DATA, "%s:%u: contains a NUL byte; this is not a text file",
                             path, line);
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
                                 "%s:%u: [%s] '%s' is already set in line %u (small and capital "
                                 "letters are the same in an ini)",
                                 path, p->line, p->section, p->key, o->pairs[k].line);
            }
        }
    }
    return true;
}

/* An anonymous file in memory; where there is no memfd, one in the folder for temporary
 * files. */
static FILE *tmpfile_in_memory(void)
{
#ifdef MFD_CLOEXEC
    int fd = memfd_create("thumbtag.ini", MFD_CLOEXEC);
    FILE *f = fd >= 0 ? fdopen(fd, "w+") : NULL;
    if (!f && fd >= 0) {
        close(fd);
    }
    if (f) {
        return f;
    }
#endif
    return tmpfile();
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

/* An open file with these bytes, without a name on the disk. iniparser only takes paths:
 * it gets /dev/fd/N. */
static FILE *unnamed_file(const struct buf *bytes)
{
    FILE *f = tmpfile_in_memory();
    if (f && (fwrite(bytes->data, 1, bytes->len, f) != bytes->len || fflush(f) != 0 ||
              fseek(f, 0, SEEK_SET) != 0)) {
        fclose(f);
        f = NULL;
    }
    return f;
}

static dictionary *load_dictionary(const struct buf *copy, const char *path, struct error *err)
{
    char name[32];
    FILE *f = unnamed_file(copy);
    if (!f) {
        error_errno(err, ERROR_IO, errno, "%s: cannot make a copy in memory", path);
        return NULL;
    }
    snprintf(name, sizeof name, "/dev/fd/%d", fileno(f));
    ini_complaint[0] = '\0';
    iniparser_set_error_callback(take_complaint);
    dictionary *dict = iniparser_load(name);
    fclose(f);
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
                   : error_set(err, ERROR_DATA, "%s: [%s] '%s': iniparser cannot read this key",
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
    struct outline outline = { .copy = BUF_INIT };
    bool ok = file_read(path, INI_BYTES_MAX, &bytes, err) &&
              read_outline(&outline, &bytes, path, err) && check_twice(&outline, path, err) &&
              (!outline.copy.failed || error_nomem(err, bytes.len, path));
    dictionary *dict = ok && outline.count ? load_dictionary(&outline.copy, path, err) : NULL;
    ok = ok && (dict || !outline.count);
    for (size_t i = 0; ok && i < outline.count; i++) {
        ok = give_pair(dict, &outline.pairs[i], fn, context, path, err);
    }
    if (dict) {
        iniparser_freedict(dict);
    }
    buf_release(&outline.copy);
    free(outline.pairs);
    buf_release(&bytes);
    return ok;
}
