/* The command line: options and operands. */
#ifndef CLI_COMMAND_LINE_H
#define CLI_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/settings.h"

/* Values are not checked yet: the ini files are read first, and which they are depends on the
 * operands. */
struct command_line {
    const char *values[OPTION_COUNT]; /* NULL: not given */
    char **operands;
    size_t operand_count;
    bool stdin_list;     /* "-" */
    bool stdin_list_nul; /* "-0" */
    bool help;
};

/* Parses the options of that command and what else there is; argv[0] is the name of the command
 * or program. Strings are borrowed from argv. Release it in any case. */
bool command_line_parse(struct command_line *line, enum command_id command, int argc, char **argv,
                        struct error *err);
void command_line_release(struct command_line *line);

#endif
