#include "config/action.h"

#include <assert.h>
#include <strings.h>

#include "base/mem.h"

static const struct action_info actions[] = {
#define ACTION(id, name, keys, group, text) { name, keys, group, text },
#include "config/actions.def"
#undef ACTION
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
