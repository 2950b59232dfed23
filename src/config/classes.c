#include "config/classes.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/normalize.h"
#include "base/text.h"

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

size_t classes_find_key(const struct classes *c, keycode key)
{
    size_t i = 0;
    while (i < c->count && (key == KEYCODE_NONE || c->items[i].key != key)) {
        i++;
    }
    return i;
}

static bool put_maps(struct map *by_name, struct map *by_looks, const struct class *class,
                     size_t index)
{
    size_t len = strlen(class->looks);
    uint32_t other;
    return map_put(by_name, class->name, strlen(class->name), (uint32_t)index) &&
           (map_get(by_looks, class->looks, len, &other) ||
            map_put(by_looks, class->looks, len, (uint32_t)index));
}

/* Fills the maps of the list anew; on false they are as they were. */
static bool index_all(struct classes *c)
{
    struct map by_name, by_looks;
    bool ok = true;
    map_init(&by_name);
    map_init(&by_looks);
    for (size_t i = 0; ok && i < c->count; i++) {
        ok = put_maps(&by_name, &by_looks, &c->items[i], i);
    }
    if (ok) {
        map_release(&c->by_name);
        map_release(&c->by_looks);
        c->by_name = by_name;
        c->by_looks = by_looks;
    } else {
        map_release(&by_name);
        map_release(&by_looks);
    }
    return ok;
}

/* Gives the class another name and another look; owns both, which may be NULL. */
static bool set_name(struct classes *c, size_t index, char *name, char *looks, struct error *err)
{
    struct class *class = &c->items[index];
    struct class old = *class;
    bool ok = name && looks;
    if (ok) {
        class->name = name;
        class->looks = looks;
        ok = index_all(c);
    }
    if (!ok) {
        *class = old;
        free(name);
        free(looks);
        return error_nomem(err, CLASS_NAME_MAX, "a class");
    }
    free(old.name);
    free(old.looks);
    return true;
}

bool classes_respell(struct classes *c, size_t index, const char *name, struct error *err)
{
    return set_name(c, index, mem_string(name, strlen(name)), looks_of(name, strlen(name)), err);
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
    return put_maps(&c->by_name, &c->by_looks, &c->items[c->count - 1], c->count - 1) ||
           error_nomem(err, len, "a class");
}

/* Takes the class from one place of the list to another. */
static void move_item(struct classes *c, size_t from, size_t to)
{
    struct class class = c->items[from];
    if (from < to) {
        memmove(c->items + from, c->items + from + 1, (to - from) * sizeof class);
    } else {
        memmove(c->items + to + 1, c->items + to, (from - to) * sizeof class);
    }
    c->items[to] = class;
}

static void drop_last(struct classes *c)
{
    struct class *last = &c->items[--c->count];
    free(last->name);
    free(last->looks);
}

bool classes_insert(struct classes *c, size_t at, const char *name, keycode key, int32_t color,
                    const char *where, struct error *err)
{
    size_t count = c->count;
    bool ok = classes_add(c, name, strlen(name), key, color, where, err);
    if (ok && at < count) {
        move_item(c, count, at);
        if (!index_all(c)) {
            move_item(c, at, count);
            ok = error_nomem(err, strlen(name), "a class");
        }
    }
    if (!ok && c->count > count) {
        map_release(&c->by_name); /* they may have the name */
        map_release(&c->by_looks);
        drop_last(c);
        index_all(c);
    }
    return ok;
}

bool classes_remove(struct classes *c, size_t index, struct error *err)
{
    size_t last = c->count - 1;
    move_item(c, index, last);
    c->count = last;
    if (!index_all(c)) {
        c->count = last + 1;
        move_item(c, last, index);
        return error_nomem(err, CLASS_NAME_MAX, "the classes");
    }
    c->count = last + 1;
    drop_last(c);
    return true;
}

bool classes_rename(struct classes *c, size_t index, const char *name, const char *where,
                    struct error *err)
{
    size_t twin;
    if (!classes_check_name(name, strlen(name), where, err)) {
        return false;
    }
    twin = classes_find(c, name);
    if (twin < c->count && twin != index) {
        return error_set(err, ERROR_USAGE, "%s: there is a class '%s' already", where, name);
    }
    return classes_respell(c, index, name, err);
}
