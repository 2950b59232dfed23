/* What each action of actions.def does, as the label screen's table binds it. */
#ifndef UI_ACTIONS_H
#define UI_ACTIONS_H

struct ui;

#define ACTION(id, function, effect, name, keys, spare, group, text) void function(struct ui *ui);
#include "config/actions.def"
#undef ACTION

#endif
