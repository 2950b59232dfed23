/* Declarations shared by all commands. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/settings.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FINDINGS = 1,
    EXIT_USAGE = 2,
    EXIT_IO = 3,
    EXIT_DATA = 4,
};

/* The parsed command line. Values are not checked yet: the ini files are read first, and
 * which they are depends on the operands. */
struct command_line {
    const char *values[OPTION_COUNT]; /* NULL: not given */
    char **operands;
    size_t operand_count;
    bool stdin_list;     /* "-" */
    bool stdin_list_nul; /* "-0" */
    bool help;
};

struct command {
    const char *name;
    const char *usage;
    const char *text;
    unsigned mask; /* COMMAND_* of config/settings.h */
    int (*run)(const struct command_line *line);
};

/* The command of that index; NULL past the last one. */
const struct command *command_at(size_t index);

/* What `thumbtag classes` can do; NULL past the last one. */
struct class_action {
    const char *name, *arguments; /* arguments: "" or " NAME [KEY]" */
    const char *text;
};
const struct class_action *class_action_at(size_t index);

/* Parses the command line; argv[0] is the name of the command or program. */
bool args_parse(struct command_line *line, const struct command *command, int argc, char **argv,
                struct error *err);
void args_release(struct command_line *line);

/* Fills *settings from the defaults, the ini files (the user's, then `folder`/thumbtag.ini;
 * or only --config) and the command line, later ones taking precedence. */
bool args_settings(struct settings *settings, const struct command_line *line, const char *folder,
                   struct error *err);

/* Prints "thumbtag: MESSAGE" to stderr; returns the exit code for err->kind. */
int fail(const struct error *err);

/* The same for running out of memory while allocating `what`. */
int fail_nomem(const char *what);

void help_program(void);

/* "one of a, b; default a", "1 to 60; default 1", "default 0.1"; "" if the option has no
 * range and no default. */
#define OPTION_RANGE_MAX 256
void option_range(enum option_id o, char *out, size_t size);

void help_command(const struct command *command);

int command_label(const struct command_line *line);
int command_review(const struct command_line *line);
int command_classes(const struct command_line *line);
int command_recover(const struct command_line *line);
int command_import(const struct command_line *line);
int command_export(const struct command_line *line);
int command_predict(const struct command_line *line);
int command_model(const struct command_line *line);
int command_eval(const struct command_line *line);
int command_train(const struct command_line *line);
int command_compare(const struct command_line *line);
int command_stats(const struct command_line *line);
int command_show(const struct command_line *line);
int command_cache(const struct command_line *line);
int command_doctor(const struct command_line *line);

#endif
