/* `thumbtag eval --effort`. */
#ifndef CLI_EVAL_EFFORT_H
#define CLI_EVAL_EFFORT_H

#include "command_line.h"
#include "config/settings.h"

/* Returns the exit code. */
int eval_effort(const struct command_line *line, const struct settings *s);

#endif
