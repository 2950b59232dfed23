/* The actions of actions.def as an enum and a table. */
#ifndef CONFIG_ACTION_H
#define CONFIG_ACTION_H

#include <stddef.h>

enum action {
    ACTION_NO_ACTION = 0,
#define ACTION(id, function, effect, name, keys, spare, group, text) ACTION_##id,
#include "config/actions.def"
#undef ACTION
    ACTION_CLASS, /* a class key; not in the table */
    ACTION_COUNT
};

/* What a key does to the labels. From EFFECT_EDITS on it is refused where nothing may be
 * changed. */
enum key_effect {
    EFFECT_NONE,
    EFFECT_ENTERS,  /* ends what an editing key began, by writing it if need be */
    EFFECT_EDITS,   /* begins what writes at its end */
    EFFECT_WRITES,  /* at once: a key that is held, or comes too soon, does not count */
    EFFECT_ANSWERS, /* the same for the current picture: only if that was visible */
    EFFECT_CLAIMS,  /* and says something of its content: only if it can be shown */
};

struct action_info {
    const char *name;  /* as in the ini */
    const char *keys;  /* default keys, separated by spaces */
    const char *spare; /* keys that it has only while no class has them */
    const char *group; /* heading in the help */
    const char *text;  /* what it does, one line */
};

/* Row of an action; ACTION_NO_ACTION < a < ACTION_CLASS. */
const struct action_info *action_info(enum action a);

/* The action of that name, in any case, or ACTION_NO_ACTION. */
enum action action_by_name(const char *name);

/* Keys that are fixed while a view is open; the key map does not apply there. */
struct view_key_info {
    const char *view; /* heading in the help */
    const char *keys; /* separated by spaces */
    const char *text;
};

#define VIEW_OF_PAGE "On a page" /* of those of a page of thumbnails */

/* The rows of view_keys.def; NULL after the last. */
const struct view_key_info *view_key_info(size_t i);

#endif
