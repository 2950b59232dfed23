#include "config/keymap.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static const char class_keys[] = "1234567890abcdefghijklmnopqrstuvwxyz";

/* Reads at most `max` keys; *n is their number. */
static bool read_keys(const char *keys, keycode *out, size_t max, size_t *n, const char *action,
                      const char *where, struct error *err)
{
    *n = 0;
    for (const char *s = keys + strspn(keys, " \t"); *s; s += strspn(s, " \t")) {
        size_t len = strcspn(s, " \t");
        char word[32];
        snprintf(word, sizeof word, "%.*s", (int)len, s);
        s += len;
        if (*n == max) {
            return error_set(err, ERROR_USAGE, "%s: more than %zu keys for '%s'", where, max,
                             action);
        }
        if (!keycode_parse(word, &out[(*n)++])) {
            return error_set(err, ERROR_USAGE,
                             "%s: '%s' is not a key (one character, or a name such as enter, "
                             "ctrl-r, f1, page-up)",
                             where, word);
        }
    }
    return true;
}

bool keymap_bind(struct keymap *map, enum action action, const char *keys, const char *where,
                 struct error *err)
{
    keycode bound[KEYMAP_KEYS_PER_ACTION] = { KEYCODE_NONE };
    const char *name = action_info(action)->name;
    size_t n = 0;
    bool none = strcmp(keys, "none") == 0;
    if (!none && !read_keys(keys, bound, KEYMAP_KEYS_PER_ACTION, &n, name, where, err)) {
        return false;
    }
    if (!none && !n) {
        return error_set(err, ERROR_USAGE,
                         "%s: '%s' has no key; write none if that is meant (in an ini, the keys ; "
                         "and # must be quoted)",
                         where, name);
    }
    memcpy(map->keys[action], bound, sizeof bound);
    memset(map->spare[action], 0, sizeof map->spare[action]);
    return true;
}

void keymap_init(struct keymap *map)
{
    memset(map, 0, sizeof *map);
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        const struct action_info *info = action_info(a);
        size_t n;
        keymap_bind(map, a, info->keys, "defaults", NULL);
        read_keys(info->spare, map->spare[a], KEYMAP_SPARE_KEYS, &n, info->name, "defaults", NULL);
    }
}

/* The action whose row has the key, or ACTION_NO_ACTION. */
static enum action row_of(const keycode *rows, size_t per_action, keycode key)
{
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        const keycode *row = rows + (size_t)a * per_action;
        for (size_t i = 0; i < per_action && row[i] != KEYCODE_NONE; i++) {
            if (row[i] == key) {
                return a;
            }
        }
    }
    return ACTION_NO_ACTION;
}

static enum action command_of(const struct keymap *map, keycode key)
{
    return row_of(map->keys[0], KEYMAP_KEYS_PER_ACTION, key);
}

static size_t class_of(const struct classes *classes, keycode key)
{
    size_t i = 0;
    while (i < classes->count && classes->items[i].key != key) {
        i++;
    }
    return i;
}

enum action keymap_action(const struct keymap *map, const struct classes *classes, keycode key,
                          size_t *class_index)
{
    if (key == KEYCODE_NONE) {
        return ACTION_NO_ACTION;
    }
    size_t i = class_of(classes, key);
    if (i < classes->count) {
        *class_index = i;
        return ACTION_CLASS;
    }
    enum action command = command_of(map, key);
    return command != ACTION_NO_ACTION ? command : row_of(map->spare[0], KEYMAP_SPARE_KEYS, key);
}

static bool is_capital(keycode key)
{
    return key >= 'A' && key <= 'Z';
}

/* A small letter is simpler than a capital one, and that than a key with Ctrl. */
static bool is_simpler(keycode key, keycode than)
{
    return is_capital(than) ? key >= 'a' && key <= 'z' : than < ' ' && is_capital(key);
}

size_t keymap_in_force(const struct keymap *map, const struct classes *classes, enum action action,
                       keycode keys[KEYMAP_IN_FORCE])
{
    size_t n = 0;
    size_t index;
    for (size_t i = 0; i < KEYMAP_KEYS_PER_ACTION && map->keys[action][i] != KEYCODE_NONE; i++) {
        keys[n++] = map->keys[action][i];
    }
    for (size_t i = 0; i < KEYMAP_SPARE_KEYS && map->spare[action][i] != KEYCODE_NONE; i++) {
        keycode key = map->spare[action][i];
        if (keymap_action(map, classes, key, &index) != action) {
            continue;
        }
        size_t at = 0;
        while (at < n && !is_simpler(key, keys[at])) {
            at++;
        }
        memmove(keys + at + 1, keys + at, (n - at) * sizeof *keys);
        keys[at] = key;
        n++;
    }
    return n;
}

enum action keymap_command(const struct keymap *map, keycode key)
{
    return key == KEYCODE_NONE ? ACTION_NO_ACTION : command_of(map, key);
}

/* The first of the keys from *next on that neither a class nor a command has. */
static keycode next_free(const struct keymap *map, const struct classes *classes, const char **next)
{
    while (**next && (command_of(map, (keycode) * *next) != ACTION_NO_ACTION ||
                      class_of(classes, (keycode) * *next) < classes->count)) {
        ++*next;
    }
    return **next ? (keycode) * (*next)++ : KEYCODE_NONE;
}

keycode keymap_free_key(const struct keymap *map, const struct classes *classes)
{
    const char *next = class_keys;
    return next_free(map, classes, &next);
}

static void assign_free_keys(const struct keymap *map, struct classes *classes)
{
    const char *next = class_keys;
    for (size_t i = 0; i < classes->count; i++) {
        struct class *class = &classes->items[i];
        if (class->key == KEYCODE_NONE && !class->key_given) {
            class->key = next_free(map, classes, &next);
        }
    }
}

static bool check_commands(const struct keymap *map, struct error *err)
{
    char name[KEY_NAME_SIZE];
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        for (size_t i = 0; i < KEYMAP_KEYS_PER_ACTION && map->keys[a][i] != KEYCODE_NONE; i++) {
            enum action other = command_of(map, map->keys[a][i]);
            if (other != a) {
                keycode_name(map->keys[a][i], name);
                return error_set(err, ERROR_USAGE,
                                 "key '%s' is bound to '%s' and to '%s'; change one in [keys] of "
                                 "thumbtag.ini",
                                 name, action_info(other)->name, action_info(a)->name);
            }
        }
    }
    return true;
}

bool keymap_assign(const struct keymap *map, struct classes *classes, struct error *err)
{
    if (!check_commands(map, err)) {
        return false;
    }
    for (size_t i = 0; i < classes->count; i++) {
        enum action command = command_of(map, classes->items[i].key);
        if (classes->items[i].key != KEYCODE_NONE && command != ACTION_NO_ACTION) {
            char name[KEY_NAME_SIZE];
            keycode_name(classes->items[i].key, name);
            return error_set(err, ERROR_USAGE,
                             "key '%s' of class '%s' is the key of '%s'; choose another for the "
                             "class, or for the command: [keys] %s = ... in thumbtag.ini",
                             name, classes->items[i].name, action_info(command)->name,
                             action_info(command)->name);
        }
    }
    assign_free_keys(map, classes);
    return true;
}
