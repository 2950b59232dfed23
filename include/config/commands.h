/* The commands of commands.def: what they are called, and what the help says of them. */
#ifndef CONFIG_COMMANDS_H
#define CONFIG_COMMANDS_H

enum command_id {
#define COMMAND(id, name, usage, text) COMMAND_ID_##id,
#include "config/commands.def"
#undef COMMAND
    COMMAND_COUNT
};

/* The same as bits, for sets of commands: COMMAND_LABEL, COMMAND_REVIEW, … */
enum {
#define COMMAND(id, name, usage, text) COMMAND_##id = 1 << COMMAND_ID_##id,
#include "config/commands.def"
#undef COMMAND
};

struct command_info {
    const char *name;
    const char *usage; /* without "thumbtag" in front */
    const char *text;  /* one sentence, without its full stop */
    unsigned mask;     /* its bit */
};

const struct command_info *command_info(enum command_id id);

/* The command of that name; COMMAND_COUNT: none. */
enum command_id command_find(const char *name);

#endif
