#include "config/classes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/text_fold.h"

#define CLASSES_FILE_MAX ((size_t)CLASSES_MAX * (CLASS_NAME_MAX + 2))

void classes_init(struct classes *c)
{
    *c = (struct classes){ 0 };
    map_init(&c->by_name);
    map_init(&c->by_looks);
}

void classes_release(struct classes *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->items[i].name);
        free(c->items[i].looks);
    }
    free(c->items);
    map_release(&c->by_name);
    map_release(&c->by_looks);
    classes_init(c);
}

size_t classes_find(const struct classes *c, const char *name)
{
    uint32_t index;
    return map_get(&c->by_name, name, strlen(name), &index) ? index : c->count;
}

static char *looks_of(const char *name, size_t len)
{
    struct buf looks = BUF_INIT;
    text_fold(&looks, name, len, true);
    return buf_take(&looks);
}

size_t classes_find_alike(const struct classes *c, const char *name)
{
    uint32_t index;
    char *looks = looks_of(name, strlen(name));
    bool found = looks && map_get(&c->by_looks, looks, strlen(looks), &index);
    free(looks);
    return found ? index : c->count;
}

bool classes_respell(struct classes *c, size_t index, const char *name, struct error *err)
{
    struct map by_name;
    char *copy = mem_string(name, strlen(name));
    bool ok = copy != NULL;
    map_init(&by_name);
    for (size_t i = 0; ok && i < c->count; i++) {
        const char *key = i == index ? copy : c->items[i].name;
        ok = map_put(&by_name, key, strlen(key), (uint32_t)i);
    }
    if (!ok) {
        free(copy);
        map_release(&by_name);
        return error_nomem(err, strlen(name), "a class");
    }
    free(c->items[index].name);
    c->items[index].name = copy;
    map_release(&c->by_name);
    c->by_name = by_name;
    return true;
}

bool classes_check_name(const char *name, size_t len, const char *where, struct error *err)
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

static bool put_maps(struct classes *c, size_t index)
{
    const struct class *class = &c->items[index];
    size_t len = strlen(class->looks);
    uint32_t other;
    return map_put(&c->by_name, class->name, strlen(class->name), (uint32_t)index) &&
           (map_get(&c->by_looks, class->looks, len, &other) ||
            map_put(&c->by_looks, class->looks, len, (uint32_t)index));
}

bool classes_add(struct classes *c, const char *name, size_t len, keycode key, int32_t color,
                 const char *where, struct error *err)
{
    if (!classes_check_name(name, len, where, err)) {
        return false;
    }
    if (c->count >= CLASSES_MAX) {
        return error_set(err, ERROR_USAGE, "%s: more than %d classes", where, CLASSES_MAX);
    }
    char *copy = mem_string(name, len);
    char *looks = looks_of(name, len);
    bool ok = (copy && looks && mem_reserve(&c->items, &c->cap, c->count + 1, sizeof *c->items)) ||
              error_nomem(err, len + sizeof *c->items, "a class");
    if (!ok || !check_new(c, copy, key, where, err)) {
        free(copy);
        free(looks);
        return false;
    }
    /* The maps borrow the names: the class is there before, and stays if they fail. */
    c->items[c->count++] = (struct class){ copy, looks, key, key != KEYCODE_NONE, color };
    return put_maps(c, c->count - 1) || error_nomem(err, len, "a class");
}

/* White space that comes with a name from elsewhere: blanks of all widths, and those
 * of none. */
static bool is_space(uint32_t code)
{
    return code == ' ' || code == '\t' || code == '\r' || code == 0xA0 || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200B) || code == 0x202F || code == 0x205F ||
           code == 0x3000 || code == 0xFEFF;
}

static const char *trim(const char *s, size_t *len)
{
    uint32_t code;
    size_t used;
    while (*len && (used = text_decode(s, *len, &code), is_space(code))) {
        s += used;
        *len -= used;
    }
    for (size_t i = 0, end = *len; i < end; i += used) {
        used = text_decode(s + i, end - i, &code);
        *len = is_space(code) ? *len : i + used;
    }
    return s;
}

/* Two names of one list that nobody could tell apart. */
static bool check_alike(const struct classes *c, const char *name, size_t len, const char *where,
                        struct error *err)
{
    char *copy = mem_string(name, len);
    size_t i = copy ? classes_find_alike(c, copy) : c->count;
    bool same =
        i < c->count && strcmp(c->items[i].name, copy) != 0 && text_same(c->items[i].name, copy);
    free(copy);
    return !same || error_set(err, ERROR_USAGE,
                              "%s: class '%.*s' is named twice, with its accents encoded in two "
                              "ways",
                              where, (int)len, name);
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
        return error_set(err, ERROR_USAGE, "%s: '%.*s': write KEY=NAME: %.*s=%.*s", where, (int)len,
                         item, (int)(len - left - 1), equals + 1, (int)left, item);
    }
    return check_alike(c, item, len, where, err) &&
           classes_add(c, item, len, key, CLASS_COLOR_NONE, where, err);
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
            ok = check_alike(c, name, len, buf_text(&where), err) &&
                 classes_add(c, name, len, KEYCODE_NONE, CLASS_COLOR_NONE, buf_text(&where), err);
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
