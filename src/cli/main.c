#include <langinfo.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "commands.h"
#include "fail.h"
#include "help.h"
#include "leave.h"

/* Falls back to C.UTF-8: ssh often does not pass a locale on, but today's terminals all
 * support UTF-8, and without it names in other scripts would show as question marks. */
static void set_locale(void)
{
    if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        setlocale(LC_CTYPE, "C.UTF-8");
    }
    setlocale(LC_MESSAGES, ""); /* system errors in the user's language; not numbers and dates */
}

/* By enum command_id. */
static int (*const functions[])(const struct command_line *line) = {
#define COMMAND(id, name, usage, text) command_##name,
#include "config/commands.def"
#undef COMMAND
};

static int run_command(enum command_id command, int argc, char **argv)
{
    struct command_line line;
    struct error err;
    int code;
    if (!command_line_parse(&line, command, argc, argv, &err)) {
        code = fail(&err);
    } else if (line.help) {
        help_command(command);
        code = EXIT_DONE;
    } else {
        code = functions[command](&line);
    }
    command_line_release(&line);
    return code;
}

/* Fails if standard output, for help and data, could not be written. */
static int flushed(int code)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("thumbtag: standard output");
        code = code ? code : EXIT_IO;
    }
    leave_soon(code);
    return code;
}

static void set_up_memory(void)
{
    struct rlimit space;
    /* Keep freed memory for the next picture instead of unmapping it. */
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    /* The pool of each further thread takes 128 MiB of addresses while it is made and 64 MiB
     * afterwards: where these are limited, the screen might find none. */
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
        mallopt(M_ARENA_MAX, 1);
    }
}

int main(int argc, char **argv)
{
    set_up_memory();
    signal(SIGXFSZ, SIG_IGN); /* exceeding the file size limit makes write() fail instead */
    set_locale();
    const char *first = argc > 1 ? argv[1] : "";
    if (strcmp(first, "--version") == 0) {
        printf("thumbtag %s\n", THUMBTAG_VERSION);
        return flushed(EXIT_DONE);
    }
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "help") == 0) {
        enum command_id command = argc > 2 ? command_find(argv[2]) : COMMAND_COUNT;
        if (command < COMMAND_COUNT) {
            help_command(command);
        } else {
            help_program();
        }
        return flushed(EXIT_DONE);
    }
    if (argc < 2) {
        fprintf(stderr, "thumbtag: usage: thumbtag DIR|FILE|LIST… -c CLASSES; for example: "
                        "thumbtag photos/ -c cat,dog\n"
                        "thumbtag: 'thumbtag --help' lists all commands\n");
        return EXIT_USAGE;
    }
    enum command_id command = command_find(first);
    /* A folder named like a command can be given as ./review. */
    return flushed(command < COMMAND_COUNT ? run_command(command, argc - 1, argv + 1)
                                           : run_command(COMMAND_ID_LABEL, argc, argv));
}
