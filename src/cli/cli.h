/* What the commands share. */
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

/* The command line, taken apart but not yet judged: the ini files come first,
 * and which they are depends on the operands. */
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

/* Row of the table of commands; NULL behind the last. */
const struct command *command_at(size_t index);

/* Parses argv[first..) for a command. */
bool args_parse(struct command_line *line, const struct command *command, int argc, char **argv,
                struct error *err);
void args_release(struct command_line *line);

/* Defaults, ini files (that of the user, then `folder`/thumbtag.ini; or just
 * --config) and the command line into *settings. */
bool args_settings(struct settings *settings, const struct command_line *line, const char *folder,
                   struct error *err);

/* "thumbtag: MESSAGE" to stderr; returns the exit code of its kind. */
int fail(const struct error *err);

/* The same for what is left when there is no memory. */
int fail_nomem(const char *what);

void help_program(void);

/* "one of a, b; default a", "1 to 60; default 1", "default 0.1"; "" where the text of
 * the option says all. */
#define OPTION_RANGE_MAX 256
void option_range(const struct option_info *info, char *out, size_t size);

void help_command(const struct command *command);

int command_label(const struct command_line *line);
int command_review(const struct command_line *line);
int command_recover(const struct command_line *line);
int command_predict(const struct command_line *line);
int command_model(const struct command_line *line);
int command_eval(const struct command_line *line);
int command_train(const struct command_line *line);
int command_show(const struct command_line *line);
int command_doctor(const struct command_line *line);

#endif
