#include "json.h"

#include <stdio.h>
#include <string.h>

#define FIRST_MAX ((size_t)1 << 16) /* bytes in which a file is recognised */

struct walk {
    const char *path, *text;
    size_t len, at, counted; /* counted: bytes whose lines are */
    uint64_t line;
};

static struct walk walk_of(const struct source *s)
{
    return (struct walk){ s->path, s->text.len ? s->text.data : "", s->text.len, 0, 0, 1 };
}

static uint64_t line_at(struct walk *w, size_t at)
{
    for (const char *p;
         w->counted < at && (p = memchr(w->text + w->counted, '\n', at - w->counted));) {
        w->counted = (size_t)(p - w->text) + 1;
        w->line++;
    }
    w->counted = at > w->counted ? at : w->counted;
    return w->line;
}

static char next(struct walk *w)
{
    while (w->at < w->len && strchr(" \t\r\n", w->text[w->at]) && w->text[w->at]) {
        w->at++;
    }
    return w->at < w->len ? w->text[w->at] : '\0';
}

static bool bad(struct walk *w, const char *what, struct error *err)
{
    return error_set(err, ERROR_DATA, "%s:%llu: %s", w->path, (unsigned long long)line_at(w, w->at),
                     what);
}

static json_t *take_value(struct walk *w, struct error *err)
{
    json_error_t why;
    next(w);
    json_t *value =
        json_loadb(w->text + w->at, w->len - w->at, JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, &why);
    if (value) {
        w->at += (size_t)why.position;
        return value;
    }
    error_set(err, ERROR_DATA, "%s:%llu: %s", w->path,
              (unsigned long long)line_at(w, w->at) + (why.line > 0 ? (unsigned)why.line - 1 : 0),
              why.text);
    return NULL;
}

static bool give(struct walk *w, json_fn *fn, void *context, struct json_item *item,
                 struct error *err)
{
    next(w);
    item->at.line = line_at(w, w->at);
    json_t *value = take_value(w, err);
    item->value = value;
    bool ok = value && fn(context, item, err);
    json_decref(value);
    return ok;
}

/* Behind the '[' of an array, to behind its ']'. */
static bool walk_array(struct walk *w, const char *list, const char *key, json_fn *fn,
                       void *context, struct error *err)
{
    w->at++;
    if (next(w) == ']') {
        w->at++;
        return true;
    }
    for (size_t i = 0;; i++) {
        struct json_item item = { .at = { w->path, 0, list, i }, .key = key };
        if (!give(w, fn, context, &item, err)) {
            return false;
        }
        char c = next(w);
        if (c != ',' && c != ']') {
            return bad(w, "expected ',' or ']' in an array", err);
        }
        w->at++;
        if (c == ']') {
            return true;
        }
    }
}

static bool at_end(struct walk *w, struct error *err)
{
    return !next(w) || bad(w, "something follows the end of the JSON", err);
}

bool json_each_item(const struct source *s, json_fn *fn, void *context, struct error *err)
{
    struct walk w = walk_of(s);
    if (next(&w) != '[') {
        return bad(&w, "expected an array of JSON, '['", err);
    }
    return walk_array(&w, "", NULL, fn, context, err) && at_end(&w, err);
}

bool json_each_value(const struct source *s, json_fn *fn, void *context, struct error *err)
{
    struct walk w = walk_of(s);
    for (size_t i = 0; next(&w); i++) {
        struct json_item item = { .at = { .file = w.path } };
        if (!give(&w, fn, context, &item, err)) {
            return false;
        }
    }
    return true;
}

static json_t *take_key(struct walk *w, struct error *err)
{
    json_t *key = next(w) == '"' ? take_value(w, err) : NULL;
    bool ok =
        key ? next(w) == ':' || bad(w, "expected ':' behind a key", err)
            : (w->at < w->len && w->text[w->at] == '"') || bad(w, "expected '\"' of a key", err);
    if (key && !ok) {
        json_decref(key);
        key = NULL;
    }
    w->at += key != NULL;
    return key;
}

typedef bool member_fn(struct walk *w, const char *key, void *context, struct error *err);

/* From the '{' of an object to behind its '}'. */
static bool walk_object(struct walk *w, member_fn *fn, void *context, struct error *err)
{
    w->at++;
    if (next(w) == '}') {
        w->at++;
        return true;
    }
    for (;;) {
        json_t *key = take_key(w, err);
        bool ok = key && fn(w, json_string_value(key), context, err);
        json_decref(key);
        if (!ok) {
            return false;
        }
        char c = next(w);
        if (c != ',' && c != '}') {
            return bad(w, "expected ',' or '}' in an object", err);
        }
        w->at++;
        if (c == '}') {
            return true;
        }
    }
}

struct members {
    json_fn *fn;
    void *context;
    const char *key; /* of the outer object */
    size_t index;
};

static bool inner_member(struct walk *w, const char *key, void *context, struct error *err)
{
    struct members *m = context;
    struct json_item item = { .at = { w->path, 0, m->key, m->index++ },
                              .key = m->key,
                              .name = key };
    return give(w, m->fn, m->context, &item, err);
}

static bool outer_member(struct walk *w, const char *key, void *context, struct error *err)
{
    const struct members *outer = context;
    struct members m = { outer->fn, outer->context, key, 0 };
    char c = next(w);
    if (c == '[') {
        return walk_array(w, key, key, m.fn, m.context, err);
    }
    if (c == '{') {
        return walk_object(w, inner_member, &m, err);
    }
    json_t *passed = take_value(w, err);
    json_decref(passed);
    return passed != NULL;
}

bool json_each_member(const struct source *s, json_fn *fn, void *context, struct error *err)
{
    struct walk w = walk_of(s);
    struct members m = { .fn = fn, .context = context };
    if (next(&w) != '{') {
        return bad(&w, "expected an object of JSON, '{'", err);
    }
    return walk_object(&w, outer_member, &m, err) && at_end(&w, err);
}

json_t *json_first(const struct source *s, char opening)
{
    struct walk w = walk_of(s);
    w.len = w.len < FIRST_MAX ? w.len : FIRST_MAX;
    if (s->folder || next(&w) != opening) {
        return NULL;
    }
    w.at += opening == '[';
    return take_value(&w, NULL);
}

bool json_bad(const struct json_item *item, const char *what, struct error *err)
{
    char where[PLACE_TEXT_MAX];
    place_text(&item->at, where);
    return error_set(err, ERROR_DATA, "%s: %s", where, what);
}

const char *json_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);
    return text && strlen(text) == json_string_length(value) ? text : NULL;
}

bool json_numbers(const json_t *array, size_t count, double *out)
{
    if (!json_is_array(array) || json_array_size(array) != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *number = json_array_get(array, i);
        if (!json_is_number(number)) {
            return false;
        }
        out[i] = json_number_value(number);
    }
    return true;
}

static bool add_label(const json_t *value, struct buf *out)
{
    if (json_is_string(value)) {
        if (out->len) {
            buf_addc(out, LABEL_SEPARATOR);
        }
        buf_add(out, json_string_value(value), json_string_length(value));
        return true;
    }
    if (json_is_integer(value)) {
        buf_addf(out, "%s%lld", out->len ? "|" : "", (long long)json_integer_value(value));
        return true;
    }
    return json_is_null(value);
}

bool json_label(const json_t *value, struct buf *out)
{
    buf_clear(out);
    if (!json_is_array(value)) {
        return value && add_label(value, out);
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!add_label(json_array_get(value, i), out)) {
            return false;
        }
    }
    return true;
}

void json_add(struct buf *out, const char *text, size_t len)
{
    buf_addc(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            buf_addc(out, '\\');
            buf_addc(out, (char)c);
        } else if (c < 0x20 || c == 0x7f) {
            buf_addf(out, "\\u%04x", c);
        } else {
            buf_addc(out, (char)c);
        }
    }
    buf_addc(out, '"');
}
