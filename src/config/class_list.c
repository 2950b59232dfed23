#include "config/class_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "config/theme.h"

#define NAME_SIZE 1024 /* bytes of a printable file name */

static const char no_key[] = "none";
static const char multi_word[] = "multi"; /* in the place of a key, of which none is called so */

struct span {
    const char *at;
    size_t len;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span strip(struct span s)
{
    while (s.len && is_blank(s.at[0])) {
        s.at++;
        s.len--;
    }
    while (s.len && is_blank(s.at[s.len - 1])) {
        s.len--;
    }
    return s;
}

/* The name of a key as written before '=' in a class list or an ini. */
static void key_text(keycode key, char out[KEY_NAME_SIZE])
{
    const char *name = key == KEYCODE_NONE ? no_key
                       : key == ';'        ? "semicolon"
                       : key == '#'        ? "hash"
                       : key == '='        ? "equals"
                                           : NULL;
    if (name) {
        snprintf(out, KEY_NAME_SIZE, "%s", name);
    } else {
        keycode_name(key, out);
    }
}

/* ----------------------------------------------------------------- reading */

/* The value of a line: NAME, 'NAME' or "NAME", each with an optional ", #rrggbb". */
struct value {
    struct buf text;
    size_t comma; /* offset in the text of the comma before a possible colour; SIZE_MAX: none */
};

static bool is_comment(struct span rest)
{
    rest = strip(rest);
    return !rest.len || rest.at[0] == ';' || rest.at[0] == '#';
}

static const char *read_quoted(struct value *v, struct span s)
{
    char quote = s.at[0];
    size_t i = 1;
    for (; i < s.len && s.at[i] != quote; i++) {
        bool escape =
            quote == '"' && s.at[i] == '\\' && i + 1 < s.len && strchr("\"\\,", s.at[i + 1]);
        if (escape) {
            i++;
        } else if (s.at[i] == ',') {
            v->comma = v->text.len;
        }
        buf_addc(&v->text, s.at[i]);
    }
    if (i >= s.len) {
        return "the quote is not closed";
    }
    return is_comment((struct span){ s.at + i + 1, s.len - i - 1 })
               ? NULL
               : "there is text after the closing quote; a quote within a name is written \\\"";
}

/* Reads up to a comment; the '#' of a colour does not begin one. */
static const char *read_bare(struct value *v, struct span s)
{
    size_t end = 0;
    bool color = false;
    for (; end < s.len; end++) {
        char c = s.at[end];
        bool apart = !end || is_blank(s.at[end - 1]) || s.at[end - 1] == ',';
        if ((c == ';' || c == '#') && !apart) {
            return "a name with ; or # must be in quotes";
        }
        struct span before = strip((struct span){ s.at, end });
        if (c == '#' && !color && before.len && before.at[before.len - 1] == ',') {
            color = true;
            v->comma = before.len - 1;
        } else if (c == ';' || c == '#') {
            break;
        }
    }
    s = strip((struct span){ s.at, end });
    buf_add(&v->text, s.at, s.len);
    return NULL;
}

/* Removes the colour from the end of the value. */
static const char *split_color(struct value *v, int32_t *color)
{
    *color = CLASS_COLOR_NONE;
    const char *text = buf_text(&v->text);
    if (v->comma == SIZE_MAX || v->text.failed) {
        return NULL;
    }
    const char *last = text + v->comma + 1;
    last += strspn(last, " \t");
    if (*last != '#') {
        return NULL;
    }
    if (!theme_parse_color(last, color)) {
        return "the colour must be #rrggbb, such as #ff8000";
    }
    v->text.len = strip((struct span){ text, v->comma }).len;
    v->text.data[v->text.len] = '\0';
    return NULL;
}

static bool read_key(struct span s, keycode *key)
{
    char name[KEY_NAME_SIZE];
    *key = KEYCODE_NONE;
    if (s.len >= sizeof name) {
        return false;
    }
    memcpy(name, s.at, s.len);
    name[s.len] = '\0';
    return strcasecmp(name, no_key) == 0 || keycode_parse(name, key);
}

struct reader {
    struct classes *classes;
    const char *path;
    unsigned line;
    unsigned *lines; /* line number of each class read */
    size_t cap;
    size_t first; /* index in `classes` of the first class read */
    bool multi;
    struct error *err;
};

static bool refuse(const struct reader *r, struct span line, const char *why)
{
    return error_set(r->err, ERROR_DATA, "%s:%u: '%.*s': %s", r->path, r->line,
                     (int)(line.len < 80 ? line.len : 80), line.at, why);
}

/* Refuses a name or a key that an earlier line has; the message names both lines. */
static bool check_new(const struct reader *r, const char *name, keycode key)
{
    const struct classes *c = r->classes;
    size_t twin = classes_find(c, name);
    if (twin < c->count && twin >= r->first) {
        return error_set(r->err, ERROR_DATA,
                         "%s:%u: class '%s' is already in line %u; remove one of the two lines",
                         r->path, r->line, name, r->lines[twin - r->first]);
    }
    for (size_t i = r->first; key != KEYCODE_NONE && i < c->count; i++) {
        if (c->items[i].key == key) {
            char text[KEY_NAME_SIZE];
            key_text(key, text);
            return error_set(r->err, ERROR_DATA,
                             "%s:%u: key '%s' of '%s' is already the key of '%s' in line %u; "
                             "change one of them to a free key, or to none",
                             r->path, r->line, text, name, c->items[i].name,
                             r->lines[i - r->first]);
        }
    }
    return true;
}

static bool add_class(struct reader *r, const struct value *v, keycode key, int32_t color)
{
    struct classes *c = r->classes;
    char where[400];
    snprintf(where, sizeof where, "%s:%u", r->path, r->line);
    if (v->text.failed ||
        !mem_reserve(&r->lines, &r->cap, c->count - r->first + 1, sizeof *r->lines)) {
        return error_nomem(r->err, v->text.len, "a class");
    }
    if (!check_new(r, buf_text(&v->text), key)) {
        return false;
    }
    if (!classes_add(c, buf_text(&v->text), v->text.len, key, color, where, r->err)) {
        r->err->kind = r->err->kind == ERROR_USAGE ? ERROR_DATA : r->err->kind;
        return false;
    }
    c->items[c->count - 1].key_given = true;
    r->lines[c->count - 1 - r->first] = r->line;
    return true;
}

static bool read_class(struct reader *r, struct span line, struct span left, struct span right)
{
    struct value v = { BUF_INIT, SIZE_MAX };
    keycode key;
    int32_t color = CLASS_COLOR_NONE;
    const char *wrong = NULL;
    if (!read_key(left, &key)) {
        return refuse(r, line,
                      "the text before '=' is not a key; write KEY = NAME with one "
                      "character, a key's name such as f1, or none");
    }
    if (right.len) {
        wrong = right.at[0] == '"' || right.at[0] == '\'' ? read_quoted(&v, right)
                                                          : read_bare(&v, right);
    }
    wrong = wrong ? wrong : split_color(&v, &color);
    if (!wrong && !v.text.len) {
        wrong = "there is no class name after '='";
    }
    bool ok = wrong ? refuse(r, line, wrong) : add_class(r, &v, key, color);
    buf_release(&v.text);
    return ok;
}

static bool is_word(struct span s, const char *word)
{
    return s.len == strlen(word) && strncasecmp(s.at, word, s.len) == 0;
}

static bool read_multi(struct reader *r, struct span line, struct span right)
{
    struct span word = { right.at, 0 };
    while (word.len < right.len && !is_blank(right.at[word.len])) {
        word.len++;
    }
    bool yes = is_word(word, "yes");
    bool good = (yes || is_word(word, "no")) &&
                is_comment((struct span){ right.at + word.len, right.len - word.len });
    if (!good) {
        return refuse(r, line,
                      "after 'multi =' stands yes (a picture may have several of the "
                      "classes) or no");
    }
    r->multi = yes;
    return true;
}

static bool read_line(struct reader *r, struct span line)
{
    const char *equals = line.len ? memchr(line.at, '=', line.len) : NULL;
    struct span left = { line.at, equals ? (size_t)(equals - line.at) : 0 };
    left = strip(left);
    if (!line.len || line.at[0] == ';' || line.at[0] == '#') {
        return true;
    }
    if (line.at[0] == '[' && left.len != 1) { /* "[ = NAME" is a key */
        return (line.len == 9 && strncasecmp(line.at, "[classes]", 9) == 0) ||
               refuse(r, line, "the only section is [classes]");
    }
    if (!left.len) {
        return refuse(r, line, "write KEY = NAME, or none = NAME for a class without a key");
    }
    struct span right = { equals + 1, (size_t)(line.at + line.len - equals - 1) };
    return is_word(left, multi_word) ? read_multi(r, line, strip(right))
                                     : read_class(r, line, left, strip(right));
}

bool class_list_parse(struct classes *c, const char *text, size_t len, const char *path,
                      struct error *err)
{
    struct reader r = { .classes = c, .path = path, .first = c->count, .err = err };
    const char *end = text + len;
    bool ok = true;
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
    }
    while (ok && text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;
        struct span line = strip((struct span){ text, (size_t)(stop - text) });
        r.line++;
        ok = line.len && memchr(line.at, '\0', line.len)
                 ? error_set(err, ERROR_DATA, "%s:%u: contains a NUL byte; this is not a text file",
                             path, r.line)
                 : read_line(&r, line);
        text = stop + 1;
    }
    free(r.lines);
    if (ok && r.multi && !classes_set_multi(c, path, err)) {
        err->kind = ERROR_DATA;
        return false;
    }
    return ok;
}

/* ----------------------------------------------------------------- writing */

void class_list_add_heading(struct buf *out, const char *csv)
{
    char name[NAME_SIZE];
    text_printable(name, sizeof name, csv, strlen(csv), -1);
    buf_addf(
        out,
        "# The classes of %s: a line each, in their order, with the key that answers it.\n"
        "# thumbtag adds new classes at the end, and changes a line when you change its class.\n"
        "# You may edit this while thumbtag is not running: KEY = NAME, KEY = \"NAME, #rrggbb\"\n"
        "# for a colour, or none = NAME for a class without a key.\n"
        "[classes]\n",
        name);
}

void class_list_add_multi(struct buf *out)
{
    buf_addf(out, "# A picture may have several of the classes:\n%s = yes\n", multi_word);
}

static void add_quoted(struct buf *out, const struct class *class)
{
    bool commas =
        strchr(class->name, '#') != NULL; /* so that no part of the name is read as a colour */
    buf_addc(out, '"');
    for (const char *s = class->name; *s; s++) {
        if (*s == '"' || *s == '\\' || (*s == ',' && commas)) {
            buf_addc(out, '\\');
        }
        buf_addc(out, *s);
    }
    if (class->color != CLASS_COLOR_NONE) {
        buf_addf(out, ", #%06x", (unsigned)class->color);
    }
    buf_addc(out, '"');
}

void class_list_add(struct buf *out, const struct class *class)
{
    char key[KEY_NAME_SIZE];
    bool quoted = class->color != CLASS_COLOR_NONE || class->name[0] == '\'' ||
                  class->name[strcspn(class->name, "\"\\;#")] != '\0';
    key_text(class->key, key);
    buf_addf(out, "%s = ", key);
    if (quoted) {
        add_quoted(out, class);
    } else {
        buf_adds(out, class->name);
    }
    buf_addc(out, '\n');
}

/* ----------------------------------------------------------------- editing */

static bool is_class_line(struct span line)
{
    line = strip(line);
    if (!line.len || line.at[0] == ';' || line.at[0] == '#') {
        return false;
    }
    const char *equals = memchr(line.at, '=', line.len);
    struct span left = { line.at, equals ? (size_t)(equals - line.at) : 0 };
    keycode key;
    return equals && read_key(strip(left), &key);
}

static void add_whole_line(struct buf *out, struct span line)
{
    buf_add(out, line.at, line.len);
    if (line.len && line.at[line.len - 1] != '\n') {
        buf_addc(out, '\n');
    }
}

void class_list_apply(struct buf *out, const char *text, size_t len,
                      const struct class_list_edit *edit)
{
    const struct class *comes = edit->comes;
    size_t skip = len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    const char *end = text + len;
    size_t index = 0;
    buf_add(out, text, skip);
    for (text += skip; text < end;) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        struct span line = { text, newline ? (size_t)(newline + 1 - text) : (size_t)(end - text) };
        bool class = is_class_line((struct span){ text, line.len - (newline != NULL) });
        bool here = class && index == edit->at;
        if (here && comes) {
            class_list_add(out, comes);
            comes = NULL;
        }
        if (!here || !edit->leaves) {
            add_whole_line(out, line);
        }
        index += class;
        if (class && comes && !edit->leaves && index == edit->at) {
            class_list_add(out, comes); /* right behind the class in front */
            comes = NULL;
        }
        text += line.len;
    }
    if (comes) {
        class_list_add(out, comes);
    }
}
