#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "box.h"
#include "command_settings.h"
#include "commands.h"
#include "fail.h"
#include "paths.h"
#include "store/labels.h"

static void tell(const char *csv, const struct labels_taken *taken)
{
    char name[1000];
    text_printable(name, sizeof name, csv, strlen(csv), -1);
    if (!taken->copies) {
        printf("%s: no answers from an earlier conflict were found beside it\n", name);
        return;
    }
    printf("%s: merged %zu of %zu answers from %zu cop%s; the others were there already or "
           "older\n",
           name, taken->answers, taken->rows, taken->copies, taken->copies == 1 ? "y" : "ies");
}

static int recover(const char *csv)
{
    struct error err;
    struct labels_taken taken;
    struct labels *labels = labels_open(csv, LABELS_READ_WRITE, NULL, &err);
    if (!labels) {
        return fail(&err);
    }
    if (!labels_take_in(labels, &taken, &err)) {
        labels_close(labels, NULL);
        return fail(&err);
    }
    if (!labels_close(labels, &err)) {
        return fail(&err);
    }
    tell(csv, &taken);
    return EXIT_DONE;
}

static int recover_boxed(const struct command_line *line, const char *csv)
{
    struct error err;
    struct settings settings;
    struct box box = { .output = csv };
    char *folder = file_dirname(csv);
    int code = EXIT_IO;
    if (!folder || !command_settings(&settings, line, folder, &err)) {
        code = folder ? fail(&err) : code;
        free(folder);
        return code;
    }
    code = box_enter(&settings, &box, NULL, &err) ? recover(csv) : fail(&err);
    settings_release(&settings);
    free(folder);
    return code;
}

int command_recover(const struct command_line *line)
{
    struct error err;
    if (line->operand_count != 1 || line->stdin_list) {
        error_set(&err, ERROR_USAGE,
                  "usage: thumbtag recover LABELS.csv|DIR: name one labels.csv, or the folder that "
                  "contains it");
        return fail(&err);
    }
    char *csv = labels_path(line->operands[0]);
    if (!csv) {
        error_nomem(&err, strlen(line->operands[0]), "a path");
        return fail(&err);
    }
    int code = recover_boxed(line, csv);
    free(csv);
    return code;
}
