#include "config/classes.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/normalize.h"

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
        return error_set(err, ERROR_USAGE, "%s: class name '%.40s…' has %zu bytes; the limit is %d",
                         where, name, len, CLASS_NAME_MAX);
    }
    for (size_t i = 0; i < len;) {
        uint32_t code;
        i += text_decode(name + i, len - i, &code);
        if (code == UINT32_MAX || text_unsafe(code)) {
            return error_set(err, ERROR_USAGE,
                             "%s: class name '%.*s' contains invalid UTF-8 or a control character",
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
        return error_set(err, ERROR_USAGE, "%s: class '%s' is given twice", where, name);
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

static bool check_separator(const char *name, size_t len, const char *where, struct error *err)
{
    return !memchr(name, CLASSES_SEPARATOR, len) ||
           error_set(
               err, ERROR_USAGE,
               "%s: class name '%.*s' contains '%c', which separates the classes of a picture "
               "that has several (--multi); choose another name",
               where, (int)len, name, CLASSES_SEPARATOR);
}

bool classes_set_multi(struct classes *c, const char *where, struct error *err)
{
    for (size_t i = 0; i < c->count; i++) {
        const char *name = c->items[i].name;
        if (!check_separator(name, strlen(name), where, err)) {
            return false;
        }
    }
    c->multi = true;
    return true;
}

bool classes_add(struct classes *c, const char *name, size_t len, keycode key, int32_t color,
                 const char *where, struct error *err)
{
    if (!classes_check_name(name, len, where, err) ||
        (c->multi && !check_separator(name, len, where, err))) {
        return false;
    }
    if (c->count >= CLASSES_MAX) {
        return error_set(err, ERROR_USAGE, "%s: too many classes; the limit is %d", where,
                         CLASSES_MAX);
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
    /* The maps borrow the names: the class is added first, and stays if they fail. */
    c->items[c->count++] = (struct class){ copy, looks, key, key != KEYCODE_NONE, color };
    return put_maps(c, c->count - 1) || error_nomem(err, len, "a class");
}
