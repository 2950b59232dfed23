/* Which key does what: class keys and command keys in one map, without conflicts. */
#ifndef CONFIG_KEYMAP_H
#define CONFIG_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/action.h"
#include "config/classes.h"
#include "config/key.h"

#define KEYMAP_KEYS_PER_ACTION 4
#define KEYMAP_SPARE_KEYS 2

struct keymap {
    keycode keys[ACTION_COUNT][KEYMAP_KEYS_PER_ACTION]; /* KEYCODE_NONE after the last */
    keycode spare[ACTION_COUNT][KEYMAP_SPARE_KEYS];     /* the same; other uses come first */
};

/* The default keys of actions.def. */
void keymap_init(struct keymap *map);

/* Replaces the keys of an action, and its spare ones, by those named in `keys`
 * (separated by spaces; "none" alone: no key). `where` names the source in messages. */
bool keymap_bind(struct keymap *map, enum action action, const char *keys, const char *where,
                 struct error *err);

/* Gives every class without a key, except those that are to have none (key_given), the
 * next one of 1…9 0 a…z that neither a class nor a command has; when these run out,
 * classes get none. Refuses a key that is given to two commands, or to a class and a
 * command: the message names both and what to change. */
bool keymap_assign(const struct keymap *map, struct classes *classes, struct error *err);

/* The key that keymap_assign() would give to one more class; KEYCODE_NONE: none is left. */
keycode keymap_free_key(const struct keymap *map, const struct classes *classes);

/* The command that has the key, which thus no class can have; ACTION_NO_ACTION: none. */
enum action keymap_command(const struct keymap *map, keycode key);

/* The action of a key; for ACTION_CLASS, *class_index is filled. */
enum action keymap_action(const struct keymap *map, const struct classes *classes, keycode key,
                          size_t *class_index);

/* The keys that an action has with these classes, a small letter before a capital one:
 * the first is the one to show. Returns their number. */
#define KEYMAP_IN_FORCE (KEYMAP_KEYS_PER_ACTION + KEYMAP_SPARE_KEYS)
size_t keymap_in_force(const struct keymap *map, const struct classes *classes, enum action action,
                       keycode keys[KEYMAP_IN_FORCE]);

#endif
