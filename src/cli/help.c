#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli.h"

#define USAGE_WIDTH 26 /* columns behind "thumbtag"; a longer usage has its line */

static void print_option(const struct option_info *info)
{
    char left[64];
    int at = info->short_name ? snprintf(left, sizeof left, "-%c, ", info->short_name)
                              : snprintf(left, sizeof left, "    ");
    at += snprintf(left + at, sizeof left - (size_t)at, "--%s", info->name);
    if (info->type != OPTION_FLAG) {
        snprintf(left + at, sizeof left - (size_t)at, " %s",
                 strlen(info->argument) > 12 ? "WHICH" : info->argument);
    }
    printf("  %-26s %s\n", left, info->text);
    if (info->type == OPTION_CHOICE) {
        printf("  %-26s one of %s (default %s)\n", "", info->argument, info->default_text);
    } else if (info->type == OPTION_INT) {
        printf("  %-26s %d to %d (default %s)\n", "", info->min, info->max, info->default_text);
    }
}

void help_command(const struct command *command)
{
    printf("thumbtag %s [options]\n%s.\n\nOptions:\n", command->usage, command->text);
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        if (option_info(o)->commands & command->mask) {
            print_option(option_info(o));
        }
    }
    printf("  %-26s %s\n", "-h, --help", "show this");
    if (command->mask & COMMAND_LABEL) {
        printf("\nA LIST is a .txt or .lst file, one path a line; '-' reads one from standard\n"
               "input, '-0' one with NUL between the paths. Keys: press ? on the screen.\n");
    }
}

void help_program(void)
{
    printf("thumbtag — label images one key at a time, in a terminal\n\nUsage:\n");
    for (size_t i = 0; command_at(i); i++) {
        const char *usage = command_at(i)->usage;
        int width = text_width(usage, strlen(usage));
        if (width < USAGE_WIDTH) {
            printf("  thumbtag %s%*s%s\n", usage, USAGE_WIDTH - width, "", command_at(i)->text);
        } else {
            printf("  thumbtag %s\n%*s%s\n", usage, 11 + USAGE_WIDTH, "", command_at(i)->text);
        }
    }
    printf("\nTry:\n"
           "  thumbtag photos/ -c cat,dog,other\n"
           "  thumbtag photos/ -m model.tflite\n"
           "\n'thumbtag COMMAND --help' lists the options of a command; the manual is\n"
           "thumbtag(1), settings are in thumbtag.ini(5).\n");
}
