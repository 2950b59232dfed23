#include "config/keymap.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static const char class_keys[] = "1234567890abcdefghijklmnopqrstuvwxyz";

bool keymap_bind(struct keymap *map, enum action action, const char *keys, const char *where,
                 struct error *err)
{
    keycode bound[KEYMAP_KEYS_PER_ACTION] = { KEYCODE_NONE };
    size_t n = 0;
    if (strcmp(keys, "none") == 0) {
        memcpy(map->keys[action], bound, sizeof bound);
        return true;
    }
    for (const char *s = keys + strspn(keys, " \t"); *s; s += strspn(s, " \t")) {
        size_t len = strcspn(s, " \t");
        char word[32];
        snprintf(word, sizeof word, "%.*s", (int)len, s);
        s += len;
        if (n == KEYMAP_KEYS_PER_ACTION) {
            return error_set(err, ERROR_USAGE, "%s: more than %d keys for '%s'", where,
                             KEYMAP_KEYS_PER_ACTION, action_info(action)->name);
        }
        if (!keycode_parse(word, &bound[n++])) {
            return error_set(err, ERROR_USAGE,
                             "%s: '%s' is not a key (one character, or a name such as enter, "
                             "ctrl-r, f1, page-up)",
                             where, word);
        }
    }
    if (!n) {
        return error_set(err, ERROR_USAGE,
                         "%s: '%s' has no key; write none if that is meant (in an ini, keys with ; "
                         "or # stand in quotes)",
                         where, action_info(action)->name);
    }
    memcpy(map->keys[action], bound, sizeof bound);
    return true;
}

void keymap_init(struct keymap *map)
{
    memset(map, 0, sizeof *map);
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        keymap_bind(map, a, action_info(a)->keys, "defaults", NULL);
    }
}

static enum action command_of(const struct keymap *map, keycode key)
{
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        for (size_t i = 0; i < KEYMAP_KEYS_PER_ACTION && map->keys[a][i] != KEYCODE_NONE; i++) {
            if (map->keys[a][i] == key) {
                return a;
            }
        }
    }
    return ACTION_NO_ACTION;
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
    return command_of(map, key);
}

static void assign_free_keys(const struct keymap *map, struct classes *classes)
{
    const char *next = class_keys;
    for (size_t i = 0; i < classes->count; i++) {
        struct class *class = &classes->items[i];
        if (class->key != KEYCODE_NONE || class->key_given) {
            continue;
        }
        while (*next && (command_of(map, (keycode)*next) != ACTION_NO_ACTION ||
                         class_of(classes, (keycode)*next) < classes->count)) {
            next++;
        }
        if (!*next) {
            return;
        }
        class->key = (keycode)*next++;
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
                             "class, or move the command: [keys] %s = ... in thumbtag.ini",
                             name, classes->items[i].name, action_info(command)->name,
                             action_info(command)->name);
        }
    }
    assign_free_keys(map, classes);
    return true;
}
