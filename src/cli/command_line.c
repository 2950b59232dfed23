#include "command_line.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"

#define LONG_BASE 1000 /* getopt's value for option 0 */
#define HELP_VALUE 999

/* The options of a command, from options.def, in getopt's form. */
struct getopt_tables {
    struct option longs[OPTION_COUNT + 2];
    char shorts[2 * OPTION_COUNT + 8];
};

static void make_tables(struct getopt_tables *t, unsigned mask)
{
    size_t n = 0;
    size_t at = 0;
    t->shorts[at++] = ':';
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        const struct option_info *info = option_info(o);
        if (!(info->commands & mask)) {
            continue;
        }
        int has = info->type == OPTION_FLAG ? no_argument : required_argument;
        t->longs[n++] = (struct option){ info->name, has, NULL, LONG_BASE + (int)o };
        if (info->short_name) {
            t->shorts[at++] = info->short_name;
            if (has == required_argument) {
                t->shorts[at++] = ':';
            }
        }
    }
    t->longs[n++] = (struct option){ "help", no_argument, NULL, HELP_VALUE };
    t->longs[n] = (struct option){ 0 };
    memcpy(t->shorts + at, "h0", 3);
}

static enum option_id option_of(int value)
{
    if (value >= LONG_BASE) {
        return (enum option_id)(value - LONG_BASE);
    }
    enum option_id o = 0;
    while (o < OPTION_COUNT && option_info(o)->short_name != (char)value) {
        o++;
    }
    return o;
}

/* getopt reports an unknown short option (maybe one of several in a word) in `letter`, but
 * for a long option, unknown or ambiguous, only its argument. */
static bool unknown_option(const struct getopt_tables *t, const struct command_info *command,
                           int letter, const char *argument, struct error *err)
{
    char suggestion[NEAREST_TEXT_MAX], word[NEAREST_WORD_MAX + 1] = "";
    if (letter && letter < LONG_BASE && letter != HELP_VALUE) {
        return error_set(err, ERROR_USAGE,
                         "thumbtag %s has no option '-%c' (see thumbtag %s --help)", command->name,
                         letter, command->name);
    }
    size_t len = strcspn(argument, "=");
    if (letter) {
        return error_set(err, ERROR_USAGE, "option '%.*s' takes no value", (int)len, argument);
    }
    struct nearest n = nearest_to(word, "--");
    if (len > 2 && len - 2 <= NEAREST_WORD_MAX) {
        memcpy(word, argument + 2, len - 2);
    }
    for (const struct option *o = t->longs; o->name; o++) {
        nearest_offer(&n, o->name);
    }
    return error_set(err, ERROR_USAGE,
                     "thumbtag %s has no option '%.*s'%s (see thumbtag %s --help)", command->name,
                     (int)len, argument, nearest_text(&n, suggestion), command->name);
}

static bool take_options(struct command_line *line, const struct command_info *command, int argc,
                         char **argv, struct error *err)
{
    struct getopt_tables tables;
    int value;
    make_tables(&tables, command->mask);
    opterr = 0;
    optind = 0;
    while ((value = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
        if (value == '?') {
            return unknown_option(&tables, command, optopt, argv[optind - 1], err);
        }
        if (value == ':') {
            return error_set(err, ERROR_USAGE, "option '%s' needs a value", argv[optind - 1]);
        }
        if (value == HELP_VALUE || value == 'h') {
            line->help = true;
        } else if (value == '0') {
            line->stdin_list = line->stdin_list_nul = true;
        } else {
            enum option_id o = option_of(value);
            line->values[o] = option_info(o)->type == OPTION_FLAG ? "yes" : optarg;
        }
    }
    return true;
}

bool command_line_parse(struct command_line *line, enum command_id command, int argc, char **argv,
                        struct error *err)
{
    memset(line, 0, sizeof *line);
    if (!take_options(line, command_info(command), argc, argv, err)) {
        return false;
    }
    line->operands = mem_array((size_t)argc, sizeof *line->operands);
    if (!line->operands) {
        return error_nomem(err, (size_t)argc * sizeof *line->operands, "the arguments");
    }
    for (int i = optind; i < argc; i++) {
        if (strcmp(argv[i], "-") == 0) {
            line->stdin_list = true;
        } else {
            line->operands[line->operand_count++] = argv[i];
        }
    }
    return true;
}

void command_line_release(struct command_line *line)
{
    free(line->operands);
    line->operands = NULL;
}
