/* What the commands do: command_label() and so on, one for each row of config/commands.def.
 * Each returns an exit code. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "command_line.h"

#define COMMAND(id, name, usage, text) int command_##name(const struct command_line *line);
#include "config/commands.def"
#undef COMMAND

#endif
