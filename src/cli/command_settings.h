/* The settings of a command: the ini files, the command line and the login name. */
#ifndef CLI_COMMAND_SETTINGS_H
#define CLI_COMMAND_SETTINGS_H

#include <stdbool.h>

#include "command_line.h"

/* Fills *settings from the defaults, the ini files (the user's, then `folder`/thumbtag.ini;
 * or only --config) and the command line, later ones taking precedence. */
bool command_settings(struct settings *settings, const struct command_line *line,
                      const char *folder, struct error *err);

/* Reads the settings for data_folder(), calls run, returns its exit code. */
int command_with_settings(const struct command_line *line,
                          int (*run)(const struct command_line *line, const struct settings *s));

/* Sets the annotator to the login name, if known and none is given. Call it before
 * entering the sandbox: looking up users can need sockets. */
bool find_annotator(struct settings *s, struct error *err);

#endif
