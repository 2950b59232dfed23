#include "help.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "command_classes.h"

#define USAGE_WIDTH 26 /* columns after "thumbtag"; a longer usage gets its own line */

#define TEXT_COLUMN 29 /* where the options' texts start */
#define WIDTH_MIN 60
#define WIDTH_MAX 100 /* longer lines are hard to read */

/* Columns of the terminal, or 80. */
static int window_width(void)
{
    struct winsize size;
    int width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
    return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
}

/* Prints `left`, then text from column TEXT_COLUMN on, broken between words. If `left` is
 * too long, the text starts on the next line. */
static void print_wrapped(const char *left, const char *text)
{
    int width = window_width();
    int at = text_width(left, strlen(left));
    fputs(left, stdout);
    if (at >= TEXT_COLUMN) {
        putchar('\n');
        at = 0;
    }
    printf("%*s", TEXT_COLUMN - at, "");
    at = TEXT_COLUMN;
    for (size_t len; *text; text += len + (text[len] == ' ')) {
        len = strcspn(text, " ");
        int columns = text_width(text, len);
        if (at > TEXT_COLUMN && at + 1 + columns > width) {
            printf("\n%*s", TEXT_COLUMN, "");
            at = TEXT_COLUMN;
        }
        at += printf("%s", at > TEXT_COLUMN ? " " : "");
        fwrite(text, 1, len, stdout);
        at += columns;
    }
    putchar('\n');
}

void option_range(enum option_id o, char *out, size_t size)
{
    const struct option_info *info = option_info(o);
    int at = 0;
    out[0] = '\0';
    if (info->type == OPTION_CHOICE) {
        const char *word;
        for (size_t i = 0; (word = option_word(o, i)) && (size_t)at < size; i++) {
            at += snprintf(out + at, size - (size_t)at, "%s%s", i ? ", " : "one of ", word);
        }
    } else if (info->type == OPTION_INT) {
        at = snprintf(out, size, "%d to %d", (int)info->min, (int)info->max);
    }
    at = (size_t)at < size ? at : (int)size - 1;
    bool plain = info->type == OPTION_FLAG || info->type == OPTION_SIZE;
    if (info->default_text[0] && !plain) {
        snprintf(out + at, size - (size_t)at, "%sdefault %s", at ? "; " : "", info->default_text);
    }
}

static void print_option(enum option_id o)
{
    const struct option_info *info = option_info(o);
    char left[64], range[OPTION_RANGE_MAX];
    struct buf text = BUF_INIT;
    int at = info->short_name ? snprintf(left, sizeof left, "  -%c, ", info->short_name)
                              : snprintf(left, sizeof left, "      ");
    at += snprintf(left + at, sizeof left - (size_t)at, "--%s", info->name);
    if (info->type != OPTION_FLAG) {
        snprintf(left + at, sizeof left - (size_t)at, " %s", info->argument);
    }
    option_range(o, range, sizeof range);
    buf_adds(&text, info->text);
    if (range[0]) {
        buf_addf(&text, " (%s)", range);
    }
    print_wrapped(left, buf_text(&text));
    buf_release(&text);
}

static void print_class_actions(void)
{
    const struct class_action *action;
    printf("\nActions (default list):\n");
    for (size_t i = 0; (action = class_action_at(i)); i++) {
        char left[64];
        snprintf(left, sizeof left, "  %s%s", action->name, action->arguments);
        print_wrapped(left, action->text);
    }
}

/* Shown below the options of the commands that have some. */
static const struct {
    unsigned mask;
    const char *lines;
} examples[] = {
    { COMMAND_COMPARE, "  thumbtag compare ada.csv bob.csv\n"
                       "  thumbtag compare ada.csv bob.csv --merge both.csv\n"
                       "  thumbtag compare *.csv --by trust --merge merged.csv\n"
                       "  thumbtag compare labels.csv --json > agreement.json\n" },
    { COMMAND_CACHE, "  thumbtag cache\n"
                     "  thumbtag cache photos/\n"
                     "  thumbtag cache photos/ --clear\n" },
    { COMMAND_STATS, "  thumbtag stats photos/\n"
                     "  thumbtag stats photos/labels.csv --csv > stats.csv\n" },
};

static void print_examples(unsigned mask)
{
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        if (examples[i].mask & mask) {
            printf("\nExamples:\n%s", examples[i].lines);
        }
    }
}

void help_command(enum command_id id)
{
    const struct command_info *command = command_info(id);
    printf("thumbtag %s [options]\n%s.\n", command->usage, command->text);
    if (command->mask & COMMAND_CLASSES) {
        print_class_actions();
    }
    printf("\nOptions:\n");
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        if ((option_info(o)->commands & command->mask) && !option_is_old(o)) {
            print_option(o);
        }
    }
    print_wrapped("  -h, --help", "show this help");
    print_examples(command->mask);
    if (command->mask & COMMAND_LABEL) {
        printf(
            "\nA LIST is a .txt or .lst file with one path per line; '-' reads a list from\n"
            "standard input, '-0' one with NUL between the paths. Keys: press ? on the screen.\n");
    }
}

void help_program(void)
{
    printf("thumbtag — label images one key at a time, in a terminal\n\nUsage:\n");
    for (enum command_id id = 0; id < COMMAND_COUNT; id++) {
        const char *usage = command_info(id)->usage;
        int width = text_width(usage, strlen(usage));
        if (width < USAGE_WIDTH) {
            printf("  thumbtag %s%*s%s\n", usage, USAGE_WIDTH - width, "", command_info(id)->text);
        } else {
            printf("  thumbtag %s\n%*s%s\n", usage, 11 + USAGE_WIDTH, "", command_info(id)->text);
        }
    }
    printf("\nTry:\n"
           "  thumbtag photos/ -c cat,dog,other\n"
           "  thumbtag photos/ -m model.tflite\n"
           "\n'thumbtag COMMAND --help' lists the options of a command; the manual is\n"
           "thumbtag(1), settings are in thumbtag.ini(5).\n");
}
