/* The help of the program and of its commands, on standard output. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stddef.h>

#include "config/settings.h"

void help_program(void);
void help_command(enum command_id command);

/* "one of a, b; default a", "1 to 60; default 1", "default 0.1"; "" if the option has no
 * range and no default. */
#define OPTION_RANGE_MAX 256
void option_range(enum option_id o, char *out, size_t size);

#endif
