#include "config/commands.h"

#include <string.h>

static const struct command_info commands[] = {
#define COMMAND(id, name, usage, text) { #name, usage, text, COMMAND_##id },
#include "config/commands.def"
#undef COMMAND
};

const struct command_info *command_info(enum command_id id)
{
    return &commands[id];
}

enum command_id command_find(const char *name)
{
    enum command_id id = 0;
    while (id < COMMAND_COUNT && strcmp(commands[id].name, name) != 0) {
        id++;
    }
    return id;
}
