#include "config/classes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#define CLASSES_FILE_MAX ((size_t)CLASSES_MAX * (CLASS_NAME_MAX + 2))

void classes_init(struct classes *c)
{
    *c = (struct classes){ 0 };
    map_init(&c->by_name);
}

void classes_release(struct classes *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->items[i].name);
    }
    free(c->items);
    map_release(&c->by_name);
    classes_init(c);
}

size_t classes_find(const struct classes *c, const char *name)
{
    uint32_t index;
    return map_get(&c->by_name, name, strlen(name), &index) ? index : c->count;
}

static bool check_name(const char *name, size_t len, const char *where, struct error *err)
{
    if (!len) {
        return error_set(err, ERROR_USAGE, "%s: a class name is empty", where);
    }
    if (len > CLASS_NAME_MAX) {
        return error_set(err, ERROR_USAGE, "%s: class name '%.40s…' has %zu bytes, at most %d",
                         where, name, len, CLASS_NAME_MAX);
    }
    for (size_t i = 0; i < len;) {
        uint32_t code;
        i += text_decode(name + i, len - i, &code);
        if (code == UINT32_MAX || text_unsafe(code)) {
            return error_set(err, ERROR_USAGE,
                             "%s: class name '%.*s' holds invalid UTF-8 or a control character",
                             where, (int)len, name);
        }
    }
    if (name[0] == ' ' || name[len - 1] == ' ') {
        return error_set(err, ERROR_USAGE, "%s: class name '%.*s' begins or ends with a space",
                         where, (int)len, name);
    }
    return true;
}

static bool check_new(const struct classes *c, const char *name, keycode key, const char *where,
                      struct error *err)
{
    char key_text[KEY_NAME_SIZE];
    if (classes_find(c, name) < c->count) {
        return error_set(err, ERROR_USAGE, "%s: class '%s' is named twice", where, name);
    }
    for (size_t i = 0; key != KEYCODE_NONE && i < c->count; i++) {
        if (c->items[i].key == key) {
            keycode_name(key, key_text);
            return error_set(err, ERROR_USAGE, "%s: key '%s' is given to '%s' and to '%s'", where,
                             key_text, c->items[i].name, name);
        }
    }
    return true;
}

bool classes_add(struct classes *c, const char *name, size_t len, keycode key, int32_t color,
                 const char *where, struct error *err)
{
    if (!check_name(name, len, where, err)) {
        return false;
    }
    if (c->count >= CLASSES_MAX) {
        return error_set(err, ERROR_USAGE, "%s: more than %d classes", where, CLASSES_MAX);
    }
    char *copy = mem_string(name, len);
    if (!copy || !mem_reserve(&c->items, &c->cap, c->count + 1, sizeof *c->items)) {
        free(copy);
        return error_nomem(err, len + sizeof *c->items, "a class");
    }
    if (!check_new(c, copy, key, where, err)) {
        free(copy);
        return false;
    }
    if (!map_put(&c->by_name, copy, len, (uint32_t)c->count)) {
        free(copy);
        return error_nomem(err, len, "a class");
    }
    c->items[c->count++] = (struct class){ copy, key, key != KEYCODE_NONE, color };
    return true;
}

static const char *trim(const char *s, size_t *len)
{
    while (*len && (s[0] == ' ' || s[0] == '\t')) {
        s++;
        (*len)--;
    }
    while (*len && (s[*len - 1] == ' ' || s[*len - 1] == '\t' || s[*len - 1] == '\r')) {
        (*len)--;
    }
    return s;
}

/* "dress=5" was meant to be "5=dress"; "side=left" is a name. */
static bool is_turned_round(const char *end, size_t len)
{
    char text[KEY_NAME_SIZE];
    keycode key;
    snprintf(text, sizeof text, "%.*s", (int)len, end);
    uint32_t code;
    return len < sizeof text && keycode_parse(text, &key) &&
           (text_decode(end, len, &code) == len || key >= KEYCODE_F1);
}

/* What stands in front of the '=' that ends a key, "o=other" or "f1=other"; 0: the
 * item is a name. */
static size_t key_length(const char *item, size_t len, keycode *key)
{
    char name[KEY_NAME_SIZE];
    uint32_t code = 0;
    size_t used = len ? text_decode(item, len, &code) : 0;
    if (used && used + 1 < len && item[used] == '=' && code != UINT32_MAX && !text_unsafe(code)) {
        *key = code;
        return used;
    }
    const char *equals = memchr(item, '=', len);
    used = equals ? (size_t)(equals - item) : 0;
    snprintf(name, sizeof name, "%.*s", (int)(used < sizeof name ? used : 0), item);
    return used > 1 && used + 1 < len && keycode_parse(name, key) ? used : 0;
}

static bool add_item(struct classes *c, const char *item, size_t len, const char *where,
                     struct error *err)
{
    keycode key = KEYCODE_NONE;
    size_t used = key_length(item, len, &key);
    const char *equals = memchr(item, '=', len);
    size_t left = equals ? (size_t)(equals - item) : 0;
    if (used) {
        item += used + 1;
        len -= used + 1;
        item = trim(item, &len);
    } else if (equals && (left == 0 || left + 1 == len)) {
        return error_set(err, ERROR_USAGE, "%s: '%.*s' lacks its %s; write KEY=NAME, as in 5=dress",
                         where, (int)len, item, left ? "name" : "key");
    } else if (equals && is_turned_round(equals + 1, len - left - 1)) {
        return error_set(err, ERROR_USAGE, "%s: '%.*s': write KEY=NAME: %.*s=%.*s", where,
                         (int)len, item, (int)(len - left - 1), equals + 1, (int)left, item);
    }
    return classes_add(c, item, len, key, CLASS_COLOR_NONE, where, err);
}

bool classes_parse_list(struct classes *c, const char *list, const char *where, struct error *err)
{
    for (const char *s = list;;) {
        size_t len = strcspn(s, ",");
        size_t item_len = len;
        const char *item = trim(s, &item_len);
        if (!add_item(c, item, item_len, where, err)) {
            return false;
        }
        if (!s[len]) {
            return true;
        }
        s += len + 1;
    }
}

bool classes_load(struct classes *c, const char *path, struct error *err)
{
    struct buf bytes = BUF_INIT;
    if (!file_read(path, CLASSES_FILE_MAX, &bytes, err)) {
        return false;
    }
    bool ok = true;
    struct buf where = BUF_INIT;
    const char *s = buf_text(&bytes);
    const char *end = s + bytes.len;
    if (bytes.len >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0) {
        s += 3;
    }
    for (unsigned number = 1; ok && s < end; number++) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        size_t line = newline ? (size_t)(newline - s) : (size_t)(end - s);
        size_t len = line;
        const char *name = trim(s, &len);
        if (len && name[0] != '#') {
            buf_clear(&where);
            buf_addf(&where, "%s:%u", path, number);
            ok = classes_add(c, name, len, KEYCODE_NONE, CLASS_COLOR_NONE, buf_text(&where), err);
        }
        s += line + 1;
    }
    buf_release(&where);
    buf_release(&bytes);
    if (ok && !c->count) {
        return error_set(err, ERROR_DATA, "%s: no class names in it", path);
    }
    return ok;
}
