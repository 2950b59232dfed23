#include "config/action.h"

#include <assert.h>
#include <strings.h>

#include "base/mem.h"

static const struct action_info actions[] = {
#define ACTION(id, function, effect, name, keys, spare, group, text)                               \
    { name, keys, spare, group, text },
#include "config/actions.def"
#undef ACTION
};

static const struct view_key_info view_keys[] = {
#define PAN_KEY(function, effect, keys, text) { "Zoomed in", keys, text },
#define PAGE_KEY(function, effect, keys, text) { VIEW_OF_PAGE, keys, text },
#define FILTER_KEY(function, effect, keys, text) { "Choosing what a review shows", keys, text },
#define PICK_KEY(function, effect, keys, text) { "Picking a class", keys, text },
#define PROMPT_KEY(function, effect, keys, text) { "Typing a number or a name", keys, text },
#define NEW_CLASS_KEY(function, effect, keys, text) { "Asked for a new class", keys, text },
#define CLASSES_KEY(function, effect, keys, text) { "The classes", keys, text },
#define NEW_KEY_KEY(function, effect, keys, text) { "Asked for the key of a class", keys, text },
#define HELP_KEY(function, effect, keys, text) { "Help", keys, text },
#include "config/view_keys.def"
};

static_assert(ARRAY_LEN(actions) == ACTION_CLASS - 1, "a row for each action");

const struct action_info *action_info(enum action a)
{
    return &actions[a - 1];
}

enum action action_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (strcasecmp(actions[i].name, name) == 0) {
            return (enum action)(i + 1);
        }
    }
    return ACTION_NO_ACTION;
}

const struct view_key_info *view_key_info(size_t i)
{
    return i < ARRAY_LEN(view_keys) ? &view_keys[i] : NULL;
}
