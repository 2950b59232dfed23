#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "image/decode.h"

#include "cli.h"
#include "say.h"

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
static bool unknown_option(const struct getopt_tables *t, const struct command *command, int letter,
                           const char *argument, struct error *err)
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

static bool take_options(struct command_line *line, const struct command *command, int argc,
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

bool args_parse(struct command_line *line, const struct command *command, int argc, char **argv,
                struct error *err)
{
    memset(line, 0, sizeof *line);
    if (!take_options(line, command, argc, argv, err)) {
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

void args_release(struct command_line *line)
{
    free(line->operands);
    line->operands = NULL;
}

/* A folder of pictures may come from anyone: its thumbtag.ini must not turn off the
 * sandbox. */
static bool load_beside(struct settings *s, const char *path, struct error *err)
{
    int before = settings_number(s, OPTION_NO_SANDBOX);
    if (!settings_load(s, path, true, err)) {
        return false;
    }
    return settings_number(s, OPTION_NO_SANDBOX) <= before ||
           error_set(err, ERROR_USAGE,
                     "%s: no-sandbox is accepted only on the command line and in your own "
                     "thumbtag.ini (~/.config/thumbtag), not beside the pictures: remove the line",
                     path);
}

static bool load_inis(struct settings *s, const struct command_line *line, const char *folder,
                      struct error *err)
{
    if (line->values[OPTION_CONFIG]) {
        return settings_load(s, line->values[OPTION_CONFIG], false, err);
    }
    char *user = settings_user_path();
    bool ok = !user || settings_load(s, user, true, err);
    free(user);
    char *beside = ok ? file_join(folder, "thumbtag.ini") : NULL;
    if (ok && !beside) {
        ok = error_nomem(err, strlen(folder), "the path of thumbtag.ini");
    }
    ok = ok && load_beside(s, beside, err);
    free(beside);
    return ok;
}

bool args_settings(struct settings *s, const struct command_line *line, const char *folder,
                   struct error *err)
{
    if (!settings_init(s, err)) {
        return false;
    }
    bool ok = load_inis(s, line, folder, err);
    for (enum option_id o = 0; ok && o < OPTION_COUNT; o++) {
        if (line->values[o]) {
            ok = settings_set(s, o, line->values[o], "command line", err);
        }
    }
    if (!ok) {
        settings_release(s);
        return false;
    }
    image_budget_set((uint64_t)settings_number(s, OPTION_MEMORY) << 20);
    return true;
}

int fail_nomem(const char *what)
{
    struct error err;
    error_nomem(&err, 1, what);
    return fail(&err);
}

int fail(const struct error *err)
{
    static const int codes[] = {
        [ERROR_NONE] = EXIT_IO,   [ERROR_USAGE] = EXIT_USAGE,      [ERROR_IO] = EXIT_IO,
        [ERROR_DATA] = EXIT_DATA, [ERROR_UNSUPPORTED] = EXIT_DATA, [ERROR_BUSY] = EXIT_IO,
    };
    say(stderr, "thumbtag: %s\n", err->message);
    return codes[err->kind];
}
