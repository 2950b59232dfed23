/* Which key does what: class keys and command keys in one map, without
 * clashes. */
#ifndef CONFIG_KEYMAP_H
#define CONFIG_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/action.h"
#include "config/classes.h"
#include "config/key.h"

#define KEYMAP_KEYS_PER_ACTION 4

struct keymap {
    keycode keys[ACTION_COUNT][KEYMAP_KEYS_PER_ACTION]; /* KEYCODE_NONE behind the last */
};

/* The default keys of actions.def. */
void keymap_init(struct keymap *map);

/* Replaces the keys of an action by those named in `keys` (separated by
 * spaces; "none" alone: no key). `where` names the source in messages. */
bool keymap_bind(struct keymap *map, enum action action, const char *keys, const char *where,
                 struct error *err);

/* Gives every class without a key, but for those that are to have none
 * (key_given), the next free one of 1…9 0 a…z that no
 * command uses; classes beyond those get none. Then refuses any key that two
 * things want, naming both and how to mend it. */
bool keymap_assign(const struct keymap *map, struct classes *classes, struct error *err);

/* The action of a key; for ACTION_CLASS, *class_index is filled. */
enum action keymap_action(const struct keymap *map, const struct classes *classes, keycode key,
                          size_t *class_index);

#endif
